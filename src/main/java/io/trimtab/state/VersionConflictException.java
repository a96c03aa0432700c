package io.trimtab.state;

import io.trimtab.TrimtabException;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Says that a variable or document changed since the caller read it; the answer is to read again
 * and retry.
 */
public final class VersionConflictException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient Map<String, Conflict> conflicts;

  /**
   * What a writer expected and what it met.
   *
   * @param expected the version the writer expected
   * @param current the version the subject has, 0 if it does not exist
   */
  public record Conflict(long expected, long current) {}

  /**
   * Creates an exception.
   *
   * @param conflicts every conflict by the key the writer used, at least one
   */
  public VersionConflictException(Map<String, Conflict> conflicts) {
    super(
        conflicts.entrySet().stream()
            .map(
                entry ->
                    "%s: expected version %d, got version %d"
                        .formatted(
                            entry.getKey(),
                            entry.getValue().expected(),
                            entry.getValue().current()))
            .collect(Collectors.joining("; ")));
    this.conflicts = Map.copyOf(conflicts);
  }

  /**
   * Returns every conflict by the key the writer used.
   *
   * @return at least one
   */
  public Map<String, Conflict> conflicts() {
    return conflicts;
  }
}
