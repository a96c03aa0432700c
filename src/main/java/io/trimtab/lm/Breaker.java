package io.trimtab.lm;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Refuses calls to a model that fails again and again, and probes whether it is well. */
final class Breaker {

  /*
   * Resilience4j's state machine, one per model key, with three gaps closed:
   *
   *  - Its half-open state ends only when its probes report. A probe that never does would hold it
   *    half-open for ever, so after `halfOpenLimit` without a verdict we open it again. (It has
   *    such a limit itself, but on a thread and a clock of its own.)
   *  - It counts whatever reports, whenever it started: the late answer of a call from before the
   *    outage would close it, and the returned permission of a probe from an earlier half-open
   *    state would let one probe too many into this one. A permission therefore knows the epoch in
   *    which it was given; one epoch is one stay in one state, and only reports of the present
   *    epoch count.
   *  - It rounds its waits to milliseconds and cannot say when one ends. Both waits are measured
   *    here, on the injected clock; its own never runs out.
   *
   * "Five consecutive failures" is a window of five at a failure rate of 100 %. With probes > 1 the
   * same rate applies to them: it closes when at least one probe succeeds.
   *
   * One lock around every step makes "is it my epoch" and "report" one step; it is held for about a
   * hundred nanoseconds. State changes are told to the listener after the lock is released.
   */

  private static final Duration NEVER_BY_ITSELF = Duration.ofDays(36_500);

  /** How a permission is given back. */
  enum Report {
    /** The model answered well. */
    SUCCESS,
    /** The model failed. */
    FAILURE,
    /** The model refused, so it lives; says nothing about failures. */
    ALIVE,
    /** Nothing was learned: cancelled, or never sent. */
    NOTHING
  }

  /** The right to make one call, valid for one epoch. */
  record Permission(long epoch) {}

  private final CircuitBreaker breaker;
  private final LmClock clock;
  private final long openNanos;
  private final long halfOpenNanos;
  private final BiConsumer<BreakerState, BreakerState> onChange;
  private final Exception failed = new Failed(); // for all: no real one is kept alive
  private final ReentrantLock lock = new ReentrantLock();
  private long epoch; // guarded by lock
  private BreakerState state = BreakerState.CLOSED; // guarded by lock
  private long since; // when this epoch began; guarded by lock

  Breaker(
      ModelKey key,
      int consecutiveFailures,
      Duration openFor,
      int probes,
      Duration halfOpenLimit,
      LmClock clock,
      BiConsumer<BreakerState, BreakerState> onChange) {
    this.clock = clock;
    this.openNanos = Nanos.of(openFor);
    this.halfOpenNanos = Nanos.of(halfOpenLimit);
    this.onChange = onChange;
    this.since = clock.nanos();
    this.breaker =
        CircuitBreaker.of(
            key.toString(),
            CircuitBreakerConfig.custom()
                .slidingWindow(
                    consecutiveFailures, consecutiveFailures, SlidingWindowType.COUNT_BASED)
                .failureRateThreshold(100)
                .waitDurationInOpenState(NEVER_BY_ITSELF)
                .permittedNumberOfCallsInHalfOpenState(probes)
                .recordException(failure -> true) // we decide what is reported
                .writableStackTraceEnabled(false)
                .build());
  }

  /** Returns a permission, or null if the call must not be made. */
  @Nullable Permission tryAcquire() {
    BreakerState before;
    BreakerState after;
    Permission permission;
    lock.lock();
    try {
      before = state;
      followTime();
      boolean permitted = breaker.tryAcquirePermission();
      long now = follow();
      permission = permitted ? new Permission(now) : null;
      after = state;
    } finally {
      lock.unlock();
    }
    tell(before, after);
    return permission;
  }

  /** Tells whether a permission is still one of the present state. */
  boolean isCurrent(Permission permission) {
    lock.lock();
    try {
      return permission.epoch() == epoch;
    } finally {
      lock.unlock();
    }
  }

  /** Gives a permission back with what was learned; a report of an earlier epoch is void. */
  void report(Permission permission, Report report) {
    BreakerState before;
    BreakerState after;
    lock.lock();
    try {
      before = state;
      followTime();
      if (permission.epoch() == epoch) {
        apply(report);
        follow();
      }
      after = state;
    } finally {
      lock.unlock();
    }
    tell(before, after);
  }

  private void apply(Report report) {
    switch (report) {
      case SUCCESS -> breaker.onSuccess(0, TimeUnit.NANOSECONDS);
      case FAILURE -> breaker.onError(0, TimeUnit.NANOSECONDS, failed);
      case ALIVE -> {
        if (state == BreakerState.HALF_OPEN) {
          breaker.onSuccess(0, TimeUnit.NANOSECONDS);
        } else {
          breaker.releasePermission();
        }
      }
      case NOTHING -> breaker.releasePermission();
    }
  }

  private void followTime() {
    long inState = clock.nanos() - since;
    if (state == BreakerState.OPEN && inState >= openNanos) {
      breaker.transitionToHalfOpenState();
    } else if (state == BreakerState.HALF_OPEN && inState >= halfOpenNanos) {
      breaker.transitionToOpenState();
    }
    follow();
  }

  /** Notes a change of state as a new epoch, and returns the present one. */
  private long follow() {
    BreakerState now =
        switch (breaker.getState()) {
          case OPEN -> BreakerState.OPEN;
          case HALF_OPEN -> BreakerState.HALF_OPEN;
          case CLOSED -> BreakerState.CLOSED;
          default -> throw new AssertionError("we never switch the breaker off");
        };
    if (now != state) {
      state = now;
      since = clock.nanos();
      epoch++;
    }
    return epoch;
  }

  private void tell(BreakerState before, BreakerState after) {
    if (after != before) {
      onChange.accept(before, after);
    }
  }

  BreakerState state() {
    lock.lock();
    try {
      return state;
    } finally {
      lock.unlock();
    }
  }

  /** Returns how long until calls are let through again, as far as that is known. */
  Duration retryAfter() {
    lock.lock();
    try {
      long limit =
          switch (state) {
            case CLOSED -> 0;
            case OPEN -> openNanos;
            case HALF_OPEN -> halfOpenNanos;
          };
      return Duration.ofNanos(Math.max(0, limit - (clock.nanos() - since)));
    } finally {
      lock.unlock();
    }
  }

  private static final class Failed extends Exception {

    private static final long serialVersionUID = 1L;

    Failed() {
      super("recorded failure", null, false, false);
    }
  }
}
