package io.trimtab.variable;

import io.trimtab.json.JsonException;
import io.trimtab.json.JsonObject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A named knob: its domain, its default value, and what it is for. Also the typed handle by which
 * it is read.
 *
 * <pre>{@code
 * Variable<Double> temperature = Variable.floating("temperature", 0.7, 0.0, 2.0);
 * session.register(temperature);
 * double now = session.get(temperature);
 * }</pre>
 *
 * <p>Immutable; the current value lives in a state provider, not here. Equality covers every
 * component.
 *
 * @param <T> the canonical Java type of its values
 */
public final class Variable<T> {

  /** Most entries of one variable's metadata. */
  public static final int MAX_METADATA = 64;

  private static final Set<String> KEYS =
      Set.of("name", "type", "default", "constraints", "description", "metadata");

  private final String name;
  private final Domain<T> domain;
  private final T defaultValue;
  private final String description;
  private final Map<String, String> metadata;

  private Variable(
      String name,
      Domain<T> domain,
      @Nullable Object defaultValue,
      String description,
      Map<String, String> metadata) {
    Definition definition = new Definition();
    VariableNames.violation(name).ifPresent(definition::add);
    definition.require(
        metadata.size() <= MAX_METADATA,
        "metadata",
        "at most " + MAX_METADATA + " entries",
        metadata.size());
    definition.require(
        StorableText.brokenRule(description) == null, "description", "storable text", description);
    metadata.forEach(
        (key, value) -> VariableMetadata.violation(key, value).ifPresent(definition::add));
    T canonical = domain.cast(defaultValue);
    String rule = canonical == null ? domain.description() : domain.brokenRule(canonical);
    if (canonical == null || rule != null) {
      definition.add(Violation.of(name + " default", String.valueOf(rule), defaultValue));
      definition.check();
      throw new AssertionError("the fault just added makes check() throw");
    }
    definition.check();
    this.name = name;
    this.domain = domain;
    this.defaultValue = canonical;
    this.description = description;
    this.metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
  }

  /**
   * Defines a variable over a domain.
   *
   * @param name see {@link VariableNames}
   * @param domain the values it may take
   * @param defaultValue its first value, within the domain
   * @param <T> the canonical Java type of its values
   * @return the variable, without description and metadata
   * @throws InvalidDefinitionException if the name is malformed or the default outside the domain,
   *     with every fault
   */
  public static <T> Variable<T> of(String name, Domain<T> domain, Object defaultValue) {
    return new Variable<>(name, domain, defaultValue, "", Map.of());
  }

  /** Defines a variable over a domain that may contradict itself; its faults name the variable. */
  private static <T> Variable<T> of(
      String name, Supplier<? extends Domain<T>> domain, Object defaultValue) {
    Domain<T> sound;
    try {
      sound = domain.get();
    } catch (InvalidDefinitionException e) {
      Definition definition = new Definition();
      VariableNames.violation(name).ifPresent(definition::add);
      e.violations().forEach(fault -> definition.add(fault.within(name)));
      definition.check();
      throw new AssertionError("the faults just added make check() throw", e);
    }
    return of(name, sound, defaultValue);
  }

  /**
   * Defines a FLOAT variable on a closed interval.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue in {@code [min, max]}
   * @param min least value
   * @param max greatest value
   * @return the variable
   */
  public static Variable<Double> floating(
      String name, double defaultValue, double min, double max) {
    return of(name, () -> FloatDomain.between(min, max), defaultValue);
  }

  /**
   * Defines an INTEGER variable on a closed interval.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue in {@code [min, max]}
   * @param min least value
   * @param max greatest value
   * @return the variable
   */
  public static Variable<Long> integer(String name, long defaultValue, long min, long max) {
    return of(name, () -> IntegerDomain.between(min, max), defaultValue);
  }

  /**
   * Defines a BOOLEAN variable.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue its first value
   * @return the variable
   */
  public static Variable<Boolean> bool(String name, boolean defaultValue) {
    return of(name, new BooleanDomain(), defaultValue);
  }

  /**
   * Defines a STRING variable without further rules.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue its first value
   * @return the variable
   */
  public static Variable<String> string(String name, String defaultValue) {
    return of(name, StringDomain.any(), defaultValue);
  }

  /**
   * Defines a CHOICE variable whose first option is the default.
   *
   * @param name see {@link VariableNames}
   * @param options at least one, distinct
   * @return the variable
   */
  public static Variable<String> choice(String name, String... options) {
    return of(name, () -> ChoiceDomain.of(options), options.length == 0 ? "" : options[0]);
  }

  /**
   * Defines a MODULE variable whose first name is the default.
   *
   * @param name see {@link VariableNames}
   * @param modules the allowed module names, at least one, distinct
   * @return the variable
   */
  public static Variable<String> module(String name, String... modules) {
    return of(name, () -> ModuleDomain.of(modules), modules.length == 0 ? "" : modules[0]);
  }

  /**
   * Defines an EMBEDDING variable with as many dimensions as its default.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue its first value
   * @return the variable
   */
  public static Variable<Embedding> embedding(String name, float... defaultValue) {
    return of(name, () -> EmbeddingDomain.of(defaultValue.length), defaultValue);
  }

  /**
   * Defines a TENSOR variable with the element type and shape of its default.
   *
   * @param name see {@link VariableNames}
   * @param defaultValue its first value
   * @return the variable
   */
  public static Variable<Tensor> tensor(String name, Tensor defaultValue) {
    return of(
        name, new TensorDomain(defaultValue.elementType(), defaultValue.shape()), defaultValue);
  }

  /**
   * Returns a variable that differs in its description.
   *
   * @param description what the variable is for, in a sentence
   * @return a new variable
   */
  public Variable<T> describedAs(String description) {
    return new Variable<>(name, domain, defaultValue, description, metadata);
  }

  /**
   * Returns a variable with one more metadata entry.
   *
   * @param key the entry's key, see {@link VariableMetadata}
   * @param value the entry's value; replaces an older one
   * @return a new variable
   */
  public Variable<T> withMetadata(String key, String value) {
    Map<String, String> merged = new TreeMap<>(metadata);
    merged.put(key, value);
    return new Variable<>(name, domain, defaultValue, description, merged);
  }

  /**
   * Returns a variable that differs in its name.
   *
   * @param name see {@link VariableNames}
   * @return a new variable
   */
  public Variable<T> named(String name) {
    return new Variable<>(name, domain, defaultValue, description, metadata);
  }

  /**
   * Returns the name.
   *
   * @return see {@link VariableNames}
   */
  public String name() {
    return name;
  }

  /**
   * Returns the values it may take.
   *
   * @return the domain
   */
  public Domain<T> domain() {
    return domain;
  }

  /**
   * Returns the type of its values.
   *
   * @return the domain's type
   */
  public VariableType type() {
    return domain.type();
  }

  /**
   * Returns its first value.
   *
   * @return a canonical value within the domain
   */
  public T defaultValue() {
    return defaultValue;
  }

  /**
   * Returns what it is for.
   *
   * @return a sentence, or empty
   */
  public String description() {
    return description;
  }

  /**
   * Returns what else its author noted.
   *
   * @return an unmodifiable map, sorted by key
   */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * Returns the JSON form: {@code name}, {@code type}, {@code default}, and where they are not
   * empty {@code constraints}, {@code description} and {@code metadata}.
   *
   * @return plain JSON values that {@link #fromTree} turns back into an equal variable
   */
  public Map<String, Object> toTree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", name);
    tree.put("type", type().name());
    tree.put("default", domain.encode(defaultValue));
    if (!domain.constraints().isEmpty()) {
      tree.put("constraints", domain.constraints());
    }
    if (!description.isEmpty()) {
      tree.put("description", description);
    }
    if (!metadata.isEmpty()) {
      tree.put("metadata", metadata);
    }
    return Collections.unmodifiableMap(tree);
  }

  /**
   * Reads the JSON form.
   *
   * @param tree what {@link #toTree} wrote, as parsed JSON
   * @return the variable
   * @throws JsonException if a key is missing, unknown or of a wrong type
   * @throws InvalidDefinitionException if the definition contradicts itself
   */
  public static Variable<?> fromTree(JsonObject tree) {
    tree.allowOnly(KEYS);
    String typeName = tree.string("type");
    VariableType type = null;
    for (VariableType candidate : VariableType.values()) {
      type = candidate.name().equals(typeName) ? candidate : type;
    }
    if (type == null) {
      throw new JsonException(
          "%s.type: expected one of %s, got \"%s\""
              .formatted(tree.path(), List.of(VariableType.values()), typeName));
    }
    Domain<?> domain = Domain.of(type, tree.objectOrEmpty("constraints").asMap());
    return decode(tree, domain);
  }

  private static <T> Variable<T> decode(JsonObject tree, Domain<T> domain) {
    Object encoded = tree.find("default");
    T decoded = domain.decode(encoded);
    String description = tree.stringOrNull("description");
    return new Variable<>(
        tree.string("name"),
        domain,
        decoded == null ? encoded : decoded,
        description == null ? "" : description,
        tree.stringMap("metadata"));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Variable<?> that
        && name.equals(that.name)
        && domain.equals(that.domain)
        && defaultValue.equals(that.defaultValue)
        && description.equals(that.description)
        && metadata.equals(that.metadata);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + domain.hashCode();
  }

  @Override
  public String toString() {
    return name + ": " + domain + ", default " + defaultValue;
  }
}
