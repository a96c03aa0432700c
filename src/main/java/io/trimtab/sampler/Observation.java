package io.trimtab.sampler;

import io.trimtab.space.Configuration;

/**
 * A configuration that was tried, and what came of it.
 *
 * @param configuration what was tried
 * @param status how far the trial is
 * @param loss how bad it was, lower is better and finite, if {@link Status#COMPLETE}; otherwise NaN
 */
public record Observation(Configuration configuration, Status status, double loss) {

  /** How far a trial is, as a sampler needs to know. */
  public enum Status {
    /** It ended with a loss. */
    COMPLETE,
    /** It is still being evaluated. */
    RUNNING,
    /** It ended without a loss. */
    FAILED
  }

  /** Rejects a complete observation without a finite loss and an incomplete one with a loss. */
  public Observation {
    if ((status == Status.COMPLETE) != Double.isFinite(loss)) {
      throw new IllegalArgumentException(
          "a loss is finite exactly if the observation is complete, got %s with loss %s"
              .formatted(status, loss));
    }
  }

  /**
   * Returns a trial that ended with a loss.
   *
   * @param configuration what was tried
   * @param loss how bad it was, finite, lower is better
   * @return the observation
   */
  public static Observation complete(Configuration configuration, double loss) {
    return new Observation(configuration, Status.COMPLETE, loss);
  }

  /**
   * Returns a trial that is still being evaluated.
   *
   * @param configuration what is tried
   * @return the observation
   */
  public static Observation running(Configuration configuration) {
    return new Observation(configuration, Status.RUNNING, Double.NaN);
  }

  /**
   * Returns a trial that ended without a loss.
   *
   * @param configuration what was tried
   * @return the observation
   */
  public static Observation failed(Configuration configuration) {
    return new Observation(configuration, Status.FAILED, Double.NaN);
  }
}
