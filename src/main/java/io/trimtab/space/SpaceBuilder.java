package io.trimtab.space;

import io.trimtab.space.expression.Declaration;
import io.trimtab.space.expression.Expression;
import io.trimtab.space.expression.ExpressionException;
import io.trimtab.space.expression.ExpressionType;
import io.trimtab.space.expression.Node;
import io.trimtab.space.expression.SimilarName;
import io.trimtab.variable.BooleanDomain;
import io.trimtab.variable.ChoiceDomain;
import io.trimtab.variable.Domain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.IntegerDomain;
import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.ModuleDomain;
import io.trimtab.variable.Scale;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Defines a {@link ConfigurationSpace} step by step; {@link #build} reports everything that is
 * wrong, all faults at once.
 *
 * <p>Without further words a space has no description, prefix or metadata, and a parameter is
 * always active, linear and without step. Rules and conditions may mention parameters that are
 * defined later. Not safe for use by several threads.
 */
public final class SpaceBuilder {

  private static final int MAX_MESSAGE = 1_000;
  private static final StringDomain TEXT = StringDomain.any();

  /** A parameter as declared; its variable is null if its own definition was at fault. */
  private record Draft(
      String name, VariableType type, @Nullable Variable<?> variable, boolean constant) {}

  private record Condition(String child, String expression) {}

  /** A rule as declared: exactly one of the three last components is given. */
  private record RuleDraft(
      Rule.Kind kind,
      String text,
      String message,
      @Nullable Map<String, Object> combination,
      @Nullable Predicate<Configuration> predicate) {}

  private final String name;
  private String description = "";
  private String prefix = "";
  private final Map<String, String> metadata = new TreeMap<>();
  private final List<Draft> drafts = new ArrayList<>();
  private final Map<String, Prior> priors = new LinkedHashMap<>();
  private final List<Condition> conditions = new ArrayList<>();
  private final List<RuleDraft> rules = new ArrayList<>();
  private final List<Violation> faults = new ArrayList<>();

  SpaceBuilder(String name) {
    this.name = name;
  }

  static SpaceBuilder copyOf(ConfigurationSpace space) {
    SpaceBuilder copy = new SpaceBuilder(space.name());
    copy.description = space.description();
    copy.prefix = space.prefix();
    copy.metadata.putAll(space.metadata());
    for (Parameter parameter : space.parameters()) {
      Variable<?> variable = parameter.variable();
      copy.drafts.add(new Draft(variable.name(), variable.type(), variable, parameter.constant()));
      parameter.prior().ifPresent(prior -> copy.prior(variable.name(), prior));
      for (String condition : parameter.activeWhen()) {
        copy.activeWhen(variable.name(), condition);
      }
    }
    for (Rule rule : space.rules()) {
      copy.rules.add(
          new RuleDraft(
              rule.kind(), rule.text(), rule.message(), rule.combination(), rule.predicate()));
    }
    return copy;
  }

  /**
   * Says what the space is for.
   *
   * @param description a sentence
   * @return this builder
   */
  public SpaceBuilder description(String description) {
    this.description = description;
    return this;
  }

  /**
   * Lets the names of its variables in a session begin with a prefix and a dot, so that two spaces
   * do not clash.
   *
   * @param prefix formed like a variable's name
   * @return this builder
   */
  public SpaceBuilder prefix(String prefix) {
    this.prefix = prefix;
    return this;
  }

  /**
   * Notes something.
   *
   * @param key the note's key
   * @param value the note; replaces an older one
   * @return this builder
   */
  public SpaceBuilder metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Adds a FLOAT parameter on a linear scale.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue in {@code [min, max]}
   * @param min least value
   * @param max greatest value
   * @return this builder
   */
  public SpaceBuilder floating(String name, double defaultValue, double min, double max) {
    return floating(name, defaultValue, min, max, 0, Scale.LINEAR);
  }

  /**
   * Adds a FLOAT parameter.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue in {@code [min, max]}
   * @param min least value; positive on a logarithmic scale
   * @param max greatest value
   * @param scale how values are spread
   * @return this builder
   */
  public SpaceBuilder floating(
      String name, double defaultValue, double min, double max, Scale scale) {
    return floating(name, defaultValue, min, max, 0, scale);
  }

  /**
   * Adds a FLOAT parameter on a grid that starts at {@code min}.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue a grid point in {@code [min, max]}
   * @param min least value
   * @param max greatest value
   * @param step distance between grid points, positive
   * @return this builder
   */
  public SpaceBuilder floating(
      String name, double defaultValue, double min, double max, double step) {
    return floating(name, defaultValue, min, max, step, Scale.LINEAR);
  }

  private SpaceBuilder floating(
      String name, double defaultValue, double min, double max, double step, Scale scale) {
    return define(
        name,
        VariableType.FLOAT,
        () -> new FloatDomain(min, max, step, scale, /* allowNonFinite= */ false),
        defaultValue);
  }

  /**
   * Adds an INTEGER parameter on a linear scale.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue in {@code [min, max]}
   * @param min least value
   * @param max greatest value
   * @return this builder
   */
  public SpaceBuilder integer(String name, long defaultValue, long min, long max) {
    return integer(name, defaultValue, min, max, Scale.LINEAR);
  }

  /**
   * Adds an INTEGER parameter.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue in {@code [min, max]}
   * @param min least value; positive on a logarithmic scale
   * @param max greatest value
   * @param scale how values are spread
   * @return this builder
   */
  public SpaceBuilder integer(String name, long defaultValue, long min, long max, Scale scale) {
    return define(
        name,
        VariableType.INTEGER,
        () -> new IntegerDomain(min, max, /* step= */ 1, scale),
        defaultValue);
  }

  /**
   * Adds an INTEGER parameter on a grid that starts at {@code min}.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue a grid point in {@code [min, max]}
   * @param min least value
   * @param max greatest value
   * @param step distance between grid points, at least 1
   * @return this builder
   */
  public SpaceBuilder integer(String name, long defaultValue, long min, long max, long step) {
    return define(
        name,
        VariableType.INTEGER,
        () -> new IntegerDomain(min, max, step, Scale.LINEAR),
        defaultValue);
  }

  /**
   * Adds a BOOLEAN parameter.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue its default
   * @return this builder
   */
  public SpaceBuilder bool(String name, boolean defaultValue) {
    return define(name, VariableType.BOOLEAN, BooleanDomain::new, defaultValue);
  }

  /**
   * Adds a CHOICE parameter with equally likely options.
   *
   * @param name see {@link VariableNames}
   * @param options distinct names, the first of which is the default
   * @return this builder
   */
  public SpaceBuilder choice(String name, String... options) {
    return choice(name, List.of(options), List.of(), /* ordinal= */ false);
  }

  /**
   * Adds a CHOICE parameter whose options are not equally likely.
   *
   * @param name see {@link VariableNames}
   * @param weights a positive weight for each option, in the map's order; the first option is the
   *     default
   * @return this builder
   */
  public SpaceBuilder weightedChoice(String name, Map<String, Double> weights) {
    return choice(
        name, List.copyOf(weights.keySet()), List.copyOf(weights.values()), /* ordinal= */ false);
  }

  /**
   * Adds a CHOICE parameter whose options have an order, as in small, medium, large.
   *
   * @param name see {@link VariableNames}
   * @param options distinct names in their order, the first of which is the default
   * @return this builder
   */
  public SpaceBuilder ordinal(String name, String... options) {
    return choice(name, List.of(options), List.of(), /* ordinal= */ true);
  }

  private SpaceBuilder choice(
      String name, List<String> options, List<Double> weights, boolean ordinal) {
    return define(
        name,
        VariableType.CHOICE,
        () -> new ChoiceDomain(options, weights, ordinal),
        options.isEmpty() ? "" : options.get(0));
  }

  /**
   * Adds a MODULE parameter.
   *
   * @param name see {@link VariableNames}
   * @param allowed names of program modules, the first of which is the default
   * @return this builder
   */
  public SpaceBuilder module(String name, String... allowed) {
    return define(
        name,
        VariableType.MODULE,
        () -> ModuleDomain.of(allowed),
        allowed.length == 0 ? "" : allowed[0]);
  }

  /**
   * Adds a STRING parameter. Free text is never varied by sampling: it keeps its default.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue its default
   * @return this builder
   */
  public SpaceBuilder string(String name, String defaultValue) {
    return define(name, VariableType.STRING, StringDomain::any, defaultValue);
  }

  /**
   * Adds a parameter of any type. Free text, vectors, and numbers and modules without bounds are
   * never varied by sampling: they keep their default.
   *
   * @param variable its definition
   * @return this builder
   */
  public SpaceBuilder variable(Variable<?> variable) {
    return add(new Draft(variable.name(), variable.type(), variable, /* constant= */ false));
  }

  /**
   * Adds a parameter with a single value, which rules may mention and programs may read.
   *
   * @param name see {@link VariableNames}
   * @param value a number, boolean or text
   * @return this builder
   */
  public SpaceBuilder constant(String name, Object value) {
    if (value instanceof Boolean) {
      return constant(name, VariableType.BOOLEAN, BooleanDomain::new, value);
    }
    if (value instanceof String text) {
      return constant(
          name,
          VariableType.STRING,
          () -> new StringDomain(0, StringDomain.DEFAULT_MAX_LENGTH, null, List.of(text)),
          value);
    }
    Long integer = IntegerDomain.any().cast(value);
    if (integer != null && !(value instanceof Double) && !(value instanceof Float)) {
      return constant(
          name, VariableType.INTEGER, () -> IntegerDomain.between(integer, integer), value);
    }
    Double number = FloatDomain.any().cast(value);
    if (number != null && Double.isFinite(number)) {
      return constant(name, VariableType.FLOAT, () -> FloatDomain.between(number, number), value);
    }
    faults.add(Violation.of(name, "a constant number, boolean or text", value));
    return this;
  }

  private SpaceBuilder constant(
      String name, VariableType type, Supplier<Domain<?>> domain, Object value) {
    return add(new Draft(name, type, defined(name, domain, value), /* constant= */ true));
  }

  /**
   * Adds a parameter that always has its default.
   *
   * @param variable its definition
   * @return this builder
   */
  public SpaceBuilder constant(Variable<?> variable) {
    return add(new Draft(variable.name(), variable.type(), variable, /* constant= */ true));
  }

  private SpaceBuilder define(
      String name, VariableType type, Supplier<Domain<?>> domain, Object defaultValue) {
    return add(new Draft(name, type, defined(name, domain, defaultValue), /* constant= */ false));
  }

  private @Nullable Variable<?> defined(
      String name, Supplier<Domain<?>> domain, Object defaultValue) {
    try {
      return Variable.of(name, domain.get(), defaultValue);
    } catch (InvalidDefinitionException e) {
      Set<Violation> all = new LinkedHashSet<>();
      VariableNames.violation(name).ifPresent(all::add); // an unsound domain leaves it unsaid
      all.addAll(e.violations());
      all.forEach(fault -> faults.add(fault.within(name)));
      return null;
    }
  }

  private SpaceBuilder add(Draft draft) {
    drafts.add(draft);
    return this;
  }

  /**
   * Says how likely the values of a number are along its scale, instead of evenly.
   *
   * @param name a FLOAT or INTEGER parameter with both bounds
   * @param prior the distribution; replaces an older one
   * @return this builder
   */
  public SpaceBuilder prior(String name, Prior prior) {
    priors.put(name, prior);
    return this;
  }

  /**
   * Lets a parameter be active only when a condition holds. Several conditions must all hold.
   *
   * @param child the parameter
   * @param expression a condition over other parameters, such as {@code strategy == 'ReAct'}
   * @return this builder
   */
  public SpaceBuilder activeWhen(String child, String expression) {
    conditions.add(new Condition(child, expression));
    return this;
  }

  /**
   * Adds a rule that must hold.
   *
   * @param expression the rule, such as {@code max_tokens <= 4096 || model != 'small'}
   * @param message what to tell people whose configuration breaks it
   * @return this builder
   */
  public SpaceBuilder require(String expression, String message) {
    rules.add(new RuleDraft(Rule.Kind.REQUIRE, expression, message, null, null));
    return this;
  }

  /**
   * Adds a rule written in Java. It exists only in this JVM: a space with one has no JSON form. It
   * must be a pure function; it is called by whichever thread samples or validates, and what it
   * throws reaches that caller. A rule that reads an inactive parameter holds.
   *
   * @param name what to call the rule
   * @param predicate true for every valid configuration
   * @param message what to tell people whose configuration breaks it
   * @return this builder
   */
  public SpaceBuilder require(String name, Predicate<Configuration> predicate, String message) {
    rules.add(new RuleDraft(Rule.Kind.LOCAL, name, message, null, predicate));
    return this;
  }

  /**
   * Adds a rule that must not hold.
   *
   * @param expression what is forbidden, such as {@code model == 'small' && max_tokens > 4096}
   * @param message what to tell people whose configuration breaks it
   * @return this builder
   */
  public SpaceBuilder forbid(String expression, String message) {
    rules.add(new RuleDraft(Rule.Kind.FORBID, expression, message, null, null));
    return this;
  }

  /**
   * Forbids values to come all together.
   *
   * @param combination values by name, at least one
   * @param message what to tell people whose configuration has them
   * @return this builder
   */
  public SpaceBuilder forbid(Map<String, ?> combination, String message) {
    Map<String, Object> copy = new TreeMap<>(combination);
    rules.add(new RuleDraft(Rule.Kind.FORBID_COMBINATION, copy.toString(), message, copy, null));
    return this;
  }

  /**
   * Builds the space. The builder may be used further.
   *
   * @return the space
   * @throws InvalidDefinitionException if anything is wrong, with every fault: malformed and
   *     duplicate names, domains that contradict themselves, expressions that do not compile or
   *     mention unknown names, conditions in a circle, defaults that break a rule
   * @throws InfeasibleSpaceException if the defaults break a rule because, as was proved, every
   *     configuration does
   */
  public ConfigurationSpace build() {
    return new Compilation().space();
  }

  /** One call of build(), with the faults it finds. */
  private final class Compilation {

    private final List<Violation> found = new ArrayList<>(faults);
    private final Map<String, Integer> slots = new LinkedHashMap<>();
    private final List<Draft> distinct = new ArrayList<>();
    private final List<Declaration> declarations = new ArrayList<>();
    private final Map<Integer, List<Expression>> gates = new HashMap<>();
    private boolean conditionsSound = true;

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
      for (Draft draft : drafts) {
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
      for (Draft draft : distinct) {
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

    private Declaration declaration(Draft draft) {
      return switch (draft.type()) {
        case FLOAT -> new Declaration(draft.name(), ExpressionType.DOUBLE, continuous(draft));
        case INTEGER -> Declaration.discrete(draft.name(), ExpressionType.INT);
        case BOOLEAN -> Declaration.discrete(draft.name(), ExpressionType.BOOL);
        // Vectors are declared so that has() can ask for them; reading one is refused later.
        case STRING, CHOICE, MODULE, EMBEDDING, TENSOR ->
            Declaration.discrete(draft.name(), ExpressionType.STRING);
      };
    }

    private boolean continuous(Draft draft) {
      return !draft.constant()
          && draft.variable() != null
          && draft.variable().domain() instanceof FloatDomain domain
          && domain.step() == 0
          && domain.min() != domain.max();
    }

    private void checkSampled(Draft draft) {
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
        return readsVector(compiled.root(), subject, source) || !unknown.isEmpty()
            ? null
            : compiled;
      } catch (ExpressionException e) {
        found.add(
            new Violation(
                subject,
                "an expression over the parameters",
                "one with a fault: " + e.getMessage()));
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

    private Object forbidden(Draft draft, Object value) {
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
      for (Draft draft : distinct) {
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
}
