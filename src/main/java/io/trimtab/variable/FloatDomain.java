package io.trimtab.variable;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Doubles in a closed interval, optionally on a grid of steps.
 *
 * <p>Any {@link Number} is accepted and widens; integers that a double cannot hold exactly are
 * refused. NaN and infinities are refused unless {@code allowNonFinite}, and an infinity never
 * passes a bound. With a step the grid starts at {@code min}; a value may miss its grid point by
 * one millionth of a step, or by what a double cannot say on a very long grid, which absorbs
 * decimal rounding such as {@code 0.1 + 0.2}.
 *
 * <p>JSON keys: {@code min}, {@code max}, {@code step}, {@code scale}, {@code allow_non_finite}.
 *
 * @param min least value, or negative infinity for no bound
 * @param max greatest value, or positive infinity for no bound
 * @param step distance between grid points, or 0 for none; needs a finite {@code min}
 * @param scale how the domain is spread for sampling; {@link Scale#LOG} needs {@code min > 0} and
 *     no step
 * @param allowNonFinite whether NaN and infinities within the bounds are values
 */
public record FloatDomain(double min, double max, double step, Scale scale, boolean allowNonFinite)
    implements Domain<Double> {

  private static final double GRID_TOLERANCE = 1e-6;

  /** Rejects bounds, steps and scales that contradict each other. */
  public FloatDomain {
    new Definition()
        .require(!Double.isNaN(min), "min", "a number", min)
        .require(!Double.isNaN(max), "max", "a number", max)
        .require(!(min > max), "min", "at most max = " + max, min)
        .require(min != Double.POSITIVE_INFINITY, "min", "less than infinity", min)
        .require(max != Double.NEGATIVE_INFINITY, "max", "more than minus infinity", max)
        .require(step >= 0 && Double.isFinite(step), "step", "a finite number, at least 0", step)
        .require(!(step > 0) || Double.isFinite(min), "step", "used only with a finite min", step)
        .require(!(step > 0) || !(step > max - min), "step", "at most max - min", step)
        .require(scale != Scale.LOG || min > 0, "scale", "LOG only with min > 0", "min = " + min)
        .require(
            scale != Scale.LOG || !(step > 0), "scale", "LOG only without a step", "step = " + step)
        .require(
            !allowNonFinite || (!(step > 0) && scale == Scale.LINEAR),
            "allow_non_finite",
            "used only without step and with LINEAR scale",
            allowNonFinite)
        .check();
    step = step == 0 ? 0.0 : step; // minus zero means none, too, and JSON leaves it out
  }

  /**
   * Returns the finite doubles in a closed interval.
   *
   * @param min least value
   * @param max greatest value
   * @return the domain, linear and without a step
   */
  public static FloatDomain between(double min, double max) {
    return new FloatDomain(min, max, 0, Scale.LINEAR, /* allowNonFinite= */ false);
  }

  /**
   * Returns all finite doubles.
   *
   * @return the domain without bounds
   */
  public static FloatDomain any() {
    return between(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  @Override
  public VariableType type() {
    return VariableType.FLOAT;
  }

  @Override
  public Class<Double> valueClass() {
    return Double.class;
  }

  @Override
  public @Nullable Double cast(@Nullable Object value) {
    if (value instanceof Double number) {
      return number.isNaN()
          ? Double.valueOf(Double.NaN)
          : number; // one NaN, so that equals means equal bits
    }
    return value instanceof Number number ? Numbers.toDouble(number) : null;
  }

  @Override
  public @Nullable String brokenRule(Double value) {
    double v = value;
    if (!Double.isFinite(v)) {
      boolean bounded = v > 0 ? max < v : min > v;
      return allowNonFinite && (Double.isNaN(v) || !bounded) ? null : description();
    }
    return v >= min && v <= max && (step == 0 || onGrid(v)) ? null : description();
  }

  private boolean onGrid(double value) {
    double steps = (value - min) / step;
    // On a long grid a double is itself farther from its grid point than the usual tolerance.
    double tolerance =
        Math.max(GRID_TOLERANCE, 2 * Math.ulp(Math.max(Math.abs(value), Math.abs(min)) / step));
    return Math.abs(steps - Math.rint(steps)) <= tolerance;
  }

  @Override
  public String description() {
    StringBuilder text = new StringBuilder(allowNonFinite ? "a number" : "a finite number");
    if (min != Double.NEGATIVE_INFINITY || max != Double.POSITIVE_INFINITY) {
      text.append(" in ").append(Numbers.interval(min, max));
    }
    return step == 0 ? text.toString() : text.append(" in steps of ").append(step).toString();
  }

  @Override
  public Map<String, Object> constraints() {
    Map<String, Object> map = new LinkedHashMap<>();
    if (min != Double.NEGATIVE_INFINITY) {
      map.put("min", min);
    }
    if (max != Double.POSITIVE_INFINITY) {
      map.put("max", max);
    }
    if (step != 0) {
      map.put("step", step);
    }
    if (scale != Scale.LINEAR) {
      map.put("scale", scale.name());
    }
    if (allowNonFinite) {
      map.put("allow_non_finite", true);
    }
    return Collections.unmodifiableMap(map);
  }

  @Override
  public Object encode(Double value) {
    return Double.isFinite(value) ? value : (Object) value.toString();
  }

  @Override
  public @Nullable Double decode(@Nullable Object tree) {
    if (tree instanceof String text) {
      return switch (text) {
        case "NaN" -> Double.NaN;
        case "Infinity" -> Double.POSITIVE_INFINITY;
        case "-Infinity" -> Double.NEGATIVE_INFINITY;
        default -> null;
      };
    }
    return cast(tree);
  }

  @Override
  public String toString() {
    return description();
  }
}
