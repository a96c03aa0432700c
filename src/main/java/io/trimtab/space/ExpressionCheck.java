package io.trimtab.space;

import io.trimtab.space.expression.EvaluationException;
import io.trimtab.space.expression.Expression;
import io.trimtab.space.expression.Outcome;
import java.util.Arrays;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** An expression that must be true, or must not. */
final class ExpressionCheck implements Check {

  private final Expression expression;
  private final boolean wanted;
  private final int[] slots;
  private final int[] maybeInactive;

  /**
   * @param wanted true for a requirement, false for something forbidden
   * @param conditional tells which slots may be inactive
   */
  ExpressionCheck(Expression expression, boolean wanted, IntPredicate conditional) {
    this.expression = expression;
    this.wanted = wanted;
    this.slots = expression.slots();
    this.maybeInactive = Arrays.stream(expression.requiredSlots()).filter(conditional).toArray();
  }

  @Override
  public int[] slots() {
    return slots;
  }

  Expression expression() {
    return expression;
  }

  /** Returns what the expression must come out as. */
  boolean wanted() {
    return wanted;
  }

  @Override
  public int cost() {
    return 1 + expression.source().length() / 16;
  }

  @Override
  public boolean holds(@Nullable Object[] values) {
    for (int slot : maybeInactive) {
      if (values[slot] == null) {
        return true; // the rule has nothing to say
      }
    }
    try {
      return expression.evaluate(values) == wanted;
    } catch (EvaluationException e) {
      return false; // a rule without a value is not met
    }
  }

  @Override
  public boolean refuted(@Nullable Object[] values, boolean[] certainlyActive) {
    for (int slot : maybeInactive) {
      boolean inactive = values[slot] == null;
      if (inactive || (values[slot] == Expression.UNASSIGNED && !certainlyActive[slot])) {
        return false;
      }
    }
    Outcome outcome = expression.evaluatePartial(values);
    return wanted ? outcome.refuted() : outcome == Outcome.TRUE || outcome == Outcome.ERROR;
  }
}
