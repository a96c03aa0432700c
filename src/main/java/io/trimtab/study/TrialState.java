package io.trimtab.study;

/** How far a trial is. */
public enum TrialState {
  /** It was enqueued and will be tried before the sampler is asked again. */
  WAITING,
  /** It was asked for and has not been told yet. */
  RUNNING,
  /** It ended with a score for every goal. */
  COMPLETE,
  /** It was ended early because its intermediate values were hopeless. */
  PRUNED,
  /** It ended without a score: its objective failed or gave no number. */
  FAILED,
  /** Whoever ran it has gone silent; what it may still tell late is accepted. */
  STALE;

  /**
   * Tells whether the trial has ended.
   *
   * @return false while it is waiting or running
   */
  public boolean isFinished() {
    return this != WAITING && this != RUNNING;
  }
}
