package io.trimtab.space;

import io.trimtab.json.JsonException;
import io.trimtab.json.JsonObject;
import io.trimtab.space.expression.Expression;
import io.trimtab.variable.BooleanDomain;
import io.trimtab.variable.ChoiceDomain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.IntegerDomain;
import io.trimtab.variable.Scale;
import io.trimtab.variable.Variable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Turns a document of ConfigSpace into a space. */
final class ConfigSpaceReader {
  /*
   * There, a clause about an inactive parameter is false on its own; here, a whole rule that mentions one has nothing
   * to say. The two agree on conjunctions. Below an "or", every clause about a conditional parameter therefore asks
   * has() first.
   */

  private static final double FORMAT = 0.4;
  private static final int MAX_MESSAGE = 900;
  private final JsonObject tree;
  private final SpaceBuilder builder;
  private final Map<String, List<String>> ordinals = new LinkedHashMap<>();
  private final Set<String> real = new HashSet<>();
  private final Set<String> conditional = new HashSet<>();

  ConfigSpaceReader(JsonObject tree) {
    this.tree = tree;
    String name = tree.stringOrNull("name");
    this.builder = ConfigurationSpace.named(name == null ? "space" : name);
  }

  ConfigurationSpace space() {
    double format = tree.number("format_version", FORMAT);
    if (format != FORMAT) {
      throw new JsonException(
          "%s.format_version: expected %s, got %s".formatted(tree.path(), FORMAT, format));
    }
    List<JsonObject> conditions = tree.objects("conditions");
    conditions.forEach(condition -> conditional.add(condition.string("child")));
    tree.objects("hyperparameters").forEach(this::parameter);
    for (JsonObject condition : conditions) {
      boolean branches = branches(condition, "conditions");
      builder.activeWhen(condition.string("child"), condition(condition, branches));
    }
    tree.objects("forbiddens").forEach(this::forbid);
    return builder.build();
  }

  private void parameter(JsonObject hp) {
    String type = hp.string("type");
    switch (type) {
      case "uniform_float", "normal_float", "beta_float" -> floating(hp, type);
      case "uniform_int", "normal_int", "beta_int" -> integer(hp, type);
      case "categorical" -> categorical(hp);
      case "ordinal" -> ordinal(hp);
      case "constant" -> builder.constant(hp.string("name"), value(hp, "value"));
      default -> throw unknown(hp, "hyperparameter", type);
    }
  }

  private static JsonException unknown(JsonObject at, String what, String type) {
    return new JsonException(
        "%s: the %s type \"%s\" has no counterpart here".formatted(at.path(), what, type));
  }

  private static Object value(JsonObject at, String key) {
    Object value = at.find(key);
    return value == null ? refuse(at, "null as " + key) : value;
  }

  private static Object refuse(JsonObject at, String why) {
    throw new JsonException(at.path() + ": " + why + ", which has no counterpart here");
  }

  private static Scale scale(JsonObject hp) {
    if (hp.find("q") != null) {
      refuse(hp, "quantisation \"q\" was removed from ConfigSpace");
    }
    return hp.bool("log", false) ? Scale.LOG : Scale.LINEAR;
  }

  private void floating(JsonObject hp, String type) {
    String name = hp.string("name");
    double min = hp.number("lower");
    Scale scale = scale(hp);
    real.add(name);
    builder.floating(name, hp.number("default_value"), min, hp.number("upper"), scale);
    prior(hp, type, name, min, scale);
  }

  private void integer(JsonObject hp, String type) {
    String name = hp.string("name");
    long min = hp.integer("lower");
    Scale scale = scale(hp);
    builder.integer(name, hp.integer("default_value"), min, hp.integer("upper"), scale);
    prior(hp, type, name, (double) min, scale);
  }

  private void prior(JsonObject hp, String type, String name, double min, Scale scale) {
    try {
      if (type.startsWith("normal")) {
        double sigma = hp.number("sigma");
        // On a logarithmic scale ConfigSpace takes ln(lower + sigma) for the deviation of the
        // logarithm.
        double deviation = scale == Scale.LOG ? Math.abs(Math.log(min + sigma)) : sigma;
        builder.prior(name, new Prior.Normal(hp.number("mu"), deviation));
      } else if (type.startsWith("beta")) {
        builder.prior(name, new Prior.Beta(hp.number("alpha"), hp.number("beta")));
      }
    } catch (IllegalArgumentException e) {
      throw new JsonException(hp.path() + ": " + e.getMessage(), e);
    }
  }

  private void categorical(JsonObject hp) {
    List<Object> choices = values(hp, "choices");
    List<Double> weights = new ArrayList<>();
    if (hp.find("weights") != null) {
      for (Object weight : values(hp, "weights")) {
        weights.add(weight instanceof Number number ? number.doubleValue() : Double.NaN);
      }
    }
    boolean even = weights.isEmpty() || new HashSet<>(weights).size() == 1;
    if (choices.stream().allMatch(choice -> choice instanceof String)) {
      choice(hp, choices, weights, /* ordinal= */ false);
    } else if (!even) {
      refuse(hp, "a categorical of other things than texts with weights");
    } else if (choices.stream().allMatch(choice -> choice instanceof Boolean)) {
      bool(hp, choices);
    } else {
      numbers(hp, choices.stream().sorted(ConfigSpaceReader::compare).toList());
    }
  }

  private void ordinal(JsonObject hp) {
    List<Object> sequence = values(hp, "sequence");
    if (sequence.stream().allMatch(option -> option instanceof String)) {
      ordinals.put(hp.string("name"), sequence.stream().map(String.class::cast).toList());
      choice(hp, sequence, List.of(), /* ordinal= */ true);
      return;
    }
    List<Object> sorted = sequence.stream().sorted(ConfigSpaceReader::compare).toList();
    if (!sorted.equals(sequence)) {
      refuse(hp, "an ordinal of numbers that do not rise");
    }
    numbers(hp, sequence);
  }

  private static List<Object> values(JsonObject hp, String key) {
    List<Object> values = new ArrayList<>();
    for (Object value : hp.list(key)) {
      values.add(value == null ? refuse(hp, "null among the " + key) : value);
    }
    return values;
  }

  private static int compare(Object a, Object b) {
    return a instanceof Number x && b instanceof Number y
        ? Double.compare(x.doubleValue(), y.doubleValue())
        : 0;
  }

  private void choice(JsonObject hp, List<Object> options, List<Double> weights, boolean ordinal) {
    List<String> texts = options.stream().map(String.class::cast).toList();
    String name = hp.string("name");
    ChoiceDomain domain = new ChoiceDomain(texts, weights, ordinal);
    builder.variable(Variable.of(name, domain, value(hp, "default_value")));
  }

  private void bool(JsonObject hp, List<Object> choices) {
    String name = hp.string("name");
    Object initial = value(hp, "default_value");
    if (new HashSet<>(choices).size() == 2) {
      builder.variable(Variable.of(name, new BooleanDomain(), initial));
    } else {
      builder.constant(name, initial);
    }
  }

  private void numbers(JsonObject hp, List<Object> rising) {
    String name = hp.string("name");
    if (!rising.stream().allMatch(value -> value instanceof Number)) {
      refuse(hp, "a mixture of types");
    }
    if (rising.size() == 1) {
      builder.constant(name, rising.get(0));
    } else if (rising.stream().allMatch(value -> value instanceof Long)) {
      integers(hp, name, rising.stream().map(Long.class::cast).toList());
    } else {
      grid(hp, name, rising.stream().map(value -> ((Number) value).doubleValue()).toList());
    }
  }

  private void integers(JsonObject hp, String name, List<Long> rising) {
    long min = rising.get(0);
    long max = rising.get(rising.size() - 1);
    long step = rising.get(1) - min;
    boolean even = true;
    for (int i = 2; i < rising.size(); i++) {
      even &= rising.get(i) - rising.get(i - 1) == step;
    }
    long initial = hp.integer("default_value");
    IntegerDomain domain = new IntegerDomain(min, max, even ? step : 1, Scale.LINEAR);
    builder.variable(Variable.of(name, domain, initial));
    if (!even) {
      String list = rising.stream().map(String::valueOf).collect(Collectors.joining(", "));
      builder.require(
          "%s in [%s]".formatted(Expression.mention(name), list), name + " is one of a list");
    }
  }

  private void grid(JsonObject hp, String name, List<Double> rising) {
    double min = rising.get(0);
    double max = rising.get(rising.size() - 1);
    FloatDomain domain =
        new FloatDomain(min, max, rising.get(1) - min, Scale.LINEAR, /* allowNonFinite= */ false);
    GridAxis axis = new GridAxis(domain);
    boolean even = axis.cells() == rising.size();
    for (int i = 0; even && i < rising.size(); i++) {
      even = Math.abs((Double) axis.valueAt(i) - rising.get(i)) <= 1e-6 * domain.step();
    }
    if (!even) {
      refuse(hp, "a list of numbers that are not evenly spaced");
    }
    builder.variable(Variable.of(name, domain, value(hp, "default_value")));
  }

  /** Tells whether a clause contains an "or". */
  private static boolean branches(JsonObject clause, String key) {
    return clause.string("type").equals("OR")
        || (clause.string("type").equals("AND")
            && clause.objects(key).stream().anyMatch(part -> branches(part, key)));
  }

  private String condition(JsonObject condition, boolean branches) {
    String type = condition.string("type");
    switch (type) {
      case "AND", "OR" -> {
        return joined(type, condition.objects("conditions"), part -> condition(part, branches));
      }
      default -> {
        String parent = condition.string("parent");
        return guarded(
            parent,
            branches,
            switch (type) {
              case "EQ" -> compared(condition, parent, "==");
              case "NEQ" -> compared(condition, parent, "!=");
              case "LT" -> compared(condition, parent, "<");
              case "GT" -> compared(condition, parent, ">");
              case "IN" -> among(condition, parent);
              default -> throw unknown(condition, "condition", type);
            });
      }
    }
  }

  private static String joined(
      String type, List<JsonObject> parts, Function<JsonObject, String> write) {
    return parts.stream()
        .map(write)
        .map(text -> parts.size() == 1 ? text : "(" + text + ")")
        .collect(Collectors.joining(type.equals("AND") ? " && " : " || "));
  }

  private String guarded(String parent, boolean branches, String atom) {
    return branches && conditional.contains(parent)
        ? "has(%s) && %s".formatted(Expression.mention(parent), atom)
        : atom;
  }

  private void forbid(JsonObject clause) {
    @Nullable Map<String, Object> together = together(clause);
    if (together != null) {
      builder.forbid(together, message(together.toString()));
      return;
    }
    String text = forbidden(clause, branches(clause, "clauses"));
    builder.forbid(text, message(text));
  }

  private static String message(String text) {
    String cut = text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE) + "...";
    return "forbidden: " + cut;
  }

  /** Returns the values of a clause that only says which must not come together, else null. */
  private @Nullable Map<String, Object> together(JsonObject clause) {
    Map<String, Object> values = new LinkedHashMap<>();
    List<JsonObject> parts =
        clause.string("type").equals("AND") ? clause.objects("clauses") : List.of(clause);
    for (JsonObject part : parts) {
      boolean equals = part.string("type").equals("EQUALS") && !real.contains(part.string("name"));
      if (!equals || values.put(part.string("name"), value(part, "value")) != null) {
        return null;
      }
    }
    return values;
  }

  private String forbidden(JsonObject clause, boolean branches) {
    String type = clause.string("type");
    if (type.equals("AND") || type.equals("OR")) {
      return joined(type, clause.objects("clauses"), part -> forbidden(part, branches));
    }
    if (type.startsWith("RELATION")) {
      return relation(clause, type, branches);
    }
    String name = clause.string("name");
    return guarded(
        name,
        branches,
        switch (type) {
          case "EQUALS" -> compared(clause, name, "==");
          case "IN" -> among(clause, name);
          case "CLAUSE_LT" -> compared(clause, name, "<");
          case "CLAUSE_LE" -> compared(clause, name, "<=");
          case "CLAUSE_GT" -> compared(clause, name, ">");
          case "CLAUSE_GE" -> compared(clause, name, ">=");
          default -> throw unknown(clause, "clause", type);
        });
  }

  private String relation(JsonObject clause, String type, boolean branches) {
    String left = clause.string("left");
    String right = clause.string("right");
    String kind = type.equals("RELATION") ? "RELATION_" + clause.string("lambda") : type;
    String operator =
        switch (kind) {
          case "RELATION_LT" -> "<";
          case "RELATION_LE" -> "<=";
          case "RELATION_EQ" -> "==";
          case "RELATION_GT" -> ">";
          case "RELATION_GE" -> ">=";
          default -> throw unknown(clause, "relation", kind);
        };
    if (!operator.equals("==") && (ordinals.containsKey(left) || ordinals.containsKey(right))) {
      refuse(clause, "an order between ordinals of texts");
    }
    String text =
        "%s %s %s".formatted(Expression.mention(left), operator, Expression.mention(right));
    return guarded(left, branches, guarded(right, branches, text));
  }

  private String compared(JsonObject clause, String name, String operator) {
    Object value = value(clause, "value");
    List<String> sequence = ordinals.get(name);
    boolean order = !operator.equals("==") && !operator.equals("!=");
    if (sequence != null && order) {
      int at = sequence.indexOf(String.valueOf(value));
      List<String> meant =
          switch (operator) {
            case "<" -> sequence.subList(0, Math.max(0, at));
            case "<=" -> sequence.subList(0, at + 1);
            case ">" -> sequence.subList(at + 1, sequence.size());
            default -> sequence.subList(Math.max(0, at), sequence.size());
          };
      return at < 0 || meant.isEmpty() ? "false" : list(name, meant);
    }
    return "%s %s %s".formatted(Expression.mention(name), operator, literal(clause, value));
  }

  private String among(JsonObject clause, String name) {
    return list(name, values(clause, "values"));
  }

  private String list(String name, List<?> values) {
    return "%s in [%s]"
        .formatted(
            Expression.mention(name),
            values.stream().map(v -> literal(tree, v)).collect(Collectors.joining(", ")));
  }

  private static String literal(JsonObject at, Object value) {
    if (value instanceof String text) {
      return "'"
          + text.replace("\\", "\\\\")
              .replace("'", "\\'")
              .replace("\n", "\\n")
              .replace("\r", "\\r")
              .replace("\t", "\\t")
          + "'";
    }
    return value instanceof Boolean || value instanceof Number
        ? value.toString()
        : String.valueOf(refuse(at, "a value that is neither text, number nor boolean"));
  }
}
