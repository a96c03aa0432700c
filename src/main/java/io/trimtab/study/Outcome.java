package io.trimtab.study;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an objective found out about a configuration.
 *
 * @param score how good it is; a NaN or infinite score makes the trial fail
 * @param cost what the evaluation used up
 * @param failure why there is no score, or null
 * @param attributes what else to note about the trial
 */
public record Outcome(
    double score, Cost cost, @Nullable String failure, Map<String, String> attributes) {

  /** Copies the attributes. */
  public Outcome {
    attributes = Map.copyOf(attributes);
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
   * Returns a failure.
   *
   * @param reason why there is no score
   * @return the outcome
   */
  public static Outcome failed(String reason) {
    return new Outcome(Double.NaN, Cost.NONE, reason, Map.of());
  }
}
