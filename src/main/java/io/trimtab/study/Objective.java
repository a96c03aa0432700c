package io.trimtab.study;

import io.trimtab.evaluate.Evaluation;
import io.trimtab.evaluate.Evaluator;
import io.trimtab.program.Program;
import java.util.Map;

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

  /**
   * Returns an objective that runs a program over a dataset with the trial's configuration as its
   * source of variables.
   *
   * @param evaluator scores the program; its dataset should not be the one the result is finally
   *     judged by
   * @param program the program, its parameters bound to variables of the space
   * @return an objective whose score is the evaluation's, and whose cost is what the models
   *     reported
   */
  static Objective evaluating(Evaluator evaluator, Program program) {
    return trial -> {
      Evaluation evaluation = evaluator.evaluate(program, trial.configuration());
      Long tokens = evaluation.usage().total();
      Cost cost = new Cost(tokens == null ? 0 : tokens, evaluation.cost().orElse(0));
      Map<String, String> notes =
          Map.of(
              "examples", Integer.toString(evaluation.rows().size()),
              "failed_examples", Integer.toString(evaluation.failures()));
      return new Outcome(evaluation.score(), cost, null, notes);
    };
  }
}
