package io.trimtab.study;

import io.trimtab.space.Axis;
import io.trimtab.space.Parameter;
import java.util.Arrays;

/** The values of one parameter in at most 64 cells, so that any set of them is one {@code long}. */
final class Cells {

  /** The cell of a parameter without a value. */
  static final int INACTIVE = -1;

  private static final int MOST = Long.SIZE;

  private final Axis axis;
  private final boolean ordered;
  private final double[] mass;

  private Cells(Axis axis, boolean ordered, double[] mass) {
    this.axis = axis;
    this.ordered = ordered;
    this.mass = mass;
  }

  static Cells of(Parameter parameter) {
    Axis axis = parameter.axis();
    boolean ordered = parameter.ordered();
    if (axis.cells() == 0 || axis.cells() > MOST) {
      double[] even = new double[MOST];
      Arrays.fill(even, 1.0 / MOST);
      return new Cells(axis, ordered, even);
    }
    double[] mass = new double[(int) axis.cells()];
    for (int cell = 0; cell < mass.length; cell++) {
      mass[cell] = axis.mass(cell);
    }
    return new Cells(axis, ordered, mass);
  }

  /** The cell of a value. */
  int of(Object value) {
    return axis.cells() == mass.length
        ? (int) axis.indexOf(value)
        : (int) Math.min(mass.length - 1, axis.encode(value) * mass.length);
  }

  int count() {
    return mass.length;
  }

  boolean ordered() {
    return ordered;
  }

  /** The set of all cells. */
  long all() {
    return mass.length == MOST ? -1L : (1L << mass.length) - 1;
  }

  double mass(int cell) {
    return mass[cell];
  }

  /** How likely a set of cells is under the prior. */
  double mass(long set) {
    double sum = 0;
    for (long rest = set; rest != 0; rest &= rest - 1) {
      sum += mass[Long.numberOfTrailingZeros(rest)];
    }
    return sum;
  }
}
