package io.trimtab.study;

import io.trimtab.TrimtabException;

/** Says that a trial is hopeless and should be given up; a run tells it as pruned. */
public final class TrialPrunedException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient int number;
  private final transient int step;

  TrialPrunedException(String study, int number, int step) {
    super("trial %d of study \"%s\": pruned at step %d".formatted(number, study, step));
    this.number = number;
    this.step = step;
  }

  /**
   * Returns which trial is hopeless.
   *
   * @return its number
   */
  public int number() {
    return number;
  }

  /**
   * Returns when it was found to be so.
   *
   * @return the step reported last
   */
  public int step() {
    return step;
  }
}
