package io.trimtab.space;

import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.Scale;
import java.util.random.RandomGenerator;

/** All doubles of a bounded interval, on a linear or logarithmic scale. */
final class ContinuousAxis implements Axis {

  private final double min;
  private final double max;
  private final boolean log;
  private final double low;
  private final double width;

  ContinuousAxis(FloatDomain domain) {
    this.min = domain.min();
    this.max = domain.max();
    this.log = domain.scale() == Scale.LOG;
    this.low = log ? Math.log(min) : min;
    this.width = (log ? Math.log(max) : max) - low;
  }

  @Override
  public long cells() {
    return 0;
  }

  @Override
  public Object valueAt(long index) {
    throw noCells();
  }

  @Override
  public long indexOf(Object value) {
    throw noCells();
  }

  @Override
  public double mass(long index) {
    throw noCells();
  }

  private static IllegalStateException noCells() {
    return new IllegalStateException("a continuum has no cells; use encode and decode");
  }

  @Override
  public Object decode(double u) {
    return at(Coordinates.clamp(u));
  }

  private double at(double u) {
    // The width of the widest domains overflows; weighting the two ends does not.
    double scaled = width <= Double.MAX_VALUE ? low + u * width : min * (1 - u) + max * u;
    double value = log ? Math.exp(scaled) : scaled;
    return value < min ? min : Math.min(value, max);
  }

  @Override
  public double encode(Object value) {
    double v = Coordinates.number(value);
    if (!(v >= min && v <= max)) {
      throw new IllegalArgumentException(
          "expected a number in [" + min + ", " + max + "], got " + value);
    }
    double scaled = log ? Math.log(v) : v;
    double u =
        width <= Double.MAX_VALUE
            ? (scaled - low) / width
            : (v / 2 - min / 2) / (max / 2 - min / 2);
    return Coordinates.clamp(u);
  }

  @Override
  public Object sample(RandomGenerator random) {
    return at(random.nextDouble());
  }
}
