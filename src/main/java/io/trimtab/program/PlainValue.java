package io.trimtab.program;

import java.lang.reflect.Array;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns what callers hand in (records, enums, arrays, small numbers) into plain values. */
final class PlainValue {

  private PlainValue() {}

  static @Nullable Object of(@Nullable Object value) {
    if (value == null
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Double) {
      return value;
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float number) {
      return Double.parseDouble(number.toString()); // 0.1f means 0.1, not 0.10000000149011612
    }
    if (value instanceof Enum<?> || value instanceof CharSequence || value instanceof Character) {
      return value.toString();
    }
    if (value instanceof Optional<?> optional) {
      return of(optional.orElse(null));
    }
    if (value instanceof Map<?, ?> map) {
      return map(map);
    }
    if (value instanceof Iterable<?> items) {
      return list(items);
    }
    if (value.getClass().isArray()) {
      return array(value);
    }
    if (value instanceof Record record) {
      return ofRecord(record);
    }
    throw new IllegalArgumentException(
        "expected text, a number, a boolean, a list, a map, a record or an enum, got a "
            + value.getClass().getName());
  }

  private static Map<String, @Nullable Object> map(Map<?, ?> map) {
    Map<String, @Nullable Object> plain = new LinkedHashMap<>();
    map.forEach((key, item) -> plain.put(String.valueOf(key), of(item)));
    return Collections.unmodifiableMap(plain);
  }

  private static List<@Nullable Object> list(Iterable<?> items) {
    List<@Nullable Object> plain = new ArrayList<>();
    items.forEach(item -> plain.add(of(item)));
    return Collections.unmodifiableList(plain);
  }

  private static List<@Nullable Object> array(Object array) {
    List<@Nullable Object> plain = new ArrayList<>();
    for (int i = 0; i < Array.getLength(array); i++) {
      plain.add(of(Array.get(array, i)));
    }
    return Collections.unmodifiableList(plain);
  }

  static Map<String, @Nullable Object> ofRecord(Record record) {
    Map<String, @Nullable Object> plain = new LinkedHashMap<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      plain.put(component.getName(), of(RecordShape.read(component, record)));
    }
    return Collections.unmodifiableMap(plain);
  }
}
