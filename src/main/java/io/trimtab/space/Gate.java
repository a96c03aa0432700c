package io.trimtab.space;

import io.trimtab.space.expression.EvaluationException;
import io.trimtab.space.expression.Expression;
import io.trimtab.space.expression.Outcome;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The conditions under which one parameter is active; all must hold. */
final class Gate {

  private final Expression[] conditions;
  private final int[][] required;

  Gate(List<Expression> conditions) {
    this.conditions = conditions.toArray(new Expression[0]);
    this.required = conditions.stream().map(Expression::requiredSlots).toArray(int[][]::new);
  }

  List<Expression> conditions() {
    return List.of(conditions);
  }

  /** Returns the slots of all parents. */
  int[] slots() {
    return Arrays.stream(conditions).flatMapToInt(c -> Arrays.stream(c.slots())).toArray();
  }

  /** Tells whether the parameter is active; the slots of all its parents must be settled. */
  boolean open(@Nullable Object[] slots) {
    for (int i = 0; i < conditions.length; i++) {
      if (!holds(i, slots)) {
        return false;
      }
    }
    return true;
  }

  private boolean holds(int i, @Nullable Object[] slots) {
    for (int slot : required[i]) {
      if (slots[slot] == null) {
        return false;
      }
    }
    try {
      return conditions[i].evaluate(slots);
    } catch (EvaluationException e) {
      return false; // a condition without a value is not met
    }
  }

  /** Tells what is certain while some parents are {@link Expression#UNASSIGNED}. */
  Outcome outcome(@Nullable Object[] slots, boolean[] certainlyActive) {
    boolean open = true;
    for (int i = 0; i < conditions.length; i++) {
      Outcome outcome = outcome(i, slots, certainlyActive);
      if (outcome == Outcome.FALSE) {
        return Outcome.FALSE;
      }
      open &= outcome == Outcome.TRUE;
    }
    return open ? Outcome.TRUE : Outcome.UNKNOWN;
  }

  private Outcome outcome(int i, @Nullable Object[] slots, boolean[] certainlyActive) {
    boolean parentsActive = true;
    for (int slot : required[i]) {
      if (slots[slot] == null) {
        return Outcome.FALSE;
      }
      parentsActive &= slots[slot] != Expression.UNASSIGNED || certainlyActive[slot];
    }
    Outcome outcome = conditions[i].evaluatePartial(slots);
    if (outcome.refuted()) {
      return Outcome.FALSE; // also if a parent turns out inactive
    }
    return parentsActive ? outcome : Outcome.UNKNOWN;
  }
}
