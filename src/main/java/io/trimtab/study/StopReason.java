package io.trimtab.study;

/** Why a run ended. */
public enum StopReason {
  /** The budgeted number of trials has been asked for. */
  TRIALS,
  /** The budgeted time is over. */
  TIME,
  /** The budgeted tokens are used up. */
  TOKENS,
  /** The budgeted money is used up. */
  MONEY,
  /** The best score has not improved for as many trials as the budget's patience. */
  PATIENCE,
  /** The target score was reached. */
  TARGET,
  /** More trials failed than the budget tolerates. */
  FAILURES,
  /** Everything in a finite space has been tried and {@link Duplicates#AVOID} was asked for. */
  EXHAUSTED,
  /** {@link Study#stop()} was called. */
  STOPPED,
  /** The thread that runs the study was interrupted. */
  INTERRUPTED
}
