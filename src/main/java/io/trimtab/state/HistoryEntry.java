package io.trimtab.state;

import java.time.Instant;
import java.util.Map;

/**
 * One past or present version of a variable.
 *
 * @param version the version, at least 1
 * @param value the canonical value it had
 * @param updatedAt when it was written
 * @param source who wrote it
 * @param metadata the variable's metadata as of this version
 */
public record HistoryEntry(
    long version, Object value, Instant updatedAt, String source, Map<String, String> metadata) {

  /**
   * Copies the metadata.
   *
   * @param version the version, at least 1
   * @param value the canonical value it had
   * @param updatedAt when it was written
   * @param source who wrote it
   * @param metadata the variable's metadata as of this version
   */
  public HistoryEntry {
    metadata = Map.copyOf(metadata);
  }

  static HistoryEntry of(VariableState state) {
    return new HistoryEntry(
        state.version(), state.value(), state.updatedAt(), state.source(), state.metadata());
  }
}
