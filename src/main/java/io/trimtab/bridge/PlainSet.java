package io.trimtab.bridge;

import io.trimtab.state.Write;
import org.jspecify.annotations.Nullable;

/**
 * A set that can travel in columns: of a plain value that its variable takes, and not a large one.
 *
 * @param key the variable's name or id
 * @param value a canonical double, long, boolean or text
 * @param expectedVersion 0 for any
 */
record PlainSet(String key, Object value, long expectedVersion) {

  /** Larger texts travel alone, since a frame is to stay small. */
  private static final int MAX_CHARACTERS = 1 << 14;

  /** Returns null for what has to travel as a message of its own. */
  static @Nullable PlainSet of(Write.SetValue write, Object canonical) {
    Long expected = write.expectedVersion();
    boolean small =
        canonical instanceof String text
            ? text.length() <= MAX_CHARACTERS
            : canonical instanceof Long
                || canonical instanceof Double
                || canonical instanceof Boolean;
    return small && write.key().length() <= MAX_CHARACTERS && (expected == null || expected > 0)
        ? new PlainSet(write.key(), canonical, expected == null ? 0 : expected)
        : null;
  }

  /** Returns about how many bytes it takes. */
  int size() {
    return 32 + key.length() + (value instanceof String text ? text.length() : 0);
  }
}
