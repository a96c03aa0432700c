package io.trimtab.space;

import io.trimtab.space.expression.Node;
import io.trimtab.space.expression.Node.ComparisonOperator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Finds orders that bite their own tail: {@code a < b}, {@code b < c}, {@code c < a}. */
final class StrictCircle {
  /*
   * Intervals cannot refute such a circle over a continuum: a box with equal sides always remains. So comparisons of
   * two parameters are read as the edges of a graph, and each strict edge is asked whether a way leads back from its
   * head to its tail. Only parameters that are always active count.
   */

  private record Edge(int lesser, int greater, boolean strict) {}

  private final Definition definition;
  private final List<Edge> edges = new ArrayList<>();

  private StrictCircle(Definition definition, List<Rule> rules) {
    this.definition = definition;
    for (Rule rule : rules) {
      if (rule.check() instanceof ExpressionCheck check) {
        gather(check.expression().root(), check.wanted());
      }
    }
  }

  /** Tells whether some rules contain a circle with a strict edge. */
  static boolean in(Definition definition, List<Rule> rules) {
    StrictCircle search = new StrictCircle(definition, rules);
    return search.edges.stream()
        .anyMatch(edge -> edge.strict() && search.leads(edge.greater(), edge.lesser()));
  }

  private void gather(Node node, boolean wanted) {
    if (node instanceof Node.Not not) {
      gather(not.operand(), !wanted);
    } else if (node instanceof Node.And and && wanted) {
      and.operands().forEach(operand -> gather(operand, true));
    } else if (node instanceof Node.Or or && !wanted) {
      or.operands().forEach(operand -> gather(operand, false));
    } else if (node instanceof Node.Comparison comparison
        && comparison.left() instanceof Node.Variable left
        && comparison.right() instanceof Node.Variable right
        && definition.gate(left.slot()) == null
        && definition.gate(right.slot()) == null
        && left.type() == right.type()) {
      compare(comparison.operator(), wanted, left.slot(), right.slot());
    }
  }

  private void compare(ComparisonOperator operator, boolean wanted, int left, int right) {
    switch (operator) {
      case LESS -> edge(wanted, left, right, /* strict= */ true);
      case LESS_OR_EQUAL -> edge(wanted, left, right, /* strict= */ false);
      case GREATER -> edge(wanted, right, left, /* strict= */ true);
      case GREATER_OR_EQUAL -> edge(wanted, right, left, /* strict= */ false);
      case EQUAL -> equal(wanted, left, right);
      case NOT_EQUAL -> equal(!wanted, left, right);
    }
  }

  /** The opposite of "less" is "not less": the sides and the strictness change. */
  private void edge(boolean wanted, int lesser, int greater, boolean strict) {
    edges.add(wanted ? new Edge(lesser, greater, strict) : new Edge(greater, lesser, !strict));
  }

  private void equal(boolean wanted, int left, int right) {
    if (wanted) {
      edges.add(new Edge(left, right, /* strict= */ false));
      edges.add(new Edge(right, left, /* strict= */ false));
    }
  }

  private boolean leads(int from, int to) {
    boolean[] seen = new boolean[definition.parameters().size()];
    Deque<Integer> open = new ArrayDeque<>(List.of(from));
    while (!open.isEmpty()) {
      int slot = open.removeLast();
      if (slot == to) {
        return true;
      }
      if (!seen[slot]) {
        seen[slot] = true;
        edges.stream().filter(edge -> edge.lesser() == slot).forEach(e -> open.add(e.greater()));
      }
    }
    return false;
  }
}
