package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.tck.LanguageModelContract.Recorder;
import io.trimtab.tck.ManualLmClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is remembered, for how long, and who shares a flight. */
class CachingLanguageModelTest {

  private static final LmRequest ASK = LmRequest.of("?");

  private final ManualLmClock clock = new ManualLmClock();

  private static LmRequest with(LmOptions.Builder options) {
    return ASK.withOptions(options.build());
  }

  @Test
  void anEqualRequest_isAnsweredFromTheCache() {
    ScriptedLanguageModel model = ScriptedLanguageModel.answering("first", "second");
    CachingLanguageModel cache = CachingLanguageModel.of(model);

    LmResponse first = cache.generate(ASK);
    LmResponse again = cache.generate(LmRequest.of("?"));

    assertThat(first.cached()).isFalse();
    assertThat(again.cached()).isTrue();
    assertThat(again.text()).isEqualTo("first");
    assertThat(cache.stats()).isEqualTo(new CacheStats(1, 0, 1, 0, 1));
  }

  @Test
  void whateverChangesTheAnswer_isPartOfTheQuestion() {
    ScriptedLanguageModel model = ScriptedLanguageModel.answeringWith(r -> "x");
    CachingLanguageModel cache = CachingLanguageModel.of(model);
    List<LmRequest> different =
        List.of(
            ASK,
            LmRequest.of("!"),
            LmRequest.builder().system("?").build(),
            with(LmOptions.builder().temperature(0.0)),
            with(LmOptions.builder().temperature(0.5)),
            with(LmOptions.builder().rolloutId(1L)),
            with(LmOptions.builder().model("other")),
            with(LmOptions.builder().extra("field", 1)),
            ASK.toBuilder().responseFormat(ResponseFormat.JSON).build(),
            ASK.toBuilder().tool(new ToolSpec("t", "d", Map.of())).build());

    different.forEach(cache::generate);
    different.forEach(cache::generate);

    assertThat(model.requests()).hasSize(different.size());
  }

  @Test
  void theDeadline_isNotPartOfTheQuestion() {
    ScriptedLanguageModel model = ScriptedLanguageModel.answering("once");
    CachingLanguageModel cache = CachingLanguageModel.of(model);

    cache.generate(ASK.withTimeout(Duration.ofSeconds(1)));

    assertThat(cache.generate(ASK.withTimeout(Duration.ofSeconds(2))).cached()).isTrue();
  }

  @Test
  void failures_areNeverRemembered() {
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder().fail(Failures.server()).answer("fine").build();
    CachingLanguageModel cache = CachingLanguageModel.of(model);

    assertThatThrownBy(() -> cache.generate(ASK)).isInstanceOf(LmServerException.class);

    assertThat(cache.generate(ASK).text()).isEqualTo("fine");
  }

  @Test
  void equalRequestsAtTheSameTime_askOnce() {
    CompletableFuture<Void> gate = new CompletableFuture<>();
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder().then(ScriptedAnswer.text("once").awaiting(gate)).build();
    CachingLanguageModel cache = CachingLanguageModel.of(model);

    CompletableFuture<LmResponse> first = cache.generateAsync(ASK);
    CompletableFuture<LmResponse> second = cache.generateAsync(ASK);
    gate.complete(null);

    assertThat(first.join().cached()).isFalse();
    assertThat(second.join().cached()).as("it cost nothing").isTrue();
    assertThat(cache.stats().joined()).isEqualTo(1);
  }

  @Test
  void oneWhoGivesUp_doesNotTakeTheOthersAlong() {
    CompletableFuture<Void> gate = new CompletableFuture<>();
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder().then(ScriptedAnswer.text("once").awaiting(gate)).build();
    CachingLanguageModel cache = CachingLanguageModel.of(model);
    CompletableFuture<LmResponse> first = cache.generateAsync(ASK);
    CompletableFuture<LmResponse> second = cache.generateAsync(ASK);
    CompletableFuture<LmResponse> third = cache.generateAsync(ASK);

    first.cancel(true);
    assertThat(model.active()).isEqualTo(1);
    gate.complete(null);

    assertThat(second.join().text()).isEqualTo("once");
    assertThat(List.of(second.join().cached(), third.join().cached()))
        .as("one of them is charged for it")
        .containsExactlyInAnyOrder(false, true);
  }

  @Test
  void whenTheLastGivesUp_theExchangeEndsAndTheNextAsksAnew() {
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder().then(ScriptedAnswer.never()).answer("anew").build();
    CachingLanguageModel cache = CachingLanguageModel.of(model);
    CompletableFuture<LmResponse> first = cache.generateAsync(ASK);
    CompletableFuture<LmResponse> second = cache.generateAsync(ASK);

    first.cancel(true);
    second.cancel(true);

    assertThat(model.active()).isZero();
    assertThat(cache.generate(ASK).text()).isEqualTo("anew");
  }

  @Test
  void eachCaller_keepsItsOwnDeadline() {
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder()
            .clock(clock)
            .then(ScriptedAnswer.text("late").after(Duration.ofSeconds(10)))
            .build();
    CachingLanguageModel cache = CachingLanguageModel.builder(model).clock(clock).build();
    CompletableFuture<LmResponse> hasty =
        cache.generateAsync(ASK.withTimeout(Duration.ofSeconds(1)));
    CompletableFuture<LmResponse> patient =
        cache.generateAsync(ASK.withTimeout(Duration.ofSeconds(20)));

    clock.advance(Duration.ofSeconds(10));

    assertThat(hasty).isCompletedExceptionally();
    assertThat(patient.join().text()).isEqualTo("late");
  }

  @Test
  void theLeastRecentlyUsed_isDroppedFirst() {
    CachingLanguageModel cache =
        CachingLanguageModel.builder(ScriptedLanguageModel.answeringWith(r -> "x"))
            .maxEntries(2)
            .build();
    cache.generate(LmRequest.of("a"));
    cache.generate(LmRequest.of("b"));
    cache.generate(LmRequest.of("a"));

    cache.generate(LmRequest.of("c"));

    assertThat(cache.generate(LmRequest.of("a")).cached()).isTrue();
    assertThat(cache.generate(LmRequest.of("b")).cached()).isFalse();
    assertThat(cache.stats().size()).isEqualTo(2);
  }

  @Test
  void size_isBoundedInCharactersToo() {
    CachingLanguageModel cache =
        CachingLanguageModel.builder(
                ScriptedLanguageModel.answeringWith(
                    r -> "y".repeat(r.messages().get(0).text().length())))
            .maxCharacters(1_000)
            .build();

    for (int i = 1; i <= 20; i++) {
      cache.generate(LmRequest.of("x".repeat(100 + i)));
    }
    cache.generate(LmRequest.of("x".repeat(2_000)));

    assertThat(cache.stats().size()).isEqualTo(4);
  }

  @Test
  void answers_areForgottenAfterTheirTime() {
    ScriptedLanguageModel model = ScriptedLanguageModel.answering("old", "new");
    CachingLanguageModel cache =
        CachingLanguageModel.builder(model).clock(clock).timeToLive(Duration.ofHours(1)).build();
    cache.generate(ASK);

    clock.advance(Duration.ofMinutes(59));
    assertThat(cache.generate(ASK).text()).isEqualTo("old");
    clock.advance(Duration.ofMinutes(1));

    assertThat(cache.generate(ASK).text()).isEqualTo("new");
  }

  @Test
  void streams_fillTheCacheAndAreAnsweredFromIt() {
    ScriptedLanguageModel model = ScriptedLanguageModel.answering("streamed once");
    CachingLanguageModel cache = CachingLanguageModel.of(model);

    LmResponse first = LmStreams.collect(cache.stream(ASK)).join();
    LmResponse second = LmStreams.collect(cache.stream(ASK)).join();

    assertThat(first.cached()).isFalse();
    assertThat(second.cached()).isTrue();
    assertThat(cache.generate(ASK).text()).isEqualTo("streamed once");
  }

  @Test
  void aStreamGivenUp_isNotRemembered() {
    ScriptedLanguageModel model = ScriptedLanguageModel.answering("first answer", "second");
    CachingLanguageModel cache = CachingLanguageModel.of(model);
    Recorder recorder = new Recorder(1);
    cache.stream(ASK).subscribe(recorder);
    recorder.cancel();

    assertThat(cache.generate(ASK).text()).isEqualTo("second");
  }
}
