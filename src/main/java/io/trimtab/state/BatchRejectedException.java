package io.trimtab.state;

import io.trimtab.TrimtabException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Says that an all-or-nothing batch failed for several different reasons; nothing was written. A
 * batch whose failures are all alike throws that failure's own type instead.
 */
public final class BatchRejectedException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient Map<String, TrimtabException> failures;

  /**
   * Creates an exception.
   *
   * @param failures why each bad write was refused, by the key the writer used
   */
  public BatchRejectedException(Map<String, TrimtabException> failures) {
    super(failures.values().stream().map(Throwable::getMessage).collect(Collectors.joining("; ")));
    this.failures = Collections.unmodifiableMap(new LinkedHashMap<>(failures));
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
