package io.trimtab.json;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A parsed JSON object that is read key by key, with errors that name the path.
 *
 * <p>Every reader throws a {@link JsonException} such as {@code $.variables[3].version: expected an
 * integer, got "x"} when a required key is absent or a value has another type. Keys bound to {@code
 * null} count as absent. Immutable.
 */
public final class JsonObject {

  private final Map<String, ? extends @Nullable Object> map;
  private final String path;

  private JsonObject(Map<String, ? extends @Nullable Object> map, String path) {
    this.map = map;
    this.path = path;
  }

  /**
   * Wraps a value that must be an object.
   *
   * @param value what {@link Json#parse(String)} returned, or any map with string keys
   * @param path how errors name the object, such as {@code $.space}
   * @return a reader over it
   * @throws JsonException if the value is not a map with string keys
   */
  @SuppressWarnings("unchecked") // every key is checked to be a string first
  public static JsonObject of(@Nullable Object value, String path) {
    if (!(value instanceof Map<?, ?> map)
        || !map.keySet().stream().allMatch(String.class::isInstance)) {
      throw new JsonException(path + ": expected an object, got " + shown(value));
    }
    return new JsonObject((Map<String, @Nullable Object>) map, path);
  }

  /**
   * Returns how errors name this object.
   *
   * @return the path from the document's root {@code $}
   */
  public String path() {
    return path;
  }

  /**
   * Returns the keys in document order.
   *
   * @return the keys, those bound to null included
   */
  public Set<String> keys() {
    return Collections.unmodifiableSet(map.keySet());
  }

  /**
   * Returns the object as a plain map.
   *
   * @return an unmodifiable view
   */
  public Map<String, @Nullable Object> asMap() {
    return Collections.unmodifiableMap(map);
  }

  /**
   * Tells whether a key is present and not null.
   *
   * @param key the key
   * @return whether a reader of this key would find a value
   */
  public boolean has(String key) {
    return map.get(key) != null;
  }

  /**
   * Returns a value as it was parsed.
   *
   * @param key the key
   * @return the value, or null if absent
   */
  public @Nullable Object find(String key) {
    return map.get(key);
  }

  /**
   * Rejects keys that no reader knows.
   *
   * @param known every key that may be present
   * @return this object
   * @throws JsonException if another key is present, naming all of them
   */
  public JsonObject allowOnly(Set<String> known) {
    Set<String> unknown = new TreeSet<>(map.keySet());
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw new JsonException(
          "%s: unknown key %s, expected only %s".formatted(path, unknown, new TreeSet<>(known)));
    }
    return this;
  }

  /**
   * Returns a required string.
   *
   * @param key the key
   * @return its value
   */
  public String string(String key) {
    Object value = required(key);
    if (value instanceof String text) {
      return text;
    }
    throw mismatch(key, "a string", value);
  }

  /**
   * Returns an optional string.
   *
   * @param key the key
   * @return its value, or null if absent
   */
  public @Nullable String stringOrNull(String key) {
    return has(key) ? string(key) : null;
  }

  /**
   * Returns a required 64-bit integer.
   *
   * @param key the key
   * @return its value
   */
  public long integer(String key) {
    Object value = required(key);
    if (value instanceof Long || value instanceof Integer) {
      return ((Number) value).longValue();
    }
    throw mismatch(key, "an integer", value);
  }

  /**
   * Returns an optional 64-bit integer.
   *
   * @param key the key
   * @param fallback what stands in for an absent key
   * @return its value or the fallback
   */
  public long integer(String key, long fallback) {
    return has(key) ? integer(key) : fallback;
  }

  /**
   * Returns a required number; integers widen.
   *
   * @param key the key
   * @return its value
   */
  public double number(String key) {
    Object value = required(key);
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw mismatch(key, "a number", value);
  }

  /**
   * Returns an optional number; integers widen.
   *
   * @param key the key
   * @param fallback what stands in for an absent key
   * @return its value or the fallback
   */
  public double number(String key, double fallback) {
    return has(key) ? number(key) : fallback;
  }

  /**
   * Returns a required boolean.
   *
   * @param key the key
   * @return its value
   */
  public boolean bool(String key) {
    Object value = required(key);
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw mismatch(key, "true or false", value);
  }

  /**
   * Returns an optional boolean.
   *
   * @param key the key
   * @param fallback what stands in for an absent key
   * @return its value or the fallback
   */
  public boolean bool(String key, boolean fallback) {
    return has(key) ? bool(key) : fallback;
  }

  /**
   * Returns a required object.
   *
   * @param key the key
   * @return a reader over it
   */
  public JsonObject object(String key) {
    return of(required(key), path + "." + key);
  }

  /**
   * Returns an optional object.
   *
   * @param key the key
   * @return a reader over it; empty if absent
   */
  public JsonObject objectOrEmpty(String key) {
    return has(key) ? object(key) : new JsonObject(Map.of(), path + "." + key);
  }

  /**
   * Returns a required array.
   *
   * @param key the key
   * @return its values as they were parsed
   */
  public List<@Nullable Object> list(String key) {
    Object value = required(key);
    if (value instanceof List<?> list) {
      return Collections.unmodifiableList(list);
    }
    throw mismatch(key, "an array", value);
  }

  /**
   * Returns an array of objects.
   *
   * @param key the key
   * @return a reader over each; empty if the key is absent
   */
  public List<JsonObject> objects(String key) {
    List<JsonObject> objects = new ArrayList<>();
    if (has(key)) {
      for (Object item : list(key)) {
        objects.add(of(item, "%s.%s[%d]".formatted(path, key, objects.size())));
      }
    }
    return Collections.unmodifiableList(objects);
  }

  /**
   * Returns an array of strings.
   *
   * @param key the key
   * @return its values; empty if the key is absent
   */
  public List<String> strings(String key) {
    List<String> strings = new ArrayList<>();
    if (has(key)) {
      for (Object item : list(key)) {
        if (!(item instanceof String text)) {
          throw mismatch("%s[%d]".formatted(key, strings.size()), "a string", item);
        }
        strings.add(text);
      }
    }
    return Collections.unmodifiableList(strings);
  }

  /**
   * Returns an object whose values are all strings.
   *
   * @param key the key
   * @return its entries in document order; empty if the key is absent
   */
  public Map<String, String> stringMap(String key) {
    JsonObject object = objectOrEmpty(key);
    Map<String, String> strings = new LinkedHashMap<>();
    for (String name : object.keys()) {
      strings.put(name, object.string(name));
    }
    return Collections.unmodifiableMap(strings);
  }

  private Object required(String key) {
    Object value = map.get(key);
    if (value == null) {
      throw new JsonException("%s: required key \"%s\" is missing".formatted(path, key));
    }
    return value;
  }

  private JsonException mismatch(String key, String expected, @Nullable Object value) {
    return new JsonException(
        "%s.%s: expected %s, got %s".formatted(path, key, expected, shown(value)));
  }

  private static String shown(@Nullable Object value) {
    String text = value instanceof String s ? '"' + s + '"' : String.valueOf(value);
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }

  @Override
  public String toString() {
    return path + " " + map.keySet();
  }
}
