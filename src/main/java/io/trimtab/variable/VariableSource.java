package io.trimtab.variable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answers what the value of a variable is now; a program is always run with one of these.
 *
 * <p>A session is a live source, its snapshot a frozen one, a candidate configuration is one, and
 * so is a constant in a test:
 *
 * <pre>{@code
 * VariableSource source = VariableSource.of(Map.of("temperature", 0.2));
 * source.getDouble("temperature"); // 0.2
 * }</pre>
 *
 * <p><b>Threads.</b> Safe for use by many threads at once. <b>Consistency.</b> Two reads of a live
 * source may see two revisions; whoever needs several values that belong together reads them from
 * one {@link #snapshot()}.
 */
public interface VariableSource {

  /**
   * Returns the value of a variable, if there is one.
   *
   * @param key a name or an id
   * @return the canonical value, or null if no such variable exists here or it is inactive
   */
  @Nullable Object lookup(String key);

  /**
   * Returns a source that never changes again and whose values all belong to one revision.
   *
   * @return this source if it is already frozen
   */
  VariableSource snapshot();

  /**
   * Describes the source for error messages.
   *
   * @return such as {@code session "s1"}
   */
  default String describe() {
    return getClass().getSimpleName();
  }

  /**
   * Tells whether a variable has a value here.
   *
   * @param key a name or an id
   * @return whether {@link #get(String)} would succeed
   */
  default boolean has(String key) {
    return lookup(key) != null;
  }

  /**
   * Returns the value of a variable.
   *
   * @param key a name or an id
   * @return the canonical value
   * @throws VariableNotFoundException if there is none
   */
  default Object get(String key) {
    Object value = lookup(key);
    if (value == null) {
      throw new VariableNotFoundException(key, describe());
    }
    return value;
  }

  /**
   * Returns the value of a typed variable.
   *
   * @param variable the handle; its name is looked up
   * @param <T> the type of its values
   * @return the value
   * @throws VariableNotFoundException if there is none
   * @throws InvalidValueException if the value found has another type
   */
  default <T> T get(Variable<T> variable) {
    Object value = get(variable.name());
    Class<T> expected = variable.domain().valueClass();
    return expected.isInstance(value)
        ? expected.cast(value)
        : variable.domain().normalize(variable.name(), value);
  }

  /**
   * Returns the value of a FLOAT or INTEGER variable as a double.
   *
   * @param key a name or an id
   * @return the value
   * @throws VariableNotFoundException if there is none
   * @throws InvalidValueException if it is not a number
   */
  default double getDouble(String key) {
    if (get(key) instanceof Number number) {
      return number.doubleValue();
    }
    throw mistyped(key, "a number");
  }

  /**
   * Returns the value of an INTEGER variable.
   *
   * @param key a name or an id
   * @return the value
   * @throws VariableNotFoundException if there is none
   * @throws InvalidValueException if it is not an integer
   */
  default long getLong(String key) {
    if (get(key) instanceof Long number) {
      return number;
    }
    throw mistyped(key, "an integer");
  }

  /**
   * Returns the value of an INTEGER variable that fits 32 bits.
   *
   * @param key a name or an id
   * @return the value
   * @throws VariableNotFoundException if there is none
   * @throws InvalidValueException if it is not an integer of 32 bits
   */
  default int getInt(String key) {
    long value = getLong(key);
    if (value == (int) value) {
      return (int) value;
    }
    throw mistyped(key, "a 32-bit integer");
  }

  /**
   * Returns the value of a BOOLEAN variable.
   *
   * @param key a name or an id
   * @return the value
   * @throws VariableNotFoundException if there is none
   * @throws InvalidValueException if it is not a boolean
   */
  default boolean getBoolean(String key) {
    if (get(key) instanceof Boolean flag) {
      return flag;
    }
    throw mistyped(key, "true or false");
  }

  /**
   * Returns the value of a STRING, CHOICE or MODULE variable.
   *
   * @param key a name or an id
   * @return the value
   * @throws VariableNotFoundException if there is none
   * @throws InvalidValueException if it is not text
   */
  default String getString(String key) {
    if (get(key) instanceof String text) {
      return text;
    }
    throw mistyped(key, "text");
  }

  private InvalidValueException mistyped(String key, String expected) {
    return new InvalidValueException(List.of(Violation.of(key, expected, lookup(key))));
  }

  /**
   * Returns a source of fixed values, as tests and scripts need it.
   *
   * @param values the values by name; numbers are turned into their canonical types
   * @return a frozen source over a copy of the map
   * @throws IllegalArgumentException if a value is of no type a variable can have
   */
  static VariableSource of(Map<String, ?> values) {
    Map<String, Object> canonical = new LinkedHashMap<>();
    values.forEach((name, value) -> canonical.put(name, ConstantSource.canonical(name, value)));
    return new ConstantSource(canonical);
  }

  /**
   * Returns a source without variables.
   *
   * @return a frozen source in which every lookup is null
   */
  static VariableSource empty() {
    return ConstantSource.EMPTY;
  }
}
