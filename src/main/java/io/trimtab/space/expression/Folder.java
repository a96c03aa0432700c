package io.trimtab.space.expression;

import io.trimtab.space.expression.Node.Literal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Computes what is constant ahead of time, without changing any value or error. */
final class Folder {
  /*
   * Bottom up, so every part is looked at once. A part of constants only is compiled and run here;
   * if that is an evaluation error it stays, to fail when it is evaluated, if it is. A constant that
   * decides && or || decides it even if another operand would fail: CEL absorbs that error.
   */

  private static final @Nullable Object[] NO_SLOTS = {};

  private final String source;
  private final CodeGenerator generator;

  private Folder(String source) {
    this.source = source;
    this.generator = new CodeGenerator(source);
  }

  static Node fold(Node root, String source) {
    return new Folder(source).fold(root);
  }

  private Node fold(Node node) {
    if (node instanceof Node.Not not) {
      return constant(new Node.Not(fold(not.operand()), not.position()));
    } else if (node instanceof Node.Negate negate) {
      return constant(new Node.Negate(fold(negate.operand()), negate.position()));
    } else if (node instanceof Node.Arithmetic sum) {
      Node left = fold(sum.left());
      Node right = fold(sum.right());
      return constant(new Node.Arithmetic(sum.operator(), left, right, sum.position()));
    } else if (node instanceof Node.Comparison test) {
      Node left = fold(test.left());
      Node right = fold(test.right());
      return constant(new Node.Comparison(test.operator(), left, right, test.position()));
    } else if (node instanceof Node.Membership in) {
      return constant(new Node.Membership(fold(in.element()), in.options(), in.position()));
    } else if (node instanceof Node.And and) {
      return junction(and.operands(), /* decider= */ false, and);
    } else if (node instanceof Node.Or or) {
      return junction(or.operands(), /* decider= */ true, or);
    } else if (node instanceof Node.Conditional choice) {
      return conditional(choice);
    } else if (node instanceof Node.Call call) {
      List<Node> arguments = call.arguments().stream().map(this::fold).toList();
      return constant(new Node.Call(call.function(), arguments, call.type(), call.position()));
    }
    return node;
  }

  private Node junction(List<Node> operands, boolean decider, Node original) {
    List<Node> open = new ArrayList<>();
    for (Node operand : operands) {
      Node folded = fold(operand);
      if (!(folded instanceof Literal literal)) {
        open.add(folded);
      } else if (literal.value().equals(decider)) {
        return new Literal(decider, ExpressionType.BOOL, original.position());
      }
    }
    if (open.isEmpty()) {
      return new Literal(!decider, ExpressionType.BOOL, original.position());
    } else if (open.size() == 1) {
      return open.get(0);
    }
    return decider
        ? new Node.Or(open, original.position())
        : new Node.And(open, original.position());
  }

  private Node conditional(Node.Conditional choice) {
    Node test = fold(choice.test());
    Node yes = fold(choice.yes());
    Node no = fold(choice.no());
    if (test instanceof Literal literal) {
      return literal.value().equals(true) ? yes : no;
    }
    return new Node.Conditional(test, yes, no, choice.position());
  }

  private Node constant(Node node) {
    for (Node part : node.children()) {
      if (!(part instanceof Literal)) {
        return node;
      }
    }
    try {
      return new Literal(value(node), node.type(), node.position());
    } catch (EvaluationException stays) {
      return node;
    }
  }

  private Object value(Node node) {
    return switch (node.type()) {
      case INT -> generator.integer(node).value(NO_SLOTS);
      case DOUBLE -> generator.real(node).value(NO_SLOTS);
      case BOOL -> generator.bool(node).test(NO_SLOTS);
      case STRING -> throw new AssertionError("no operator makes a string: " + source);
    };
  }
}
