package io.trimtab.space;

import static io.trimtab.space.expression.ExpressionType.BOOL;
import static io.trimtab.space.expression.ExpressionType.DOUBLE;
import static io.trimtab.space.expression.ExpressionType.INT;
import static io.trimtab.space.expression.ExpressionType.STRING;

import io.trimtab.space.expression.Expression;
import io.trimtab.space.expression.Node;
import io.trimtab.space.expression.Node.ComparisonOperator;
import io.trimtab.space.expression.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns the expressions of one component into trees that bound and narrow boxes. */
final class ClauseCompiler {
  /*
   * Logic is followed node by node. A question about one discrete parameter becomes a table of answers, whatever it
   * asks: texts, remainders, memberships. Arithmetic becomes intervals. What fits neither is opaque: it is answered
   * where all its parameters are fixed, which splitting arrives at.
   */

  private static final int LONGEST_TABLE = 1_024;

  private final int slotCount;
  private final int[] placeOfSlot;
  private final Span[] spans;
  private final boolean[] conditional;

  /**
   * @param placeOfSlot for each slot of the space, its place among the spans, or -1
   * @param conditional for each place, whether the parameter may be inactive
   */
  ClauseCompiler(int[] placeOfSlot, Span[] spans, boolean[] conditional) {
    this.slotCount = placeOfSlot.length;
    this.placeOfSlot = placeOfSlot;
    this.spans = spans;
    this.conditional = conditional;
  }

  Truth truth(Expression expression) {
    return truth(expression, expression.root());
  }

  /** Values that all come together; an inactive parameter has none of them. */
  Truth together(int[] slots, Object[] values) {
    Truth[] parts = new Truth[slots.length];
    for (int i = 0; i < slots.length; i++) {
      int place = placeOfSlot[slots[i]];
      Span span = spans[place];
      Object value = values[i];
      if (span.axis.last() < LONGEST_TABLE && span.axis.discrete()) {
        byte[] answers = new byte[(int) span.axis.last() + 1];
        for (int cell = 0; cell < answers.length; cell++) {
          answers[cell] = (byte) Truth.of(CombinationCheck.same(value, span.axis.boxed(cell)));
        }
        parts[i] = new Truth.Table(span, place + spans.length, answers, Truth.FALSE);
      } else {
        boolean integral = value instanceof Long;
        parts[i] =
            new Truth.Comparison(
                ComparisonOperator.EQUAL,
                new Quantity.Read(span, place, integral),
                new Quantity.Constant(((Number) value).doubleValue(), integral));
      }
    }
    return parts.length == 1 ? parts[0] : new Truth.Junction(parts, /* decider= */ false);
  }

  private Truth truth(Expression whole, Node node) {
    if (node instanceof Node.Literal literal) {
      return new Truth.Fixed((Boolean) literal.value());
    } else if (node instanceof Node.Not not) {
      return new Truth.Not(truth(whole, not.operand()));
    } else if (node instanceof Node.And and) {
      return new Truth.Junction(truths(whole, and.operands()), /* decider= */ false);
    } else if (node instanceof Node.Or or) {
      return new Truth.Junction(truths(whole, or.operands()), /* decider= */ true);
    } else if (node instanceof Node.Has has) {
      int place = placeOfSlot[has.slot()];
      return conditional[place] ? new Truth.Presence(spans[place], place) : new Truth.Fixed(true);
    } else if (node instanceof Node.Conditional choice) {
      return new Truth.Chosen(
          truth(whole, choice.test()), truth(whole, choice.yes()), truth(whole, choice.no()));
    }
    return atom(whole, node);
  }

  private Truth[] truths(Expression whole, List<Node> nodes) {
    Truth[] truths = new Truth[nodes.size()];
    for (int i = 0; i < truths.length; i++) {
      truths[i] = truth(whole, nodes.get(i));
    }
    return truths;
  }

  private Truth atom(Expression whole, Node node) {
    Set<Integer> slots = new TreeSet<>();
    boolean asksPresence = mentioned(node, slots);
    if (slots.size() == 1 && !asksPresence) {
      int place = placeOfSlot[slots.iterator().next()];
      if (spans[place].axis.discrete() && spans[place].axis.last() < LONGEST_TABLE) {
        return table(whole, node, slots.iterator().next(), place);
      }
    }
    Truth followed = null;
    if (node instanceof Node.Comparison comparison) {
      followed = comparison(whole, comparison);
    } else if (node instanceof Node.Membership membership) {
      followed = membership(whole, membership);
    }
    return followed == null ? opaque(whole, node, slots) : followed;
  }

  /** Gathers the slots below a node; true if one is asked for with has(). */
  private static boolean mentioned(Node node, Set<Integer> slots) {
    boolean asked = false;
    if (node instanceof Node.Variable variable) {
      slots.add(variable.slot());
    } else if (node instanceof Node.Has has) {
      slots.add(has.slot());
      asked = true;
    }
    for (Node child : node.children()) {
      asked |= mentioned(child, slots);
    }
    return asked;
  }

  private Truth table(Expression whole, Node node, int slot, int place) {
    Function<@Nullable Object[], Outcome> question = whole.part(node);
    @Nullable Object[] values = new @Nullable Object[slotCount];
    byte[] answers = new byte[(int) spans[place].axis.last() + 1];
    for (int cell = 0; cell < answers.length; cell++) {
      values[slot] = spans[place].axis.boxed(cell);
      answers[cell] = (byte) Truth.of(question.apply(values));
    }
    return new Truth.Table(spans[place], place + spans.length, answers, Truth.ERROR);
  }

  private Truth opaque(Expression whole, Node node, Set<Integer> mentioned) {
    int[] slots = mentioned.stream().mapToInt(Integer::intValue).toArray();
    Span[] involved =
        Arrays.stream(slots).mapToObj(slot -> spans[placeOfSlot[slot]]).toArray(Span[]::new);
    return new Truth.Opaque(whole.part(node), slots, involved, slotCount);
  }

  private @Nullable Truth comparison(Expression whole, Node.Comparison node) {
    ComparisonOperator operator = node.operator();
    if (operator == ComparisonOperator.NOT_EQUAL) {
      Truth equal = comparison(whole, ComparisonOperator.EQUAL, node.left(), node.right());
      return equal == null ? null : new Truth.Not(equal);
    }
    boolean backwards =
        operator == ComparisonOperator.GREATER || operator == ComparisonOperator.GREATER_OR_EQUAL;
    return backwards
        ? comparison(whole, operator.mirrored(), node.right(), node.left())
        : comparison(whole, operator, node.left(), node.right());
  }

  private @Nullable Truth comparison(
      Expression whole, ComparisonOperator operator, Node left, Node right) {
    if (left.type() == BOOL && operator == ComparisonOperator.EQUAL) {
      Truth one = truth(whole, left);
      // The same question twice, since a tree keeps its outcome in its nodes.
      return new Truth.Chosen(one, truth(whole, right), new Truth.Not(truth(whole, right)));
    }
    Quantity one = quantity(whole, left);
    Quantity other = quantity(whole, right);
    if (one != null && other != null) {
      return new Truth.Comparison(operator, one, other);
    }
    return operator == ComparisonOperator.EQUAL ? sameOption(left, right) : null;
  }

  /** Two parameters with the same list of options are equal where their indices are. */
  private @Nullable Truth sameOption(Node left, Node right) {
    if (left instanceof Node.Variable one
        && right instanceof Node.Variable other
        && left.type() == STRING) {
      int a = placeOfSlot[one.slot()];
      int b = placeOfSlot[other.slot()];
      if (options(a).equals(options(b))) {
        return new Truth.Comparison(
            ComparisonOperator.EQUAL,
            new Quantity.Read(spans[a], a, /* integral= */ true),
            new Quantity.Read(spans[b], b, /* integral= */ true));
      }
    }
    return null;
  }

  private List<Object> options(int place) {
    List<Object> options = new ArrayList<>();
    for (long cell = 0; cell <= (long) spans[place].axis.last(); cell++) {
      options.add(spans[place].axis.boxed((double) cell));
    }
    return options;
  }

  private @Nullable Truth membership(Expression whole, Node.Membership node) {
    Quantity element = quantity(whole, node.element());
    if (element == null) {
      return null;
    }
    double[] options = new double[node.options().size()];
    for (int i = 0; i < options.length; i++) {
      Number option = (Number) node.options().get(i).value();
      options[i] = option.doubleValue();
      if (Math.abs(options[i]) >= CoverAxis.LARGEST_INTEGER) {
        return null;
      }
    }
    Arrays.sort(options);
    return new Truth.Membership(element, options);
  }

  private @Nullable Quantity quantity(Expression whole, Node node) {
    if (node.type() != INT && node.type() != DOUBLE) {
      return null;
    }
    boolean integral = node.type() == INT;
    if (node instanceof Node.Literal literal) {
      double value = ((Number) literal.value()).doubleValue();
      boolean exact = !integral || Math.abs(value) < CoverAxis.LARGEST_INTEGER;
      return exact ? new Quantity.Constant(value, integral) : null;
    } else if (node instanceof Node.Variable variable) {
      int place = placeOfSlot[variable.slot()];
      return new Quantity.Read(spans[place], place, integral);
    } else if (node instanceof Node.Negate negate) {
      Quantity operand = quantity(whole, negate.operand());
      return operand == null ? null : new Quantity.Negated(operand);
    } else if (node instanceof Node.Arithmetic arithmetic) {
      return arithmetic(whole, arithmetic);
    } else if (node instanceof Node.Conditional choice) {
      Quantity yes = quantity(whole, choice.yes());
      Quantity no = quantity(whole, choice.no());
      return yes == null || no == null
          ? null
          : new Quantity.Chosen(truth(whole, choice.test()), yes, no);
    } else if (node instanceof Node.Call call) {
      return call(whole, call);
    }
    return null;
  }

  private @Nullable Quantity arithmetic(Expression whole, Node.Arithmetic node) {
    switch (node.operator()) {
      case PLUS, MINUS -> {
        return sum(whole, node);
      }
      case TIMES, DIVIDE, REMAINDER -> {
        Quantity left = quantity(whole, node.left());
        Quantity right = quantity(whole, node.right());
        if (left == null || right == null) {
          return null;
        }
        return switch (node.operator()) {
          case TIMES -> new Quantity.Product(left, right);
          case DIVIDE -> new Quantity.Quotient(left, right);
          default -> new Quantity.Remainder(left, right);
        };
      }
    }
    throw new AssertionError("every operator is named above: " + node);
  }

  private @Nullable Quantity sum(Expression whole, Node.Arithmetic node) {
    List<Quantity> terms = new ArrayList<>();
    List<Boolean> subtracted = new ArrayList<>();
    Node rest = node;
    while (rest instanceof Node.Arithmetic part
        && (part.operator() == Node.ArithmeticOperator.PLUS
            || part.operator() == Node.ArithmeticOperator.MINUS)) {
      Quantity term = quantity(whole, part.right());
      if (term == null) {
        return null;
      }
      terms.add(term);
      subtracted.add(part.operator() == Node.ArithmeticOperator.MINUS);
      rest = part.left();
    }
    Quantity first = quantity(whole, rest);
    if (first == null) {
      return null;
    }
    terms.add(first);
    subtracted.add(false);
    Collections.reverse(terms);
    Collections.reverse(subtracted);
    boolean[] signs = new boolean[terms.size()];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = subtracted.get(i);
    }
    return new Quantity.Sum(terms.toArray(new Quantity[0]), signs);
  }

  private @Nullable Quantity call(Expression whole, Node.Call node) {
    if (node.function() == Node.Function.SIZE) {
      return size(node.arguments().get(0));
    }
    Quantity[] arguments = new Quantity[node.arguments().size()];
    for (int i = 0; i < arguments.length; i++) {
      Quantity argument = quantity(whole, node.arguments().get(i));
      if (argument == null) {
        return null;
      }
      arguments[i] = argument;
    }
    return switch (node.function()) {
      case MIN -> new Quantity.Extreme(arguments, /* greatestOf= */ false);
      case MAX -> new Quantity.Extreme(arguments, /* greatestOf= */ true);
      case ABS -> new Quantity.Magnitude(arguments[0]);
      case INT, DOUBLE -> new Quantity.Converted(arguments[0], node.type() == INT);
      case SIZE, STARTS_WITH, ENDS_WITH, CONTAINS -> null;
    };
  }

  private @Nullable Quantity size(Node text) {
    if (text instanceof Node.Literal literal) {
      return new Quantity.Constant(length(literal.value()), /* integral= */ true);
    }
    if (text instanceof Node.Variable variable) {
      int place = placeOfSlot[variable.slot()];
      double[] lengths = options(place).stream().mapToDouble(ClauseCompiler::length).toArray();
      return new Quantity.Lookup(spans[place], place, lengths);
    }
    return null;
  }

  private static double length(Object value) {
    String text = (String) value;
    return text.codePointCount(0, text.length());
  }

  /** Returns the places of some slots that may be inactive. */
  int[] conditionalPlaces(int[] slots) {
    int[] places = new int[slots.length];
    int count = 0;
    for (int slot : slots) {
      if (conditional[placeOfSlot[slot]]) {
        places[count++] = placeOfSlot[slot];
      }
    }
    return Arrays.copyOf(places, count);
  }
}
