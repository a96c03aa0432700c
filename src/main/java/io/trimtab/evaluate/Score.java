package io.trimtab.evaluate;

import io.trimtab.program.Attempt;
import java.util.List;

/**
 * What a metric says about one answer.
 *
 * @param value how good it is, 1 as a rule for right and 0 for wrong; NaN and infinities count as
 *     failures of the metric
 * @param feedback why, in words, for people and for optimizers that read; may be empty
 * @param attempts the model calls the metric itself made, as a judge does; copied
 */
public record Score(double value, String feedback, List<Attempt> attempts) {

  /**
   * Copies the attempts.
   *
   * @param value as documented above
   * @param feedback as documented above
   * @param attempts as documented above
   */
  public Score {
    attempts = List.copyOf(attempts);
  }

  /**
   * Creates a score without words.
   *
   * @param value how good the answer is
   * @return the score
   */
  public static Score of(double value) {
    return new Score(value, "", List.of());
  }

  /**
   * Creates a score with words.
   *
   * @param value how good the answer is
   * @param feedback why
   * @return the score
   */
  public static Score of(double value, String feedback) {
    return new Score(value, feedback, List.of());
  }
}
