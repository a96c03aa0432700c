package io.trimtab.space;

import io.trimtab.variable.FloatDomain;
import java.math.BigDecimal;
import java.util.random.RandomGenerator;

/** The doubles of a bounded interval that lie on a grid of steps, all equally likely. */
final class GridAxis implements Axis {
  /*
   * Grid points are computed in decimals, so that 0.1 in steps of 0.1 holds 0.3 and not 0.30000000000000004. Fine
   * grids compute in doubles, since a table of them would not pay.
   */

  private static final int TABLE = 4096;
  private static final double TOLERANCE = 1e-6;

  private final double min;
  private final double max;
  private final double step;
  private final long count;
  private final Double[] table;

  GridAxis(FloatDomain domain) {
    this.min = domain.min();
    this.max = domain.max();
    this.step = domain.step();
    this.count = (long) Math.floor((max - min) / step + TOLERANCE) + 1;
    this.table = new Double[count <= TABLE ? (int) count : 0];
    BigDecimal start = new BigDecimal(Double.toString(min));
    BigDecimal distance = new BigDecimal(Double.toString(step));
    for (int i = 0; i < table.length; i++) {
      double value = start.add(distance.multiply(BigDecimal.valueOf(i))).doubleValue();
      table[i] = Math.min(value, max);
    }
  }

  /** Tells whether doubles of this size can hit the grid as exactly as the domain asks. */
  static boolean representable(FloatDomain domain) {
    double largest = Math.max(Math.abs(domain.min()), Math.abs(domain.max()));
    return Math.ulp(largest) <= domain.step() * (TOLERANCE / 8);
  }

  @Override
  public long cells() {
    return count;
  }

  @Override
  public Object valueAt(long index) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException("no cell " + index);
    }
    return at(index);
  }

  private Object at(long index) {
    return table.length > 0 ? table[(int) index] : (Object) Math.min(min + index * step, max);
  }

  @Override
  public long indexOf(Object value) {
    double v = Coordinates.number(value);
    if (!(v >= min && v <= max)) {
      throw new IllegalArgumentException("no cell holds " + value);
    }
    return Math.min(count - 1, Math.round((v - min) / step));
  }

  @Override
  public double mass(long index) {
    return 1.0 / count;
  }

  @Override
  public double massBelow(long index) {
    return (double) index / count;
  }

  @Override
  public long cellAt(double u) {
    return Coordinates.cell(u, (double) count, count - 1);
  }

  @Override
  public Object decode(double u) {
    return at(cellAt(u));
  }

  @Override
  public double encode(Object value) {
    return (indexOf(value) + 0.5) / count;
  }

  @Override
  public Object sample(RandomGenerator random) {
    return table.length > 0 ? table[random.nextInt(table.length)] : at(random.nextLong(count));
  }
}
