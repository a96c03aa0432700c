package io.trimtab.bridge;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.trimtab.bridge.wire.SetColumns;
import java.util.Collection;

/** Turns plain sets into columns and back. */
final class WireColumns {

  private static final byte FLOATS = SetColumns.FLOATS_FIELD_NUMBER;
  private static final byte INTEGERS = SetColumns.INTEGERS_FIELD_NUMBER;
  private static final byte BOOLEANS = SetColumns.BOOLEANS_FIELD_NUMBER;
  private static final byte TEXTS = SetColumns.TEXTS_FIELD_NUMBER;

  private WireColumns() {}

  static SetColumns of(Collection<PlainSet> sets) {
    SetColumns.Builder columns = SetColumns.newBuilder();
    byte[] picked = new byte[sets.size()];
    boolean mixed = false;
    boolean expecting = false;
    int i = 0;
    for (PlainSet set : sets) {
      columns.addKeys(set.key());
      picked[i] = add(set.value(), columns);
      mixed |= picked[i] != picked[0];
      expecting |= set.expectedVersion() > 0;
      i++;
    }
    if (expecting) {
      sets.forEach(set -> columns.addExpectedVersions(set.expectedVersion()));
    }
    return columns
        .setColumns(UnsafeByteOperations.unsafeWrap(picked, 0, mixed ? i : Math.min(1, i)))
        .build();
  }

  private static byte add(Object value, SetColumns.Builder columns) {
    if (value instanceof Long number) {
      columns.addIntegers(number);
      return INTEGERS;
    }
    if (value instanceof Double number) {
      columns.addFloats(number);
      return FLOATS;
    }
    if (value instanceof Boolean flag) {
      columns.addBooleans(flag);
      return BOOLEANS;
    }
    columns.addTexts((String) value);
    return TEXTS;
  }

  static String[] keys(SetColumns columns) {
    return columns.getKeysList().toArray(String[]::new);
  }

  /**
   * Returns a canonical value for each key.
   *
   * @throws IllegalArgumentException if it is not said which column holds each, or one holds too
   *     few
   */
  static Object[] values(SetColumns columns) {
    ByteString picked = columns.getColumns();
    Object[] values = new Object[columns.getKeysCount()];
    boolean mixed = picked.size() == values.length;
    if (!mixed && picked.size() != 1) {
      throw new IllegalArgumentException(
          "sets: expected the column of each of %d values, got %d"
              .formatted(values.length, picked.size()));
    }
    int[] taken = new int[TEXTS + 1]; // of each column
    for (int i = 0; i < values.length; i++) {
      byte column = picked.byteAt(mixed ? i : 0);
      int held = held(columns, column);
      if (held == 0 || taken[column] == held) {
        throw new IllegalArgumentException(
            "%s: expected a value in column %d, which has %d"
                .formatted(columns.getKeys(i), column, held));
      }
      values[i] = value(columns, column, taken[column]++);
    }
    return values;
  }

  private static int held(SetColumns columns, byte column) {
    return switch (column) {
      case FLOATS -> columns.getFloatsCount();
      case INTEGERS -> columns.getIntegersCount();
      case BOOLEANS -> columns.getBooleansCount();
      case TEXTS -> columns.getTextsCount();
      default -> 0;
    };
  }

  private static Object value(SetColumns columns, byte column, int at) {
    return switch (column) {
      case FLOATS -> columns.getFloats(at);
      case INTEGERS -> columns.getIntegers(at);
      case BOOLEANS -> columns.getBooleans(at);
      default -> columns.getTexts(at);
    };
  }
}
