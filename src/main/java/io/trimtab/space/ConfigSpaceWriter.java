package io.trimtab.space;

import io.trimtab.space.expression.Expression;
import io.trimtab.space.expression.ExpressionType;
import io.trimtab.space.expression.Node;
import io.trimtab.space.expression.Node.ComparisonOperator;
import io.trimtab.space.expression.Outcome;
import io.trimtab.variable.ChoiceDomain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.IntegerDomain;
import io.trimtab.variable.ModuleDomain;
import io.trimtab.variable.Scale;
import io.trimtab.variable.StringDomain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns a space into a document of ConfigSpace, or says what stands in the way. */
final class ConfigSpaceWriter {
  /*
   * An expression is written in negation normal form: negations are pushed down to the single questions. A question
   * about one discrete parameter is answered for each of its values, and the list of answers is written. There, a
   * clause about an inactive parameter is false on its own; here, a whole rule that mentions one has nothing to say. So
   * each branch of an "or" must mention every conditional parameter that the rule requires, or ask has() first.
   */

  private static final double FORMAT = 0.4;
  private static final int LONGEST_LIST = 1_000;

  private final ConfigurationSpace space;
  private final Definition definition;

  ConfigSpaceWriter(ConfigurationSpace space) {
    this.space = space;
    this.definition = space.definition();
  }

  Map<String, Object> tree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", space.name());
    tree.put("hyperparameters", space.parameters().stream().map(this::parameter).toList());
    List<Map<String, Object>> conditions = new ArrayList<>();
    for (Parameter parameter : space.parameters()) {
      Gate gate = definition.gate(parameter.slot());
      if (gate != null) {
        conditions.add(condition(parameter, gate));
      }
    }
    tree.put("conditions", conditions);
    tree.put("forbiddens", space.rules().stream().map(this::forbidden).toList());
    tree.put("format_version", FORMAT);
    return tree;
  }

  private IllegalArgumentException refusal(String subject, String why) {
    return new IllegalArgumentException(
        "space \"%s\", %s: ConfigSpace has no counterpart for %s"
            .formatted(space.name(), subject, why));
  }

  // Parameters.

  private Map<String, Object> parameter(Parameter parameter) {
    Map<String, Object> hp = new LinkedHashMap<>();
    hp.put("name", parameter.name());
    Object initial = parameter.variable().defaultValue();
    if (parameter.axis().cells() == 1 && scalar(initial)) {
      if (!parameter.constant() && open(parameter)) {
        throw refusal(parameter.name(), "text or numbers without a list or bounds");
      }
      hp.put("type", "constant");
      hp.put("value", initial);
      return hp;
    }
    hp.put("default_value", initial);
    if (parameter.variable().domain() instanceof FloatDomain floats) {
      number(hp, parameter, floats.min(), floats.max(), floats.scale(), floats.step() > 0, "float");
    } else if (parameter.variable().domain() instanceof IntegerDomain integers) {
      boolean steps = integers.step() > 1;
      number(hp, parameter, integers.min(), integers.max(), integers.scale(), steps, "int");
    } else if (parameter.axis().cells() > 1) {
      options(hp, parameter);
    } else {
      throw refusal(parameter.name(), parameter.variable().type() + " parameters");
    }
    return hp;
  }

  private static boolean scalar(Object value) {
    return value instanceof Number || value instanceof String || value instanceof Boolean;
  }

  /** Whether a parameter keeps its default only because it is open-ended. */
  private static boolean open(Parameter parameter) {
    return switch (parameter.variable().type()) {
      case STRING ->
          !(parameter.variable().domain() instanceof StringDomain d && d.allowed().size() == 1);
      case MODULE ->
          !(parameter.variable().domain() instanceof ModuleDomain d && d.allowed().size() == 1);
      case FLOAT -> !(parameter.variable().domain() instanceof FloatDomain d && d.min() == d.max());
      case INTEGER ->
          !(parameter.variable().domain() instanceof IntegerDomain d && d.min() == d.max());
      case BOOLEAN, CHOICE, EMBEDDING, TENSOR -> false;
    };
  }

  private void number(
      Map<String, Object> hp,
      Parameter parameter,
      Object min,
      Object max,
      Scale scale,
      boolean steps,
      String kind) {
    Prior prior = parameter.prior().orElse(null);
    if (steps) {
      if (prior != null) {
        throw refusal(parameter.name(), "a prior on steps");
      }
      hp.put("type", "ordinal");
      hp.put("sequence", cells(parameter));
      return;
    }
    hp.put("lower", min);
    hp.put("upper", max);
    hp.put("log", scale == Scale.LOG);
    if (prior instanceof Prior.Normal normal) {
      hp.put("type", "normal_" + kind);
      hp.put("mu", normal.mean());
      hp.put("sigma", sigma(parameter, normal, ((Number) min).doubleValue(), scale));
    } else if (prior instanceof Prior.Beta beta) {
      hp.put("type", "beta_" + kind);
      hp.put("alpha", beta.alpha());
      hp.put("beta", beta.beta());
    } else {
      hp.put("type", "uniform_" + kind);
    }
  }

  /**
   * On a logarithmic scale ConfigSpace takes ln(lower + sigma) for the deviation of the logarithm.
   */
  private double sigma(Parameter parameter, Prior.Normal normal, double min, Scale scale) {
    if (scale == Scale.LINEAR) {
      return normal.deviation();
    }
    double above = Math.exp(normal.deviation()) - min;
    double sigma = above > 0 ? above : Math.exp(-normal.deviation()) - min;
    if (!(sigma > 0)) {
      throw refusal(parameter.name(), "this deviation on a logarithmic scale");
    }
    return sigma;
  }

  private void options(Map<String, Object> hp, Parameter parameter) {
    boolean ordinal = parameter.ordered();
    List<Double> weights =
        parameter.variable().domain() instanceof ChoiceDomain choice ? choice.weights() : List.of();
    if (ordinal && !weights.isEmpty()) {
      throw refusal(parameter.name(), "an ordinal with weights");
    }
    hp.put("type", ordinal ? "ordinal" : "categorical");
    hp.put(ordinal ? "sequence" : "choices", cells(parameter));
    if (!weights.isEmpty()) {
      hp.put("weights", weights);
    }
  }

  private List<Object> cells(Parameter parameter) {
    if (parameter.axis().cells() > LONGEST_LIST) {
      throw refusal(parameter.name(), "steps, and a list of them is too long");
    }
    List<Object> cells = new ArrayList<>();
    for (long cell = 0; cell < parameter.axis().cells(); cell++) {
      cells.add(parameter.axis().valueAt(cell));
    }
    return cells;
  }

  // Conditions and rules. A clause is written in one of two dialects.

  /** An expression on its way out. */
  private final class Clauses {
    private final String subject;
    private final Expression expression;
    private final @Nullable String child;
    private final Set<Integer> required = new TreeSet<>();

    /**
     * @param child the parameter a condition belongs to, or null for a rule
     */
    Clauses(String subject, Expression expression, @Nullable String child) {
      this.subject = subject;
      this.expression = expression;
      this.child = child;
      for (int slot : expression.requiredSlots()) {
        if (definition.gate(slot) != null) {
          required.add(slot);
        }
      }
    }

    private IllegalArgumentException refused(String why) {
      return refusal(subject, why);
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
      if (only != null && only.axis().cells() > 0 && only.axis().cells() <= LONGEST_LIST) {
        return answers(only, node, wanted);
      }
      if (node instanceof Node.Comparison comparison) {
        return comparison(comparison, wanted);
      }
      throw refused("\"" + text(node) + "\"");
    }

    private String text(Node node) {
      return expression.source() + "\" at character \"" + (node.position() + 1);
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
      for (Object cell : cells(parameter)) {
        values[parameter.slot()] = cell;
        Outcome outcome = question.apply(values);
        if (outcome == Outcome.ERROR) {
          throw refused("\"" + text(node) + "\", which may have no value");
        }
        if (outcome == (wanted ? Outcome.TRUE : Outcome.FALSE)) {
          meant.add(cell);
        }
      }
      if (meant.isEmpty()) {
        throw refused("\"" + text(node) + "\", which is always the same");
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
      if (node.left() instanceof Node.Literal bound
          && node.right() instanceof Node.Variable right) {
        return bounded(right, operator.mirrored(), bound);
      }
      if (node.left() instanceof Node.Variable left
          && node.right() instanceof Node.Variable right
          && child == null
          && operator != ComparisonOperator.NOT_EQUAL) {
        return relation(left, operator, right);
      }
      throw refused("\"" + text(node) + "\"");
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

  private Map<String, Object> condition(Parameter parameter, Gate gate) {
    String subject = "condition of " + parameter.name();
    List<Map<String, Object>> parts = new ArrayList<>();
    for (Expression condition : gate.conditions()) {
      Clauses clauses = new Clauses(subject, condition, parameter.name());
      parts.add(clauses.write(condition.root(), /* wanted= */ true));
    }
    if (parts.size() == 1) {
      return parts.get(0);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("type", "AND");
    all.put("child", parameter.name());
    all.put("conditions", parts);
    return all;
  }

  private Map<String, Object> forbidden(Rule rule) {
    if (rule.check() instanceof ExpressionCheck check) {
      Clauses clauses = new Clauses("rule " + rule, check.expression(), null);
      return clauses.write(check.expression().root(), !check.wanted());
    }
    if (rule.kind() == Rule.Kind.FORBID_COMBINATION) {
      List<Map<String, Object>> parts = new ArrayList<>();
      for (String name : rule.variables()) {
        Map<String, Object> clause = new LinkedHashMap<>();
        clause.put("type", "EQUALS");
        clause.put("name", name);
        clause.put("value", rule.combination().get(name));
        parts.add(clause);
      }
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("type", "AND");
      all.put("clauses", parts);
      return parts.size() == 1 ? parts.get(0) : all;
    }
    throw refusal("rule " + rule, "Java predicates");
  }
}
