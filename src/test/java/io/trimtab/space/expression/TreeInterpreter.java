package io.trimtab.space.expression;

import java.math.BigDecimal;
import java.util.List;

/**
 * A second, slow evaluator over the syntax tree, written from the semantics table of {@code
 * docs/constraints.md} with boxed values and the JDK's exact arithmetic. It can also imitate the
 * few places where cel-java differs from that table, so that every difference is explained, not
 * waved through.
 */
final class TreeInterpreter {

  /** Whom to follow. */
  enum Dialect {
    /** The semantics table. */
    OURS,

    /**
     * The table with the peculiarities of cel-java 0.14. Strings are ordered by UTF-16 units. An
     * int is compared with a double by widening it and {@link Double#compare}, so 2^53 + 1 equals
     * 2^53, NaN is the greatest number and 0 exceeds -0.0. A value equals itself although it is
     * NaN, if it is the same object. The least and the greatest of doubles are by {@link
     * Double#compareTo} too.
     */
    CEL_JAVA
  }

  /** Says that an expression has no value. */
  static final class NoValue extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoValue(String why) {
      super(why, null, false, false);
    }
  }

  private final Dialect dialect;
  private final Object[] slots;

  TreeInterpreter(Dialect dialect, Object[] slots) {
    this.dialect = dialect;
    this.slots = slots;
  }

  Object value(Node node) {
    if (node instanceof Node.Literal literal) {
      return literal.value();
    } else if (node instanceof Node.Variable variable) {
      Object value = slots[variable.slot()];
      if (value == null) {
        throw new NoValue("absent");
      }
      return value;
    } else if (node instanceof Node.Has has) {
      return slots[has.slot()] != null;
    } else if (node instanceof Node.Not not) {
      return !truth(not.operand());
    } else if (node instanceof Node.Negate negate) {
      Object value = value(negate.operand());
      return value instanceof Long i
          ? (Object) exactly(() -> Math.negateExact(i))
          : -(Double) value;
    } else if (node instanceof Node.And and) {
      return junction(and.operands(), false);
    } else if (node instanceof Node.Or or) {
      return junction(or.operands(), true);
    } else if (node instanceof Node.Conditional choice) {
      return truth(choice.test()) ? value(choice.yes()) : value(choice.no());
    } else if (node instanceof Node.Arithmetic arithmetic) {
      return arithmetic(arithmetic);
    } else if (node instanceof Node.Comparison c) {
      return comparison(c.operator(), value(c.left()), value(c.right()));
    } else if (node instanceof Node.Membership in) {
      Object element = value(in.element());
      return in.options().stream()
          .anyMatch(o -> comparison(Node.ComparisonOperator.EQUAL, element, o.value()));
    }
    return call((Node.Call) node);
  }

  private boolean truth(Node node) {
    return (Boolean) value(node);
  }

  private boolean junction(List<Node> operands, boolean decider) {
    NoValue error = null;
    for (Node operand : operands) {
      try {
        if (truth(operand) == decider) {
          return decider;
        }
      } catch (NoValue e) {
        error = e;
      }
    }
    if (error != null) {
      throw error;
    }
    return !decider;
  }

  private Object arithmetic(Node.Arithmetic node) {
    Object left = value(node.left());
    Object right = value(node.right());
    if (left instanceof Double a) {
      double b = (Double) right;
      return switch (node.operator()) {
        case PLUS -> a + b;
        case MINUS -> a - b;
        case TIMES -> a * b;
        case DIVIDE -> a / b;
        case REMAINDER -> throw new AssertionError("ill-typed");
      };
    }
    long a = (Long) left;
    long b = (Long) right;
    return exactly(
        () ->
            switch (node.operator()) {
              case PLUS -> Math.addExact(a, b);
              case MINUS -> Math.subtractExact(a, b);
              case TIMES -> Math.multiplyExact(a, b);
              case DIVIDE -> a == Long.MIN_VALUE && b == -1 ? Math.negateExact(a) : a / b;
              case REMAINDER -> a % b;
            });
  }

  private interface ExactLong {
    long compute();
  }

  private static long exactly(ExactLong computation) {
    try {
      return computation.compute();
    } catch (ArithmeticException e) {
      throw new NoValue(e.getMessage());
    }
  }

  private boolean comparison(Node.ComparisonOperator operator, Object left, Object right) {
    boolean mixed = left.getClass() != right.getClass();
    boolean identity =
        operator == Node.ComparisonOperator.EQUAL || operator == Node.ComparisonOperator.NOT_EQUAL;
    if (dialect == Dialect.CEL_JAVA && mixed) {
      return holds(operator, Double.compare(asDouble(left), asDouble(right)));
    } else if (dialect == Dialect.CEL_JAVA && identity && left == right) {
      return holds(operator, 0);
    } else if (isNan(left) || isNan(right)) {
      return operator == Node.ComparisonOperator.NOT_EQUAL;
    }
    return holds(operator, order(left, right));
  }

  private static boolean holds(Node.ComparisonOperator operator, int order) {
    return switch (operator) {
      case LESS -> order < 0;
      case LESS_OR_EQUAL -> order <= 0;
      case GREATER -> order > 0;
      case GREATER_OR_EQUAL -> order >= 0;
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
    };
  }

  private static double asDouble(Object number) {
    return ((Number) number).doubleValue();
  }

  private static boolean isNan(Object value) {
    return value instanceof Double d && d.isNaN();
  }

  private int order(Object left, Object right) {
    if (left instanceof String a) {
      return dialect == Dialect.CEL_JAVA
          ? a.compareTo((String) right)
          : compareCodePoints(a, (String) right);
    } else if (left instanceof Boolean a) {
      return a.compareTo((Boolean) right);
    } else if (left instanceof Long a && right instanceof Long b) {
      return a.compareTo(b);
    }
    return orderOfNumbers((Number) left, (Number) right);
  }

  private static int orderOfNumbers(Number left, Number right) {
    boolean finite = Double.isFinite(left.doubleValue()) && Double.isFinite(right.doubleValue());
    return finite
        ? exact(left).compareTo(exact(right))
        : doubles(left.doubleValue(), right.doubleValue());
  }

  private static BigDecimal exact(Number number) {
    return number instanceof Long i ? BigDecimal.valueOf(i) : new BigDecimal(number.doubleValue());
  }

  private static int doubles(double left, double right) {
    return left < right ? -1 : left > right ? 1 : 0;
  }

  private static int compareCodePoints(String left, String right) {
    return java.util.Arrays.compare(left.codePoints().toArray(), right.codePoints().toArray());
  }

  private Object call(Node.Call call) {
    List<Object> values = call.arguments().stream().map(this::value).toList();
    Object first = values.get(0);
    return switch (call.function()) {
      case SIZE -> first.toString().codePoints().count();
      case STARTS_WITH -> ((String) first).startsWith((String) values.get(1));
      case ENDS_WITH -> ((String) first).endsWith((String) values.get(1));
      case CONTAINS -> ((String) first).contains((String) values.get(1));
      case DOUBLE -> first instanceof Double ? first : (Object) ((Long) first).doubleValue();
      case INT -> first instanceof Double d ? truncated(d) : first;
      case ABS ->
          first instanceof Long i ? (Object) exactly(() -> magnitude(i)) : Math.abs((Double) first);
      case MIN -> values.stream().reduce((a, b) -> least(a, b)).orElseThrow();
      case MAX -> values.stream().reduce((a, b) -> greatest(a, b)).orElseThrow();
    };
  }

  private static long magnitude(long value) {
    return value < 0 ? Math.negateExact(value) : value;
  }

  private static long truncated(double value) {
    double bound = Math.pow(2, 63);
    if (Double.isNaN(value) || value >= bound || value <= -bound) {
      throw new NoValue("out of range");
    }
    return new BigDecimal(value).longValue();
  }

  private Object least(Object a, Object b) {
    if (a instanceof Long i) {
      return Math.min(i, (Long) b);
    } else if (dialect == Dialect.CEL_JAVA) {
      return ((Double) a).compareTo((Double) b) <= 0 ? a : b;
    }
    return Math.min((Double) a, (Double) b);
  }

  private Object greatest(Object a, Object b) {
    if (a instanceof Long i) {
      return Math.max(i, (Long) b);
    } else if (dialect == Dialect.CEL_JAVA) {
      return ((Double) a).compareTo((Double) b) >= 0 ? a : b;
    }
    return Math.max((Double) a, (Double) b);
  }
}
