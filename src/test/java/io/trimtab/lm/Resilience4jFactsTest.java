package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.internal.AtomicRateLimiter;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.trimtab.tck.ManualLmClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * What Resilience4j does where we do it ourselves, or work around it: the facts of decision 11.
 * When an upgrade turns one of these red, the decision deserves another look.
 */
class Resilience4jFactsTest {

  private static final int LIMIT = 10;
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private final ManualLmClock clock = new ManualLmClock();

  /** Its limiter on our clock, which only a constructor of its internal package takes. */
  private AtomicRateLimiter limiter(Duration longestWait) {
    RateLimiterConfig config =
        RateLimiterConfig.custom()
            .limitForPeriod(LIMIT)
            .limitRefreshPeriod(Duration.ofMinutes(1))
            .timeoutDuration(longestWait)
            .build();
    return new AtomicRateLimiter("facts", config, clock::nanos);
  }

  @Test
  void itsLimiter_letsTwiceTheLimitThroughWithinAMinute() {
    AtomicRateLimiter theirs = limiter(Duration.ZERO);
    RateWindow ours = new RateWindow(clock, LIMIT, Long.MAX_VALUE);
    int theirCalls = 0;
    int ourCalls = 0;

    clock.advance(Duration.ofSeconds(59));
    for (int burst = 0; burst < 2; burst++) {
      for (int i = 0; i < 2 * LIMIT; i++) {
        theirCalls += theirs.reservePermission() == 0 ? 1 : 0;
        ourCalls += ours.reserve(0, 0).entry() != null ? 1 : 0;
      }
      clock.advance(Duration.ofSeconds(2));
    }

    assertThat(theirCalls).isEqualTo(2 * LIMIT);
    assertThat(ourCalls).isEqualTo(LIMIT);
  }

  @Test
  void itsLimiter_keepsThePlacesOfCallersThatGaveUp() {
    AtomicRateLimiter theirs = limiter(Duration.ofMinutes(5));
    RateWindow ours = new RateWindow(clock, LIMIT, Long.MAX_VALUE);

    for (int i = 0; i < LIMIT; i++) {
      theirs.reservePermission(); // there is no way to say that it was not used
      ours.giveBack(ours.reserve(0, 0).entry());
    }

    assertThat(theirs.reservePermission()).isGreaterThan(MINUTE / 2);
    assertThat(ours.reserve(0, 0).delay()).isZero();
  }

  @Test
  void itsRetry_losesSightOfACallWhoseRetryWasNotMade() {
    RetryConfig config =
        RetryConfig.custom().maxAttempts(3).intervalFunction(IntervalFunction.of(500)).build();
    Retry theirs = Retry.of("facts", config);

    long wait = theirs.asyncContext().onError(Failures.server()); // "try again"; the deadline: no

    assertThat(wait).isEqualTo(500);
    assertThat(theirs.getMetrics().getNumberOfFailedCallsWithRetryAttempt()).isZero();
    assertThat(theirs.getMetrics().getNumberOfFailedCallsWithoutRetryAttempt()).isZero();
  }

  @Test
  void itsBulkhead_refusesAnInterruptedThreadAFreePermit() {
    BulkheadConfig config =
        BulkheadConfig.custom().maxConcurrentCalls(1).maxWaitDuration(Duration.ZERO).build();
    Bulkhead theirs = Bulkhead.of("facts", config);

    Thread.currentThread().interrupt();
    boolean permitted = theirs.tryAcquirePermission();
    Thread.interrupted();

    assertThat(permitted).isFalse();
    assertThat(theirs.getMetrics().getAvailableConcurrentCalls()).isEqualTo(1);
  }
}
