package io.trimtab.state;

import java.time.Instant;

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
}
