package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.trimtab.tck.LanguageModelContract;
import io.trimtab.tck.ManualLmClock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Whatever models, subscribers, executors and rules of others do wrong, every call ends, and no
 * other call is harmed.
 */
class NobodyWaitsForEverTest {

  private static final LmRequest ASK = LmRequest.of("?");
  private static final Duration SOON = Duration.ofMillis(100);
  private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

  /** A model of somebody else: no deadlines of its own, and as wrong as the test wants it. */
  private record Foreign(Supplier<CompletableFuture<LmResponse>> answer) implements LanguageModel {

    static Foreign deaf() {
      return new Foreign(CompletableFuture::new);
    }

    static Foreign throwing() {
      return new Foreign(
          () -> {
            throw new AssertionError("a fault of the model");
          });
    }

    @Override
    public LmResponse generate(LmRequest request) {
      return LmFutures.await(generateAsync(request), key());
    }

    @Override
    public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
      return answer.get();
    }

    @Override
    public ModelKey key() {
      return ModelKey.local("test", "foreign");
    }

    @Override
    public Set<LmCapability> capabilities() {
      return Set.of();
    }

    @Override
    public void close() {}
  }

  private static Throwable failureOf(CompletableFuture<LmResponse> future) {
    Throwable thrown = catchThrowable(() -> future.get(5, TimeUnit.SECONDS));
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    return thrown.getCause();
  }

  // --- deadlines

  @Test
  void aCommonPoolFullOfCallers_holdsUpNoDeadline() throws Exception {
    int threads = ForkJoinPool.getCommonPoolParallelism();
    CountDownLatch busy = new CountDownLatch(threads);
    CountDownLatch release = new CountDownLatch(1);
    for (int i = 0; i < threads; i++) {
      ForkJoinPool.commonPool()
          .execute(
              () -> {
                busy.countDown();
                awaitQuietly(release);
              });
    }
    busy.await();
    try (LanguageModel guarded = ResilientLanguageModel.lm(Foreign.deaf())) {
      CompletableFuture<LmResponse> blocking =
          CompletableFuture.supplyAsync(
              () -> guarded.generate(ASK.withTimeout(SOON)), task -> new Thread(task).start());

      assertThat(failureOf(blocking)).isInstanceOf(LmTimeoutException.class);
    } finally {
      release.countDown();
    }
  }

  /** As a parallel stream does, on JDK 25 with two cores already for one call. */
  @Test
  void callersThatFillTheCommonPool_leaveAThreadForTheModelThatAnswersOnIt() throws Exception {
    int callers = ForkJoinPool.getCommonPoolParallelism();
    try (LanguageModel guarded =
        ResilientLanguageModel.lm(
            new Foreign(
                () -> {
                  CompletableFuture<LmResponse> answer = new CompletableFuture<>();
                  ForkJoinPool.commonPool().execute(() -> answer.complete(LmResponse.of("m", "a")));
                  return answer;
                }))) {
      List<ForkJoinTask<LmResponse>> calls =
          Stream.generate(() -> ForkJoinPool.commonPool().submit(() -> guarded.generate(ASK)))
              .limit(2L * callers)
              .toList();

      for (ForkJoinTask<LmResponse> call : calls) {
        assertThat(call.get(5, TimeUnit.SECONDS).text()).isEqualTo("a");
      }
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aSubscriberThatThrows_takesNoDeadlineAway() throws Exception {
    try (LanguageModel guarded = ResilientLanguageModel.lm(Foreign.deaf())) {
      CountDownLatch told = new CountDownLatch(1);
      guarded.stream(ASK.withTimeout(SOON))
          .subscribe(
              new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                  subscription.request(1);
                }

                @Override
                public void onNext(LmChunk chunk) {}

                @Override
                public void onError(Throwable failure) {
                  told.countDown();
                  throw new IllegalStateException("a fault of the subscriber");
                }

                @Override
                public void onComplete() {}
              });
      assertThat(told.await(5, TimeUnit.SECONDS)).isTrue();

      CompletableFuture<LmResponse> next = guarded.generateAsync(ASK.withTimeout(SOON));

      assertThat(failureOf(next)).isInstanceOf(LmTimeoutException.class);
    }
  }

  @Test
  void anExecutorThatWasShutDown_takesNoDeadlineAway() {
    AtomicBoolean shutDown = new AtomicBoolean();
    Executor executor =
        step -> {
          if (shutDown.get()) {
            throw new RejectedExecutionException("shut down");
          }
          step.run();
        };
    try (LanguageModel guarded =
        ResilientLanguageModel.builder(Foreign.deaf())
            .retrying(1)
            .attemptTimeout(SOON)
            .executor(executor)
            .build()) {
      CompletableFuture<LmResponse> answer = guarded.generateAsync(ASK);

      shutDown.set(true);

      assertThat(failureOf(answer)).isInstanceOf(LmTimeoutException.class);
    }
  }

  @Test
  void anExecutorThatWasShutDown_harmsNobodyWhoHandsItsCallASlot() {
    ManualLmClock clock = new ManualLmClock();
    LmLimits limits = LmLimits.builder().clock(clock).concurrency(1).build();
    CompletableFuture<LmResponse> first = new CompletableFuture<>();
    LanguageModel mine =
        ResilientLanguageModel.builder(new Foreign(() -> first)).limits(limits).build();
    LanguageModel theirs =
        ResilientLanguageModel.builder(
                new Foreign(() -> CompletableFuture.completedFuture(LmResponse.of("m", "b"))))
            .limits(limits)
            .executor(
                step -> {
                  throw new RejectedExecutionException("shut down");
                })
            .build();
    CompletableFuture<LmResponse> running = mine.generateAsync(ASK);
    CompletableFuture<LmResponse> waiting = theirs.generateAsync(ASK);

    first.complete(LmResponse.of("m", "a"));

    assertThat(running).isCompletedWithValueMatching(response -> response.text().equals("a"));
    assertThat(waiting).isCompletedWithValueMatching(response -> response.text().equals("b"));
  }

  @Test
  void aStreamCancelledWhileItIsFirstAsked_isNotWatchedForEver() throws Exception {
    try (ResilientLanguageModel guarded = ResilientLanguageModel.lm(Foreign.deaf())) {
      for (int i = 0; i < 2_000; i++) {
        LanguageModelContract.Recorder recorder = new LanguageModelContract.Recorder(0);
        guarded.stream(ASK).subscribe(recorder);
        CyclicBarrier start = new CyclicBarrier(2);
        Thread canceller =
            new Thread(
                () -> {
                  meet(start);
                  recorder.cancel();
                });
        canceller.start();
        meet(start);
        recorder.demand(1);
        canceller.join();
      }

      assertThat(guarded.deadlines().running()).isZero();
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void durationsThatMeanForEver_doNotOverflow() {
    LanguageModel slow =
        ScriptedLanguageModel.builder()
            .otherwise(ScriptedAnswer.text("a").after(Duration.ofMillis(5)))
            .build();
    LanguageModel guarded =
        ResilientLanguageModel.builder(slow)
            .limits(
                LmLimits.builder()
                    .breaker(5, FOREVER)
                    .probing(1, FOREVER)
                    .maxCoolDown(FOREVER)
                    .concurrency(1)
                    .concurrencyWait(FOREVER)
                    .requestsPerMinute(100)
                    .rateWait(FOREVER)
                    .build())
            .timeout(FOREVER)
            .attemptTimeout(FOREVER)
            .build();
    LanguageModel model =
        CachingLanguageModel.builder(HedgedLanguageModel.of(guarded, FOREVER))
            .timeToLive(FOREVER)
            .build();

    assertThat(model.generate(ASK.withTimeout(FOREVER)).text()).isEqualTo("a");
    assertThat(model.generate(ASK).cached()).isTrue();
  }

  // --- estimates

  @Test
  void anEstimateThatThrows_failsTheCallAndHoldsNothing() {
    LmLimits limits =
        LmLimits.builder()
            .tokensPerMinute(10)
            .tokenEstimate(
                request -> {
                  throw new IllegalStateException("a fault of the estimate");
                })
            .build();
    try (ResilientLanguageModel guarded =
        ResilientLanguageModel.builder(Foreign.deaf()).limits(limits).build()) {

      assertThat(failureOf(guarded.generateAsync(ASK))).hasMessage("a fault of the estimate");
      assertThat(guarded.deadlines().running()).isZero();
    }
  }

  @Test
  void aNegativeEstimate_isRefusedForItWouldMakeRoomForOthers() {
    LmLimits limits = LmLimits.builder().tokensPerMinute(10).tokenEstimate(request -> -5).build();
    try (LanguageModel guarded =
        ResilientLanguageModel.builder(Foreign.deaf()).limits(limits).build()) {

      assertThat(failureOf(guarded.generateAsync(ASK)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tokenEstimate")
          .hasMessageContaining("-5");
    }
  }

  // --- models and rules

  @Test
  void aModelThatThrowsAnError_leavesNobodyInTheCacheWaiting() {
    LanguageModel cached = CachingLanguageModel.of(Foreign.throwing());

    assertThat(failureOf(cached.generateAsync(ASK))).isInstanceOf(AssertionError.class);
    assertThat(failureOf(cached.generateAsync(ASK))).isInstanceOf(AssertionError.class);
  }

  @Test
  void aModelThatAnswersNull_leavesNobodyInTheCacheWaiting() {
    LanguageModel cached =
        CachingLanguageModel.of(new Foreign(() -> CompletableFuture.completedFuture(null)));

    assertThat(failureOf(cached.generateAsync(ASK))).hasMessageContaining("answered null");
  }

  @Test
  void aNextModelThatThrowsAnError_endsTheChain() {
    CompletableFuture<LmResponse> first = new CompletableFuture<>();
    LanguageModel chain = FallbackLanguageModel.of(new Foreign(() -> first), Foreign.throwing());
    CompletableFuture<LmResponse> answer = chain.generateAsync(ASK);

    first.completeExceptionally(Failures.server());

    assertThat(failureOf(answer)).isInstanceOf(AssertionError.class);
  }

  @Test
  void aRuleThatThrows_endsTheChainInEveryForm() {
    LanguageModel failing = new Foreign(() -> CompletableFuture.failedFuture(Failures.server()));
    LanguageModel chain =
        FallbackLanguageModel.of(
            List.of(failing, failing),
            failure -> {
              throw new IllegalStateException("a fault of the rule");
            },
            LmClock.system());

    assertThat(failureOf(chain.generateAsync(ASK))).hasMessage("a fault of the rule");
    assertThat(failureOf(LmStreams.collect(chain.stream(ASK)))).hasMessage("a fault of the rule");
    assertThatThrownBy(() -> chain.generate(ASK)).hasMessage("a fault of the rule");
  }

  @Test
  void aDeadlineThatPassesBetweenTwoModels_isNoNonsense() {
    AtomicLong now = new AtomicLong(); // goes on with every look
    LmClock hurrying =
        new LmClock() {
          @Override
          public long nanos() {
            return now.getAndAdd(Duration.ofMillis(400).toNanos());
          }

          @Override
          public Timer schedule(Duration delay, Runnable task) {
            return () -> {};
          }
        };
    LanguageModel second =
        ScriptedLanguageModel.builder()
            .clock(new ManualLmClock())
            .otherwise(ScriptedAnswer.text("b"))
            .build();
    LanguageModel chain =
        FallbackLanguageModel.of(
            List.of(new Foreign(() -> CompletableFuture.failedFuture(Failures.server())), second),
            failure -> true,
            hurrying);

    // 400 ms when the first was asked, 800 when it failed, 1200 when the second is asked
    assertThat(chain.generate(ASK.withTimeout(Duration.ofSeconds(1))).text()).isEqualTo("b");
  }

  @Test
  void aRunnerThatThrowsAnError_endsTheRaceWhenTheOtherFailsToo() throws Exception {
    ManualLmClock clock = new ManualLmClock();
    CompletableFuture<LmResponse> first = new CompletableFuture<>();
    LanguageModel race =
        HedgedLanguageModel.of(
            List.of(new Foreign(() -> first), Foreign.throwing()), Duration.ofSeconds(1), clock);
    CompletableFuture<LmResponse> answer = race.generateAsync(ASK);

    catchThrowable(() -> clock.advance(Duration.ofSeconds(1)));
    first.completeExceptionally(Failures.server());

    assertThat(failureOf(answer)).isInstanceOf(AssertionError.class);
  }
}
