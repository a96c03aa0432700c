package io.trimtab.space;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.variable.Variable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The JSON form of a space, {@code trimtab.space/1}. */
final class SpaceDocument {
  /*
   * {"format": "trimtab.space/1", "name": ..., "description": ..., "prefix": ..., "metadata": {...},
   *  "parameters": [{a variable's keys, "constant": true, "prior": {...}, "active_when": ["...", ...]}, ...],
   *  "rules": [{"require": "...", "message": ...}, {"forbid": "..." or {"a": 1}, "message": ...}, ...]}
   *
   * Reading goes through the builder, so a document can hold nothing that code could not define. The limits bound what
   * a hostile document costs before the builder's own bounds are reached.
   */

  private static final String FORMAT = "trimtab.space/1";
  private static final JsonLimits LIMITS = new JsonLimits(4L << 20, 64, 1 << 20, 1L << 20);
  private static final Set<String> KEYS =
      Set.of("format", "name", "description", "prefix", "metadata", "parameters", "rules");
  private static final Set<String> RULE_KEYS = Set.of("require", "forbid", "message");

  private SpaceDocument() {}

  static String text(ConfigurationSpace space) {
    return Json.writePretty(write(space));
  }

  static Map<String, Object> write(ConfigurationSpace space) {
    List<String> local = space.localRules().stream().map(Rule::text).toList();
    if (!local.isEmpty()) {
      throw new IllegalStateException(
          "space \"%s\": expected rules written as expressions, but %s are Java predicates, which exist only in this JVM"
              .formatted(space.name(), local));
    }
    return tree(space);
  }

  static String digest(ConfigurationSpace space) {
    try {
      byte[] text = Json.write(tree(space)).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static Map<String, Object> tree(ConfigurationSpace space) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("format", FORMAT);
    tree.put("name", space.name());
    if (!space.description().isEmpty()) {
      tree.put("description", space.description());
    }
    if (!space.prefix().isEmpty()) {
      tree.put("prefix", space.prefix());
    }
    if (!space.metadata().isEmpty()) {
      tree.put("metadata", space.metadata());
    }
    tree.put("parameters", space.parameters().stream().map(SpaceDocument::tree).toList());
    if (!space.rules().isEmpty()) {
      tree.put("rules", space.rules().stream().map(rule -> tree(space, rule)).toList());
    }
    return Collections.unmodifiableMap(tree);
  }

  private static Map<String, Object> tree(Parameter parameter) {
    Map<String, Object> tree = new LinkedHashMap<>(parameter.variable().toTree());
    parameter.prior().ifPresent(prior -> tree.put("prior", tree(prior)));
    if (parameter.constant()) {
      tree.put("constant", true);
    }
    if (parameter.conditional()) {
      tree.put("active_when", parameter.activeWhen());
    }
    return tree;
  }

  private static Map<String, Object> tree(Prior prior) {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (prior instanceof Prior.Normal normal) {
      tree.put("mean", normal.mean());
      tree.put("deviation", normal.deviation());
    } else if (prior instanceof Prior.Beta beta) {
      tree.put("alpha", beta.alpha());
      tree.put("beta", beta.beta());
    }
    return Collections.unmodifiableMap(tree);
  }

  private static Map<String, Object> tree(ConfigurationSpace space, Rule rule) {
    Map<String, Object> tree = new LinkedHashMap<>();
    switch (rule.kind()) {
      case REQUIRE -> tree.put("require", rule.text());
      case FORBID -> tree.put("forbid", rule.text());
      case FORBID_COMBINATION -> tree.put("forbid", combination(space, rule));
      case LOCAL -> tree.put("local", rule.text());
    }
    tree.put("message", rule.message());
    return tree;
  }

  private static Map<String, Object> combination(ConfigurationSpace space, Rule rule) {
    Map<String, Object> tree = new LinkedHashMap<>();
    for (String name : rule.variables()) {
      Object value = rule.combination().get(name);
      if (value != null) {
        tree.put(name, encode(space.parameter(name).variable(), value));
      }
    }
    return tree;
  }

  private static <T> Object encode(Variable<T> variable, Object value) {
    return variable.domain().encode(variable.domain().valueClass().cast(value));
  }

  static ConfigurationSpace read(String json) {
    return read(Json.parseObject(json, LIMITS));
  }

  static ConfigurationSpace read(JsonObject tree) {
    String format = tree.string("format");
    if (!format.equals(FORMAT)) {
      throw new JsonException(
          "%s.format: expected \"%s\", got \"%s\"".formatted(tree.path(), FORMAT, format));
    }
    tree.allowOnly(KEYS);
    SpaceBuilder builder = ConfigurationSpace.named(tree.string("name"));
    String description = tree.stringOrNull("description");
    builder.description(description == null ? "" : description);
    String prefix = tree.stringOrNull("prefix");
    builder.prefix(prefix == null ? "" : prefix);
    tree.stringMap("metadata").forEach(builder::metadata);
    List<JsonObject> parameters = tree.objects("parameters");
    List<JsonObject> rules = tree.objects("rules");
    refuseTooMany(tree, parameters, rules);
    Map<String, Variable<?>> variables = new LinkedHashMap<>();
    for (JsonObject parameter : parameters) {
      Variable<?> variable = readParameter(parameter, builder);
      variables.put(variable.name(), variable);
    }
    for (JsonObject rule : rules) {
      readRule(rule, variables, builder);
    }
    return builder.build();
  }

  private static void refuseTooMany(
      JsonObject tree, List<JsonObject> parameters, List<JsonObject> rules) {
    if (parameters.size() > ConfigurationSpace.MAX_PARAMETERS
        || rules.size() > ConfigurationSpace.MAX_RULES) {
      throw new JsonException(
          "%s: expected at most %d parameters and %d rules, got %d and %d"
              .formatted(
                  tree.path(),
                  ConfigurationSpace.MAX_PARAMETERS,
                  ConfigurationSpace.MAX_RULES,
                  parameters.size(),
                  rules.size()));
    }
  }

  private static Variable<?> readParameter(JsonObject tree, SpaceBuilder builder) {
    Map<String, @Nullable Object> keys = new LinkedHashMap<>(tree.asMap());
    keys.remove("constant");
    keys.remove("active_when");
    keys.remove("prior");
    Variable<?> variable = Variable.fromTree(JsonObject.of(keys, tree.path()));
    if (tree.bool("constant", false)) {
      builder.constant(variable);
    } else {
      builder.variable(variable);
    }
    if (tree.has("prior")) {
      builder.prior(variable.name(), readPrior(tree.object("prior")));
    }
    for (String condition : tree.strings("active_when")) {
      builder.activeWhen(variable.name(), condition);
    }
    return variable;
  }

  private static Prior readPrior(JsonObject tree) {
    try {
      if (tree.has("alpha") || tree.has("beta")) {
        tree.allowOnly(Set.of("alpha", "beta"));
        return new Prior.Beta(tree.number("alpha"), tree.number("beta"));
      }
      tree.allowOnly(Set.of("mean", "deviation"));
      return new Prior.Normal(tree.number("mean"), tree.number("deviation"));
    } catch (IllegalArgumentException e) {
      throw new JsonException(tree.path() + ": " + e.getMessage(), e);
    }
  }

  private static void readRule(
      JsonObject tree, Map<String, Variable<?>> variables, SpaceBuilder builder) {
    tree.allowOnly(RULE_KEYS);
    String message = tree.string("message");
    if (tree.has("require") == tree.has("forbid")) {
      throw new JsonException(tree.path() + ": expected either \"require\" or \"forbid\"");
    }
    if (tree.has("require")) {
      builder.require(tree.string("require"), message);
    } else if (tree.find("forbid") instanceof Map) {
      builder.forbid(readCombination(tree.object("forbid"), variables), message);
    } else {
      builder.forbid(tree.string("forbid"), message);
    }
  }

  private static Map<String, Object> readCombination(
      JsonObject tree, Map<String, Variable<?>> variables) {
    Map<String, Object> combination = new LinkedHashMap<>();
    List<String> absent = new ArrayList<>();
    for (String name : tree.keys()) {
      Object value = tree.find(name);
      Variable<?> variable = variables.get(name);
      Object decoded = variable == null ? null : variable.domain().decode(value);
      if (value == null) {
        absent.add(name);
      } else {
        combination.put(name, decoded == null ? value : decoded);
      }
    }
    if (!absent.isEmpty()) {
      throw new JsonException(tree.path() + ": expected values, got null for " + absent);
    }
    return combination;
  }
}
