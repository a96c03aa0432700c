package io.trimtab.study;

import java.util.List;

/**
 * Decides from intermediate values whether a running trial is hopeless.
 *
 * <p><b>Pure.</b> A decision depends on the arguments and the pruner's settings alone.
 * <b>Threads.</b> Safe for use by many threads at once. <b>Not a number.</b> A NaN counts as
 * hopeless.
 *
 * <pre>{@code
 * Study study = Study.of("triage", space).pruner(PercentilePruner.median()).build();
 * }</pre>
 *
 * @see PercentilePruner
 * @see SuccessiveHalvingPruner
 * @see HyperbandPruner
 */
public interface Pruner {

  /**
   * Decides whether a trial should be given up. Asked after each report.
   *
   * @param trial the running trial with what it has reported so far
   * @param trials all trials of the study in order of number, the running ones included
   * @param direction which intermediate values are better
   * @return whether to give it up
   */
  boolean shouldPrune(Trial trial, List<Trial> trials, Direction direction);

  /**
   * Returns a pruner that gives up nothing.
   *
   * @return a pruner
   */
  static Pruner none() {
    return NoPruner.INSTANCE;
  }
}
