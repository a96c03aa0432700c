package io.trimtab.space;

import io.trimtab.variable.IntegerDomain;
import java.util.random.RandomGenerator;

/** Positive integers whose logarithms are spread evenly. */
final class LogIntegerAxis implements Axis {
  /*
   * The integer k owns the logarithms of [k - 0.5, k + 0.5), so that a draw is rint(exp(uniform)) and the smallest and
   * the greatest value get their full share, which exp() over [min, max] would halve.
   */

  private final long min;
  private final long max;
  private final double low;
  private final double width;

  LogIntegerAxis(IntegerDomain domain) {
    this.min = domain.min();
    this.max = domain.max();
    this.low = Math.log(min - 0.5);
    this.width = Math.log(max + 0.5) - low;
  }

  @Override
  public long cells() {
    return max - min + 1; // fits: min is at least 1
  }

  @Override
  public Object valueAt(long index) {
    if (index < 0 || index > max - min) {
      throw new IndexOutOfBoundsException("no cell " + index);
    }
    return min + index;
  }

  @Override
  public long indexOf(Object value) {
    long v = Coordinates.integer(value);
    if (v < min || v > max) {
      throw new IllegalArgumentException("no cell holds " + value);
    }
    return v - min;
  }

  @Override
  public double mass(long index) {
    double value = (double) (min + index);
    return Math.log1p(1 / (value - 0.5)) / width;
  }

  @Override
  public double massBelow(long index) {
    return index > max - min ? 1 : Coordinates.clamp((Math.log(min + index - 0.5) - low) / width);
  }

  @Override
  public long cellAt(double u) {
    return at(Coordinates.clamp(u)) - min;
  }

  @Override
  public Object decode(double u) {
    return at(Coordinates.clamp(u));
  }

  private long at(double u) {
    long value = (long) Math.floor(Math.exp(low + u * width) + 0.5);
    return Math.max(min, Math.min(max, value));
  }

  @Override
  public double encode(Object value) {
    long index = indexOf(value);
    return Coordinates.clamp((Math.log(min + index - 0.5) - low) / width + mass(index) / 2);
  }

  @Override
  public Object sample(RandomGenerator random) {
    return at(random.nextDouble());
  }
}
