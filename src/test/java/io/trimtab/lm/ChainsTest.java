package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.trimtab.tck.LanguageModelContract.Recorder;
import io.trimtab.tck.ManualLmClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Several models behind one: one after the other, or one against the other. */
class ChainsTest {

  private static final LmRequest ASK = LmRequest.of("?");

  private final ManualLmClock clock = new ManualLmClock();

  private ScriptedLanguageModel scripted(ScriptedAnswer... answers) {
    ScriptedLanguageModel.Builder builder = ScriptedLanguageModel.builder().clock(clock);
    List.of(answers).forEach(builder::then);
    return builder.build();
  }

  // --- fallback

  @Test
  void theNextModel_answersWhenTheFirstFails() {
    ScriptedLanguageModel second = scripted(ScriptedAnswer.text("second"));
    LanguageModel chain =
        FallbackLanguageModel.of(scripted(ScriptedAnswer.failure(Failures.server())), second);

    assertThat(chain.generate(ASK).text()).isEqualTo("second");
  }

  @Test
  void anOpenBreaker_handsOverAtOnce() {
    LmLimits limits = LmLimits.builder().clock(clock).breaker(1, Duration.ofSeconds(30)).build();
    LanguageModel sick =
        ResilientLanguageModel.builder(scripted(ScriptedAnswer.failure(Failures.server())))
            .limits(limits)
            .retrying(1)
            .build();
    LanguageModel chain =
        FallbackLanguageModel.of(
            sick, scripted(ScriptedAnswer.text("first"), ScriptedAnswer.text("second")));

    chain.generate(ASK);

    assertThat(chain.generate(ASK).text()).isEqualTo("second");
  }

  @Test
  void aRefusedRequest_isNotTakenElsewhere() {
    ScriptedLanguageModel second = scripted(ScriptedAnswer.text("never said"));
    LanguageModel chain =
        FallbackLanguageModel.of(scripted(ScriptedAnswer.failure(Failures.badRequest())), second);

    assertThatThrownBy(() -> chain.generate(ASK)).isInstanceOf(LmInvalidRequestException.class);
    assertThat(second.requests()).isEmpty();
  }

  @Test
  void whenAllFail_theLastFailureHoldsTheOthers() {
    LmException first = Failures.server();
    LmException last = Failures.transport();
    LanguageModel chain =
        FallbackLanguageModel.of(
            scripted(ScriptedAnswer.failure(first), ScriptedAnswer.failure(first)),
            scripted(ScriptedAnswer.failure(last), ScriptedAnswer.failure(last)));

    Throwable blocking = catchThrowable(() -> chain.generate(ASK));
    Throwable async = catchThrowable(() -> chain.generateAsync(ASK).join()).getCause();

    assertThat(blocking).isSameAs(last);
    assertThat(async).isSameAs(last);
    assertThat(last.getSuppressed()).contains(first);
  }

  @Test
  void theDeadline_boundsTheWholeChain() {
    ScriptedLanguageModel second = scripted(ScriptedAnswer.text("x"));
    LanguageModel chain =
        FallbackLanguageModel.of(
            List.of(
                scripted(ScriptedAnswer.failure(Failures.server()).after(Duration.ofSeconds(4))),
                second),
            failure -> true,
            clock);

    CompletableFuture<LmResponse> answer =
        chain.generateAsync(ASK.withTimeout(Duration.ofSeconds(10)));
    clock.advance(Duration.ofSeconds(4));

    assertThat(answer.join().text()).isEqualTo("x");
    assertThat(second.requests().get(0).options().timeout()).isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void aModelNamedInTheOptions_isMeantForTheFirstOnly() {
    ScriptedLanguageModel first = scripted(ScriptedAnswer.failure(Failures.server()));
    ScriptedLanguageModel second = scripted(ScriptedAnswer.text("x"));
    LanguageModel chain = FallbackLanguageModel.of(first, second);

    chain.generate(ASK.withOptions(LmOptions.builder().model("gpt-x").temperature(0.0).build()));

    assertThat(first.requests().get(0).options().model()).isEqualTo("gpt-x");
    assertThat(second.requests().get(0).options().model()).isNull();
    assertThat(second.requests().get(0).options().temperature()).isZero();
  }

  @Test
  void aStream_goesOnElsewhereOnlyBeforeItsFirstPiece() throws Exception {
    LanguageModel early =
        FallbackLanguageModel.of(
            scripted(ScriptedAnswer.failure(Failures.server())),
            scripted(ScriptedAnswer.text("elsewhere")));
    ScriptedLanguageModel unused = scripted(ScriptedAnswer.text("never said"));
    LanguageModel late =
        FallbackLanguageModel.of(
            scripted(ScriptedAnswer.brokenStream("half of it", 1, Failures.transport())), unused);
    Recorder recorder = new Recorder(Long.MAX_VALUE);

    assertThat(LmStreams.collect(early.stream(ASK)).join().text()).isEqualTo("elsewhere");
    late.stream(ASK).subscribe(recorder);
    recorder.awaitEnd();

    assertThat(recorder.failure()).isInstanceOf(LmTransportException.class);
    assertThat(unused.requests()).isEmpty();
  }

  // --- hedging

  @Test
  void aLateAnswer_isOvertakenAndCancelled() {
    ScriptedLanguageModel slow = scripted(ScriptedAnswer.never());
    LanguageModel hedged =
        HedgedLanguageModel.of(
            List.of(slow, scripted(ScriptedAnswer.text("fast"))), Duration.ofSeconds(2), clock);

    CompletableFuture<LmResponse> answer = hedged.generateAsync(ASK);
    clock.advance(Duration.ofMillis(1_999));
    assertThat(answer).isNotDone();
    clock.advance(Duration.ofMillis(1));

    assertThat(answer.join().text()).isEqualTo("fast");
    assertThat(slow.cancelled()).isEqualTo(1);
    assertThat(slow.active()).isZero();
  }

  @Test
  void anAnswerInTime_asksNobodyElse() {
    ScriptedLanguageModel second = scripted(ScriptedAnswer.text("never said"));
    LanguageModel hedged =
        HedgedLanguageModel.of(
            List.of(scripted(ScriptedAnswer.text("first")), second), Duration.ofSeconds(2), clock);

    assertThat(hedged.generate(ASK).text()).isEqualTo("first");
    clock.advance(Duration.ofMinutes(1));

    assertThat(second.requests()).isEmpty();
    assertThat(clock.pending()).isZero();
  }

  @Test
  void anEarlyFailure_asksTheNextAtOnce() {
    LanguageModel hedged =
        HedgedLanguageModel.of(
            List.of(
                scripted(ScriptedAnswer.failure(Failures.server())),
                scripted(ScriptedAnswer.text("second"))),
            Duration.ofHours(1),
            clock);

    assertThat(hedged.generate(ASK).text()).isEqualTo("second");
  }

  @Test
  void whenAllRunnersFail_theFirstFailureHoldsTheOthers() {
    LmException first = Failures.server();
    LmException second = Failures.transport();
    LanguageModel hedged =
        HedgedLanguageModel.of(
            List.of(
                scripted(ScriptedAnswer.failure(first)), scripted(ScriptedAnswer.failure(second))),
            Duration.ofHours(1),
            clock);

    assertThatThrownBy(() -> hedged.generate(ASK)).isSameAs(first).hasSuppressedException(second);
  }

  @Test
  void aCancelledRace_cancelsEveryRunner() {
    ScriptedLanguageModel first = scripted(ScriptedAnswer.never());
    ScriptedLanguageModel second = scripted(ScriptedAnswer.never());
    CompletableFuture<LmResponse> answer =
        HedgedLanguageModel.of(List.of(first, second), Duration.ofSeconds(1), clock)
            .generateAsync(ASK);
    clock.advance(Duration.ofSeconds(1));
    assertThat(second.active()).isEqualTo(1);

    answer.cancel(true);

    assertThat(first.active()).isZero();
    assertThat(second.active()).isZero();
  }
}
