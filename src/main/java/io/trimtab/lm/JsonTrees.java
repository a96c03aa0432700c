package io.trimtab.lm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Copies JSON trees so deeply that the giver's later changes cannot reach the copy. */
final class JsonTrees {

  private static final int MAX_DEPTH = 200;

  private JsonTrees() {}

  static Map<String, @Nullable Object> frozen(Map<String, ? extends @Nullable Object> tree) {
    return tree.isEmpty() ? Map.of() : object(tree, 1);
  }

  private static Map<String, @Nullable Object> object(Map<?, ?> tree, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException(
          "a JSON tree may be nested at most %d deep".formatted(MAX_DEPTH));
    }
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : tree.entrySet()) {
      if (!(entry.getKey() instanceof String key)) {
        throw new IllegalArgumentException(
            "a JSON object has strings for keys, got " + entry.getKey());
      }
      copy.put(key, value(entry.getValue(), key, depth));
    }
    return Collections.unmodifiableMap(copy);
  }

  private static @Nullable Object value(@Nullable Object value, String key, int depth) {
    if (value instanceof Map<?, ?> map) {
      return object(map, depth + 1);
    }
    if (value instanceof List<?> list) {
      return array(list, key, depth + 1);
    }
    if (value == null
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Number) {
      return value;
    }
    throw new IllegalArgumentException(
        "%s: expected a string, number, boolean, list, map or null, got a %s"
            .formatted(key, value.getClass().getName()));
  }

  private static List<@Nullable Object> array(List<?> list, String key, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException(
          "a JSON tree may be nested at most %d deep".formatted(MAX_DEPTH));
    }
    List<@Nullable Object> copy = new ArrayList<>(list.size());
    for (Object item : list) {
      copy.add(value(item, key, depth));
    }
    return Collections.unmodifiableList(copy);
  }
}
