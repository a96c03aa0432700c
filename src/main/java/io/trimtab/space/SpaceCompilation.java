package io.trimtab.space;

import io.trimtab.space.SpaceDraft.Condition;
import io.trimtab.space.SpaceDraft.ParameterDraft;
import io.trimtab.space.SpaceDraft.RuleDraft;
import io.trimtab.space.expression.Declaration;
import io.trimtab.space.expression.Expression;
import io.trimtab.space.expression.ExpressionException;
import io.trimtab.space.expression.ExpressionType;
import io.trimtab.space.expression.Node;
import io.trimtab.space.expression.SimilarName;
import io.trimtab.variable.Domain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.StringDomain;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNames;
import io.trimtab.variable.VariableType;
import io.trimtab.variable.Violation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@link SpaceBuilder#build}: turns what was told into a space, or lists its faults.
 */
final class SpaceCompilation {

  private static final int MAX_MESSAGE = 1_000;
  private static final StringDomain TEXT = StringDomain.any();

  private final String name;
  private final String description;
  private final String prefix;
  private final Map<String, String> metadata;
  private final List<ParameterDraft> drafts;
  private final Map<String, Prior> priors;
  private final List<Condition> conditions;
  private final List<RuleDraft> rules;

  private final List<Violation> found;
  private final Map<String, Integer> slots = new LinkedHashMap<>();
  private final List<ParameterDraft> distinct = new ArrayList<>();
  private final List<Declaration> declarations = new ArrayList<>();
  private final Map<Integer, List<Expression>> gates = new HashMap<>();
  private boolean conditionsSound = true;

  SpaceCompilation(SpaceDraft told) {
    this.name = told.name();
    this.description = told.description();
    this.prefix = told.prefix();
    this.metadata = told.metadata();
    this.drafts = told.parameters();
    this.priors = told.priors();
    this.conditions = told.conditions();
    this.rules = told.rules();
    this.found = new ArrayList<>(told.faults());
  }

  ConfigurationSpace space() {
    refuseTooMuch();
    checkTexts();
    declare();
    checkPriors();
    compileConditions();
    List<Function<ConfigurationSpace, Rule>> compiled = compileRules();
    int[] order = order();
    if (found.isEmpty()) {
      return new ConfigurationSpace(definition(order, compiled));
    }
    if (order.length == distinct.size() && conditionsSound && variablesSound()) {
      judgeDefaults(definition(order, compiled));
    }
    throw new InvalidDefinitionException(found);
  }

  private boolean variablesSound() {
    return distinct.stream().noneMatch(draft -> draft.variable() == null);
  }

  /** Adds what is wrong with the defaults by those rules that did compile. */
  private void judgeDefaults(Definition definition) {
    try {
      new ConfigurationSpace(definition);
    } catch (InvalidDefinitionException e) {
      found.addAll(e.violations());
    } catch (InfeasibleSpaceException e) {
      found.add(Violation.of("space " + name, "rules that do not exclude each other", e.rules()));
    }
  }

  private Definition definition(int[] order, List<Function<ConfigurationSpace, Rule>> compiled) {
    return new Definition(
        name,
        description,
        prefix,
        Collections.unmodifiableMap(new TreeMap<>(metadata)),
        parameters(),
        order,
        gateArray(),
        compiled);
  }

  private void require(boolean holds, String subject, String expected, @Nullable Object actual) {
    if (!holds) {
      found.add(Violation.of(subject, expected, actual));
    }
  }

  /** Bounds come first and alone: beyond them nothing else is worth its cost. */
  private void refuseTooMuch() {
    int longest = Math.max(rules.size(), conditions.size());
    if (drafts.size() > ConfigurationSpace.MAX_PARAMETERS
        || longest > ConfigurationSpace.MAX_RULES) {
      throw new InvalidDefinitionException(
          List.of(
              Violation.of(
                  "space " + name,
                  "at most %d parameters, %d rules and as many conditions"
                      .formatted(ConfigurationSpace.MAX_PARAMETERS, ConfigurationSpace.MAX_RULES),
                  "%d, %d and %d".formatted(drafts.size(), rules.size(), conditions.size()))));
    }
  }

  private void checkTexts() {
    VariableNames.violation(name).ifPresent(v -> found.add(v.within("space")));
    if (!prefix.isEmpty()) {
      VariableNames.violation(prefix).ifPresent(v -> found.add(v.within("prefix")));
    }
    require(TEXT.accepts(description), "description", "storable text", description);
    require(
        metadata.size() <= Variable.MAX_METADATA,
        "metadata",
        "at most " + Variable.MAX_METADATA + " entries",
        metadata.size());
    metadata.forEach(
        (key, value) ->
            require(TEXT.accepts(key) && TEXT.accepts(value), "metadata", "storable text", key));
    require(!drafts.isEmpty(), "space", "at least one parameter", "none");
  }

  private void declare() {
    for (ParameterDraft draft : drafts) {
      if (draft.name().isEmpty()) {
        continue; // reported where it was declared; no expression could mention it
      }
      boolean fresh = slots.putIfAbsent(draft.name(), distinct.size()) == null;
      require(fresh, draft.name(), "a name used once", draft.name());
      if (fresh) {
        distinct.add(draft);
        declarations.add(declaration(draft));
        checkSampled(draft);
      }
    }
    boolean prefixSound = VariableNames.violation(prefix).isEmpty();
    for (ParameterDraft draft : distinct) {
      String member = memberName(draft.name());
      if (draft.variable() != null && prefixSound) {
        VariableNames.violation(member).ifPresent(v -> found.add(v.within(member)));
        require(
            !slots.containsKey(member),
            draft.name(),
            "a name that differs from every other's name with the prefix",
            member);
      }
    }
  }

  private Declaration declaration(ParameterDraft draft) {
    return switch (draft.type()) {
      case FLOAT -> new Declaration(draft.name(), ExpressionType.DOUBLE, continuous(draft));
      case INTEGER -> Declaration.discrete(draft.name(), ExpressionType.INT);
      case BOOLEAN -> Declaration.discrete(draft.name(), ExpressionType.BOOL);
      // Vectors are declared so that has() can ask for them; reading one is refused later.
      case STRING, CHOICE, MODULE, EMBEDDING, TENSOR ->
          Declaration.discrete(draft.name(), ExpressionType.STRING);
    };
  }

  private boolean continuous(ParameterDraft draft) {
    return !draft.constant()
        && draft.variable() != null
        && draft.variable().domain() instanceof FloatDomain domain
        && domain.step() == 0
        && domain.min() != domain.max();
  }

  private void checkSampled(ParameterDraft draft) {
    if (draft.variable() != null
        && draft.variable().domain() instanceof FloatDomain domain
        && domain.step() > 0) {
      require(
          !Double.isFinite(domain.max()) || GridAxis.representable(domain),
          draft.name() + " step",
          "a step that doubles of this size can resolve",
          domain.step());
    }
  }

  private void checkPriors() {
    priors.forEach(
        (name, prior) -> {
          String subject = "prior of " + name;
          Integer slot = slots.get(name);
          require(slot != null, subject, "a parameter of this space" + hint(name), name);
          Variable<?> variable = slot == null ? null : distinct.get(slot).variable();
          if (slot != null && variable != null) {
            String expected = PriorCheck.expected(variable.domain(), prior);
            boolean constant = distinct.get(slot).constant();
            require(!constant, subject, "a parameter that is not constant", name);
            require(expected == null, subject, String.valueOf(expected), prior);
          }
        });
  }

  private void compileConditions() {
    for (Condition condition : conditions) {
      Integer child = slots.get(condition.child());
      String subject = "condition of " + condition.child();
      require(
          child != null,
          subject,
          "a parameter of this space" + hint(condition.child()),
          condition.child());
      Expression compiled = compile(subject, condition.expression());
      if (child != null && compiled != null) {
        gates.computeIfAbsent(child, c -> new ArrayList<>()).add(compiled);
      } else {
        conditionsSound = false;
      }
    }
  }

  private String hint(String wanted) {
    String nearest = SimilarName.nearest(wanted, slots.keySet());
    return nearest == null ? "" : ", such as " + nearest;
  }

  private @Nullable Expression compile(String subject, String source) {
    try {
      Expression compiled = Expression.compile(source, declarations);
      List<Violation> unknown = UnknownOptions.in(compiled.root(), subject, this::domain);
      found.addAll(unknown);
      return readsVector(compiled.root(), subject, source) || !unknown.isEmpty() ? null : compiled;
    } catch (ExpressionException e) {
      found.add(
          new Violation(
              subject, "an expression over the parameters", "one with a fault: " + e.getMessage()));
      return null;
    }
  }

  private @Nullable Domain<?> domain(int slot) {
    Variable<?> variable = distinct.get(slot).variable();
    return variable == null ? null : variable.domain();
  }

  private boolean readsVector(Node node, String subject, String source) {
    boolean reads = false;
    if (node instanceof Node.Variable variable) {
      VariableType type = distinct.get(variable.slot()).type();
      reads = type == VariableType.EMBEDDING || type == VariableType.TENSOR;
      require(!reads, subject, "nothing but has(...) of " + type + " " + variable.name(), source);
    }
    for (Node child : node.children()) {
      reads |= readsVector(child, subject, source);
    }
    return reads;
  }

  private List<Function<ConfigurationSpace, Rule>> compileRules() {
    List<Function<ConfigurationSpace, Rule>> compiled = new ArrayList<>();
    for (RuleDraft draft : rules) {
      require(
          TEXT.accepts(draft.message())
              && !draft.message().isBlank()
              && draft.message().length() <= MAX_MESSAGE,
          "rule " + draft.text(),
          "a message of 1 to " + MAX_MESSAGE + " storable characters",
          draft.message());
      Function<ConfigurationSpace, Rule> rule = compile(draft);
      if (rule != null) {
        compiled.add(rule);
      }
    }
    return compiled;
  }

  private @Nullable Function<ConfigurationSpace, Rule> compile(RuleDraft draft) {
    Predicate<Configuration> predicate = draft.predicate();
    if (predicate != null) {
      List<String> all = List.copyOf(slots.keySet());
      return space ->
          rule(draft, all, Map.of(), new LocalCheck(predicate, space::view, all.size()));
    }
    if (draft.kind() == Rule.Kind.FORBID_COMBINATION && draft.combination() != null) {
      return combination(draft, draft.combination());
    }
    boolean wanted = draft.kind() == Rule.Kind.REQUIRE;
    Expression expression = compile(wanted ? "require" : "forbid", draft.text());
    if (expression == null) {
      return null;
    }
    Check check = new ExpressionCheck(expression, wanted, gates::containsKey);
    return space -> rule(draft, expression.variables(), Map.of(), check);
  }

  private Rule rule(
      RuleDraft draft, List<String> variables, Map<String, Object> combination, Check check) {
    return new Rule(
        draft.kind(),
        draft.text(),
        draft.message(),
        variables,
        combination,
        draft.predicate(),
        check);
  }

  private @Nullable Function<ConfigurationSpace, Rule> combination(
      RuleDraft draft, Map<String, Object> values) {
    int before = found.size();
    Map<String, Object> canonical = new LinkedHashMap<>();
    Map<Integer, Object> bySlot = new HashMap<>();
    require(!values.isEmpty(), "forbid", "at least one value", values);
    slots.forEach(
        (name, slot) -> {
          Object value = values.get(name);
          if (value != null) {
            Object cast = forbidden(distinct.get(slot), value);
            canonical.put(name, cast);
            bySlot.put(slot, cast);
          }
        });
    for (String name : values.keySet()) {
      require(slots.containsKey(name), "forbid", "a parameter of this space" + hint(name), name);
    }
    if (found.size() > before) {
      return null;
    }
    RuleDraft named =
        new RuleDraft(draft.kind(), canonical.toString(), draft.message(), null, null);
    Check check = new CombinationCheck(bySlot);
    return space -> rule(named, List.copyOf(canonical.keySet()), canonical, check);
  }

  private Object forbidden(ParameterDraft draft, Object value) {
    Variable<?> variable = draft.variable();
    require(
        !continuous(draft),
        "forbid " + draft.name(),
        "a range, since a continuous value is never hit exactly; write an expression with < or >",
        value);
    if (variable == null) {
      return value;
    }
    boolean accepted = variable.domain().accepts(value);
    require(accepted, "forbid " + draft.name(), variable.domain().description(), value);
    return accepted ? variable.domain().normalize(value) : value;
  }

  private String memberName(String name) {
    return prefix.isEmpty() ? name : prefix + "." + name;
  }

  private List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    for (ParameterDraft draft : distinct) {
      Variable<?> variable = draft.variable();
      if (variable == null) {
        throw new AssertionError("a draft without variable has left a fault");
      }
      int slot = parameters.size();
      List<String> conditions =
          gates.getOrDefault(slot, List.of()).stream().map(Expression::source).toList();
      parameters.add(
          new Parameter(
              slot,
              memberName(draft.name()),
              variable,
              draft.constant(),
              conditions,
              priors.get(draft.name())));
    }
    return Collections.unmodifiableList(parameters);
  }

  private @Nullable Gate[] gateArray() {
    @Nullable Gate[] array = new @Nullable Gate[distinct.size()];
    gates.forEach((slot, expressions) -> array[slot] = new Gate(expressions));
    return array;
  }

  /** Orders the slots so that parents come first, or finds the circle. */
  private int[] order() {
    int[][] parents = new int[distinct.size()][];
    for (int slot = 0; slot < parents.length; slot++) {
      parents[slot] =
          gates.getOrDefault(slot, List.of()).stream()
              .flatMapToInt(e -> Arrays.stream(e.slots()))
              .distinct()
              .toArray();
    }
    ParentsFirst sort = new ParentsFirst(parents);
    List<Integer> circle = sort.circle();
    if (!circle.isEmpty()) {
      List<String> names = circle.stream().map(slot -> distinct.get(slot).name()).toList();
      found.add(
          Violation.of(
              "conditions", "no parameter that depends on itself", String.join(" -> ", names)));
    }
    return sort.order();
  }
}
