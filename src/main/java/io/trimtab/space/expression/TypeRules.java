package io.trimtab.space.expression;

import static io.trimtab.space.expression.ExpressionType.BOOL;
import static io.trimtab.space.expression.ExpressionType.DOUBLE;
import static io.trimtab.space.expression.ExpressionType.INT;
import static io.trimtab.space.expression.ExpressionType.STRING;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes typed nodes from typed parts, or says why the parts do not fit. Bounds what it makes. */
final class TypeRules {

  private final String source;
  private final IdentityHashMap<Node, Integer> heights = new IdentityHashMap<>();

  TypeRules(String source) {
    this.source = source;
  }

  <N extends Node> N counted(N node) {
    int height = 1 + node.children().stream().mapToInt(heights::get).max().orElse(0);
    heights.put(node, height);
    if (heights.size() > Expression.MAX_NODES) {
      throw problem(
          node.position(),
          "expected at most " + Expression.MAX_NODES + " values and operators; split the rule");
    }
    // a chain such as a + b + c is deep to the left without any nesting in the text
    if (height > Expression.MAX_HEIGHT) {
      throw problem(
          node.position(),
          "expected at most " + Expression.MAX_HEIGHT + " operators one upon another");
    }
    return node;
  }

  Node wholeExpression(Node root) {
    if (root.type() != BOOL) {
      throw problem(0, "expected an expression that is true or false, got " + root.type());
    }
    return root;
  }

  Node.Literal literal(Object value, ExpressionType type, int position) {
    return counted(new Node.Literal(value, type, position));
  }

  Node integer(Token digits, boolean negative, int position) {
    boolean hex = digits.text().startsWith("0x");
    String magnitude = hex ? digits.text().substring(2) : digits.text();
    try {
      long value = Long.parseLong((negative ? "-" : "") + magnitude, hex ? 16 : 10);
      return literal(value, INT, position);
    } catch (NumberFormatException e) {
      throw problem(
          position, "expected an integer from -2^63 to 2^63 - 1, got " + digits.described());
    }
  }

  Node real(Token digits, boolean negative, int position) {
    double magnitude = Double.parseDouble(digits.text());
    if (Double.isInfinite(magnitude)) {
      throw problem(position, "expected a finite double, got " + digits.described());
    }
    return literal(negative ? -magnitude : magnitude, DOUBLE, position);
  }

  Node not(Node operand, boolean odd, int position) {
    if (operand.type() != BOOL) {
      throw problem(position, "'!' needs a bool, got " + described(operand));
    }
    if (odd && operand instanceof Node.Comparison comparison) {
      refuseDisguisedEquality(comparison);
    }
    return odd ? counted(new Node.Not(operand, position)) : operand;
  }

  private void refuseDisguisedEquality(Node.Comparison comparison) {
    if (comparison.operator() == Node.ComparisonOperator.NOT_EQUAL) {
      refuseContinuous("'!' of '!='", comparison.left(), comparison.position());
      refuseContinuous("'!' of '!='", comparison.right(), comparison.position());
    }
  }

  Node negate(Node operand, boolean odd, int position) {
    if (!operand.type().numeric()) {
      throw problem(position, "'-' needs a number, got " + described(operand));
    }
    return odd ? counted(new Node.Negate(operand, position)) : operand;
  }

  Node arithmetic(String symbol, Node left, Node right, int position) {
    Node.ArithmeticOperator operator = arithmeticOperator(symbol);
    boolean sameNumber = left.type() == right.type() && left.type().numeric();
    if (!sameNumber) {
      throw problem(position, arithmeticMismatch(operator, left, right));
    }
    if (operator == Node.ArithmeticOperator.REMAINDER && left.type() == DOUBLE) {
      throw problem(position, "'%' needs two ints, got two doubles");
    }
    return counted(new Node.Arithmetic(operator, left, right, position));
  }

  private static String arithmeticMismatch(
      Node.ArithmeticOperator operator, Node left, Node right) {
    String got = "got " + described(left) + " and " + described(right);
    if (operator == Node.ArithmeticOperator.REMAINDER) {
      return "'%' needs two ints, " + got;
    }
    String hint =
        left.type().numeric() && right.type().numeric()
            ? "; write " + asDouble(left.type() == INT ? left : right)
            : "";
    return "'" + operator + "' needs two ints or two doubles, " + got + hint;
  }

  Node comparison(String symbol, Node left, Node right, int position) {
    Node.ComparisonOperator operator = comparisonOperator(symbol);
    if (!comparable(left.type(), right.type())) {
      throw problem(
          position,
          "'"
              + operator
              + "' needs two values of one type, got "
              + described(left)
              + " and "
              + described(right));
    }
    if (operator == Node.ComparisonOperator.EQUAL) {
      refuseContinuous("'=='", left, position);
      refuseContinuous("'=='", right, position);
    }
    return counted(new Node.Comparison(operator, left, right, position));
  }

  Node membership(Node element, List<Node> options, int position) {
    List<Node.Literal> literals = new ArrayList<>();
    for (Node option : options) {
      if (!(option instanceof Node.Literal literal)) {
        throw problem(option.position(), "the list after 'in' may hold fixed values only");
      }
      if (!comparable(element.type(), option.type())) {
        throw problem(
            option.position(),
            "expected a value that compares with "
                + described(element)
                + ", got "
                + described(option));
      }
      refuseContinuous("'in'", element, position);
      literals.add(literal);
    }
    return counted(new Node.Membership(element, literals, position));
  }

  private static boolean comparable(ExpressionType left, ExpressionType right) {
    return left == right || (left.numeric() && right.numeric());
  }

  /**
   * A set of single points in a continuum has measure zero: such a rule would be met by no sample,
   * whatever the sampler.
   */
  private void refuseContinuous(String what, Node side, int position) {
    Node.Variable continuous = side.type() == DOUBLE ? continuousValueOf(side) : null;
    if (continuous != null) {
      throw problem(
          position,
          what
              + " on the continuous variable '"
              + continuous.name()
              + "' would be met by no sample; allow a tolerance, abs("
              + continuous.name()
              + " - 0.5) <= 0.01, or give the variable a step");
    }
  }

  /** Returns a continuous variable the value varies with; the test of {@code ?:} only selects. */
  private static Node.@Nullable Variable continuousValueOf(Node node) {
    if (node instanceof Node.Variable variable) {
      return variable.continuous() ? variable : null;
    }
    List<? extends Node> parts =
        node instanceof Node.Conditional choice
            ? List.of(choice.yes(), choice.no())
            : node.children();
    for (Node part : parts) {
      Node.Variable found = part.type() == DOUBLE ? continuousValueOf(part) : null;
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  Node operandOf(String operator, Node operand, int position) {
    if (operand.type() != BOOL) {
      throw problem(position, "'" + operator + "' needs two bools, got " + described(operand));
    }
    return operand;
  }

  Node or(List<Node> operands, int position) {
    return counted(new Node.Or(operands, position));
  }

  Node and(List<Node> operands, int position) {
    return counted(new Node.And(operands, position));
  }

  Node conditional(Node test, Node yes, Node no, int position) {
    if (test.type() != BOOL) {
      throw problem(position, "'?' needs a bool on its left, got " + described(test));
    }
    if (yes.type() != no.type()) {
      String hint =
          yes.type().numeric() && no.type().numeric()
              ? "; write " + asDouble(yes.type() == INT ? yes : no)
              : "";
      throw problem(
          position,
          "'?:' needs two values of one type, got "
              + described(yes)
              + " and "
              + described(no)
              + hint);
    }
    return counted(new Node.Conditional(test, yes, no, position));
  }

  Node call(String name, List<Node> arguments, boolean method, int position) {
    Node.Function function = function(name, position);
    switch (function) {
      case SIZE -> require(function, arguments, "a string", position, STRING);
      case STARTS_WITH, ENDS_WITH, CONTAINS -> {
        if (!method) {
          throw problem(position, "write s." + name + "(t): it is a method of a string");
        }
        require(function, arguments, "one string", position, STRING, STRING);
      }
      case DOUBLE, INT, ABS -> requireNumbers(function, arguments, method, 1, position);
      case MIN, MAX -> requireNumbers(function, arguments, method, arguments.size(), position);
    }
    return counted(new Node.Call(function, arguments, resultOf(function, arguments), position));
  }

  private static ExpressionType resultOf(Node.Function function, List<Node> arguments) {
    return switch (function) {
      case SIZE, INT -> INT;
      case STARTS_WITH, ENDS_WITH, CONTAINS -> BOOL;
      case DOUBLE -> DOUBLE;
      case MIN, MAX, ABS -> arguments.get(0).type();
    };
  }

  private Node.Function function(String name, int position) {
    for (Node.Function function : Node.Function.values()) {
      if (function.toString().equals(name)) {
        return function;
      }
    }
    List<String> known = Arrays.stream(Node.Function.values()).map(Object::toString).toList();
    String nearest = SimilarName.nearest(name, known);
    throw problem(
        position,
        "unknown function '"
            + Token.abbreviated(name)
            + "'; "
            + (nearest == null
                ? "the functions are has, " + String.join(", ", known)
                : "did you mean '" + nearest + "'?"));
  }

  private void require(
      Node.Function function,
      List<Node> arguments,
      String expected,
      int position,
      ExpressionType... types) {
    List<ExpressionType> got = arguments.stream().map(Node::type).toList();
    if (!got.equals(List.of(types))) {
      throw problem(position, function + " needs " + expected + ", got " + described(arguments));
    }
  }

  private void requireNumbers(
      Node.Function function, List<Node> arguments, boolean method, int count, int position) {
    if (method) {
      throw problem(position, "write " + function + "(...): it is not a method");
    }
    boolean oneType = arguments.stream().map(Node::type).distinct().count() == 1;
    if (arguments.size() == count && oneType && arguments.get(0).type().numeric()) {
      return;
    }
    boolean mixed = arguments.size() > 1 && arguments.stream().allMatch(a -> a.type().numeric());
    String expected =
        count == 1 && function != Node.Function.MIN && function != Node.Function.MAX
            ? "one number"
            : "numbers of one type";
    throw problem(
        position,
        function
            + " needs "
            + expected
            + ", got "
            + described(arguments)
            + (mixed && count > 1 ? "; write double(...) around the ints" : ""));
  }

  private static String described(List<Node> arguments) {
    return arguments.isEmpty()
        ? "nothing"
        : arguments.stream().map(TypeRules::described).collect(Collectors.joining(", "));
  }

  private static String described(Node node) {
    return node instanceof Node.Variable variable
        ? node.type() + " '" + variable.name() + "'"
        : node.type().toString();
  }

  private static String asDouble(Node integer) {
    if (integer instanceof Node.Literal literal) {
      return literal.value() + ".0";
    }
    return integer instanceof Node.Variable variable
        ? "double(" + variable.name() + ")"
        : "double(...) around the int";
  }

  private static Node.ArithmeticOperator arithmeticOperator(String symbol) {
    return Arrays.stream(Node.ArithmeticOperator.values())
        .filter(o -> o.toString().equals(symbol))
        .findFirst()
        .orElseThrow();
  }

  private static Node.ComparisonOperator comparisonOperator(String symbol) {
    return Arrays.stream(Node.ComparisonOperator.values())
        .filter(o -> o.toString().equals(symbol))
        .findFirst()
        .orElseThrow();
  }

  private ExpressionException problem(int position, String what) {
    return new ExpressionException(source, position, what);
  }
}
