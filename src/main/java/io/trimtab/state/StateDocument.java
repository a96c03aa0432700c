package io.trimtab.state;

import io.trimtab.variable.StorableText;
import io.trimtab.variable.Violation;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A versioned text kept beside the variables and written in the same batches, such as the
 * definition of a registered space.
 *
 * @param key the document's key, such as {@code space/react_agent}
 * @param content the text, usually JSON, at most {@link #MAX_LENGTH} characters
 * @param version 1 when first put, +1 per accepted put, never reused
 * @param updatedAt when this version was written
 */
public record StateDocument(String key, String content, long version, Instant updatedAt) {

  /** Most characters of one document. */
  public static final int MAX_LENGTH = 4 << 20;

  /** Most characters of a key. */
  public static final int MAX_KEY_LENGTH = 256;

  /** Names the rule a key or content breaks that some backend could not store, or null. */
  static @Nullable Violation violation(String key, String content) {
    if (key.isEmpty() || key.length() > MAX_KEY_LENGTH || !StorableText.is(key)) {
      return Violation.of(
          "document key", "1 to %d characters of storable text".formatted(MAX_KEY_LENGTH), key);
    }
    if (content.length() > MAX_LENGTH) {
      return Violation.of(
          "document " + key, "at most %d characters".formatted(MAX_LENGTH), content.length());
    }
    return StorableText.is(content)
        ? null
        : Violation.of("document " + key, "text without U+0000 and unpaired surrogates", content);
  }
}
