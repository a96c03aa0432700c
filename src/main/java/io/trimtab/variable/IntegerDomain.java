package io.trimtab.variable;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * 64-bit integers in a closed interval, optionally on a grid of steps that starts at {@code min}.
 *
 * <p>Integral numbers of any type are accepted ({@code 42.0} becomes 42); {@code 3.14} and {@code
 * "42"} are refused.
 *
 * <p>JSON keys: {@code min}, {@code max}, {@code step}, {@code scale}.
 *
 * @param min least value
 * @param max greatest value
 * @param step distance between grid points, at least 1
 * @param scale how the domain is spread for sampling; {@link Scale#LOG} needs {@code min > 0} and a
 *     step of 1
 */
public record IntegerDomain(long min, long max, long step, Scale scale) implements Domain<Long> {

  /**
   * Rejects bounds, steps and scales that contradict each other.
   *
   * @param min least value
   * @param max greatest value
   * @param step distance between grid points, at least 1
   * @param scale how the domain is spread for sampling; {@link Scale#LOG} needs {@code min > 0} and
   *     a step of 1
   */
  public IntegerDomain {
    new Definition()
        .require(min <= max, "min", "at most max = " + max, min)
        .require(step >= 1, "step", "at least 1", step)
        // An unsigned comparison: max - min may not fit a signed 64-bit integer.
        .require(
            step <= 1 || min > max || Long.compareUnsigned(step, max - min) <= 0,
            "step",
            "at most max - min",
            step)
        .require(scale != Scale.LOG || min > 0, "scale", "LOG only with min > 0", "min = " + min)
        .require(
            scale != Scale.LOG || step == 1, "scale", "LOG only with a step of 1", "step = " + step)
        .check();
  }

  /**
   * Returns the integers in a closed interval.
   *
   * @param min least value
   * @param max greatest value
   * @return the domain, linear and with a step of 1
   */
  public static IntegerDomain between(long min, long max) {
    return new IntegerDomain(min, max, 1, Scale.LINEAR);
  }

  /**
   * Returns all 64-bit integers.
   *
   * @return the domain without bounds
   */
  public static IntegerDomain any() {
    return between(Long.MIN_VALUE, Long.MAX_VALUE);
  }

  @Override
  public VariableType type() {
    return VariableType.INTEGER;
  }

  @Override
  public Class<Long> valueClass() {
    return Long.class;
  }

  @Override
  public @Nullable Long cast(@Nullable Object value) {
    if (value instanceof Long number) {
      return number;
    }
    return value instanceof Number number ? Numbers.toLong(number) : null;
  }

  @Override
  public @Nullable String brokenRule(Long value) {
    long v = value;
    boolean onGrid = step == 1 || Long.remainderUnsigned(v - min, step) == 0;
    return v >= min && v <= max && onGrid ? null : description();
  }

  @Override
  public String description() {
    String text = "an integer";
    if (min != Long.MIN_VALUE || max != Long.MAX_VALUE) {
      text +=
          " in ["
              + (min == Long.MIN_VALUE ? "min" : min)
              + ", "
              + (max == Long.MAX_VALUE ? "max" : max)
              + "]";
    }
    return step == 1 ? text : text + " in steps of " + step;
  }

  @Override
  public Map<String, Object> constraints() {
    Map<String, Object> map = new LinkedHashMap<>();
    if (min != Long.MIN_VALUE) {
      map.put("min", min);
    }
    if (max != Long.MAX_VALUE) {
      map.put("max", max);
    }
    if (step != 1) {
      map.put("step", step);
    }
    if (scale != Scale.LINEAR) {
      map.put("scale", scale.name());
    }
    return Collections.unmodifiableMap(map);
  }

  @Override
  public Object encode(Long value) {
    return value;
  }

  @Override
  public @Nullable Long decode(@Nullable Object tree) {
    return cast(tree);
  }

  @Override
  public String toString() {
    return description();
  }
}
