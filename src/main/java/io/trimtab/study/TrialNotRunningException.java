package io.trimtab.study;

import io.trimtab.TrimtabException;

/**
 * Says that a trial cannot be told because it has been told already or is not of this study; what
 * was told first stays.
 */
public final class TrialNotRunningException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final int number;

  TrialNotRunningException(String study, int number, String state) {
    super(
        "trial %d of study \"%s\": expected a running trial, got %s"
            .formatted(number, study, state));
    this.number = number;
  }

  /**
   * Returns which trial cannot be told.
   *
   * @return its number
   */
  public int number() {
    return number;
  }
}
