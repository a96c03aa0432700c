package io.trimtab.space;

import io.trimtab.json.JsonException;
import io.trimtab.json.JsonObject;
import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import io.trimtab.variable.Violation;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What may vary in a program, and under which rules: parameters with domains and defaults,
 * conditions under which they are active, and rules between them.
 *
 * <pre>{@code
 * ConfigurationSpace space = ConfigurationSpace.named("react_agent")
 *     .floating("temperature", 0.7, 0.0, 1.5)
 *     .choice("model", "large", "small")
 *     .integer("max_tokens", 1024, 64, 8192, Scale.LOG)
 *     .require("max_tokens <= 4096 || model != 'small'", "small answers at most 4096 tokens")
 *     .build();
 * Configuration candidate = space.sample(new SplittableRandom(42));
 * }</pre>
 *
 * <p><b>Activity.</b> A parameter with conditions is active when all of them hold, given the active
 * parameters they mention; a condition that mentions an inactive parameter without {@code has(...)}
 * does not hold. An inactive parameter has no value in a {@link Configuration}. A session may store
 * one for it all the same; it counts for nothing until the parameter is active.
 *
 * <p><b>Rules.</b> A rule that mentions an inactive parameter holds, unless it asks {@code
 * has(...)}. A rule whose expression has no value, such as one that divides by zero, is broken. The
 * default configuration satisfies every rule, which {@link SpaceBuilder#build} has checked.
 *
 * <p><b>Names.</b> Rules and configurations use the names given here. A space with a prefix gives
 * its variables the names {@code prefix.name} in a session; every method here accepts both.
 *
 * <p>Immutable and safe for all threads, as far as its Java predicates are. Equality covers the
 * whole definition; two Java predicates are equal if they are the same object.
 */
public final class ConfigurationSpace {

  /** Most parameters of one space. */
  public static final int MAX_PARAMETERS = 1_000;

  /** Most rules of one space, and most conditions. */
  public static final int MAX_RULES = 10_000;

  private static final long MAX_COUNTING = 10_000_000;

  private final Definition definition;
  private final List<Rule> rules;
  private final Map<String, Integer> slots = new HashMap<>();
  private final List<Parameter> dimensions;
  private final Configuration defaults;

  /** Decided at the first draw; two threads may both decide, and come to the same plan. */
  private volatile @Nullable SamplingPlan plan;

  /** Takes over a definition that is sound but for its defaults, which are checked here. */
  ConfigurationSpace(Definition definition) {
    this.definition = definition;
    for (Parameter parameter : definition.parameters()) {
      slots.put(parameter.memberName(), parameter.slot());
      slots.put(parameter.name(), parameter.slot());
    }
    List<Rule> made = new ArrayList<>();
    for (Function<ConfigurationSpace, Rule> rule : definition.rules()) {
      made.add(rule.apply(this));
    }
    this.rules = Collections.unmodifiableList(made);
    this.dimensions = definition.parameters().stream().filter(p -> p.axis().varies()).toList();
    Assembly assembly = Assembly.of(this, Map.of(), p -> p.variable().defaultValue());
    if (!assembly.brokenRules().isEmpty()) {
      new InfeasibilityProof(definition, rules).refuteOrReturn();
      throw new InvalidDefinitionException(
          assembly.violations().stream().map(ConfigurationSpace::ofDefaults).toList());
    }
    this.defaults = assembly.configuration();
  }

  private static Violation ofDefaults(Violation v) {
    return new Violation("default of " + v.subject(), v.expected(), v.actual());
  }

  /**
   * Begins the definition of a space.
   *
   * @param name 1 to 128 letters, digits, {@code _}, {@code -} and {@code .}, starting with a
   *     letter or {@code _}
   * @return an empty builder
   */
  public static SpaceBuilder named(String name) {
    return new SpaceBuilder(name);
  }

  /**
   * Begins the definition of a space that differs from this one.
   *
   * @return a builder with everything this space has
   */
  public SpaceBuilder toBuilder() {
    return SpaceBuilder.copyOf(this);
  }

  Definition definition() {
    return definition;
  }

  /** Returns the slot of a name or member name, or -1. */
  int slot(String key) {
    Integer slot = slots.get(key);
    return slot == null ? -1 : slot;
  }

  /** Makes a configuration of a copy of the slots. */
  Configuration view(@Nullable Object[] values) {
    return new Configuration(this, values.clone());
  }

  /**
   * Returns the name of the space.
   *
   * @return the name
   */
  public String name() {
    return definition.name();
  }

  /**
   * Returns what the space is for.
   *
   * @return a sentence, or empty
   */
  public String description() {
    return definition.description();
  }

  /**
   * Returns what its variables' names in a session begin with.
   *
   * @return the prefix without its dot, or empty for none
   */
  public String prefix() {
    return definition.prefix();
  }

  /**
   * Returns what else its author noted.
   *
   * @return an unmodifiable map, sorted by key
   */
  public Map<String, String> metadata() {
    return definition.metadata();
  }

  /**
   * Returns all parameters, constants included.
   *
   * @return the parameters in the order of their definition
   */
  public List<Parameter> parameters() {
    return definition.parameters();
  }

  /**
   * Returns a parameter, if there is one.
   *
   * @param name its name, or its name in a session
   * @return the parameter
   */
  public Optional<Parameter> find(String name) {
    int slot = slot(name);
    return slot < 0 ? Optional.empty() : Optional.of(parameters().get(slot));
  }

  /**
   * Returns a parameter.
   *
   * @param name its name, or its name in a session
   * @return the parameter
   * @throws VariableNotFoundException if there is none
   */
  public Parameter parameter(String name) {
    return find(name)
        .orElseThrow(() -> new VariableNotFoundException(name, "space \"" + name() + '"'));
  }

  /**
   * Returns the variables a session holds for this space, constants included.
   *
   * @return the variables under their names in a session, in the order of their definition
   */
  public List<Variable<?>> members() {
    List<Variable<?>> members = new ArrayList<>();
    for (Parameter parameter : parameters()) {
      members.add(parameter.variable().named(parameter.memberName()));
    }
    return Collections.unmodifiableList(members);
  }

  /**
   * Returns the rules between parameters.
   *
   * @return the rules in the order of their definition
   */
  public List<Rule> rules() {
    return rules;
  }

  /**
   * Returns the rules that are Java predicates. A space with any cannot leave this JVM.
   *
   * @return the rules of kind {@link Rule.Kind#LOCAL}
   */
  public List<Rule> localRules() {
    return rules.stream().filter(rule -> rule.kind() == Rule.Kind.LOCAL).toList();
  }

  /**
   * Returns the configuration of all defaults.
   *
   * @return a valid configuration
   */
  public Configuration defaults() {
    return defaults;
  }

  /**
   * Casts and checks a complete configuration: every active parameter has a value, constants may be
   * left out.
   *
   * @param values the values by name
   * @return the configuration, with canonical values
   * @throws InvalidConfigurationException if keys are missing or unknown, inactive parameters have
   *     values, values lie outside their domains or rules are broken, with every violation
   */
  public Configuration validate(Map<String, ?> values) {
    return Assembly.of(this, values, parameter -> null).configuration();
  }

  /**
   * Names everything that is wrong with a complete configuration.
   *
   * @param values the values by name
   * @return every violation; empty if {@link #validate} would accept the values
   */
  public List<Violation> check(Map<String, ?> values) {
    return List.copyOf(Assembly.of(this, values, parameter -> null).violations());
  }

  /**
   * Changes some values of a configuration. A parameter that becomes active thereby and is given no
   * value takes its default; one that becomes inactive loses its value.
   *
   * @param current where the other values come from
   * @param changes the new values by name
   * @return a valid configuration
   * @throws InvalidConfigurationException if a key is unknown or inactive or the whole is not
   *     valid, with every violation
   */
  public Configuration merge(Configuration current, Map<String, ?> changes) {
    if (!current.space().equals(this)) {
      return mergeStored(current.toMap(), changes);
    }
    return Assembly.of(
            this, changes, parameter -> orDefault(parameter, current.slot(parameter.slot())))
        .configuration();
  }

  private static Object orDefault(Parameter parameter, @Nullable Object value) {
    return value == null ? parameter.variable().defaultValue() : value;
  }

  /**
   * Changes some of the values a session stores for this space. What is stored for a parameter that
   * is inactive under the stored values counts for nothing: if it becomes active and is given no
   * value, it takes its default. The stored values need not be valid as a whole; the result is.
   *
   * @param stored the stored values by name; other keys are not looked at
   * @param changes the new values by name
   * @return a valid configuration; writing its {@link Configuration#toMemberMap} makes it current
   * @throws InvalidConfigurationException if a key is unknown or inactive or the whole is not
   *     valid, with every violation
   */
  public Configuration mergeStored(Map<String, ?> stored, Map<String, ?> changes) {
    return Assembly.of(this, changes, Assembly.stored(this, stored)).configuration();
  }

  /**
   * Reads the current configuration out of the values a session stores. Values of inactive
   * parameters are left out.
   *
   * @param stored the stored values by name, inactive parameters included; other keys are not
   *     looked at
   * @return the configuration
   * @throws InvalidConfigurationException if the stored values are not valid, with every violation
   */
  public Configuration current(Map<String, ?> stored) {
    return mergeStored(stored, Map.of());
  }

  /**
   * Draws a configuration, with {@link SamplingBudget#DEFAULT}.
   *
   * @param random where chance comes from; equal seeds give equal configurations
   * @return a valid configuration, drawn as {@link #sample(RandomGenerator, SamplingBudget)} says
   * @throws SamplingException if none was found within the budget
   */
  public Configuration sample(RandomGenerator random) {
    return sample(random, SamplingBudget.DEFAULT);
  }

  /**
   * Draws a configuration from the prior (scales, steps and weights; parents before children),
   * conditioned on every rule: without bias, each valid configuration is as likely, relative to the
   * others, as its prior says. What is never varied (see {@link Axis}) keeps its default.
   *
   * @param random where chance comes from; equal seeds give equal configurations
   * @param budget when to give up
   * @return a valid configuration
   * @throws SamplingException if none was found within the budget
   */
  public Configuration sample(RandomGenerator random, SamplingBudget budget) {
    return new Configuration(this, plan().draw(random, budget));
  }

  /**
   * Draws several independent configurations; the same one may come twice.
   *
   * @param count how many, at least 0
   * @param random where chance comes from; equal seeds give equal configurations
   * @return valid configurations
   * @throws SamplingException if one of them was not found within the budget
   */
  public List<Configuration> sample(int count, RandomGenerator random) {
    if (count < 0) {
      throw new IllegalArgumentException("count must be at least 0, got " + count);
    }
    List<Configuration> drawn = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      drawn.add(sample(random));
    }
    return Collections.unmodifiableList(drawn);
  }

  private SamplingPlan plan() {
    SamplingPlan decided = plan;
    if (decided == null) {
      decided = SamplingPlan.of(definition, rules);
      plan = decided;
    }
    return decided;
  }

  /**
   * Returns how many combinations of values there are, conditions and rules aside.
   *
   * @return the exact number, or empty if a parameter is a continuum
   */
  public Optional<BigInteger> size() {
    BigInteger size = Sizes.combinations(definition, definition.order());
    return size.signum() == 0 ? Optional.empty() : Optional.of(size);
  }

  /**
   * Lists every valid configuration of a space without a continuum, lazily. Parts of the space that
   * break a rule are skipped as soon as the rule is decided; still, the number of steps to the next
   * configuration is bounded only by {@link #size}.
   *
   * @return each valid configuration once, in a fixed order
   * @throws IllegalStateException if a parameter is a continuum
   */
  public Stream<Configuration> configurations() {
    List<String> continua =
        parameters().stream().filter(p -> p.axis().cells() == 0).map(Parameter::name).toList();
    if (!continua.isEmpty()) {
      throw new IllegalStateException(
          "space \"%s\": expected finitely many configurations, but %s are continuous without a step"
              .formatted(name(), continua));
    }
    List<Check> checks = rules.stream().map(Rule::check).toList();
    return StreamSupport.stream(
        new Found(FiniteSearch.through(definition, definition.order(), checks, Long.MAX_VALUE)),
        /* parallel= */ false);
  }

  /**
   * Counts the valid configurations of a space without a continuum: as many as {@link
   * #configurations} lists. Parameters that no rule or condition connects are counted apart, so
   * that the count of a large space with few rules is quick.
   *
   * @return the exact number, or empty if a parameter is a continuum or counting would take more
   *     than some ten million steps
   */
  public Optional<BigInteger> validSize() {
    return size().isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(Sizes.valid(definition, rules, MAX_COUNTING));
  }

  /**
   * Lists the valid configurations of a grid, lazily. Options are on the grid with all their
   * values, numbers with at most {@code points} values that divide the unit interval evenly (see
   * {@link Axis}), from the least to the greatest; a single point is the middle.
   *
   * @param points most values of a number, at least 1
   * @return each valid configuration of the grid once, in a fixed order; it may be empty
   */
  public Stream<Configuration> grid(int points) {
    if (points < 1) {
      throw new IllegalArgumentException("points must be at least 1, got " + points);
    }
    int[] order = definition.order();
    Axis[] axes = new Axis[order.length];
    for (int i = 0; i < order.length; i++) {
      axes[i] = PointAxes.of(parameters().get(order[i]), points);
    }
    List<Check> checks = rules.stream().map(Rule::check).toList();
    return StreamSupport.stream(
        new Found(new FiniteSearch(definition, order, axes, checks, Long.MAX_VALUE)),
        /* parallel= */ false);
  }

  /**
   * Lists valid configurations that differ from one in a single parameter and what follows from it,
   * lazily: for a choice each other option, for an ordinal the options beside it, for a number four
   * values near it (a normal step of 0.2 along the unit interval). What becomes active is drawn
   * from its prior.
   *
   * @param configuration a configuration of this space
   * @param random where chance comes from
   * @return neighbours in random order, grouped by parameter; it may be empty under tight rules
   */
  public Stream<Configuration> neighbours(Configuration configuration, RandomGenerator random) {
    return neighbourhood().around(slotsOf(configuration), random).map(this::owned);
  }

  /**
   * Takes a random step: changes one active parameter, chosen evenly, as {@link #neighbours} does,
   * and what follows from it, so that the whole stays valid. If a few hundred steps break rules, a
   * configuration is drawn instead.
   *
   * @param configuration a configuration of this space
   * @param random where chance comes from
   * @return a valid configuration; the same one only if nothing else was found
   * @throws SamplingException if no step was valid and none could be drawn within the budget
   */
  public Configuration mutate(Configuration configuration, RandomGenerator random) {
    @Nullable Object[] changed = neighbourhood().mutated(slotsOf(configuration), random);
    return changed == null ? sample(random) : owned(changed);
  }

  private Neighbourhood neighbourhood() {
    return new Neighbourhood(definition, rules);
  }

  private Configuration owned(@Nullable Object[] values) {
    return new Configuration(this, values);
  }

  private @Nullable Object[] slotsOf(Configuration configuration) {
    if (!configuration.space().equals(this)) {
      throw new IllegalArgumentException(
          "expected a configuration of space \"%s\", got %s"
              .formatted(name(), configuration.describe()));
    }
    @Nullable Object[] values = new @Nullable Object[parameters().size()];
    for (int slot = 0; slot < values.length; slot++) {
      values[slot] = configuration.slot(slot);
    }
    return values;
  }

  private final class Found extends Spliterators.AbstractSpliterator<Configuration> {
    private final FiniteSearch search;

    Found(FiniteSearch search) {
      super(Long.MAX_VALUE, Spliterator.DISTINCT | Spliterator.ORDERED | Spliterator.NONNULL);
      this.search = search;
    }

    @Override
    public boolean tryAdvance(Consumer<? super Configuration> action) {
      if (!search.advance()) {
        return false;
      }
      action.accept(view(search.slots()));
      return true;
    }
  }

  /**
   * Returns the parameters that vary: the axes of the unit cube.
   *
   * @return the parameters whose {@link Axis#varies}, in the order of their definition
   */
  public List<Parameter> dimensions() {
    return dimensions;
  }

  /**
   * Returns where a configuration lies in the unit cube.
   *
   * @param configuration a configuration of this space
   * @return one coordinate per {@link #dimensions dimension}; NaN where it is inactive
   */
  public double[] encode(Configuration configuration) {
    double[] cube = new double[dimensions.size()];
    for (int i = 0; i < cube.length; i++) {
      Parameter parameter = dimensions.get(i);
      Object value = valueOf(configuration, parameter);
      cube[i] = value == null ? Double.NaN : parameter.axis().encode(value);
    }
    return cube;
  }

  private @Nullable Object valueOf(Configuration configuration, Parameter parameter) {
    return configuration.space().equals(this)
        ? configuration.slot(parameter.slot())
        : configuration.lookup(parameter.name());
  }

  /**
   * Returns the configuration at a point of the unit cube: each active parameter takes the value of
   * its domain at its coordinate, so that domains and activity are always respected, whereas rules
   * may be broken there. Coordinates of inactive parameters are not looked at; what is never varied
   * takes its default.
   *
   * @param cube one coordinate per {@link #dimensions dimension}
   * @return the configuration, or empty if a rule is broken there
   * @throws IllegalArgumentException if the number of coordinates is wrong or an active one is NaN
   */
  public Optional<Configuration> decode(double[] cube) {
    if (cube.length != dimensions.size()) {
      throw new IllegalArgumentException(
          "expected %d coordinates, got %d".formatted(dimensions.size(), cube.length));
    }
    @Nullable Object[] values = new @Nullable Object[parameters().size()];
    double[] coordinates = new double[values.length];
    for (int i = 0; i < cube.length; i++) {
      coordinates[dimensions.get(i).slot()] = cube[i];
    }
    for (int slot : definition.order()) {
      Axis axis = parameters().get(slot).axis();
      values[slot] = definition.active(slot, values) ? axis.decode(coordinates[slot]) : null;
    }
    boolean valid = rules.stream().allMatch(rule -> rule.check().holds(values));
    return valid ? Optional.of(new Configuration(this, values)) : Optional.empty();
  }

  /**
   * Reads what {@link Configuration#toTree} wrote.
   *
   * @param tree plain JSON values by name
   * @return the configuration
   * @throws InvalidConfigurationException if the values are not a configuration of this space
   */
  public Configuration configurationOf(Map<String, ? extends @Nullable Object> tree) {
    Map<String, @Nullable Object> decoded = new HashMap<>();
    tree.forEach(
        (name, value) -> {
          Object canonical = find(name).map(p -> decoded(p, value)).orElse(null);
          decoded.put(name, canonical == null ? value : canonical);
        });
    return validate(decoded);
  }

  private static @Nullable Object decoded(Parameter parameter, @Nullable Object value) {
    return parameter.variable().domain().decode(value);
  }

  /**
   * Returns the JSON form as plain Java values.
   *
   * @return a tree under {@code "format": "trimtab.space/1"}
   * @throws IllegalStateException if a rule is a Java predicate, which has no JSON form
   */
  public Map<String, Object> toTree() {
    return SpaceDocument.write(this);
  }

  /**
   * Returns the JSON form, for people and files.
   *
   * @return a document that {@link #fromJson} turns back into an equal space
   * @throws IllegalStateException if a rule is a Java predicate, which has no JSON form
   */
  public String toJson() {
    return SpaceDocument.text(this);
  }

  /**
   * Reads a JSON document.
   *
   * @param json what {@link #toJson} wrote; at most 4 Mi characters
   * @return the space
   * @throws JsonException if the document is malformed or of another format or version
   * @throws InvalidDefinitionException if the definition contradicts itself, with every fault
   * @throws InfeasibleSpaceException if it was proved that no configuration is valid
   */
  public static ConfigurationSpace fromJson(String json) {
    return SpaceDocument.read(json);
  }

  /**
   * Reads the JSON form.
   *
   * @param tree what {@link #toTree} wrote, as parsed JSON
   * @return the space
   * @throws JsonException if the tree is malformed or of another format or version
   * @throws InvalidDefinitionException if the definition contradicts itself, with every fault
   * @throws InfeasibleSpaceException if it was proved that no configuration is valid
   */
  public static ConfigurationSpace fromTree(JsonObject tree) {
    return SpaceDocument.read(tree);
  }

  /**
   * Returns a fingerprint of the definition. Java predicates count with their names only.
   *
   * @return the SHA-256 of the JSON form, as 64 hexadecimal digits
   */
  public String digest() {
    return SpaceDocument.digest(this);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof ConfigurationSpace that
            && name().equals(that.name())
            && description().equals(that.description())
            && prefix().equals(that.prefix())
            && metadata().equals(that.metadata())
            && parameters().equals(that.parameters())
            && rules.equals(that.rules));
  }

  @Override
  public int hashCode() {
    return 31 * name().hashCode() + parameters().hashCode();
  }

  @Override
  public String toString() {
    return "%s%s, %d rules".formatted(name(), parameters(), rules.size());
  }
}
