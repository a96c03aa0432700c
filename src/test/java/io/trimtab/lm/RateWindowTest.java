package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.tck.ManualLmClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** No minute, wherever it begins, holds more than the limits. */
class RateWindowTest {

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  /** Makes a call when it may be made, or not at all. */
  private interface Admission {
    void admit(long tokens, long maxWait, Runnable call);
  }

  private record Call(long at, long tokens) {}

  /** The worst minute of random traffic, as a share of the limits; above 1 is a violation. */
  private static double worstMinute(
      long seed, ManualLmClock clock, Admission admission, int requests, long tokens) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      long size = random.nextLong(tokens / 5);
      admission.admit(
          size, random.nextLong(2 * MINUTE), () -> calls.add(new Call(clock.nanos(), size)));
      clock.advance(Duration.ofMillis(random.nextInt(random.nextInt(10) == 0 ? 30_000 : 300)));
    }
    double worst = 0;
    int first = 0;
    long sum = 0;
    for (int last = 0; last < calls.size(); last++) {
      sum += calls.get(last).tokens();
      while (calls.get(first).at() <= calls.get(last).at() - MINUTE) {
        sum -= calls.get(first++).tokens();
      }
      worst = Math.max(worst, Math.max((last - first + 1.0) / requests, (double) sum / tokens));
    }
    return worst;
  }

  /** Callers of a window, who queue for something else between passing it and making their call. */
  private record Callers(RateWindow window, ManualLmClock clock, LongSupplier queueing) {

    void admit(long tokens, long maxWait, Runnable call) {
      enter(window.reserve(tokens, maxWait), call);
    }

    private void enter(RateWindow.Reservation reservation, Runnable call) {
      RateWindow.Entry place = reservation.entry();
      if (place == null) {
        return;
      }
      Duration delay = Duration.ofNanos(reservation.delay());
      if (delay.isZero()) {
        clock.schedule(Duration.ofNanos(queueing.getAsLong()), () -> make(place, call));
      } else {
        clock.schedule(delay, () -> enter(window.pass(place, Long.MAX_VALUE), call));
      }
    }

    private void make(RateWindow.Entry place, Runnable call) {
      window.use(place);
      call.run();
    }
  }

  @Test
  void randomTraffic_keepsBothLimitsInEveryMinuteAndUsesThem() {
    for (long seed = 1; seed <= 10; seed++) {
      ManualLmClock clock = new ManualLmClock();
      Callers callers = new Callers(new RateWindow(clock, 20, 10_000), clock, () -> 0);

      double worst = worstMinute(seed, clock, callers::admit, 20, 10_000);

      assertThat(worst).as("seed=%d", seed).isBetween(0.95, 1.0);
    }
  }

  @Test
  void callsThatQueueForAnythingElse_keepBothLimitsWhenTheyAreMade() {
    for (long seed = 1; seed <= 10; seed++) {
      ManualLmClock clock = new ManualLmClock();
      SplittableRandom random = new SplittableRandom(seed);
      // like slots that are given back in bursts
      LongSupplier queueing = () -> 2 * MINUTE - clock.nanos() % (2 * MINUTE) + random.nextLong(9);
      Callers callers = new Callers(new RateWindow(clock, 20, 10_000), clock, queueing);

      double worst = worstMinute(seed, clock, callers::admit, 20, 10_000);

      assertThat(worst).as("seed=%d", seed).isBetween(0.5, 1.0);
    }
  }

  /** Counts per aligned minute, as fixed-window limiters do. */
  @Test
  void aFixedWindow_isCaught() {
    ManualLmClock clock = new ManualLmClock();
    long[] window = new long[2];

    double worst =
        worstMinute(
            1,
            clock,
            (tokens, maxWait, call) -> {
              long index = clock.nanos() / MINUTE;
              if (index != window[0]) {
                window[0] = index;
                window[1] = 0;
              }
              if (window[1]++ < 20) {
                call.run();
              }
            },
            20,
            Long.MAX_VALUE / 2);

    assertThat(worst).isGreaterThan(1.2);
  }

  @Test
  void placesGivenBack_areUsedByOthers() {
    ManualLmClock clock = new ManualLmClock();
    RateWindow window = new RateWindow(clock, 1, Long.MAX_VALUE);
    RateWindow.Entry taken = window.reserve(0, 0).entry();
    assertThat(window.reserve(0, 0).entry()).isNull();

    window.giveBack(taken);
    window.giveBack(taken);

    assertThat(window.reserve(0, 0).entry()).isNotNull();
    assertThat(window.requests()).isEqualTo(1);
  }

  @Test
  void aTrueCountAboveTheEstimate_holdsBackTheNext() {
    ManualLmClock clock = new ManualLmClock();
    RateWindow window = new RateWindow(clock, Long.MAX_VALUE, 100);
    RateWindow.Entry first = window.reserve(10, 0).entry();

    window.correct(first, 500);

    RateWindow.Reservation next = window.reserve(10, MINUTE);
    assertThat(next.delay()).isEqualTo(MINUTE);
    assertThat(next.byTokens()).isTrue();
  }

  @Test
  void afterAMinute_nothingIsRemembered() {
    ManualLmClock clock = new ManualLmClock();
    RateWindow window = new RateWindow(clock, 10, 100);
    RateWindow.Entry entry = window.reserve(50, 0).entry();
    window.use(entry);
    clock.advance(Duration.ofMinutes(1));

    window.correct(entry, 1_000);

    assertThat(window.requests()).isZero();
    assertThat(window.tokens()).isZero();
  }
}
