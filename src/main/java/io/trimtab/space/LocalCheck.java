package io.trimtab.space;

import io.trimtab.space.expression.Expression;
import io.trimtab.variable.VariableNotFoundException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A predicate written in Java. */
final class LocalCheck implements Check {

  private final Predicate<Configuration> predicate;
  private final Function<@Nullable Object[], Configuration> view;
  private final int[] slots;

  /**
   * @param view makes a configuration of a copy of the slots
   * @param slotCount how many slots there are; a predicate may read any
   */
  LocalCheck(
      Predicate<Configuration> predicate,
      Function<@Nullable Object[], Configuration> view,
      int slotCount) {
    this.predicate = predicate;
    this.view = view;
    this.slots = IntStream.range(0, slotCount).toArray();
  }

  @Override
  public int[] slots() {
    return slots;
  }

  @Override
  public int cost() {
    return slots.length;
  }

  @Override
  public boolean holds(@Nullable Object[] values) {
    Configuration configuration = view.apply(values);
    try {
      return predicate.test(configuration);
    } catch (VariableNotFoundException e) {
      if (configuration.space().find(e.key()).isPresent()) {
        return true; // it read an inactive parameter: as with expressions, nothing to say
      }
      throw e;
    }
  }

  @Override
  public boolean refuted(@Nullable Object[] values, boolean[] certainlyActive) {
    for (Object value : values) {
      if (value == Expression.UNASSIGNED) {
        return false;
      }
    }
    return !holds(values);
  }
}
