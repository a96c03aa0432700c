package io.trimtab.space;

import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.Scale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** All doubles of a bounded interval, on a linear or logarithmic scale, under a prior or evenly. */
final class ContinuousAxis implements Axis {

  private final double min;
  private final double max;
  private final boolean log;
  private final double low;
  private final double width;
  private final @Nullable Spread spread;

  ContinuousAxis(FloatDomain domain, @Nullable Spread spread) {
    this.spread = spread;
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

  @Override
  public double massBelow(long index) {
    throw noCells();
  }

  @Override
  public long cellAt(double u) {
    throw noCells();
  }

  private static IllegalStateException noCells() {
    return new IllegalStateException("a continuum has no cells; use encode and decode");
  }

  @Override
  public Object decode(double u) {
    return at(Coordinates.clamp(u));
  }

  /** Returns the value at a coordinate in [0, 1]; it never falls when the coordinate rises. */
  double at(double u) {
    return spread == null ? unspread(u) : unspread(spread.quantile(u));
  }

  private double unspread(double u) {
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
    return coordinate(v);
  }

  /** Returns the coordinate of a number between the bounds, up to {@link #rounding}. */
  double coordinate(double v) {
    double scaled = log ? Math.log(v) : v;
    double t =
        width <= Double.MAX_VALUE
            ? (scaled - low) / width
            : (v / 2 - min / 2) / (max / 2 - min / 2);
    double along = Coordinates.clamp(t);
    return spread == null ? along : spread.cdf(along);
  }

  /** Returns the width of a linear axis without a prior, else 0. */
  double stretch() {
    return spread == null && !log && width <= Double.MAX_VALUE ? width : 0;
  }

  /** Tells whether values never fall, not even by rounding, when coordinates rise. */
  boolean exact() {
    return spread == null;
  }

  /** Returns how far from the true one a coordinate may be. */
  double rounding() {
    if (spread != null) {
      return 1e-12;
    }
    double largest = Math.max(Math.abs(low), Math.abs(low + width));
    return 4 * (Math.ulp(1.0) + Math.ulp(largest) / width);
  }

  @Override
  public Object sample(RandomGenerator random) {
    return at(random.nextDouble());
  }
}
