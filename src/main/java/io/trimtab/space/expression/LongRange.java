package io.trimtab.space.expression;

import io.trimtab.space.expression.Node.ComparisonOperator;

/**
 * The longs in the closed interval {@code [low, high]}, none if {@code low > high}: what a
 * comparison with a constant lets through.
 */
record LongRange(long low, long high) {

  private static final LongRange NONE = new LongRange(Long.MAX_VALUE, Long.MIN_VALUE);

  /** Returns the longs for which {@code x operator bound} holds exactly; not for {@code !=}. */
  static LongRange where(ComparisonOperator operator, Node.Literal bound) {
    return bound.type() == ExpressionType.INT
        ? where(operator, (long) (Long) bound.value())
        : where(operator, (double) (Double) bound.value());
  }

  /** Returns the longs for which {@code x operator bound} holds; not for {@code !=}. */
  static LongRange where(ComparisonOperator operator, long bound) {
    return switch (operator) {
      case LESS -> bound == Long.MIN_VALUE ? NONE : new LongRange(Long.MIN_VALUE, bound - 1);
      case LESS_OR_EQUAL -> new LongRange(Long.MIN_VALUE, bound);
      case GREATER -> bound == Long.MAX_VALUE ? NONE : new LongRange(bound + 1, Long.MAX_VALUE);
      case GREATER_OR_EQUAL -> new LongRange(bound, Long.MAX_VALUE);
      case EQUAL -> new LongRange(bound, bound);
      case NOT_EQUAL -> throw new AssertionError("!= is the negation of ==");
    };
  }

  /** Returns the longs for which {@code x operator bound} holds exactly; not for {@code !=}. */
  static LongRange where(ComparisonOperator operator, double bound) {
    if (Double.isNaN(bound)) {
      return NONE;
    }
    boolean below = bound < -0x1p63;
    boolean above = bound >= 0x1p63;
    if (below || above) {
      boolean all =
          switch (operator) {
            case LESS, LESS_OR_EQUAL -> above;
            case GREATER, GREATER_OR_EQUAL -> below;
            case EQUAL -> false;
            case NOT_EQUAL -> throw new AssertionError("!= is the negation of ==");
          };
      return all ? new LongRange(Long.MIN_VALUE, Long.MAX_VALUE) : NONE;
    }
    long floor = (long) Math.floor(bound);
    if (floor == bound) {
      return where(operator, floor);
    }
    return switch (operator) {
      case LESS, LESS_OR_EQUAL -> where(ComparisonOperator.LESS_OR_EQUAL, floor);
      case GREATER, GREATER_OR_EQUAL -> where(ComparisonOperator.GREATER, floor);
      default -> NONE;
    };
  }
}
