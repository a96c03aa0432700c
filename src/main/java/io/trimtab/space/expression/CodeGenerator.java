package io.trimtab.space.expression;

import static io.trimtab.space.expression.ExpressionType.BOOL;
import static io.trimtab.space.expression.ExpressionType.DOUBLE;
import static io.trimtab.space.expression.ExpressionType.INT;

import io.trimtab.space.expression.EvaluationException.Reason;
import io.trimtab.space.expression.Node.ComparisonOperator;
import io.trimtab.space.expression.Node.Literal;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns a typed tree into closures over the slots. */
final class CodeGenerator {
  /*
   * One method per result type, each a case per node. Comparisons are reduced before they become
   * closures: constants go to the right, "a > b" becomes "b < a", "a != b" becomes "!(a == b)" (the
   * same for NaN, where both sides of the rewriting are true), and a number against a constant
   * becomes one interval test, exact also for an int against a double. What a closure needs it
   * holds itself, in no array or object, because the just-in-time compiler takes the fields of a
   * lambda for constants, and nothing else (see SpecializedCode). For the same reason a chain of
   * && or || is a balanced tree of pairs.
   */

  private final String source;

  CodeGenerator(String source) {
    this.source = source;
  }

  BoolCode bool(Node node) {
    if (node instanceof Literal literal) {
      boolean value = (Boolean) literal.value();
      return slots -> value;
    } else if (node instanceof Node.Variable variable) {
      int slot = variable.slot();
      Fault absent = absent(variable);
      return slots -> (Boolean) present(slots[slot], absent);
    } else if (node instanceof Node.Has has) {
      int slot = has.slot();
      return slots -> slots[slot] != null;
    } else if (node instanceof Node.Not not) {
      return negated(bool(not.operand()));
    } else if (node instanceof Node.And and) {
      return junction(and.operands(), /* decider= */ false);
    } else if (node instanceof Node.Or or) {
      return junction(or.operands(), /* decider= */ true);
    } else if (node instanceof Node.Conditional choice) {
      BoolCode test = bool(choice.test());
      BoolCode yes = bool(choice.yes());
      BoolCode no = bool(choice.no());
      return slots -> test.test(slots) ? yes.test(slots) : no.test(slots);
    } else if (node instanceof Node.Comparison comparison) {
      return comparison(comparison.operator(), comparison.left(), comparison.right());
    } else if (node instanceof Node.Membership membership) {
      return membership(membership);
    } else if (node instanceof Node.Call call) {
      return stringTest(call.function(), string(first(call)), string(call.arguments().get(1)));
    }
    throw illTyped(node);
  }

  private static BoolCode negated(BoolCode code) {
    return slots -> !code.test(slots);
  }

  private BoolCode junction(List<Node> operands, boolean decider) {
    int size = operands.size();
    if (size == 1) {
      return bool(operands.get(0));
    }
    BoolCode left = junction(operands.subList(0, size / 2), decider);
    BoolCode right = junction(operands.subList(size / 2, size), decider);
    return decider ? or(left, right) : and(left, right);
  }

  private static BoolCode and(BoolCode left, BoolCode right) {
    return slots -> {
      boolean first;
      try {
        first = left.test(slots);
      } catch (EvaluationException error) {
        if (decides(right, slots, /* decider= */ false)) {
          return false;
        }
        throw error;
      }
      return first && right.test(slots);
    };
  }

  private static BoolCode or(BoolCode left, BoolCode right) {
    return slots -> {
      boolean first;
      try {
        first = left.test(slots);
      } catch (EvaluationException error) {
        if (decides(right, slots, /* decider= */ true)) {
          return true;
        }
        throw error;
      }
      return first || right.test(slots);
    };
  }

  private static boolean decides(BoolCode code, @Nullable Object[] slots, boolean decider) {
    try {
      return code.test(slots) == decider;
    } catch (EvaluationException another) {
      return false; // the first error is the one to report
    }
  }

  private BoolCode comparison(ComparisonOperator operator, Node left, Node right) {
    if (operator == ComparisonOperator.NOT_EQUAL) {
      return negated(comparison(ComparisonOperator.EQUAL, left, right));
    }
    if (left instanceof Literal && !(right instanceof Literal)) {
      return comparison(operator.mirrored(), right, left);
    }
    if (right instanceof Literal constant && left.type().numeric()) {
      return left.type() == INT
          ? inRange(integer(left), LongRange.where(operator, constant))
          : inRange(real(left), DoubleRange.where(operator, constant));
    }
    boolean backwards =
        operator == ComparisonOperator.GREATER || operator == ComparisonOperator.GREATER_OR_EQUAL;
    return backwards ? ordered(operator.mirrored(), right, left) : ordered(operator, left, right);
  }

  private static BoolCode inRange(LongCode code, LongRange range) {
    long low = range.low();
    long high = range.high();
    return slots -> {
      long value = code.value(slots);
      return low <= value && value <= high;
    };
  }

  private static BoolCode inRange(DoubleCode code, DoubleRange range) {
    double low = range.low();
    double high = range.high();
    if (low == Double.NEGATIVE_INFINITY) {
      return slots -> code.value(slots) <= high;
    } else if (high == Double.POSITIVE_INFINITY) {
      return slots -> code.value(slots) >= low;
    }
    return slots -> {
      double value = code.value(slots);
      return low <= value && value <= high;
    };
  }

  /** Compiles {@code <}, {@code <=} and {@code ==}. */
  private BoolCode ordered(ComparisonOperator operator, Node left, Node right) {
    return switch (left.type()) {
      case INT ->
          right.type() == INT
              ? longs(operator, integer(left), integer(right))
              : longWithDouble(operator, integer(left), real(right));
      case DOUBLE ->
          right.type() == DOUBLE
              ? doubles(operator, real(left), real(right))
              : doubleWithLong(operator, real(left), integer(right));
      case BOOL -> bools(operator, bool(left), bool(right));
      case STRING -> strings(operator, left, right);
    };
  }

  private static BoolCode longs(ComparisonOperator operator, LongCode left, LongCode right) {
    return switch (operator) {
      case LESS -> slots -> left.value(slots) < right.value(slots);
      case LESS_OR_EQUAL -> slots -> left.value(slots) <= right.value(slots);
      default -> slots -> left.value(slots) == right.value(slots);
    };
  }

  private static BoolCode doubles(ComparisonOperator operator, DoubleCode left, DoubleCode right) {
    return switch (operator) {
      case LESS -> slots -> left.value(slots) < right.value(slots);
      case LESS_OR_EQUAL -> slots -> left.value(slots) <= right.value(slots);
      default -> slots -> left.value(slots) == right.value(slots);
    };
  }

  private static BoolCode longWithDouble(
      ComparisonOperator operator, LongCode left, DoubleCode right) {
    return switch (operator) {
      case LESS -> slots -> NumericOrder.less(left.value(slots), right.value(slots));
      case LESS_OR_EQUAL ->
          slots -> {
            long a = left.value(slots);
            double b = right.value(slots);
            return NumericOrder.less(a, b) || NumericOrder.equal(a, b);
          };
      default -> slots -> NumericOrder.equal(left.value(slots), right.value(slots));
    };
  }

  private static BoolCode doubleWithLong(
      ComparisonOperator operator, DoubleCode left, LongCode right) {
    return switch (operator) {
      case LESS -> slots -> NumericOrder.less(left.value(slots), right.value(slots));
      case LESS_OR_EQUAL ->
          slots -> {
            double a = left.value(slots);
            long b = right.value(slots);
            return NumericOrder.less(a, b) || NumericOrder.equal(b, a);
          };
      default ->
          slots -> {
            double a = left.value(slots);
            return NumericOrder.equal(right.value(slots), a);
          };
    };
  }

  private static BoolCode bools(ComparisonOperator operator, BoolCode left, BoolCode right) {
    return switch (operator) {
      case LESS -> slots -> Boolean.compare(left.test(slots), right.test(slots)) < 0;
      case LESS_OR_EQUAL -> slots -> Boolean.compare(left.test(slots), right.test(slots)) <= 0;
      default -> slots -> left.test(slots) == right.test(slots);
    };
  }

  private BoolCode strings(ComparisonOperator operator, Node left, Node right) {
    StringCode a = string(left);
    StringCode b = string(right);
    return switch (operator) {
      case LESS -> slots -> CodePoints.compare(a.value(slots), b.value(slots)) < 0;
      case LESS_OR_EQUAL -> slots -> CodePoints.compare(a.value(slots), b.value(slots)) <= 0;
      default -> slots -> a.value(slots).equals(b.value(slots));
    };
  }

  private BoolCode membership(Node.Membership membership) {
    Node element = membership.element();
    Options options = new Options(membership.options());
    Set<Object> others = options.others();
    return switch (element.type()) {
      case INT -> {
        LongCode code = integer(element);
        yield slots -> options.contains(code.value(slots));
      }
      case DOUBLE -> {
        DoubleCode code = real(element);
        yield slots -> options.contains(code.value(slots));
      }
      case BOOL -> {
        BoolCode code = bool(element);
        yield slots -> others.contains(code.test(slots));
      }
      case STRING -> {
        StringCode code = string(element);
        yield slots -> others.contains(code.value(slots));
      }
    };
  }

  private static BoolCode stringTest(Node.Function function, StringCode text, StringCode part) {
    return switch (function) {
      case STARTS_WITH -> slots -> text.value(slots).startsWith(part.value(slots));
      case ENDS_WITH -> slots -> text.value(slots).endsWith(part.value(slots));
      case CONTAINS -> slots -> text.value(slots).contains(part.value(slots));
      default -> throw new AssertionError(function + " is not a test of strings");
    };
  }

  LongCode integer(Node node) {
    if (node instanceof Literal literal) {
      long value = (Long) literal.value();
      return slots -> value;
    } else if (node instanceof Node.Variable variable) {
      int slot = variable.slot();
      Fault absent = absent(variable);
      return slots -> (Long) present(slots[slot], absent);
    } else if (node instanceof Node.Negate negate) {
      return negated(integer(negate.operand()), overflow(node, "-"));
    } else if (node instanceof Node.Arithmetic arithmetic) {
      return arithmetic(arithmetic);
    } else if (node instanceof Node.Conditional choice) {
      BoolCode test = bool(choice.test());
      LongCode yes = integer(choice.yes());
      LongCode no = integer(choice.no());
      return slots -> test.test(slots) ? yes.value(slots) : no.value(slots);
    } else if (node instanceof Node.Call call) {
      return integerCall(call);
    }
    throw illTyped(node);
  }

  private static LongCode negated(LongCode code, Fault overflow) {
    return slots -> CheckedLongs.difference(0, code.value(slots), overflow);
  }

  private LongCode arithmetic(Node.Arithmetic node) {
    LongCode left = integer(node.left());
    LongCode right = integer(node.right());
    Fault overflow = overflow(node, node.operator().toString());
    return switch (node.operator()) {
      case PLUS -> slots -> CheckedLongs.sum(left.value(slots), right.value(slots), overflow);
      case MINUS ->
          slots -> CheckedLongs.difference(left.value(slots), right.value(slots), overflow);
      case TIMES -> slots -> CheckedLongs.product(left.value(slots), right.value(slots), overflow);
      case DIVIDE -> {
        Fault zero = divisionByZero(node, "division");
        yield slots -> CheckedLongs.quotient(left.value(slots), right.value(slots), zero, overflow);
      }
      case REMAINDER -> {
        Fault zero = divisionByZero(node, "remainder");
        yield slots -> CheckedLongs.remainder(left.value(slots), right.value(slots), zero);
      }
    };
  }

  private LongCode integerCall(Node.Call call) {
    switch (call.function()) {
      case SIZE -> {
        StringCode text = string(first(call));
        return slots -> CodePoints.size(text.value(slots));
      }
      case INT -> {
        return first(call).type() == INT ? integer(first(call)) : truncated(call);
      }
      case ABS -> {
        LongCode code = integer(first(call));
        Fault overflow = overflow(call, "abs");
        return slots -> CheckedLongs.magnitude(code.value(slots), overflow);
      }
      case MIN -> {
        return least(longs(call));
      }
      case MAX -> {
        return greatest(longs(call));
      }
      default -> throw illTyped(call);
    }
  }

  private LongCode truncated(Node.Call call) {
    DoubleCode code = real(first(call));
    Fault outOfRange = fault(call, Reason.OUT_OF_RANGE, "the double does not fit a 64-bit int");
    return slots -> CheckedLongs.truncated(code.value(slots), outOfRange);
  }

  private LongCode[] longs(Node.Call call) {
    return call.arguments().stream().map(this::integer).toArray(LongCode[]::new);
  }

  private static LongCode least(LongCode[] codes) {
    return slots -> {
      long least = codes[0].value(slots);
      for (int i = 1; i < codes.length; i++) {
        least = Math.min(least, codes[i].value(slots));
      }
      return least;
    };
  }

  private static LongCode greatest(LongCode[] codes) {
    return slots -> {
      long greatest = codes[0].value(slots);
      for (int i = 1; i < codes.length; i++) {
        greatest = Math.max(greatest, codes[i].value(slots));
      }
      return greatest;
    };
  }

  DoubleCode real(Node node) {
    if (node instanceof Literal literal) {
      double value = (Double) literal.value();
      return slots -> value;
    } else if (node instanceof Node.Variable variable) {
      int slot = variable.slot();
      Fault absent = absent(variable);
      return slots -> (Double) present(slots[slot], absent);
    } else if (node instanceof Node.Negate negate) {
      DoubleCode code = real(negate.operand());
      return slots -> -code.value(slots);
    } else if (node instanceof Node.Arithmetic sum) {
      return arithmetic(sum.operator(), real(sum.left()), real(sum.right()));
    } else if (node instanceof Node.Conditional choice) {
      BoolCode test = bool(choice.test());
      DoubleCode yes = real(choice.yes());
      DoubleCode no = real(choice.no());
      return slots -> test.test(slots) ? yes.value(slots) : no.value(slots);
    } else if (node instanceof Node.Call call) {
      return realCall(call);
    }
    throw illTyped(node);
  }

  private static DoubleCode arithmetic(
      Node.ArithmeticOperator operator, DoubleCode left, DoubleCode right) {
    return switch (operator) {
      case PLUS -> slots -> left.value(slots) + right.value(slots);
      case MINUS -> slots -> left.value(slots) - right.value(slots);
      case TIMES -> slots -> left.value(slots) * right.value(slots);
      case DIVIDE -> slots -> left.value(slots) / right.value(slots);
      case REMAINDER -> throw new AssertionError("the type rules refuse the remainder of doubles");
    };
  }

  private DoubleCode realCall(Node.Call call) {
    switch (call.function()) {
      case DOUBLE -> {
        if (first(call).type() == DOUBLE) {
          return real(first(call));
        }
        LongCode code = integer(first(call));
        return slots -> (double) code.value(slots);
      }
      case ABS -> {
        DoubleCode code = real(first(call));
        return slots -> Math.abs(code.value(slots));
      }
      case MIN -> {
        return least(doubles(call));
      }
      case MAX -> {
        return greatest(doubles(call));
      }
      default -> throw illTyped(call);
    }
  }

  private DoubleCode[] doubles(Node.Call call) {
    return call.arguments().stream().map(this::real).toArray(DoubleCode[]::new);
  }

  private static DoubleCode least(DoubleCode[] codes) {
    return slots -> {
      double least = codes[0].value(slots);
      for (int i = 1; i < codes.length; i++) {
        least = Math.min(least, codes[i].value(slots));
      }
      return least;
    };
  }

  private static DoubleCode greatest(DoubleCode[] codes) {
    return slots -> {
      double greatest = codes[0].value(slots);
      for (int i = 1; i < codes.length; i++) {
        greatest = Math.max(greatest, codes[i].value(slots));
      }
      return greatest;
    };
  }

  private StringCode string(Node node) {
    if (node instanceof Literal literal) {
      String value = (String) literal.value();
      return slots -> value;
    } else if (node instanceof Node.Variable variable) {
      int slot = variable.slot();
      Fault absent = absent(variable);
      return slots -> (String) present(slots[slot], absent);
    } else if (node instanceof Node.Conditional choice) {
      BoolCode test = bool(choice.test());
      StringCode yes = string(choice.yes());
      StringCode no = string(choice.no());
      return slots -> test.test(slots) ? yes.value(slots) : no.value(slots);
    }
    throw illTyped(node);
  }

  private static Object present(@Nullable Object value, Fault absent) {
    if (value == null) {
      throw absent.raised();
    }
    return value;
  }

  private static Node first(Node.Call call) {
    return call.arguments().get(0);
  }

  private Fault absent(Node.Variable variable) {
    return fault(
        variable,
        Reason.ABSENT_VARIABLE,
        "'" + variable.name() + "' is inactive; ask has(" + variable.name() + ") first");
  }

  private Fault overflow(Node node, String operation) {
    return fault(node, Reason.OVERFLOW, "the result of '" + operation + "' does not fit 64 bits");
  }

  private Fault divisionByZero(Node node, String operation) {
    return fault(node, Reason.DIVISION_BY_ZERO, "integer " + operation + " by zero");
  }

  private Fault fault(Node node, Reason reason, String what) {
    return new Fault(source, node.position(), reason, what);
  }

  private static AssertionError illTyped(Node node) {
    return new AssertionError("the type rules do not let this through: " + node);
  }
}
