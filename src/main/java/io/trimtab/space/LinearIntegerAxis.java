package io.trimtab.space;

import io.trimtab.variable.IntegerDomain;
import java.util.random.RandomGenerator;

/** The integers of a bounded domain, all equally likely. */
final class LinearIntegerAxis implements Axis {
  /*
   * The index of the last cell is an unsigned 64-bit number: the domain may be wider than Long.MAX_VALUE. Index
   * arithmetic wraps around and is right modulo 2^64. Narrow domains keep their boxed values, since boxing is what
   * drawing an integer costs.
   */

  private static final int BOXED = 1024;

  private final long min;
  private final long step;
  private final long last;
  private final double count;
  private final Long[] boxed;

  LinearIntegerAxis(IntegerDomain domain) {
    this.min = domain.min();
    this.step = domain.step();
    this.last = Long.divideUnsigned(domain.max() - min, step);
    this.count = unsigned(last) + 1;
    this.boxed = new Long[last >= 0 && last < BOXED ? (int) last + 1 : 0];
    for (int i = 0; i < boxed.length; i++) {
      boxed[i] = min + i * step;
    }
  }

  private static double unsigned(long value) {
    return value >= 0 ? (double) value : (value >>> 1) * 2.0;
  }

  @Override
  public long cells() {
    return last >= 0 && last < Long.MAX_VALUE ? last + 1 : Long.MAX_VALUE;
  }

  @Override
  public Object valueAt(long index) {
    if (index < 0 || Long.compareUnsigned(index, last) > 0) {
      throw new IndexOutOfBoundsException("no cell " + index);
    }
    return at(index);
  }

  private Object at(long index) {
    return index >= 0 && index < boxed.length ? boxed[(int) index] : (Object) (min + index * step);
  }

  @Override
  public long indexOf(Object value) {
    long v = Coordinates.integer(value);
    long index = Long.divideUnsigned(v - min, step);
    if (v < min || Long.compareUnsigned(index, last) > 0) {
      throw new IllegalArgumentException("no cell holds " + value);
    }
    return index;
  }

  @Override
  public double mass(long index) {
    return 1 / count;
  }

  @Override
  public double massBelow(long index) {
    return unsigned(index) / count;
  }

  @Override
  public long cellAt(double u) {
    double position = Coordinates.clamp(u) * count;
    if (last >= 0) {
      return Math.min(last, (long) position);
    }
    long index = 2 * (long) (position / 2); // beyond 2^63: two halves of what a signed long holds
    return Long.compareUnsigned(index, last) > 0 ? last : index;
  }

  @Override
  public Object decode(double u) {
    return at(cellAt(u));
  }

  @Override
  public double encode(Object value) {
    return (unsigned(indexOf(value)) + 0.5) / count;
  }

  @Override
  public Object sample(RandomGenerator random) {
    if (boxed.length > 0) {
      return boxed[random.nextInt(boxed.length)];
    }
    if (last >= 0 && last < Long.MAX_VALUE) {
      return min + random.nextLong(last + 1) * step;
    }
    long index;
    do {
      index = random.nextLong();
    } while (Long.compareUnsigned(index, last) > 0);
    return min + index * step;
  }
}
