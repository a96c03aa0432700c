package io.trimtab.state;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All documents as of one revision, with the shelf that stood before while readers may want it. */
final class DocumentShelf {

  final long revision;
  final Map<String, StateDocument> inOrder;

  /** The same documents in the form that a snapshot takes over without copying. */
  final Map<String, StateDocument> frozen;

  /** Cut once the shelf that replaces this one is published. */
  @Nullable DocumentShelf previous;

  DocumentShelf(
      long revision, Map<String, StateDocument> documents, @Nullable DocumentShelf previous) {
    this.revision = revision;
    this.inOrder = Collections.unmodifiableMap(new LinkedHashMap<>(documents));
    this.frozen = Map.copyOf(documents);
    this.previous = previous;
  }
}
