package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.trimtab.tck.ManualLmClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The breaker against a small automaton that says what it should do, over random events. */
class BreakerModelTest {

  private static final int FAILURES = 5;
  private static final int PROBES = 3;
  private static final Duration OPEN = Duration.ofSeconds(30);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final int EVENTS =
      "long".equals(System.getProperty("trimtab.profile")) ? 1_000_000 : 100_000;

  /** What the checker asks of a breaker; a permission is any object, null means refused. */
  interface Subject {
    Object tryAcquire();

    void report(Object permission, Breaker.Report report);

    BreakerState state();
  }

  /** The reference: three states, a run of failures, a few probes, two waits. */
  private static final class Automaton implements Subject {
    private final ManualLmClock clock;
    private BreakerState state = BreakerState.CLOSED;
    private long since;
    private long stay;
    private int run;
    private int permits;
    private int reported;
    private int bad;

    Automaton(ManualLmClock clock) {
      this.clock = clock;
    }

    @Override
    public Object tryAcquire() {
      passTime();
      if (state == BreakerState.OPEN || (state == BreakerState.HALF_OPEN && permits == 0)) {
        return null;
      }
      permits--;
      return stay;
    }

    @Override
    public void report(Object permission, Breaker.Report report) {
      passTime();
      if ((Long) permission != stay) {
        return;
      }
      if (state == BreakerState.CLOSED) {
        switch (report) {
          case FAILURE -> run++;
          case SUCCESS -> run = 0;
          default -> {}
        }
        if (run == FAILURES) {
          enter(BreakerState.OPEN);
        }
      } else if (report == Breaker.Report.NOTHING) {
        permits++;
      } else {
        reported++;
        bad += report == Breaker.Report.FAILURE ? 1 : 0;
        if (reported == PROBES) {
          enter(bad == PROBES ? BreakerState.OPEN : BreakerState.CLOSED);
        }
      }
    }

    private void passTime() {
      long stayed = clock.nanos() - since;
      if (state == BreakerState.OPEN && stayed >= OPEN.toNanos()) {
        enter(BreakerState.HALF_OPEN);
      } else if (state == BreakerState.HALF_OPEN && stayed >= LIMIT.toNanos()) {
        enter(BreakerState.OPEN);
      }
    }

    private void enter(BreakerState next) {
      state = next;
      since = clock.nanos();
      stay++;
      run = 0;
      reported = 0;
      bad = 0;
      permits = next == BreakerState.HALF_OPEN ? PROBES : Integer.MAX_VALUE;
    }

    @Override
    public BreakerState state() {
      return state;
    }
  }

  private record Real(Breaker breaker) implements Subject {
    static Real create(ManualLmClock clock, Duration limit) {
      return new Real(
          new Breaker(Failures.KEY, FAILURES, OPEN, PROBES, limit, clock, (from, to) -> {}));
    }

    @Override
    public Object tryAcquire() {
      return breaker.tryAcquire();
    }

    @Override
    public void report(Object permission, Breaker.Report report) {
      breaker.report((Breaker.Permission) permission, report);
    }

    @Override
    public BreakerState state() {
      return breaker.state();
    }
  }

  /** The first divergence of a subject from the automaton, or null. */
  private static String divergence(long seed, int events, Fault fault) {
    SplittableRandom random = new SplittableRandom(seed);
    ManualLmClock clock = new ManualLmClock();
    Automaton reference = new Automaton(clock);
    Subject subject = fault.plant(clock);
    List<Object[]> open = new ArrayList<>();
    for (int i = 0; i < events; i++) {
      int dice = random.nextInt(100);
      if (dice < 45 || (dice < 93 && open.isEmpty())) {
        Object expected = reference.tryAcquire();
        Object actual = subject.tryAcquire();
        if ((expected == null) != (actual == null)) {
          return "event %d: permission expected %s, got %s".formatted(i, expected, actual);
        }
        if (actual != null && random.nextInt(10) > 0) { // one in ten never returns
          open.add(new Object[] {expected, actual});
        }
        if (open.size() > 12) {
          open.remove(random.nextInt(open.size())); // nor do these
        }
      } else if (dice < 93) {
        // mostly the latest, so that probes report; sometimes one from long ago
        int which = random.nextInt(10) < 7 ? open.size() - 1 : random.nextInt(open.size());
        Object[] permission = open.remove(which);
        Breaker.Report report = outcome(random);
        reference.report(permission[0], report);
        subject.report(permission[1], report);
      } else if (dice < 99) {
        clock.advance(Duration.ofMillis(random.nextInt(10_000)));
      } else {
        clock.advance(Duration.ofSeconds(random.nextInt(100)));
      }
      if (reference.state() != subject.state()) {
        return "event %d: expected %s, got %s".formatted(i, reference.state(), subject.state());
      }
    }
    return wedge(clock, subject);
  }

  /**
   * {ok, slow} succeed, {error, timeout} fail, {refused} lives, {cancel, interrupt} say nothing.
   */
  private static Breaker.Report outcome(SplittableRandom random) {
    int dice = random.nextInt(100);
    if (dice < 20) {
      return Breaker.Report.SUCCESS;
    }
    return dice < 75
        ? Breaker.Report.FAILURE
        : dice < 85 ? Breaker.Report.ALIVE : Breaker.Report.NOTHING;
  }

  /** Whatever state it is in: if time passes, it must let a call through. */
  private static String wedge(ManualLmClock clock, Subject subject) {
    for (int i = 0; i < 3; i++) {
      if (subject.tryAcquire() != null) {
        return null;
      }
      clock.advance(LIMIT);
    }
    return "wedged in " + subject.state();
  }

  /** Ways to get it wrong, and none. */
  enum Fault {
    NONE {
      @Override
      Subject plant(ManualLmClock clock) {
        return Real.create(clock, LIMIT);
      }
    },
    NO_HALF_OPEN_LIMIT {
      @Override
      Subject plant(ManualLmClock clock) {
        return Real.create(clock, Duration.ofDays(36_500));
      }
    },
    LEAKS_PERMISSION_OF_CANCELLED_CALLS {
      @Override
      Subject plant(ManualLmClock clock) {
        return new Altered(Real.create(clock, LIMIT)) {
          @Override
          public void report(Object permission, Breaker.Report report) {
            if (report != Breaker.Report.NOTHING) {
              super.report(permission, report);
            }
          }
        };
      }
    },
    RECORDS_REFUSALS {
      @Override
      Subject plant(ManualLmClock clock) {
        return new Altered(Real.create(clock, LIMIT)) {
          @Override
          public void report(Object permission, Breaker.Report report) {
            super.report(
                permission, report == Breaker.Report.ALIVE ? Breaker.Report.FAILURE : report);
          }
        };
      }
    },
    RECORDS_CANCELLATIONS {
      @Override
      Subject plant(ManualLmClock clock) {
        return new Altered(Real.create(clock, LIMIT)) {
          @Override
          public void report(Object permission, Breaker.Report report) {
            super.report(
                permission, report == Breaker.Report.NOTHING ? Breaker.Report.FAILURE : report);
          }
        };
      }
    },
    /** Resilience4j as it comes: no limit of the half-open state, late reports count. */
    BARE_RESILIENCE4J {
      @Override
      Subject plant(ManualLmClock clock) {
        return new Bare(clock);
      }
    };

    abstract Subject plant(ManualLmClock clock);
  }

  private static class Altered implements Subject {
    private final Subject subject;

    Altered(Subject subject) {
      this.subject = subject;
    }

    @Override
    public Object tryAcquire() {
      return subject.tryAcquire();
    }

    @Override
    public void report(Object permission, Breaker.Report report) {
      subject.report(permission, report);
    }

    @Override
    public BreakerState state() {
      return subject.state();
    }
  }

  private static final class Bare implements Subject {
    private final CircuitBreaker breaker;

    Bare(ManualLmClock manual) {
      Clock clock =
          new Clock() {
            @Override
            public Instant instant() {
              return Instant.EPOCH.plusNanos(manual.nanos() + 1); // "after", not "at or after"
            }

            @Override
            public ZoneId getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
              return this;
            }
          };
      breaker =
          CircuitBreaker.of(
              "bare",
              CircuitBreakerConfig.custom()
                  .slidingWindow(FAILURES, FAILURES, SlidingWindowType.COUNT_BASED)
                  .failureRateThreshold(100)
                  .waitDurationInOpenState(OPEN)
                  .permittedNumberOfCallsInHalfOpenState(PROBES)
                  .clock(clock)
                  .build());
    }

    @Override
    public Object tryAcquire() {
      return breaker.tryAcquirePermission() ? "permission" : null;
    }

    @Override
    public void report(Object permission, Breaker.Report report) {
      switch (report) {
        case SUCCESS -> breaker.onSuccess(0, TimeUnit.NANOSECONDS);
        case FAILURE -> breaker.onError(0, TimeUnit.NANOSECONDS, Failures.server());
        default -> breaker.releasePermission();
      }
    }

    @Override
    public BreakerState state() {
      return BreakerState.valueOf(breaker.getState().name());
    }
  }

  @Test
  void overRandomEvents_theBreakerDoesWhatTheAutomatonDoes() {
    for (long seed = 1; seed <= 10; seed++) {
      assertThat(divergence(seed, EVENTS / 10, Fault.NONE)).as("seed=%d", seed).isNull();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void plantedFault_isCaught(Fault fault) {
    assertThat(divergence(1, EVENTS / 10, fault)).isNotNull();
  }

  /** How many of 64 threads that come at once a half-open breaker lets through. */
  private static int storm(Subject halfOpening) throws Exception {
    int threads = 64;
    CountDownLatch ready = new CountDownLatch(threads);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(threads);
    AtomicInteger permitted = new AtomicInteger();
    AtomicReference<Throwable> broken = new AtomicReference<>();
    for (int i = 0; i < threads; i++) {
      Thread caller =
          new Thread(
              () -> {
                try {
                  ready.countDown();
                  go.await();
                  if (halfOpening.tryAcquire() != null) {
                    permitted.incrementAndGet();
                  }
                } catch (Throwable e) {
                  broken.set(e);
                } finally {
                  done.countDown();
                }
              });
      caller.setDaemon(true);
      caller.start();
    }
    assertThat(ready.await(20, TimeUnit.SECONDS)).isTrue();
    go.countDown();
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(broken.get()).isNull();
    return permitted.get();
  }

  @Test
  void halfOpenStorm_letsExactlyTheProbesThrough() throws Exception {
    for (int round = 0; round < 50; round++) {
      ManualLmClock clock = new ManualLmClock();
      Subject breaker = Real.create(clock, LIMIT);
      List<Object> late = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        late.add(breaker.tryAcquire());
      }
      for (int i = 0; i < FAILURES; i++) {
        breaker.report(breaker.tryAcquire(), Breaker.Report.FAILURE);
      }
      clock.advance(OPEN);
      assertThat(storm(breaker)).isEqualTo(PROBES);

      // calls from before the outage return their permissions: that makes no more probes
      late.forEach(permission -> breaker.report(permission, Breaker.Report.NOTHING));

      assertThat(storm(breaker)).isZero();
    }
  }

  @Test
  void halfOpenStorm_lateReturnsMakingMoreProbes_isCaught() throws Exception {
    ManualLmClock clock = new ManualLmClock();
    Subject breaker = new Bare(clock);
    for (int i = 0; i < FAILURES; i++) {
      breaker.report(breaker.tryAcquire(), Breaker.Report.FAILURE);
    }
    clock.advance(OPEN.plusMillis(1));
    assertThat(storm(breaker)).isEqualTo(PROBES);

    breaker.report("a permission from before the outage", Breaker.Report.NOTHING);

    assertThat(storm(breaker)).as("one probe too many").isEqualTo(1);
  }
}
