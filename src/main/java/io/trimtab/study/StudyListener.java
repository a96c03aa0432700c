package io.trimtab.study;

/**
 * Told of trials as they begin and end, in the thread that asks or tells. What it throws is logged
 * and harms nobody.
 */
public interface StudyListener {

  /**
   * Takes notice of a trial that begins.
   *
   * @param study the study
   * @param trial the running trial
   */
  default void onAsked(Study study, Trial trial) {}

  /**
   * Takes notice of an intermediate value.
   *
   * @param study the study
   * @param trial the running trial; its last report is the new one
   */
  default void onReported(Study study, Trial trial) {}

  /**
   * Takes notice of a trial that has ended, also of one given up as stale.
   *
   * @param study the study
   * @param trial the finished trial
   */
  default void onTold(Study study, Trial trial) {}

  /**
   * Takes notice of the end of a run.
   *
   * @param study the study
   * @param reason why it ended
   */
  default void onStopped(Study study, StopReason reason) {}
}
