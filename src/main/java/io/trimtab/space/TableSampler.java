package io.trimtab.space;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Draws from the complete list of valid assignments of a small group of discrete parameters. */
final class TableSampler implements ComponentSampler {

  private final int[] slots;
  private final @Nullable Object[][] rows;
  private final double[] upTo;

  private TableSampler(int[] slots, @Nullable Object[][] rows, double[] masses) {
    this.slots = slots;
    this.rows = rows;
    this.upTo = new double[masses.length];
    double sum = 0;
    for (int i = 0; i < masses.length; i++) {
      sum += masses[i];
      upTo[i] = sum;
    }
  }

  /**
   * Lists the valid assignments, or returns null if there are more than maxRows or too many nodes.
   */
  static @Nullable TableSampler of(FiniteSearch search, int[] slots, int maxRows) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    List<Double> masses = new ArrayList<>();
    while (search.advance()) {
      if (rows.size() == maxRows) {
        return null;
      }
      @Nullable Object[] row = new @Nullable Object[slots.length];
      for (int i = 0; i < slots.length; i++) {
        row[i] = search.slots()[slots[i]];
      }
      rows.add(row);
      masses.add(search.mass());
    }
    if (!search.exhausted() || rows.isEmpty()) {
      return null;
    }
    return new TableSampler(
        slots,
        rows.toArray(new @Nullable Object[0][]),
        masses.stream().mapToDouble(Double::doubleValue).toArray());
  }

  @Override
  public void draw(@Nullable Object[] values, RandomGenerator random, SamplingBudget budget) {
    @Nullable Object[] row = rows[pick(random.nextDouble() * upTo[upTo.length - 1])];
    for (int i = 0; i < slots.length; i++) {
      values[slots[i]] = row[i];
    }
  }

  private int pick(double mass) {
    int found = Arrays.binarySearch(upTo, mass);
    int row = found >= 0 ? found + 1 : -found - 1;
    return Math.min(row, rows.length - 1);
  }
}
