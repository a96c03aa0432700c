package io.trimtab.study;

import io.trimtab.TrimtabException;

/**
 * Says that a study has no best trial because none has ended with a score; the trials' failures say
 * why.
 */
public final class NoCompleteTrialException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final String study;

  NoCompleteTrialException(String study, int finished, String lastFailure) {
    super(
        "study \"%s\": expected a trial with a score, got %d without one%s"
            .formatted(
                study,
                finished,
                lastFailure.isEmpty() ? "" : "; the last failed with: " + lastFailure));
    this.study = study;
  }

  /**
   * Returns which study has no best trial.
   *
   * @return its name
   */
  public String study() {
    return study;
  }
}
