package io.trimtab.space;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * How long to look for one valid configuration before giving up with a {@link SamplingException}.
 *
 * @param maxAttempts most proposals per configuration and group of parameters that share rules, at
 *     least 1
 * @param maxTime most time per configuration, positive, or null for no limit; looked at every few
 *     hundred proposals
 * @param clock what {@code maxTime} is measured with; never read without one
 */
public record SamplingBudget(long maxAttempts, @Nullable Duration maxTime, InstantSource clock) {

  /** One million attempts, without a limit of time. */
  public static final SamplingBudget DEFAULT = attempts(1_000_000);

  /**
   * Rejects budgets under which nothing could be drawn.
   *
   * @param maxAttempts at least 1
   * @param maxTime positive, or null for no limit
   * @param clock read only if there is a limit of time
   */
  public SamplingBudget {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("maxAttempts must be at least 1, got " + maxAttempts);
    }
    if (maxTime != null && (maxTime.isZero() || maxTime.isNegative())) {
      throw new IllegalArgumentException("maxTime must be positive, got " + maxTime);
    }
  }

  /**
   * Returns a budget of attempts only, under which a seed always gives the same result.
   *
   * @param maxAttempts most proposals, at least 1
   * @return the budget
   */
  public static SamplingBudget attempts(long maxAttempts) {
    return new SamplingBudget(maxAttempts, null, InstantSource.system());
  }

  /**
   * Returns a budget that ends after a time, too.
   *
   * @param time most time per configuration, positive
   * @param clock what the time is measured with
   * @return a new budget
   */
  public SamplingBudget within(Duration time, InstantSource clock) {
    return new SamplingBudget(maxAttempts, time, clock);
  }

  /** Returns when to give up if one begins now, or null for never. */
  @Nullable Instant deadline() {
    return maxTime == null ? null : clock.instant().plus(maxTime);
  }
}
