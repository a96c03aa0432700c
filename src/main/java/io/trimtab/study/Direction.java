package io.trimtab.study;

/** Which scores are better. */
public enum Direction {
  /** Higher scores are better. */
  MAXIMIZE,
  /** Lower scores are better. */
  MINIMIZE;

  /**
   * Returns a score as a loss.
   *
   * @param score any score
   * @return the score or its negative, so that lower is better
   */
  public double loss(double score) {
    return this == MINIMIZE ? score : -score;
  }

  /**
   * Compares two scores.
   *
   * @param score a score
   * @param other another score
   * @return whether the first is strictly better
   */
  public boolean isBetter(double score, double other) {
    return loss(score) < loss(other);
  }
}
