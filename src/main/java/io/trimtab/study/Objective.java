package io.trimtab.study;

/**
 * Finds out how good a configuration is. Called by several threads at once if the study runs trials
 * in parallel.
 */
@FunctionalInterface
public interface Objective {

  /**
   * Evaluates one configuration.
   *
   * @param trial the trial; its {@link Trial#configuration()} is a source of variables to run a
   *     program with
   * @return its score and what it cost
   * @throws Exception if it could not be evaluated; the trial fails and the study goes on
   */
  Outcome evaluate(Trial trial) throws Exception;

  /** An objective that gives a score alone. */
  @FunctionalInterface
  interface Scored {

    /**
     * Evaluates one configuration.
     *
     * @param trial the trial
     * @return its score
     * @throws Exception if it could not be evaluated; the trial fails and the study goes on
     */
    double score(Trial trial) throws Exception;
  }

  /**
   * Returns an objective that gives a score alone.
   *
   * @param scored the function
   * @return the objective
   */
  static Objective scored(Scored scored) {
    return trial -> Outcome.of(scored.score(trial));
  }
}
