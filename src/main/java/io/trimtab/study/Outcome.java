package io.trimtab.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an objective found out about a configuration.
 *
 * @param scores how good it is, one score per goal of the study; empty if it was pruned or failed.
 *     A NaN or infinite score makes the trial fail
 * @param cost what the evaluation used up
 * @param failure why there is no score, or null
 * @param attributes what else to note about the trial
 */
public record Outcome(
    List<Double> scores, Cost cost, @Nullable String failure, Map<String, String> attributes) {

  /**
   * Copies the scores and attributes.
   *
   * @param scores how good it is, one score per goal of the study; empty if it was pruned or
   *     failed. A NaN or infinite score makes the trial fail
   * @param cost what the evaluation used up
   * @param failure why there is no score, or null
   * @param attributes what else to note about the trial
   */
  public Outcome {
    scores = List.copyOf(scores);
    attributes = Map.copyOf(attributes);
  }

  /**
   * Makes an outcome with one score.
   *
   * @param score how good the configuration is; a NaN or infinite score makes the trial fail
   * @param cost what the evaluation used up
   * @param failure why there is no score, or null
   * @param attributes what else to note about the trial
   */
  public Outcome(
      double score, Cost cost, @Nullable String failure, Map<String, String> attributes) {
    this(List.of(score), cost, failure, attributes);
  }

  /**
   * Returns a score alone.
   *
   * @param score how good the configuration is
   * @return the outcome
   */
  public static Outcome of(double score) {
    return new Outcome(score, Cost.NONE, null, Map.of());
  }

  /**
   * Returns a score and what it cost.
   *
   * @param score how good the configuration is
   * @param cost what the evaluation used up
   * @return the outcome
   */
  public static Outcome of(double score, Cost cost) {
    return new Outcome(score, cost, null, Map.of());
  }

  /**
   * Returns scores for several goals.
   *
   * @param scores one per goal of the study, in the order of its goals
   * @return the outcome
   */
  public static Outcome ofAll(double... scores) {
    List<Double> list = new ArrayList<>(scores.length);
    for (double score : scores) {
      list.add(score);
    }
    return new Outcome(list, Cost.NONE, null, Map.of());
  }

  /**
   * Returns a trial that was given up early; its intermediate values say how far it came.
   *
   * @return the outcome
   */
  public static Outcome pruned() {
    return new Outcome(List.of(), Cost.NONE, null, Map.of());
  }

  /**
   * Returns a failure.
   *
   * @param reason why there is no score
   * @return the outcome
   */
  public static Outcome failed(String reason) {
    return new Outcome(List.of(), Cost.NONE, reason, Map.of());
  }

  /**
   * Returns an outcome that also says what the evaluation used up.
   *
   * @param cost what it used up
   * @return a new outcome
   */
  public Outcome withCost(Cost cost) {
    return new Outcome(scores, cost, failure, attributes);
  }

  /**
   * Returns an outcome that also notes something about the trial.
   *
   * @param attributes what to note; replaces what was noted before
   * @return a new outcome
   */
  public Outcome withAttributes(Map<String, String> attributes) {
    return new Outcome(scores, cost, failure, attributes);
  }

  /**
   * Returns the score of the first goal.
   *
   * @return how good the configuration is, or NaN if it was pruned or failed
   */
  public double score() {
    return scores.isEmpty() ? Double.NaN : scores.get(0);
  }
}
