package io.trimtab.state;

import io.trimtab.TrimtabException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Says that a best-effort batch was applied in part: the good writes are in, the bad ones named
 * here are not.
 */
public final class PartialUpdateException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient Commit commit;
  private final transient Map<String, TrimtabException> failures;

  /**
   * Creates an exception.
   *
   * @param commit what was written
   * @param failures why each bad write was refused, by the key the writer used
   */
  public PartialUpdateException(Commit commit, Map<String, TrimtabException> failures) {
    super(failures.values().stream().map(Throwable::getMessage).collect(Collectors.joining("; ")));
    this.commit = commit;
    this.failures = Collections.unmodifiableMap(new LinkedHashMap<>(failures));
  }

  /**
   * Returns what was written.
   *
   * @return the good part of the batch
   */
  public Commit commit() {
    return commit;
  }

  /**
   * Returns why each bad write was refused.
   *
   * @return the failures by the key the writer used, in the order of the batch
   */
  public Map<String, TrimtabException> failures() {
    return failures;
  }
}
