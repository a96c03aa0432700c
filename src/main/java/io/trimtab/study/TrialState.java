package io.trimtab.study;

/** How far a trial is. */
public enum TrialState {
  /** It was asked for and has not been told yet. */
  RUNNING,
  /** It ended with a score. */
  COMPLETE,
  /** It ended without a score: its objective failed or gave no number. */
  FAILED;

  /**
   * Tells whether the trial has ended.
   *
   * @return false while it is running
   */
  public boolean isFinished() {
    return this != RUNNING;
  }
}
