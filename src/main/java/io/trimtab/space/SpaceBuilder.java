package io.trimtab.space;

import io.trimtab.space.SpaceDraft.Condition;
import io.trimtab.space.SpaceDraft.ParameterDraft;
import io.trimtab.space.SpaceDraft.RuleDraft;
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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

  private final String name;
  private String description = "";
  private String prefix = "";
  private final Map<String, String> metadata = new TreeMap<>();
  private final List<ParameterDraft> drafts = new ArrayList<>();
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
      copy.drafts.add(
          new ParameterDraft(variable.name(), variable.type(), variable, parameter.constant()));
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
    return add(
        new ParameterDraft(variable.name(), variable.type(), variable, /* constant= */ false));
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
    return add(new ParameterDraft(name, type, defined(name, domain, value), /* constant= */ true));
  }

  /**
   * Adds a parameter that always has its default.
   *
   * @param variable its definition
   * @return this builder
   */
  public SpaceBuilder constant(Variable<?> variable) {
    return add(
        new ParameterDraft(variable.name(), variable.type(), variable, /* constant= */ true));
  }

  private SpaceBuilder define(
      String name, VariableType type, Supplier<Domain<?>> domain, Object defaultValue) {
    return add(
        new ParameterDraft(name, type, defined(name, domain, defaultValue), /* constant= */ false));
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

  private SpaceBuilder add(ParameterDraft draft) {
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
    return new SpaceCompilation(
            new SpaceDraft(
                name, description, prefix, metadata, drafts, priors, conditions, rules, faults))
        .space();
  }
}
