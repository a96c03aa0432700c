package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.trimtab.tck.LanguageModelContract;
import io.trimtab.tck.LanguageModelContract.Recorder;
import io.trimtab.tck.ManualLmClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The layers around a model, through the whole stack, on a clock that the test moves. */
class ResilientLanguageModelTest {

  private static final LmRequest ASK = LmRequest.of("?");

  private final ManualLmClock clock = new ManualLmClock();
  private final List<LmEvent> events = new CopyOnWriteArrayList<>();

  private ScriptedLanguageModel.Builder script() {
    return ScriptedLanguageModel.builder().clock(clock);
  }

  private LmLimits.Builder limits() {
    return LmLimits.builder().clock(clock);
  }

  /** No retries, no randomness, steps on the thread that causes them. */
  private ResilientLanguageModel.Builder guard(LanguageModel model, LmLimits limits) {
    return ResilientLanguageModel.builder(model)
        .limits(limits)
        .retrying(1)
        .random((RandomGenerator) () -> -1L) // nextDouble() is nearly 1: no wait is cut
        .executor(Runnable::run)
        .listener(events::add);
  }

  private static Throwable failureOf(CompletableFuture<?> future) {
    assertThat(future).isCompletedExceptionally();
    Throwable thrown = catchThrowable(future::join);
    return thrown instanceof CompletionException ? thrown.getCause() : thrown;
  }

  private void advance(long seconds) {
    clock.advance(Duration.ofSeconds(seconds));
  }

  // --- breaker

  @Test
  void fiveServerErrors_openTheBreakerAndTheSixthCallIsNotSent() {
    ScriptedLanguageModel model =
        script().then(5, ScriptedAnswer.failure(Failures.server())).answer("never said").build();
    LanguageModel guarded = guard(model, limits().build()).build();

    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> guarded.generate(ASK)).isInstanceOf(LmServerException.class);
    }
    Throwable sixth = catchThrowable(() -> guarded.generate(ASK));

    assertThat(sixth).isInstanceOf(LmCircuitOpenException.class);
    assertThat(((LmCircuitOpenException) sixth).retryAfter()).isEqualTo(Duration.ofSeconds(30));
    assertThat(model.requests()).hasSize(5);
  }

  @Test
  void aSuccessInBetween_keepsTheBreakerClosed() {
    ScriptedLanguageModel model =
        script()
            .then(4, ScriptedAnswer.failure(Failures.server()))
            .answer("fine")
            .then(4, ScriptedAnswer.failure(Failures.transport()))
            .answer("fine again")
            .build();
    LanguageModel guarded = guard(model, limits().build()).build();

    for (int i = 0; i < 9; i++) {
      catchThrowable(() -> guarded.generate(ASK));
    }

    assertThat(guarded.generate(ASK).text()).isEqualTo("fine again");
  }

  static Stream<LmException> refusals() {
    LmErrorOrigin origin = LmErrorOrigin.of(Failures.KEY, 400);
    return Stream.of(
        Failures.badRequest(),
        Failures.quota(),
        Failures.rateLimited(null),
        new LmAuthenticationException("401", origin, null),
        new LmContextLengthException("too long", origin, null),
        new LmContentFilteredException("no", origin, null),
        new LmConfigurationException("no key", origin, null),
        new LmCancelledException("never mind", false, origin, null));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refusals_neverOpenTheBreaker(LmException refusal) {
    ScriptedLanguageModel model = script().otherwise(ScriptedAnswer.failure(refusal)).build();
    LanguageModel guarded = guard(model, limits().build()).build();

    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(() -> guarded.generate(ASK)).isSameAs(refusal);
    }

    assertThat(model.requests()).hasSize(50);
  }

  static Stream<LmException> failures() {
    LmErrorOrigin origin = LmErrorOrigin.of(Failures.KEY);
    return Stream.of(
        Failures.server(),
        Failures.transport(),
        new LmTimeoutException(
            LmTimeoutException.Deadline.CONNECT, Duration.ofSeconds(1), origin, null),
        new LmMalformedResponseException("html", origin, null));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void failures_openTheBreakerWhateverTheirType(LmException failure) {
    ScriptedLanguageModel model = script().otherwise(ScriptedAnswer.failure(failure)).build();
    LanguageModel guarded = guard(model, limits().build()).build();

    for (int i = 0; i < 5; i++) {
      catchThrowable(() -> guarded.generate(ASK));
    }

    assertThatThrownBy(() -> guarded.generate(ASK)).isInstanceOf(LmCircuitOpenException.class);
  }

  /** Answers from a script after it has failed five times. */
  private ResilientLanguageModel openedThen(LmLimits limits, ScriptedAnswer... answers) {
    ScriptedLanguageModel.Builder script =
        script().then(5, ScriptedAnswer.failure(Failures.server()));
    Stream.of(answers).forEach(script::then);
    ResilientLanguageModel guarded = guard(script.build(), limits).build();
    for (int i = 0; i < 5; i++) {
      catchThrowable(() -> guarded.generate(ASK));
    }
    assertThat(limits.state(Failures.KEY).breaker()).isEqualTo(BreakerState.OPEN);
    return guarded;
  }

  @Test
  void afterItsTime_oneGoodProbeClosesTheBreaker() {
    LmLimits limits = limits().build();
    LanguageModel guarded =
        openedThen(limits, ScriptedAnswer.text("well"), ScriptedAnswer.text("again"));

    advance(29);
    assertThatThrownBy(() -> guarded.generate(ASK)).isInstanceOf(LmCircuitOpenException.class);
    advance(1);
    assertThat(guarded.generate(ASK).text()).isEqualTo("well");

    assertThat(limits.state(Failures.KEY).breaker()).isEqualTo(BreakerState.CLOSED);
    assertThat(guarded.generate(ASK).text()).isEqualTo("again");
  }

  @Test
  void aFailedProbe_opensTheBreakerForAnotherTerm() {
    LmLimits limits = limits().build();
    LanguageModel guarded =
        openedThen(limits, ScriptedAnswer.failure(Failures.server()), ScriptedAnswer.text("well"));

    advance(30);
    assertThatThrownBy(() -> guarded.generate(ASK)).isInstanceOf(LmServerException.class);
    advance(29);
    assertThatThrownBy(() -> guarded.generate(ASK)).isInstanceOf(LmCircuitOpenException.class);
    advance(1);

    assertThat(guarded.generate(ASK).text()).isEqualTo("well");
  }

  @Test
  void aRefusedProbe_provesThatTheServerLives() {
    LmLimits limits = limits().build();
    LanguageModel guarded =
        openedThen(
            limits, ScriptedAnswer.failure(Failures.badRequest()), ScriptedAnswer.text("well"));

    advance(30);
    assertThatThrownBy(() -> guarded.generate(ASK)).isInstanceOf(LmInvalidRequestException.class);

    assertThat(limits.state(Failures.KEY).breaker()).isEqualTo(BreakerState.CLOSED);
  }

  @Test
  void aProbeThatNeverAnswers_doesNotHoldTheBreakerHalfOpen() {
    LmLimits limits = limits().probing(1, Duration.ofSeconds(60)).build();
    LanguageModel guarded = openedThen(limits, ScriptedAnswer.never(), ScriptedAnswer.text("well"));
    advance(30);
    CompletableFuture<LmResponse> probe = guarded.generateAsync(ASK);

    assertThatThrownBy(() -> guarded.generate(ASK))
        .isInstanceOf(LmCircuitOpenException.class); // its one probe is out
    advance(60);
    assertThatThrownBy(() -> guarded.generate(ASK)).isInstanceOf(LmCircuitOpenException.class);
    assertThat(limits.state(Failures.KEY).breaker()).isEqualTo(BreakerState.OPEN);
    advance(30);

    assertThat(guarded.generate(ASK).text()).isEqualTo("well");
    assertThat(probe).isNotDone();
  }

  @Test
  void aCancelledProbe_letsTheNextCallProbe() {
    LmLimits limits = limits().build();
    LanguageModel guarded = openedThen(limits, ScriptedAnswer.never(), ScriptedAnswer.text("well"));
    advance(30);

    guarded.generateAsync(ASK).cancel(true);

    assertThat(guarded.generate(ASK).text()).isEqualTo("well");
  }

  @Test
  void breakersOfDifferentModels_doNotDisturbEachOther() {
    LmLimits limits = limits().build();
    LanguageModel sick =
        guard(
                script()
                    .key(ModelKey.local("p", "sick"))
                    .otherwise(ScriptedAnswer.failure(Failures.server()))
                    .build(),
                limits)
            .build();
    LanguageModel well =
        guard(
                script()
                    .key(ModelKey.local("p", "well"))
                    .otherwise(ScriptedAnswer.text("fine"))
                    .build(),
                limits)
            .build();

    for (int i = 0; i < 6; i++) {
      catchThrowable(() -> sick.generate(ASK));
    }

    assertThatThrownBy(() -> sick.generate(ASK)).isInstanceOf(LmCircuitOpenException.class);
    assertThat(well.generate(ASK).text()).isEqualTo("fine");
  }

  @Test
  void clientsOfOneModelWithSharedLimits_shareTheBreaker() {
    LmLimits limits = limits().build();
    ScriptedLanguageModel other = script().answer("never said").build();
    LanguageModel first =
        guard(script().otherwise(ScriptedAnswer.failure(Failures.server())).build(), limits)
            .build();
    LanguageModel second = guard(other, limits).build();

    for (int i = 0; i < 5; i++) {
      catchThrowable(() -> first.generate(ASK));
    }

    assertThatThrownBy(() -> second.generate(ASK)).isInstanceOf(LmCircuitOpenException.class);
    assertThat(other.requests()).isEmpty();
  }

  @Test
  void aModelNamedInTheOptions_hasABreakerOfItsOwn() {
    LmLimits limits = limits().build();
    ScriptedLanguageModel model =
        script()
            .when(r -> "other".equals(r.options().model()), ScriptedAnswer.text("fine"))
            .otherwise(ScriptedAnswer.failure(Failures.server()))
            .build();
    LanguageModel guarded = guard(model, limits).build();
    for (int i = 0; i < 5; i++) {
      catchThrowable(() -> guarded.generate(ASK));
    }

    LmRequest other = ASK.withOptions(LmOptions.builder().model("other").build());

    assertThat(guarded.generate(other).text()).isEqualTo("fine");
  }

  @Test
  void listeners_hearOfTheBreakerOfAModelNamedInTheOptions() {
    LanguageModel guarded =
        guard(
                script().otherwise(ScriptedAnswer.failure(Failures.server())).build(),
                limits().build())
            .build();
    LmRequest other = ASK.withOptions(LmOptions.builder().model("other").build());

    for (int i = 0; i < 6; i++) {
      catchThrowable(() -> guarded.generate(other));
    }

    assertThat(events)
        .filteredOn(LmEvent.BreakerChanged.class::isInstance)
        .containsExactly(
            new LmEvent.BreakerChanged(
                Failures.KEY.withModel("other"), BreakerState.CLOSED, BreakerState.OPEN));
  }

  @Test
  void localRejections_areNoFailuresOfTheModel() {
    LmLimits limits = limits().concurrency(1).concurrencyWait(Duration.ZERO).build();
    ScriptedLanguageModel model = script().then(ScriptedAnswer.never()).answer("fine").build();
    LanguageModel guarded = guard(model, limits).build();
    CompletableFuture<LmResponse> blocker = guarded.generateAsync(ASK);

    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(() -> guarded.generate(ASK)).isInstanceOf(LmOverloadedException.class);
    }
    blocker.cancel(true);

    assertThat(guarded.generate(ASK).text()).isEqualTo("fine");
  }

  // --- retries, deadlines, cool-down

  @Test
  void passingFailures_areRetriedWithDoublingWaits() {
    ScriptedLanguageModel model =
        script().fail(Failures.server()).fail(Failures.transport()).answer("third").build();
    LanguageModel guarded = guard(model, limits().build()).retrying(3).build();

    CompletableFuture<LmResponse> answer = guarded.generateAsync(ASK);
    clock.advance(Duration.ofMillis(500));
    assertThat(model.requests()).hasSize(2);
    clock.advance(Duration.ofMillis(999));
    assertThat(model.requests()).hasSize(2);
    clock.advance(Duration.ofMillis(1));

    assertThat(answer.join().text()).isEqualTo("third");
    assertThat(events)
        .filteredOn(LmEvent.Retrying.class::isInstance)
        .extracting(e -> ((LmEvent.Retrying) e).attempt())
        .containsExactly(1, 2);
  }

  @Test
  void whenAllAttemptsFail_theLastFailureIsTheAnswer() {
    LmException last = Failures.transport();
    ScriptedLanguageModel model = script().fail(Failures.server()).fail(last).build();
    LanguageModel guarded = guard(model, limits().build()).retrying(2).build();

    CompletableFuture<LmResponse> answer = guarded.generateAsync(ASK);
    advance(1);

    assertThat(failureOf(answer)).isSameAs(last);
  }

  @Test
  void waits_areSpreadAtRandomBetweenHalfAndAll() {
    ResilientLanguageModel guarded =
        ResilientLanguageModel.builder(script().build())
            .backoff(Duration.ofMillis(100), Duration.ofSeconds(1))
            .build();

    for (int attempt = 1; attempt <= 8; attempt++) {
      long full = Math.min(100L << (attempt - 1), 1000) * 1_000_000;
      assertThat(guarded.backoff(attempt)).isBetween(full / 2, full);
    }
  }

  @Test
  void refusalsAndQuota_areNeverRetried() {
    for (LmException refusal : List.of(Failures.badRequest(), Failures.quota())) {
      ScriptedLanguageModel model = script().fail(refusal).answer("never said").build();
      LanguageModel guarded = guard(model, limits().build()).retrying(5).build();

      assertThatThrownBy(() -> guarded.generate(ASK)).isSameAs(refusal);
      assertThat(model.requests()).hasSize(1);
    }
  }

  @Test
  void whatIsNoLmException_isPassedOnAndNeverRetried() {
    IllegalArgumentException bug = new IllegalArgumentException("a bug");
    ScriptedLanguageModel model = script().fail(bug).answer("never said").build();
    LanguageModel guarded = guard(model, limits().build()).retrying(5).build();

    assertThatThrownBy(() -> guarded.generate(ASK)).isSameAs(bug);
    assertThat(model.requests()).hasSize(1);
  }

  @Test
  void anOpenBreaker_isNotRetried() {
    ScriptedLanguageModel model =
        script().otherwise(ScriptedAnswer.failure(Failures.server())).build();
    LmLimits limits = limits().breaker(2, Duration.ofSeconds(30)).build();
    LanguageModel guarded = guard(model, limits).retrying(10).build();

    CompletableFuture<LmResponse> answer = guarded.generateAsync(ASK);
    advance(2);

    Throwable failure = failureOf(answer);
    assertThat(failure).isInstanceOf(LmCircuitOpenException.class);
    assertThat(failure.getCause()).isInstanceOf(LmServerException.class);
    assertThat(model.requests()).hasSize(2);
  }

  @Test
  void retryAfter_isHonoured() {
    ScriptedLanguageModel model =
        script().fail(Failures.rateLimited(Duration.ofSeconds(7))).answer("later").build();
    LanguageModel guarded = guard(model, limits().build()).retrying(2).build();

    CompletableFuture<LmResponse> answer = guarded.generateAsync(ASK);
    advance(7);
    assertThat(model.requests()).as("spread by at most a quarter of a second").hasSize(1);
    advance(1);

    assertThat(answer.join().text()).isEqualTo("later");
  }

  @Test
  void retryAfter_holdsBackEveryCallerOfTheModel() {
    LmLimits limits = limits().build();
    ScriptedLanguageModel first =
        script().fail(Failures.rateLimited(Duration.ofSeconds(10))).build();
    ScriptedLanguageModel second = script().answer("after the cool-down").build();
    LanguageModel refused = guard(first, limits).build();
    LanguageModel other = guard(second, limits).build();
    catchThrowable(() -> refused.generate(ASK));

    CompletableFuture<LmResponse> answer = other.generateAsync(ASK);
    advance(9);
    assertThat(second.requests()).isEmpty();
    advance(2);

    assertThat(answer.join().text()).isEqualTo("after the cool-down");
  }

  @Test
  void retryAfterBeyondTheDeadline_failsAtOnceWithTheValue() {
    ScriptedLanguageModel model =
        script()
            .otherwise(ScriptedAnswer.failure(Failures.rateLimited(Duration.ofSeconds(40))))
            .build();
    LanguageModel guarded = guard(model, limits().build()).retrying(3).build();
    LmRequest hasty = ASK.withTimeout(Duration.ofSeconds(20));

    Throwable refused = failureOf(guarded.generateAsync(hasty));
    Throwable cooling = failureOf(guarded.generateAsync(hasty));

    assertThat(((LmRateLimitedException) refused).retryAfter()).isEqualTo(Duration.ofSeconds(40));
    assertThat(((LmRateLimitedException) cooling).retryAfter()).isEqualTo(Duration.ofSeconds(40));
    assertThat(model.requests()).as("the cool-down sends nothing").hasSize(1);
  }

  @Test
  void anAbsurdRetryAfter_doesNotCloseTheModelForEver() {
    LmLimits limits = limits().maxCoolDown(Duration.ofMinutes(5)).build();
    ScriptedLanguageModel model =
        script()
            .fail(Failures.rateLimited(Duration.ofSeconds(Long.MAX_VALUE / 2)))
            .answer("fine")
            .build();
    LanguageModel guarded = guard(model, limits).retrying(2).build();

    assertThat(failureOf(guarded.generateAsync(ASK))).isInstanceOf(LmRateLimitedException.class);
    assertThat(limits.state(Failures.KEY).coolDown()).isEqualTo(Duration.ofMinutes(5));
    advance(300);

    assertThat(guarded.generate(ASK).text()).isEqualTo("fine");
  }

  @Test
  void theRetryBudget_endsRetriesOfAllCallsTogether() {
    ScriptedLanguageModel model =
        script().otherwise(ScriptedAnswer.failure(Failures.server())).build();
    LmLimits limits = limits().noBreaker().retryBudget(0, 3).build();
    LanguageModel guarded = guard(model, limits).retrying(3).build();

    for (int i = 0; i < 10; i++) {
      guarded.generateAsync(ASK);
      advance(20);
    }

    assertThat(model.requests()).hasSize(10 + 3);
  }

  @Test
  void anAnswerOfManySeconds_isWaitedFor() {
    ScriptedLanguageModel model =
        script().then(ScriptedAnswer.text("thought").after(Duration.ofSeconds(90))).build();
    LanguageModel guarded = guard(model, limits().build()).build();

    CompletableFuture<LmResponse> answer = guarded.generateAsync(ASK);
    advance(90);

    assertThat(answer.join().text()).isEqualTo("thought");
  }

  @Test
  void anAttemptThatTakesTooLong_isCutAndRetried() {
    ScriptedLanguageModel model = script().then(ScriptedAnswer.never()).answer("second").build();
    LanguageModel guarded =
        guard(model, limits().build()).retrying(2).attemptTimeout(Duration.ofSeconds(10)).build();

    CompletableFuture<LmResponse> answer = guarded.generateAsync(ASK);
    advance(10);
    assertThat(model.active()).isZero();
    advance(1);

    assertThat(answer.join().text()).isEqualTo("second");
  }

  @Test
  void theModelIsTold_theTimeItsAttemptHas() {
    ScriptedLanguageModel model = script().otherwise(ScriptedAnswer.text("fine")).build();
    LanguageModel guarded =
        guard(model, limits().build()).attemptTimeout(Duration.ofSeconds(10)).build();

    guarded.generate(ASK);
    guarded.generate(ASK.withTimeout(Duration.ofSeconds(3)));

    assertThat(model.requests())
        .extracting(r -> r.options().timeout())
        .containsExactly(Duration.ofSeconds(10), Duration.ofSeconds(3));
  }

  @Test
  void aModelThatIgnoresItsDeadline_isCutAllTheSame() {
    Rogue model = new Rogue();
    LmLimits limits = limits().concurrency(1).build();
    LanguageModel guarded = guard(model, limits).timeout(Duration.ofSeconds(5)).build();

    CompletableFuture<LmResponse> answer = guarded.generateAsync(ASK);
    advance(5);

    assertThat(failureOf(answer)).isInstanceOf(LmTimeoutException.class);
    assertThat(limits.state(Failures.KEY).freeSlots()).isEqualTo(1);
    assertThat(model.answer).isCancelled();
  }

  @Test
  void theDeadline_includesTheWaitsBetweenAttempts() {
    ScriptedLanguageModel model =
        script().otherwise(ScriptedAnswer.failure(Failures.server())).build();
    LanguageModel guarded =
        guard(model, limits().noBreaker().build())
            .retrying(100)
            .backoff(Duration.ofSeconds(2), Duration.ofSeconds(2))
            .build();

    CompletableFuture<LmResponse> answer =
        guarded.generateAsync(ASK.withTimeout(Duration.ofSeconds(5)));
    advance(5);

    assertThat(failureOf(answer)).isInstanceOf(LmServerException.class);
    assertThat(model.requests()).as("at 0, 2 and 4 seconds").hasSize(3);
  }

  @Test
  void theDeadline_includesTheWaitForASlot() {
    LmLimits limits = limits().concurrency(1).build();
    ScriptedLanguageModel model = script().otherwise(ScriptedAnswer.never()).build();
    LanguageModel guarded = guard(model, limits).build();
    CompletableFuture<LmResponse> blocker = guarded.generateAsync(ASK);

    CompletableFuture<LmResponse> waiting =
        guarded.generateAsync(ASK.withTimeout(Duration.ofSeconds(3)));
    advance(4);

    Throwable failure = failureOf(waiting);
    assertThat(failure).isInstanceOf(LmTimeoutException.class);
    assertThat(((LmTimeoutException) failure).deadline())
        .isEqualTo(LmTimeoutException.Deadline.OVERALL);
    assertThat(limits.state(Failures.KEY).waiting()).isZero();
    assertThat(blocker).isNotDone();
  }

  @Test
  void timeouts_openTheBreaker() {
    LmLimits limits = limits().build();
    ScriptedLanguageModel model = script().otherwise(ScriptedAnswer.never()).build();
    LanguageModel guarded = guard(model, limits).attemptTimeout(Duration.ofSeconds(1)).build();

    for (int i = 0; i < 5; i++) {
      CompletableFuture<LmResponse> answer = guarded.generateAsync(ASK);
      advance(2);
      assertThat(failureOf(answer)).isInstanceOf(LmTimeoutException.class);
    }

    assertThat(limits.state(Failures.KEY).breaker()).isEqualTo(BreakerState.OPEN);
  }

  // --- concurrency

  @Test
  void tenCalls_trulyOverlapAndTheEleventhWaits() throws Exception {
    LmLimits limits = limits().concurrency(10).build();
    CyclicBarrier allTen = new CyclicBarrier(10);
    ScriptedLanguageModel model =
        ScriptedLanguageModel.answeringWith(
            request -> {
              try {
                allTen.await(5, TimeUnit.SECONDS); // passes only if ten are in here at once
              } catch (Exception e) {
                throw new AssertionError(e);
              }
              return "together";
            });
    LanguageModel guarded = guard(model, limits).build();

    List<CompletableFuture<String>> answers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      CompletableFuture<String> answer = new CompletableFuture<>();
      answers.add(answer);
      Thread caller = new Thread(() -> answer.complete(guarded.generate(ASK).text()));
      caller.setDaemon(true);
      caller.start();
    }

    for (CompletableFuture<String> answer : answers) {
      assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("together");
    }
    assertThat(limits.state(Failures.KEY).freeSlots()).isEqualTo(10);
  }

  @Test
  void theEleventhCall_waitsForItsTurn() {
    LmLimits limits = limits().concurrency(10).build();
    CompletableFuture<Void> gate = new CompletableFuture<>();
    ScriptedLanguageModel model =
        script().then(10, ScriptedAnswer.text("early").awaiting(gate)).answer("eleventh").build();
    LanguageModel guarded = guard(model, limits).build();
    for (int i = 0; i < 10; i++) {
      guarded.generateAsync(ASK);
    }

    CompletableFuture<LmResponse> eleventh = guarded.generateAsync(ASK);
    assertThat(model.requests()).hasSize(10);
    assertThat(limits.state(Failures.KEY).waiting()).isEqualTo(1);
    gate.complete(null);

    assertThat(eleventh.join().text()).isEqualTo("eleventh");
    assertThat(limits.state(Failures.KEY).freeSlots()).isEqualTo(10);
  }

  @Test
  void theEleventhCall_isRefusedAtOnceOrAfterItsWaitIfSoConfigured() {
    for (Duration wait : List.of(Duration.ZERO, Duration.ofSeconds(2))) {
      LmLimits limits = limits().concurrency(10).concurrencyWait(wait).build();
      ScriptedLanguageModel model = script().otherwise(ScriptedAnswer.never()).build();
      LanguageModel guarded = guard(model, limits).build();
      for (int i = 0; i < 10; i++) {
        guarded.generateAsync(ASK);
      }

      CompletableFuture<LmResponse> eleventh = guarded.generateAsync(ASK);
      assertThat(eleventh.isDone()).isEqualTo(wait.isZero());
      clock.advance(wait);

      Throwable failure = failureOf(eleventh);
      assertThat(((LmOverloadedException) failure).limit())
          .isEqualTo(LmOverloadedException.Limit.CONCURRENCY);
      assertThat(model.requests()).hasSize(10);
    }
  }

  @Test
  void cancelledCallsAbandonedStreamsAndInterruptedThreads_freeTheirSlots() throws Exception {
    LmLimits limits = limits().concurrency(3).build();
    ScriptedLanguageModel model = script().otherwise(ScriptedAnswer.never()).build();
    LanguageModel guarded = guard(model, limits).build();
    CountDownLatch gone = new CountDownLatch(1);
    Thread caller =
        new Thread(
            () -> {
              catchThrowable(() -> guarded.generate(ASK));
              gone.countDown();
            });
    Recorder stream = new Recorder(Long.MAX_VALUE);

    CompletableFuture<LmResponse> call = guarded.generateAsync(ASK);
    guarded.stream(ASK).subscribe(stream);
    caller.start();
    LanguageModelContract.until("three calls", () -> model.active() == 3);
    assertThat(limits.state(Failures.KEY).freeSlots()).isZero();
    call.cancel(true);
    stream.cancel();
    caller.interrupt();

    assertThat(gone.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(limits.state(Failures.KEY).freeSlots()).isEqualTo(3);
    assertThat(model.active()).isZero();
    assertThat(model.cancelled()).isEqualTo(3);
  }

  @Test
  void aCallCancelledInTheQueue_isNeverSent() {
    LmLimits limits = limits().concurrency(1).build();
    CompletableFuture<Void> gate = new CompletableFuture<>();
    ScriptedLanguageModel model =
        script().otherwise(ScriptedAnswer.text("x").awaiting(gate)).build();
    LanguageModel guarded = guard(model, limits).build();
    guarded.generateAsync(ASK);
    CompletableFuture<LmResponse> waiting = guarded.generateAsync(ASK);

    waiting.cancel(true);
    gate.complete(null);

    assertThat(model.requests()).hasSize(1);
    assertThat(limits.state(Failures.KEY).freeSlots()).isEqualTo(1);
    assertThat(clock.pending()).as("nothing is left on the clock").isLessThanOrEqualTo(1);
  }

  @Test
  void aBreakerThatOpensWhileACallWaits_keepsItFromBeingSent() {
    LmLimits limits = limits().concurrency(1).breaker(1, Duration.ofSeconds(30)).build();
    CompletableFuture<Void> gate = new CompletableFuture<>();
    ScriptedLanguageModel model =
        script()
            .then(ScriptedAnswer.failure(Failures.server()).awaiting(gate))
            .answer("never said")
            .build();
    LanguageModel guarded = guard(model, limits).build();
    guarded.generateAsync(ASK);
    CompletableFuture<LmResponse> waiting = guarded.generateAsync(ASK);

    gate.complete(null);

    assertThat(failureOf(waiting)).isInstanceOf(LmCircuitOpenException.class);
    assertThat(model.requests()).hasSize(1);
  }

  // --- rates

  @Test
  void requestsPerMinute_areNeverExceededInAnyMinute() {
    LmLimits limits = limits().requestsPerMinute(3).build();
    List<Long> sent = new ArrayList<>();
    ScriptedLanguageModel model =
        script()
            .otherwise(
                ScriptedAnswer.from(
                    request -> {
                      sent.add(clock.nanos());
                      return LmResponse.of("m", "x");
                    }))
            .build();
    LanguageModel guarded = guard(model, limits).timeout(Duration.ofHours(1)).build();

    for (int i = 0; i < 10; i++) {
      guarded.generateAsync(ASK);
      advance(7);
    }
    advance(600);

    assertThat(sent).hasSize(10);
    for (int i = 3; i < sent.size(); i++) {
      assertThat(Duration.ofNanos(sent.get(i) - sent.get(i - 3)))
          .isGreaterThanOrEqualTo(Duration.ofMinutes(1));
    }
  }

  /** A model that was slow and recovers must not be sent at once all that queued meanwhile. */
  @Test
  void requestsPerMinute_areNotExceededByCallsThatWaitedForASlot() {
    LmLimits limits = limits().requestsPerMinute(10).concurrency(10).build();
    List<Long> sent = new ArrayList<>();
    ScriptedLanguageModel model =
        script()
            .then(10, ScriptedAnswer.text("slow").after(Duration.ofSeconds(119)))
            .otherwise(ScriptedAnswer.text("fast").after(Duration.ofSeconds(1)))
            .build();
    LanguageModel guarded =
        guard(model, limits)
            .timeout(Duration.ofHours(1))
            .attemptTimeout(Duration.ofHours(1))
            .listener(
                event -> {
                  if (event instanceof LmEvent.Responded answer) {
                    boolean slow = answer.response().text().equals("slow");
                    sent.add(clock.nanos() / 1_000_000_000L - (slow ? 119 : 1));
                  }
                })
            .build();

    for (int i = 0; i < 30; i++) {
      guarded.generateAsync(ASK);
    }
    advance(600);

    assertThat(sent).hasSize(30);
    for (int i = 10; i < sent.size(); i++) {
      assertThat(sent.get(i) - sent.get(i - 10)).isGreaterThanOrEqualTo(60);
    }
  }

  @Test
  void aRateThatLeavesNoRoomBeforeTheDeadline_isRefusedAtOnce() {
    LmLimits limits = limits().requestsPerMinute(1).build();
    ScriptedLanguageModel model = script().otherwise(ScriptedAnswer.text("x")).build();
    LanguageModel guarded = guard(model, limits).build();
    guarded.generate(ASK);

    Throwable failure = failureOf(guarded.generateAsync(ASK.withTimeout(Duration.ofSeconds(10))));

    assertThat(((LmOverloadedException) failure).limit())
        .isEqualTo(LmOverloadedException.Limit.REQUESTS);
    assertThat(((LmOverloadedException) failure).retryAfter()).isEqualTo(Duration.ofMinutes(1));
    assertThat(limits.state(Failures.KEY).requestsInMinute()).isEqualTo(1);
  }

  @Test
  void tokens_areTakenByEstimateAndCorrectedByTheTruth() {
    LmLimits limits = limits().tokensPerMinute(1_000).tokenEstimate(r -> 600).build();
    ScriptedLanguageModel model =
        script()
            .otherwise(ScriptedAnswer.response(LmResponse.of("m", "x").withUsage(Usage.of(90, 10))))
            .build();
    LanguageModel guarded = guard(model, limits).build();

    for (int i = 0; i < 4; i++) {
      guarded.generate(ASK); // by estimate only one would fit
    }

    assertThat(limits.state(Failures.KEY).tokensInMinute()).isEqualTo(400);
    CompletableFuture<LmResponse> fifth = guarded.generateAsync(ASK);
    assertThat(fifth).isDone();
    CompletableFuture<LmResponse> sixth = guarded.generateAsync(ASK);
    assertThat(sixth).as("500 taken, 600 more estimated").isNotDone();
    advance(60);
    assertThat(sixth).isDone();
  }

  @Test
  void aCallThatCouldNeverFit_isRefusedInsteadOfWaiting() {
    LmLimits limits = limits().tokensPerMinute(100).build();
    LanguageModel guarded = guard(script().answer("x").build(), limits).build();
    LmRequest huge = ASK.withOptions(LmOptions.builder().maxTokens(200).build());

    Throwable failure = failureOf(guarded.generateAsync(huge));

    assertThat(((LmOverloadedException) failure).limit())
        .isEqualTo(LmOverloadedException.Limit.TOKENS);
  }

  @Test
  void aCallThatGivesUpWaiting_givesItsPlaceInTheMinuteBack() {
    LmLimits limits = limits().requestsPerMinute(1).build();
    ScriptedLanguageModel model = script().otherwise(ScriptedAnswer.text("x")).build();
    LanguageModel guarded = guard(model, limits).build();
    guarded.generate(ASK);

    CompletableFuture<LmResponse> second = guarded.generateAsync(ASK);
    CompletableFuture<LmResponse> third = guarded.generateAsync(ASK);
    second.cancel(true);
    CompletableFuture<LmResponse> fourth = guarded.generateAsync(ASK);
    third.cancel(true);
    advance(60);

    assertThat(limits.state(Failures.KEY).requestsInMinute()).isEqualTo(1);
    assertThat(fourth).isNotDone(); // it queued behind the third, and keeps that place
    advance(120);
    assertThat(fourth).isDone();
    assertThat(model.requests()).hasSize(2);
  }

  // --- streams

  @Test
  void aStreamThatFailsBeforeItsFirstPiece_isRetried() throws Exception {
    ScriptedLanguageModel model = script().fail(Failures.server()).answer("second try").build();
    LanguageModel guarded = guard(model, limits().build()).retrying(2).build();
    Recorder recorder = new Recorder(Long.MAX_VALUE);

    guarded.stream(ASK).subscribe(recorder);
    advance(1);
    recorder.awaitEnd();

    assertThat(recorder.text()).isEqualTo("second try");
  }

  @Test
  void aStreamThatBreaksAfterItsFirstPiece_isNotRetriedButRecorded() throws Exception {
    LmLimits limits = limits().breaker(1, Duration.ofSeconds(30)).build();
    ScriptedLanguageModel model =
        script()
            .then(ScriptedAnswer.brokenStream("one two three", 1, Failures.transport()))
            .answer("never said")
            .build();
    LanguageModel guarded = guard(model, limits).retrying(3).build();
    Recorder recorder = new Recorder(Long.MAX_VALUE);

    guarded.stream(ASK).subscribe(recorder);
    recorder.awaitEnd();
    advance(10);

    assertThat(recorder.failure()).isInstanceOf(LmTransportException.class);
    assertThat(recorder.text()).isEqualTo("one two ");
    assertThat(recorder.endings()).isEqualTo(1);
    assertThat(model.requests()).hasSize(1);
    assertThat(limits.state(Failures.KEY).breaker()).isEqualTo(BreakerState.OPEN);
  }

  @Test
  void aStream_holdsItsSlotUntilItsEnd() throws Exception {
    LmLimits limits = limits().concurrency(1).build();
    ScriptedLanguageModel model = script().answer("a long answer in pieces").build();
    LanguageModel guarded = guard(model, limits).build();
    Recorder recorder = new Recorder(1);

    guarded.stream(ASK).subscribe(recorder);
    assertThat(recorder.size()).isEqualTo(1);
    assertThat(limits.state(Failures.KEY).freeSlots()).isZero();
    recorder.demand(Long.MAX_VALUE);
    recorder.awaitEnd();

    assertThat(limits.state(Failures.KEY).freeSlots()).isEqualTo(1);
  }

  @Test
  void aStreamAbandonedInTheMiddle_freesItsSlotOnceAndIsNotRecorded() {
    LmLimits limits = limits().concurrency(1).breaker(1, Duration.ofSeconds(30)).build();
    ScriptedLanguageModel model = script().otherwise(ScriptedAnswer.text("a long answer")).build();
    LanguageModel guarded = guard(model, limits).build();

    for (int i = 0; i < 10; i++) {
      Recorder recorder = new Recorder(1);
      guarded.stream(ASK).subscribe(recorder);
      recorder.cancel();
      recorder.cancel();
    }

    assertThat(limits.state(Failures.KEY).freeSlots()).isEqualTo(1);
    assertThat(limits.state(Failures.KEY).breaker()).isEqualTo(BreakerState.CLOSED);
    assertThat(model.cancelled()).isEqualTo(10);
  }

  @Test
  void aStreamNobodyReads_endsAtTheDeadline() throws Exception {
    LmLimits limits = limits().concurrency(1).build();
    ScriptedLanguageModel model = script().answer("a long answer").build();
    LanguageModel guarded = guard(model, limits).timeout(Duration.ofSeconds(9)).build();
    Recorder recorder = new Recorder(1);

    guarded.stream(ASK).subscribe(recorder);
    advance(9);
    recorder.awaitEnd();

    assertThat(recorder.failure()).isInstanceOf(LmTimeoutException.class);
    assertThat(limits.state(Failures.KEY).freeSlots()).isEqualTo(1);
    assertThat(model.active()).isZero();
  }

  // --- listeners, closing, printing

  @Test
  void listeners_hearRequestRetryResponseRejectionAndStateChange() {
    ScriptedLanguageModel model =
        script().fail(Failures.server()).answer("x").fail(Failures.server()).build();
    LmLimits limits = limits().breaker(1, Duration.ofSeconds(1)).build();
    LanguageModel guarded =
        guard(model, limits)
            .retrying(2)
            .backoff(Duration.ofSeconds(2), Duration.ofSeconds(2))
            .build();

    CompletableFuture<LmResponse> answer = guarded.generateAsync(ASK);
    advance(2);
    answer.join();
    CompletableFuture<LmResponse> failing = guarded.generateAsync(ASK);
    failureOf(guarded.generateAsync(ASK));
    failing.cancel(true);

    assertThat(events)
        .extracting(e -> e.getClass().getSimpleName())
        .containsExactly(
            "Requested",
            "BreakerChanged",
            "Retrying",
            "BreakerChanged",
            "BreakerChanged",
            "Responded",
            "Requested",
            "BreakerChanged",
            "Retrying",
            "Requested",
            "Rejected",
            "Failed",
            "Failed");
  }

  @Test
  void aListenerThatThrows_harmsNobody() {
    ScriptedLanguageModel model = script().fail(Failures.server()).answer("fine").build();
    LanguageModel guarded =
        guard(model, limits().build())
            .retrying(2)
            .listener(
                event -> {
                  throw new AssertionError("listener");
                })
            .build();

    CompletableFuture<LmResponse> answer = guarded.generateAsync(ASK);
    advance(1);

    assertThat(answer.join().text()).isEqualTo("fine");
  }

  @Test
  void close_givesUpWhatIsUnderWay() {
    LmLimits limits = limits().concurrency(1).build();
    ScriptedLanguageModel model = script().otherwise(ScriptedAnswer.never()).build();
    LanguageModel guarded = guard(model, limits).build();
    CompletableFuture<LmResponse> running = guarded.generateAsync(ASK);
    CompletableFuture<LmResponse> waiting = guarded.generateAsync(ASK);

    guarded.close();
    guarded.close();

    assertThat(failureOf(running)).isInstanceOf(LmCancelledException.class);
    assertThat(failureOf(waiting)).isInstanceOf(LmCancelledException.class);
    assertThat(limits.state(Failures.KEY).freeSlots()).isEqualTo(1);
    assertThat(model.active()).isZero();
  }

  @Test
  void wrappers_printWhatTheyWrap() {
    LmLimits limits = limits().concurrency(10).requestsPerMinute(60).build();

    assertThat(guard(script().build(), limits).retrying(3).build())
        .hasToString("Scripted(scripted).retrying(3).breaking(5).requestsPerMinute(60).atMost(10)");
    assertThat(ResilientLanguageModel.lm(script().build()))
        .hasToString("Scripted(scripted).retrying(3).breaking(5)");
  }

  @Test
  void nothingPrintsThePrompt() {
    ScriptedLanguageModel model = script().fail(Failures.server()).answer("secret answer").build();
    LanguageModel guarded = guard(model, limits().build()).retrying(2).build();
    LmRequest request = LmRequest.builder().system("secret rules").user("secret question").build();

    CompletableFuture<LmResponse> answer = guarded.generateAsync(request);
    advance(1);

    assertThat(answer.join().toString()).doesNotContain("secret");
    assertThat(events.toString()).doesNotContain("secret");
    assertThat(request.toString()).doesNotContain("secret");
  }

  @Test
  void noCall_leavesNothingOnTheClock() {
    LanguageModel guarded =
        guard(script().otherwise(ScriptedAnswer.text("x")).build(), limits().build()).build();

    for (int i = 0; i < 100; i++) {
      guarded.generate(ASK);
    }
    advance(1);

    assertThat(clock.pending()).isZero();
  }

  /** Never answers and does not care about deadlines. */
  private static final class Rogue implements LanguageModel {
    private final CompletableFuture<LmResponse> answer = new CompletableFuture<>();

    @Override
    public LmResponse generate(LmRequest request) {
      return answer.join();
    }

    @Override
    public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
      return answer;
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
