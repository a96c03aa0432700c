package io.trimtab.bridge;

import io.trimtab.bridge.wire.Data;
import io.trimtab.bridge.wire.DataEntry;
import io.trimtab.bridge.wire.DataList;
import io.trimtab.bridge.wire.DataMap;
import io.trimtab.bridge.wire.Null;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns plain values (text, numbers, booleans, lists, maps, null) into messages and back. */
final class WireData {

  /** Most levels of lists and maps; each takes two of the hundred messages a reader nests. */
  static final int MAX_DEPTH = 40;

  private WireData() {}

  /**
   * Returns the message of a map.
   *
   * @param what what the map is, for errors
   * @throws IllegalArgumentException if a value is not plain, too deep or not storable text
   */
  static DataMap map(String what, Map<String, ? extends @Nullable Object> values) {
    return map(what, values, 0);
  }

  static Data data(String what, @Nullable Object value) {
    return data(what, value, 0);
  }

  private static DataMap map(String what, Map<?, ?> values, int depth) {
    DataMap.Builder map = DataMap.newBuilder();
    values.forEach(
        (key, value) -> {
          String name = text(what, String.valueOf(key));
          map.addEntries(
              DataEntry.newBuilder()
                  .setKey(name)
                  .setValue(data(what + "." + name, value, depth + 1)));
        });
    return map.build();
  }

  private static Data data(String what, @Nullable Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException(
          "%s: expected at most %d levels of lists and maps".formatted(what, MAX_DEPTH));
    }
    Data.Builder data = Data.newBuilder();
    if (value == null) {
      data.setNullValue(Null.NULL);
    } else if (value instanceof String text) {
      data.setTextValue(text(what, text));
    } else if (value instanceof Boolean flag) {
      data.setBooleanValue(flag);
    } else if (value instanceof Long || value instanceof Integer) {
      data.setIntegerValue(((Number) value).longValue());
    } else if (value instanceof Double || value instanceof Float) {
      data.setFloatValue(((Number) value).doubleValue());
    } else if (value instanceof List<?> list) {
      data.setListValue(list(what, list, depth));
    } else if (value instanceof Map<?, ?> map) {
      data.setMapValue(map(what, map, depth));
    } else {
      throw new IllegalArgumentException(
          "%s: expected text, a number, a boolean, a list or a map, got a %s"
              .formatted(what, value.getClass().getName()));
    }
    return data.build();
  }

  private static DataList list(String what, List<?> items, int depth) {
    DataList.Builder list = DataList.newBuilder();
    for (Object item : items) {
      list.addItems(data(what + "[" + list.getItemsCount() + "]", item, depth + 1));
    }
    return list.build();
  }

  /** Protobuf would write a question mark for an unpaired surrogate without a word. */
  private static String text(String what, String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException(
          what + ": expected text without unpaired surrogates, which UTF-8 cannot say");
    }
    return text;
  }

  static Map<String, @Nullable Object> plain(DataMap map) {
    Map<String, @Nullable Object> plain = new LinkedHashMap<>();
    for (DataEntry entry : map.getEntriesList()) {
      plain.put(entry.getKey(), plain(entry.getKey(), entry.getValue()));
    }
    return Collections.unmodifiableMap(plain);
  }

  static @Nullable Object plain(String what, Data data) {
    return switch (data.getKindCase()) {
      case NULL_VALUE -> null;
      case BOOLEAN_VALUE -> data.getBooleanValue();
      case INTEGER_VALUE -> data.getIntegerValue();
      case FLOAT_VALUE -> data.getFloatValue();
      case TEXT_VALUE -> data.getTextValue();
      case LIST_VALUE -> plain(what, data.getListValue());
      case MAP_VALUE -> plain(data.getMapValue());
      case BIG_INTEGER ->
          throw new IllegalArgumentException(
              "%s: expected an integer of 64 bits, got %s".formatted(what, data.getBigInteger()));
      case KIND_NOT_SET ->
          throw new IllegalArgumentException(
              what + ": expected a kind of value that this version knows");
    };
  }

  private static List<@Nullable Object> plain(String what, DataList list) {
    List<@Nullable Object> plain = new ArrayList<>(list.getItemsCount());
    for (Data item : list.getItemsList()) {
      plain.add(plain(what, item));
    }
    return Collections.unmodifiableList(plain);
  }
}
