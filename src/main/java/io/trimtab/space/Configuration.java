package io.trimtab.space;

import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableSource;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One point of a {@link ConfigurationSpace}: a value for every active parameter, in agreement with
 * all its rules. A program can be run with it, since it is a {@link VariableSource}.
 *
 * <pre>{@code
 * Configuration candidate = space.sample(random);
 * double temperature = candidate.getDouble("temperature");
 * Configuration hotter = candidate.with("temperature", 1.2);
 * }</pre>
 *
 * <p>A parameter whose conditions do not hold has no value: {@link #has} is false, {@link #lookup}
 * null. Parameters are found by their name in the space and by their name in a session (with the
 * prefix). Immutable; equal to another configuration with the same names and values.
 */
public final class Configuration implements VariableSource {

  private static final int SHOWN = 60;

  private final ConfigurationSpace space;
  private final @Nullable Object[] slots;

  /** Keeps the array: the caller must not write to it any more. */
  Configuration(ConfigurationSpace space, @Nullable Object[] slots) {
    this.space = space;
    this.slots = slots;
  }

  @Nullable Object slot(int slot) {
    return slots[slot];
  }

  /**
   * Returns the space this is a point of.
   *
   * @return the space
   */
  public ConfigurationSpace space() {
    return space;
  }

  @Override
  public @Nullable Object lookup(String key) {
    int slot = space.slot(key);
    return slot < 0 ? null : slots[slot];
  }

  @Override
  public VariableSource snapshot() {
    return this;
  }

  @Override
  public String describe() {
    return "a configuration of space \"" + space.name() + '"';
  }

  /**
   * Returns a configuration that differs in some values; see {@link ConfigurationSpace#merge}.
   *
   * @param changes the new values by name
   * @return a valid configuration
   * @throws InvalidConfigurationException if the whole would not be valid, with every violation
   */
  public Configuration with(Map<String, ?> changes) {
    return space.merge(this, changes);
  }

  /**
   * Returns a configuration that differs in one value and what follows from it.
   *
   * @param name the name of an active parameter
   * @param value the new value
   * @return a valid configuration
   * @throws InvalidConfigurationException if the whole would not be valid, with every violation
   */
  public Configuration with(String name, Object value) {
    return with(Map.of(name, value));
  }

  /**
   * Returns the active parameters.
   *
   * @return an unmodifiable map from name to canonical value, in the order of the space
   */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Parameter parameter : space.parameters()) {
      Object value = slots[parameter.slot()];
      if (value != null) {
        map.put(parameter.name(), value);
      }
    }
    return Collections.unmodifiableMap(map);
  }

  /**
   * Returns the active parameters under the names they have in a session.
   *
   * @return an unmodifiable map from {@link Parameter#memberName} to canonical value, in the order
   *     of the space
   */
  public Map<String, Object> toMemberMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Parameter parameter : space.parameters()) {
      Object value = slots[parameter.slot()];
      if (value != null) {
        map.put(parameter.memberName(), value);
      }
    }
    return Collections.unmodifiableMap(map);
  }

  /**
   * Returns the values as plain JSON values; {@link ConfigurationSpace#configurationOf} reads them.
   *
   * @return an unmodifiable map by name, without inactive parameters
   */
  public Map<String, Object> toTree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    for (Parameter parameter : space.parameters()) {
      Object value = slots[parameter.slot()];
      if (value != null) {
        tree.put(parameter.name(), encode(parameter.variable(), value));
      }
    }
    return Collections.unmodifiableMap(tree);
  }

  private static <T> Object encode(Variable<T> variable, Object value) {
    return variable.domain().encode(variable.domain().valueClass().cast(value));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof Configuration that)) {
      return false;
    }
    return space.equals(that.space)
        ? Arrays.equals(slots, that.slots)
        : toMap().equals(that.toMap());
  }

  @Override
  public int hashCode() {
    int hash = 0; // as a map: independent of the order, inactive parameters left out
    for (Parameter parameter : space.parameters()) {
      Object value = slots[parameter.slot()];
      hash += value == null ? 0 : parameter.name().hashCode() ^ value.hashCode();
    }
    return hash;
  }

  /** Returns the name of the space and the values; long texts are cut. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(space.name());
    String separator = "{";
    for (Parameter parameter : space.parameters()) {
      Object value = slots[parameter.slot()];
      if (value != null) {
        String shown = value.toString();
        String cut = shown.length() <= SHOWN ? shown : shown.substring(0, SHOWN - 3) + "...";
        text.append(separator).append(parameter.name()).append('=').append(cut);
        separator = ", ";
      }
    }
    return text.append('}').toString();
  }
}
