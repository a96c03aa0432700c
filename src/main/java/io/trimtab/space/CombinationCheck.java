package io.trimtab.space;

import io.trimtab.space.expression.Expression;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Values that must not all come together. */
final class CombinationCheck implements Check {

  private final int[] slots;
  private final Object[] forbidden;

  CombinationCheck(Map<Integer, Object> forbidden) {
    Map<Integer, Object> sorted = new TreeMap<>(forbidden);
    this.slots = sorted.keySet().stream().mapToInt(Integer::intValue).toArray();
    this.forbidden = sorted.values().toArray();
  }

  @Override
  public int[] slots() {
    return Arrays.copyOf(slots, slots.length);
  }

  /** Returns the forbidden values, in the order of {@link #slots}. */
  Object[] forbidden() {
    return forbidden.clone();
  }

  @Override
  public int cost() {
    return slots.length;
  }

  @Override
  public boolean holds(@Nullable Object[] values) {
    for (int i = 0; i < slots.length; i++) {
      if (!same(forbidden[i], values[slots[i]])) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean refuted(@Nullable Object[] values, boolean[] certainlyActive) {
    for (int slot : slots) {
      if (values[slot] == Expression.UNASSIGNED) {
        return false;
      }
    }
    return !holds(values);
  }

  static boolean same(Object wanted, @Nullable Object value) {
    // Numbers compare as in expressions: -0.0 is 0.0.
    return (wanted instanceof Double a && value instanceof Double b)
        ? a.doubleValue() == b.doubleValue()
        : wanted.equals(value);
  }
}
