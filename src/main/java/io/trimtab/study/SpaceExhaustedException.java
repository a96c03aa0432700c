package io.trimtab.study;

import io.trimtab.TrimtabException;

/** Says that every configuration of a finite space has been tried; a run ends then. */
public final class SpaceExhaustedException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient String study;

  SpaceExhaustedException(String study, String space, int trials) {
    super(
        "study \"%s\": expected an untried configuration of space \"%s\", but all were tried in %d trials"
            .formatted(study, space, trials));
    this.study = study;
  }

  /**
   * Returns which study has nothing left to try.
   *
   * @return its name
   */
  public String study() {
    return study;
  }
}
