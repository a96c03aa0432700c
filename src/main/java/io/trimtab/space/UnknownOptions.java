package io.trimtab.space;

import io.trimtab.space.expression.Node;
import io.trimtab.space.expression.SimilarName;
import io.trimtab.variable.ChoiceDomain;
import io.trimtab.variable.Domain;
import io.trimtab.variable.ModuleDomain;
import io.trimtab.variable.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds the texts in an expression that are compared with a parameter but are none of its options:
 * a misspelt {@code model == 'gpt-4-turob'} would never hold, and its rule would rule nothing.
 */
final class UnknownOptions {

  private final String subject;
  private final IntFunction<@Nullable Domain<?>> domains;
  private final List<Violation> found = new ArrayList<>();

  private UnknownOptions(String subject, IntFunction<@Nullable Domain<?>> domains) {
    this.subject = subject;
    this.domains = domains;
  }

  /** Returns a violation for every such text; the domain of a slot is null where it is unsound. */
  static List<Violation> in(
      Node expression, String subject, IntFunction<@Nullable Domain<?>> domains) {
    UnknownOptions unknown = new UnknownOptions(subject, domains);
    unknown.visit(expression);
    return unknown.found;
  }

  private void visit(Node node) {
    if (node instanceof Node.Comparison comparison && isEquality(comparison.operator())) {
      check(comparison.left(), comparison.right());
      check(comparison.right(), comparison.left());
    } else if (node instanceof Node.Membership membership) {
      membership.options().forEach(option -> check(membership.element(), option));
    }
    node.children().forEach(this::visit);
  }

  private static boolean isEquality(Node.ComparisonOperator operator) {
    return operator == Node.ComparisonOperator.EQUAL
        || operator == Node.ComparisonOperator.NOT_EQUAL;
  }

  private void check(Node side, Node other) {
    if (side instanceof Node.Variable variable
        && other instanceof Node.Literal literal
        && literal.value() instanceof String text) {
      List<String> options = options(domains.apply(variable.slot()));
      if (!options.isEmpty() && !options.contains(text)) {
        String nearest = SimilarName.nearest(text, options);
        String hint = nearest == null ? "" : ", such as '" + nearest + "'";
        found.add(
            Violation.of(
                subject,
                "%s beside one of its options %s%s".formatted(variable.name(), options, hint),
                text));
      }
    }
  }

  private static List<String> options(@Nullable Domain<?> domain) {
    if (domain instanceof ChoiceDomain choice) {
      return choice.options();
    }
    return domain instanceof ModuleDomain module ? module.allowed() : List.of();
  }
}
