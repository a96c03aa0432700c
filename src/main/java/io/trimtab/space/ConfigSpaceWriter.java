package io.trimtab.space;

import io.trimtab.space.expression.Expression;
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

/** Turns a space into a document of ConfigSpace, or says what stands in the way. */
final class ConfigSpaceWriter {
  private static final double FORMAT = 0.4;
  static final int LONGEST_LIST = 1_000;

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
    return refusal(space, subject, why);
  }

  static IllegalArgumentException refusal(ConfigurationSpace space, String subject, String why) {
    return new IllegalArgumentException(
        "space \"%s\", %s: ConfigSpace has no counterpart for %s"
            .formatted(space.name(), subject, why));
  }

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
    return values(parameter);
  }

  /** Lists the values of a discrete parameter. */
  static List<Object> values(Parameter parameter) {
    List<Object> cells = new ArrayList<>();
    for (long cell = 0; cell < parameter.axis().cells(); cell++) {
      cells.add(parameter.axis().valueAt(cell));
    }
    return cells;
  }

  private Map<String, Object> condition(Parameter parameter, Gate gate) {
    String subject = "condition of " + parameter.name();
    List<Map<String, Object>> parts = new ArrayList<>();
    for (Expression condition : gate.conditions()) {
      ConfigSpaceClauses clauses =
          new ConfigSpaceClauses(space, subject, condition, parameter.name());
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
      ConfigSpaceClauses clauses =
          new ConfigSpaceClauses(space, "rule " + rule, check.expression(), null);
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
