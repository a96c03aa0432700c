package io.trimtab.space.expression;

import io.trimtab.space.expression.Node.ComparisonOperator;

/**
 * The doubles in the closed interval {@code [low, high]}, none if {@code low > high}: what a
 * comparison with a constant lets through. NaN is in no range.
 */
record DoubleRange(double low, double high) {

  private static final DoubleRange NONE =
      new DoubleRange(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

  /** Returns the doubles for which {@code x operator bound} holds exactly; not for {@code !=}. */
  static DoubleRange where(ComparisonOperator operator, Node.Literal bound) {
    return bound.type() == ExpressionType.INT
        ? where(operator, (long) (Long) bound.value())
        : where(operator, (double) (Double) bound.value());
  }

  /** Returns the doubles for which {@code x operator bound} holds; not for {@code !=}. */
  static DoubleRange where(ComparisonOperator operator, double bound) {
    if (Double.isNaN(bound)) {
      return NONE;
    }
    return switch (operator) {
      case LESS -> bound == Double.NEGATIVE_INFINITY ? NONE : atMost(Math.nextDown(bound));
      case LESS_OR_EQUAL -> atMost(bound);
      case GREATER -> bound == Double.POSITIVE_INFINITY ? NONE : atLeast(Math.nextUp(bound));
      case GREATER_OR_EQUAL -> atLeast(bound);
      case EQUAL -> new DoubleRange(bound, bound);
      case NOT_EQUAL -> throw new AssertionError("!= is the negation of ==");
    };
  }

  /** Returns the doubles for which {@code x operator bound} holds exactly; not for {@code !=}. */
  static DoubleRange where(ComparisonOperator operator, long bound) {
    double widened = (double) bound;
    if (NumericOrder.equal(bound, widened)) {
      return where(operator, widened);
    }
    boolean widenedUp = NumericOrder.less(bound, widened);
    return switch (operator) {
      case LESS, LESS_OR_EQUAL ->
          where(widenedUp ? ComparisonOperator.LESS : ComparisonOperator.LESS_OR_EQUAL, widened);
      case GREATER, GREATER_OR_EQUAL ->
          where(
              widenedUp ? ComparisonOperator.GREATER_OR_EQUAL : ComparisonOperator.GREATER,
              widened);
      default -> NONE;
    };
  }

  private static DoubleRange atMost(double high) {
    return new DoubleRange(Double.NEGATIVE_INFINITY, high);
  }

  private static DoubleRange atLeast(double low) {
    return new DoubleRange(low, Double.POSITIVE_INFINITY);
  }
}
