package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.trimtab.tck.LanguageModelContract;
import io.trimtab.tck.LanguageModelContract.Recorder;
import io.trimtab.tck.ManualLmClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

/** After any number of calls that ended in any way, exactly the configured slots are free. */
class PermitAccountingTest {

  private static final int SLOTS = 8;
  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));
  private static final LmRequest ASK = LmRequest.of("?");

  /** A model with slots, and how many of them are free. */
  private record Subject(LanguageModel model, IntSupplier free) {}

  /** A model whose calls end by themselves when told to. */
  private static final class Backend {
    private final ManualLmClock clock = new ManualLmClock();
    private final ScriptedLanguageModel model =
        ScriptedLanguageModel.builder()
            .clock(clock)
            .when(
                r -> r.options().seed() != null && r.options().seed() == 0,
                ScriptedAnswer.failure(Failures.badRequest()))
            .otherwise(ScriptedAnswer.text("a few words").after(Duration.ofMillis(10)))
            .build();
  }

  /**
   * Makes calls of which a third are cancelled, abandoned or run out of time, on one thread and a
   * manual clock so that every interleaving is reproducible. Returns what is wrong, or null.
   */
  private static String check(
      long seed, int calls, BiFunction<Backend, ManualLmClock, Subject> make) {
    SplittableRandom random = new SplittableRandom(seed);
    Backend backend = new Backend();
    Subject subject = make.apply(backend, backend.clock);
    List<Runnable> open = new ArrayList<>();
    int begun = 0;
    while (begun < calls) {
      for (int i = random.nextInt(20); i >= 0; i--, begun++) {
        open.add(begin(subject.model(), random));
      }
      while (!open.isEmpty() && random.nextInt(12) > 0) {
        open.remove(random.nextInt(open.size())).run();
      }
      backend.clock.advance(Duration.ofMillis(random.nextInt(60)));
      if (subject.free().getAsInt() > SLOTS || backend.model.active() > SLOTS) {
        return "more than %d slots: %d free, %d calls run"
            .formatted(SLOTS, subject.free().getAsInt(), backend.model.active());
      }
    }
    open.forEach(Runnable::run);
    backend.clock.advance(Duration.ofMinutes(10));
    return subject.free().getAsInt() == SLOTS
        ? null
        : "%d of %d slots free in the end".formatted(subject.free().getAsInt(), SLOTS);
  }

  /** Begins a call in one of the forms and returns how it is given up. */
  private static Runnable begin(LanguageModel model, SplittableRandom random) {
    LmOptions.Builder options = LmOptions.builder().seed((long) random.nextInt(10));
    if (random.nextInt(5) == 0) {
      options.timeout(Duration.ofMillis(1 + random.nextInt(30)));
    }
    LmRequest request = ASK.withOptions(options.build());
    if (random.nextInt(4) == 0) {
      Recorder recorder = new Recorder(1 + random.nextInt(3));
      model.stream(request).subscribe(recorder);
      return recorder::cancel;
    }
    CompletableFuture<LmResponse> call = model.generateAsync(request);
    return random.nextInt(3) == 0 ? () -> {} : () -> call.cancel(true);
  }

  private static Subject guarded(Backend backend, ManualLmClock clock) {
    LmLimits limits = LmLimits.builder().clock(clock).noBreaker().concurrency(SLOTS).build();
    return new Subject(
        ResilientLanguageModel.builder(backend.model)
            .limits(limits)
            .executor(Runnable::run)
            .build(),
        () -> limits.state(backend.model.key()).freeSlots());
  }

  @Test
  void afterManyCallsThatEndedInEveryWay_allSlotsAreFree() {
    int seeds = LONG ? 50 : 5;
    for (long seed = 1; seed <= seeds; seed++) {
      assertThat(check(seed, 20_000, PermitAccountingTest::guarded)).as("seed=%d", seed).isNull();
    }
  }

  /** Guards with a semaphore the way one does at first. */
  private static LanguageModel naive(LanguageModel model, Semaphore slots, boolean twice) {
    return new Fake() {
      @Override
      public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
        if (!slots.tryAcquire()) {
          return CompletableFuture.failedFuture(Failures.server());
        }
        CompletableFuture<LmResponse> answer = model.generateAsync(request);
        CompletableFuture<LmResponse> result =
            answer.whenComplete(
                (response, failure) -> {
                  slots.release();
                  if (twice && failure != null) {
                    slots.release();
                  }
                });
        return result; // cancelling this one does not cancel the call, nor free its slot
      }
    };
  }

  @Test
  void aWrapperThatLeaksOnCancel_isCaught() {
    assertThat(
            check(
                1,
                20_000,
                (backend, clock) -> {
                  Semaphore slots = new Semaphore(SLOTS);
                  ScriptedLanguageModel endless =
                      ScriptedLanguageModel.builder()
                          .clock(clock)
                          .otherwise(ScriptedAnswer.never())
                          .build();
                  return new Subject(naive(endless, slots, false), slots::availablePermits);
                }))
        .contains("free in the end");
  }

  @Test
  void aWrapperThatReleasesTwice_isCaught() {
    assertThat(
            check(
                1,
                20_000,
                (backend, clock) -> {
                  Semaphore slots = new Semaphore(SLOTS);
                  return new Subject(naive(backend.model, slots, true), slots::availablePermits);
                }))
        .contains("more than 8 slots");
  }

  @Test
  void resilience4jsOwnAsyncBulkhead_isCaught() {
    assertThat(
            check(
                1,
                20_000,
                (backend, clock) -> {
                  Bulkhead bulkhead =
                      Bulkhead.of("b", BulkheadConfig.custom().maxConcurrentCalls(SLOTS).build());
                  ScriptedLanguageModel endless =
                      ScriptedLanguageModel.builder()
                          .clock(clock)
                          .otherwise(ScriptedAnswer.never())
                          .build();
                  LanguageModel model =
                      new Fake() {
                        @Override
                        public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
                          return bulkhead
                              .executeCompletionStage(() -> endless.generateAsync(request))
                              .toCompletableFuture();
                        }
                      };
                  return new Subject(
                      model, () -> bulkhead.getMetrics().getAvailableConcurrentCalls());
                }))
        .contains("free in the end");
  }

  @Test
  void underRealThreads_allSlotsAreFreeAndEveryCallerGetsItsTurn() throws Exception {
    int callers = LONG ? 256 : 64;
    int each = LONG ? 4_000 : 100;
    LmLimits limits = LmLimits.builder().noBreaker().concurrency(SLOTS).build();
    ScriptedLanguageModel backend =
        ScriptedLanguageModel.builder()
            .otherwise(ScriptedAnswer.text("x").after(Duration.ofNanos(50_000)))
            .build();
    LanguageModel model = ResilientLanguageModel.builder(backend).limits(limits).build();
    CountDownLatch done = new CountDownLatch(callers);
    int[] answered = new int[callers];

    for (int c = 0; c < callers; c++) {
      int caller = c;
      Thread thread =
          new Thread(
              () -> {
                SplittableRandom random = new SplittableRandom(caller);
                for (int i = 0; i < each; i++) {
                  answered[caller] += oneCall(model, random);
                }
                done.countDown();
              });
      thread.setDaemon(true);
      thread.start();
    }

    assertThat(done.await(LONG ? 900 : 60, TimeUnit.SECONDS)).isTrue();
    LanguageModelContract.until("all slots", () -> limits.state(model.key()).freeSlots() == SLOTS);
    assertThat(limits.state(model.key()).waiting()).isZero();
    assertThat(backend.active()).isZero();
    assertThat(jain(answered)).isGreaterThanOrEqualTo(0.95);
  }

  /** One call, of which three in ten are interrupted, cancelled or run out of time. */
  private static int oneCall(LanguageModel model, SplittableRandom random) {
    int dice = random.nextInt(10);
    try {
      if (dice == 0) {
        Thread.currentThread().interrupt();
        model.generate(ASK);
      } else if (dice == 1) {
        model.generateAsync(ASK).cancel(true);
      } else if (dice == 2) {
        model.generate(ASK.withTimeout(Duration.ofNanos(1)));
      } else {
        model.generate(ASK);
      }
      return dice > 2 ? 1 : 0;
    } catch (LmException e) {
      return 0;
    } finally {
      Thread.interrupted();
    }
  }

  /** Jain's index of fairness: 1 if all are equal, 1/n if one has everything. */
  private static double jain(int[] shares) {
    double sum = 0;
    double squares = 0;
    for (int share : shares) {
      sum += share;
      squares += (double) share * share;
    }
    return sum * sum / (shares.length * squares);
  }

  /** What planted models need besides their fault. */
  private abstract static class Fake implements LanguageModel {
    @Override
    public LmResponse generate(LmRequest request) {
      return generateAsync(request).join();
    }

    @Override
    public ModelKey key() {
      return Failures.KEY;
    }

    @Override
    public Set<LmCapability> capabilities() {
      return Set.of();
    }

    @Override
    public void close() {}
  }
}
