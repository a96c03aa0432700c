package io.trimtab.space;

import io.trimtab.space.expression.Expression;
import io.trimtab.space.expression.ExpressionType;
import io.trimtab.space.expression.Node;
import io.trimtab.space.expression.Node.ComparisonOperator;
import io.trimtab.space.expression.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes one expression as a condition or a forbidden clause of ConfigSpace. */
final class ConfigSpaceClauses {
  /*
   * An expression is written in negation normal form: negations are pushed down to the single questions. A question
   * about one discrete parameter is answered for each of its values, and the list of answers is written. There, a
   * clause about an inactive parameter is false on its own; here, a whole rule that mentions one has nothing to say. So
   * each branch of an "or" must mention every conditional parameter that the rule requires, or ask has() first.
   */

  private final ConfigurationSpace space;
  private final String subject;
  private final Expression expression;
  private final @Nullable String child;
  private final Set<Integer> required = new TreeSet<>();

  /**
   * @param child the parameter a condition belongs to, or null for a rule
   */
  ConfigSpaceClauses(
      ConfigurationSpace space, String subject, Expression expression, @Nullable String child) {
    this.space = space;
    this.subject = subject;
    this.expression = expression;
    this.child = child;
    for (int slot : expression.requiredSlots()) {
      if (space.definition().gate(slot) != null) {
        required.add(slot);
      }
    }
  }

  private IllegalArgumentException refused(String why) {
    return ConfigSpaceWriter.refusal(space, subject, why);
  }

  Map<String, Object> write(Node node, boolean wanted) {
    if (node instanceof Node.Not not) {
      return write(not.operand(), !wanted);
    } else if (node instanceof Node.And and) {
      return junction(and.operands(), /* and= */ wanted, wanted);
    } else if (node instanceof Node.Or or) {
      return junction(or.operands(), /* and= */ !wanted, wanted);
    } else if (node instanceof Node.Has has) {
      throw refused("has(" + has.name() + ") without a question about it at its side");
    }
    Set<Integer> slots = new TreeSet<>();
    slotsOf(node, slots);
    Parameter only = slots.size() == 1 ? space.parameters().get(slots.iterator().next()) : null;
    if (only != null
        && only.axis().cells() > 0
        && only.axis().cells() <= ConfigSpaceWriter.LONGEST_LIST) {
      return answers(only, node, wanted);
    }
    if (node instanceof Node.Comparison comparison) {
      return comparison(comparison, wanted);
    }
    throw refused(shown(node));
  }

  private String shown(Node node) {
    return "\"%s\" at character %d".formatted(expression.source(), node.position() + 1);
  }

  private Map<String, Object> junction(List<Node> operands, boolean and, boolean wanted) {
    List<Node> parts = new ArrayList<>();
    for (Node operand : operands) {
      if (!(and && guards(operand, operands, wanted))) {
        parts.add(operand);
      }
    }
    if (!and) {
      for (Node part : parts) {
        Set<Integer> mentioned = new TreeSet<>();
        slotsOf(part, mentioned);
        if (!mentioned.containsAll(required)) {
          throw refused("|| over parameters that may be inactive, unless has() is asked first");
        }
      }
    }
    if (parts.size() == 1) {
      return write(parts.get(0), wanted);
    }
    return joined(and, parts.stream().map(part -> write(part, wanted)).toList());
  }

  /** Whether a part is has(x), beside another that mentions x and is false without it anyway. */
  private boolean guards(Node node, List<Node> operands, boolean wanted) {
    Node bare = node;
    boolean positive = wanted;
    while (bare instanceof Node.Not not) {
      bare = not.operand();
      positive = !positive;
    }
    if (!positive || !(bare instanceof Node.Has has)) {
      return false;
    }
    for (Node other : operands) {
      Set<Integer> mentioned = new TreeSet<>();
      slotsOf(other, mentioned);
      if (other != node && mentioned.contains(has.slot())) {
        return true;
      }
    }
    return false;
  }

  private Map<String, Object> joined(boolean and, List<Map<String, Object>> parts) {
    Map<String, Object> clause = new LinkedHashMap<>();
    clause.put("type", and ? "AND" : "OR");
    if (child != null) {
      clause.put("child", child);
    }
    clause.put(child == null ? "clauses" : "conditions", parts);
    return clause;
  }

  private Map<String, Object> answers(Parameter parameter, Node node, boolean wanted) {
    Function<@Nullable Object[], Outcome> question = expression.part(node);
    @Nullable Object[] values = new @Nullable Object[space.parameters().size()];
    List<Object> meant = new ArrayList<>();
    for (Object cell : ConfigSpaceWriter.values(parameter)) {
      values[parameter.slot()] = cell;
      Outcome outcome = question.apply(values);
      if (outcome == Outcome.ERROR) {
        throw refused(shown(node) + ", which may have no value");
      }
      if (outcome == (wanted ? Outcome.TRUE : Outcome.FALSE)) {
        meant.add(cell);
      }
    }
    if (meant.isEmpty()) {
      throw refused(shown(node) + ", which is always the same");
    }
    Map<String, Object> clause = about(parameter.name(), child == null ? "EQUALS" : "EQ");
    if (meant.size() == 1) {
      clause.put("value", meant.get(0));
    } else {
      clause.put("type", "IN");
      clause.put("values", meant);
    }
    return clause;
  }

  private Map<String, Object> about(String name, String type) {
    Map<String, Object> clause = new LinkedHashMap<>();
    clause.put("type", type);
    if (child == null) {
      clause.put("name", name);
    } else {
      clause.put("child", child);
      clause.put("parent", name);
    }
    return clause;
  }

  private Map<String, Object> comparison(Node.Comparison node, boolean wanted) {
    ComparisonOperator operator = wanted ? node.operator() : opposite(node.operator());
    if (node.left() instanceof Node.Variable left && node.right() instanceof Node.Literal bound) {
      return bounded(left, operator, bound);
    }
    if (node.left() instanceof Node.Literal bound && node.right() instanceof Node.Variable right) {
      return bounded(right, operator.mirrored(), bound);
    }
    if (node.left() instanceof Node.Variable left
        && node.right() instanceof Node.Variable right
        && child == null
        && operator != ComparisonOperator.NOT_EQUAL) {
      return relation(left, operator, right);
    }
    throw refused(shown(node));
  }

  private Map<String, Object> relation(
      Node.Variable left, ComparisonOperator operator, Node.Variable right) {
    boolean numeric = left.type() != ExpressionType.STRING;
    if (!numeric && operator != ComparisonOperator.EQUAL) {
      throw refused("an order of texts");
    }
    Map<String, Object> clause = new LinkedHashMap<>();
    clause.put(
        "type",
        switch (operator) {
          case LESS -> "RELATION_LT";
          case LESS_OR_EQUAL -> "RELATION_LE";
          case GREATER -> "RELATION_GT";
          case GREATER_OR_EQUAL -> "RELATION_GE";
          case EQUAL, NOT_EQUAL -> "RELATION_EQ";
        });
    clause.put("left", left.name());
    clause.put("right", right.name());
    return clause;
  }

  /** A comparison of a long or continuous number with a bound. */
  private Map<String, Object> bounded(
      Node.Variable variable, ComparisonOperator operator, Node.Literal bound) {
    Object value = bound.value();
    if (child == null) {
      Map<String, Object> clause =
          about(
              variable.name(),
              switch (operator) {
                case LESS -> "CLAUSE_LT";
                case LESS_OR_EQUAL -> "CLAUSE_LE";
                case GREATER -> "CLAUSE_GT";
                case GREATER_OR_EQUAL -> "CLAUSE_GE";
                case EQUAL -> "EQUALS";
                case NOT_EQUAL -> throw refused("!= with a number");
              });
      clause.put("value", value);
      return clause;
    }
    // Conditions know no "or equal": the bound moves to the next number.
    Map<String, Object> clause =
        about(
            variable.name(),
            switch (operator) {
              case LESS, LESS_OR_EQUAL -> "LT";
              case GREATER, GREATER_OR_EQUAL -> "GT";
              case EQUAL -> "EQ";
              case NOT_EQUAL -> "NEQ";
            });
    clause.put(
        "value",
        switch (operator) {
          case LESS_OR_EQUAL ->
              value instanceof Long n ? n + 1 : (Object) Math.nextUp((Double) value);
          case GREATER_OR_EQUAL ->
              value instanceof Long n ? n - 1 : (Object) Math.nextDown((Double) value);
          case LESS, GREATER, EQUAL, NOT_EQUAL -> value;
        });
    return clause;
  }

  private static ComparisonOperator opposite(ComparisonOperator operator) {
    return switch (operator) {
      case LESS -> ComparisonOperator.GREATER_OR_EQUAL;
      case LESS_OR_EQUAL -> ComparisonOperator.GREATER;
      case GREATER -> ComparisonOperator.LESS_OR_EQUAL;
      case GREATER_OR_EQUAL -> ComparisonOperator.LESS;
      case EQUAL -> ComparisonOperator.NOT_EQUAL;
      case NOT_EQUAL -> ComparisonOperator.EQUAL;
    };
  }

  private static void slotsOf(Node node, Set<Integer> slots) {
    if (node instanceof Node.Variable variable) {
      slots.add(variable.slot());
    }
    for (Node child : node.children()) {
      slotsOf(child, slots);
    }
  }
}
