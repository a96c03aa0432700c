package io.trimtab.program;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Values of named fields, in order: what goes into a program and what comes out.
 *
 * <p>Immutable. Values are plain: {@link String}, {@link Long}, {@link Double}, {@link Boolean},
 * {@link List}, {@link Map} with string keys, or null; records, enums, arrays and small numbers
 * handed in become plain.
 */
public final class FieldValues {

  private static final FieldValues EMPTY = new FieldValues(Map.of());

  private final Map<String, @Nullable Object> values;

  private FieldValues(Map<String, ? extends @Nullable Object> plain) {
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(plain));
  }

  /**
   * Returns no values at all.
   *
   * @return the empty values
   */
  public static FieldValues empty() {
    return EMPTY;
  }

  /**
   * Copies a map.
   *
   * @param values the values by field name
   * @return the values, made plain
   * @throws IllegalArgumentException if a value has no plain form
   */
  public static FieldValues of(Map<String, ? extends @Nullable Object> values) {
    Map<String, @Nullable Object> plain = new LinkedHashMap<>();
    values.forEach((name, value) -> plain.put(name, PlainValue.of(value)));
    return new FieldValues(plain);
  }

  /**
   * Returns one value.
   *
   * @param name the field's name
   * @param value its value
   * @return the value, made plain
   */
  public static FieldValues of(String name, @Nullable Object value) {
    return EMPTY.with(name, value);
  }

  /**
   * Reads the components of a record.
   *
   * @param record the values; component names are field names
   * @return the values, made plain
   */
  public static FieldValues of(Record record) {
    return new FieldValues(PlainValue.ofRecord(record));
  }

  /**
   * Returns these values and one more.
   *
   * @param name the field's name
   * @param value its value; replaces an older one
   * @return new values
   */
  public FieldValues with(String name, @Nullable Object value) {
    Map<String, @Nullable Object> more = new LinkedHashMap<>(values);
    more.put(name, PlainValue.of(value));
    return new FieldValues(more);
  }

  /**
   * Returns these values and others.
   *
   * @param others added; they replace values of the same name
   * @return new values
   */
  public FieldValues with(FieldValues others) {
    Map<String, @Nullable Object> more = new LinkedHashMap<>(values);
    more.putAll(others.values);
    return new FieldValues(more);
  }

  /**
   * Returns the values of some fields.
   *
   * @param wanted the names to keep
   * @return new values in the present order
   */
  public FieldValues only(Set<String> wanted) {
    Map<String, @Nullable Object> some = new LinkedHashMap<>(values);
    some.keySet().retainAll(wanted);
    return new FieldValues(some);
  }

  /**
   * Returns the values of all but some fields.
   *
   * @param unwanted the names to leave out
   * @return new values in the present order
   */
  public FieldValues without(Set<String> unwanted) {
    Map<String, @Nullable Object> some = new LinkedHashMap<>(values);
    some.keySet().removeAll(unwanted);
    return new FieldValues(some);
  }

  /**
   * Returns the values as a map.
   *
   * @return an unmodifiable map in order
   */
  public Map<String, @Nullable Object> asMap() {
    return values;
  }

  /**
   * Returns the names of the fields.
   *
   * @return an unmodifiable set in order
   */
  public Set<String> names() {
    return values.keySet();
  }

  /**
   * Tells whether a field is present, with null possibly.
   *
   * @param name the field's name
   * @return whether there is an entry
   */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /**
   * Tells whether there is nothing.
   *
   * @return whether no field is present
   */
  public boolean isEmpty() {
    return values.isEmpty();
  }

  /**
   * Returns a value.
   *
   * @param name the field's name
   * @return the plain value; null if the field is null
   * @throws IllegalArgumentException if there is no such field
   */
  public @Nullable Object get(String name) {
    if (!values.containsKey(name)) {
      throw new IllegalArgumentException("no field %s, only %s".formatted(name, names()));
    }
    return values.get(name);
  }

  /**
   * Returns a text.
   *
   * @param name the field's name
   * @return its value
   * @throws IllegalArgumentException if there is no such field or it is no text
   */
  public String getString(String name) {
    if (get(name) instanceof String text) {
      return text;
    }
    throw mistyped(name, "text");
  }

  /**
   * Returns an integer.
   *
   * @param name the field's name
   * @return its value
   * @throws IllegalArgumentException if there is no such field or it is no integer
   */
  public long getLong(String name) {
    if (get(name) instanceof Long number) {
      return number;
    }
    throw mistyped(name, "an integer");
  }

  /**
   * Returns a number; integers widen.
   *
   * @param name the field's name
   * @return its value
   * @throws IllegalArgumentException if there is no such field or it is no number
   */
  public double getDouble(String name) {
    if (get(name) instanceof Number number) {
      return number.doubleValue();
    }
    throw mistyped(name, "a number");
  }

  /**
   * Returns a boolean.
   *
   * @param name the field's name
   * @return its value
   * @throws IllegalArgumentException if there is no such field or it is no boolean
   */
  public boolean getBoolean(String name) {
    if (get(name) instanceof Boolean flag) {
      return flag;
    }
    throw mistyped(name, "true or false");
  }

  /**
   * Returns a list.
   *
   * @param name the field's name
   * @return its plain elements
   * @throws IllegalArgumentException if there is no such field or it is no list
   */
  public List<@Nullable Object> getList(String name) {
    if (get(name) instanceof List<?> list) {
      return Collections.unmodifiableList(list);
    }
    throw mistyped(name, "a list");
  }

  /**
   * Builds a record whose components are named as the fields.
   *
   * @param type the record's class
   * @param <R> the record
   * @return a new record; fields it does not name are left out
   * @throws IllegalArgumentException if a component has no field or a field another type
   */
  public <R extends Record> R as(Class<R> type) {
    return RecordShape.build(type, values);
  }

  private IllegalArgumentException mistyped(String name, String expected) {
    return new IllegalArgumentException(
        "%s: expected %s, got %s".formatted(name, expected, PythonText.of(values.get(name))));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FieldValues that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
