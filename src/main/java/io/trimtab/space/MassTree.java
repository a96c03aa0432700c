package io.trimtab.space;

import java.util.Arrays;

/** Masses that change, picked from in proportion. */
final class MassTree {
  /*
   * A Fenwick tree [1]: a change and a pick each touch as many entries as the count has binary digits. Sums drift by
   * rounding when masses are replaced by much smaller ones, so the tree is summed up afresh whenever the total has
   * fallen to a thousandth.
   *
   * [1] Fenwick, A new data structure for cumulative frequency tables, Software: Practice and Experience 24(3), 1994.
   */

  private static final double DRIFT = 1e-3;

  private double[] masses = new double[64];
  private double[] sums = new double[65];
  private int count;
  private double total;
  private double summedAt;

  int count() {
    return count;
  }

  double total() {
    return total;
  }

  double mass(int index) {
    return masses[index];
  }

  int add(double mass) {
    if (count == masses.length) {
      masses = Arrays.copyOf(masses, 2 * count);
      sums = new double[masses.length + 1];
      sumUp();
    }
    int index = count++;
    set(index, mass);
    return index;
  }

  void set(int index, double mass) {
    double change = mass - masses[index];
    masses[index] = mass;
    total += change;
    for (int i = index + 1; i < sums.length; i += i & -i) {
      sums[i] += change;
    }
    if (total < summedAt * DRIFT) {
      sumUp();
    }
  }

  private void sumUp() {
    total = 0;
    Arrays.fill(sums, 0);
    for (int i = 0; i < count; i++) {
      total += masses[i];
      sums[i + 1] = masses[i];
    }
    for (int i = 1; i < sums.length; i++) {
      int parent = i + (i & -i);
      if (parent < sums.length) {
        sums[parent] += sums[i];
      }
    }
    summedAt = total;
  }

  /** Returns the index into whose mass a share in [0, 1) of the total falls. */
  int pick(double share) {
    double rest = share * total;
    int at = 0;
    for (int step = Integer.highestOneBit(sums.length - 1); step > 0; step >>= 1) {
      if (at + step < sums.length && sums[at + step] <= rest) {
        at += step;
        rest -= sums[at];
      }
    }
    int index = Math.min(at, count - 1);
    while (index > 0 && masses[index] == 0) {
      index--; // rounding has led past the last mass
    }
    return index;
  }
}
