package io.trimtab.space.expression;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Writes a {@link Node} in the values of JSON. */
final class Trees {

  private Trees() {}

  static Map<String, Object> toTree(Node node) {
    if (node instanceof Node.Literal literal) {
      return Map.of(literal.type().toString(), literal.value());
    } else if (node instanceof Node.Variable variable) {
      return Map.of("var", variable.name());
    } else if (node instanceof Node.Has has) {
      return Map.of("has", has.name());
    } else if (node instanceof Node.Membership membership) {
      List<Map<String, Object>> options = toTrees(membership.options());
      return call("in", List.of(toTree(membership.element()), Map.of("list", options)));
    }
    return call(nameOf(node), toTrees(node.children()));
  }

  private static Map<String, Object> call(String name, List<Map<String, Object>> arguments) {
    return Map.of("call", name, "args", arguments);
  }

  private static List<Map<String, Object>> toTrees(List<? extends Node> nodes) {
    // a loop: the frames of a stream at each of 256 levels would overflow a small stack
    List<Map<String, Object>> trees = new ArrayList<>();
    for (Node node : nodes) {
      trees.add(toTree(node));
    }
    return Collections.unmodifiableList(trees);
  }

  private static String nameOf(Node node) {
    if (node instanceof Node.Not) {
      return "!";
    } else if (node instanceof Node.Negate) {
      return "-";
    } else if (node instanceof Node.Arithmetic arithmetic) {
      return arithmetic.operator().toString();
    } else if (node instanceof Node.Comparison comparison) {
      return comparison.operator().toString();
    } else if (node instanceof Node.And) {
      return "&&";
    } else if (node instanceof Node.Or) {
      return "||";
    } else if (node instanceof Node.Conditional) {
      return "?:";
    } else if (node instanceof Node.Call call) {
      return call.function().toString();
    }
    throw new AssertionError("leaves and 'in' are written by toTree: " + node);
  }
}
