package io.trimtab.space;

import io.trimtab.space.expression.Expression;
import org.jspecify.annotations.Nullable;

/** A compiled rule over the slots of a configuration; null stands for an inactive parameter. */
sealed interface Check permits ExpressionCheck, CombinationCheck, LocalCheck {

  /** The slots whose values decide, ascending. */
  int[] slots();

  /** How much work one evaluation is at most, in comparisons or so; bounds searches fairly. */
  int cost();

  /** Tells whether the rule holds for a complete configuration. */
  boolean holds(@Nullable Object[] slots);

  /**
   * Tells whether the rule is broken whatever the {@link Expression#UNASSIGNED} slots will hold.
   *
   * @param certainlyActive per slot, whether an unassigned one is known to become active
   */
  boolean refuted(@Nullable Object[] slots, boolean[] certainlyActive);
}
