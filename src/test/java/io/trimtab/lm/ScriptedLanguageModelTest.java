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

/** The model that tests are written with. */
class ScriptedLanguageModelTest {

  private static final LmRequest ASK = LmRequest.of("?");

  @Test
  void lines_areSaidInOrderAndRequestsRemembered() {
    ScriptedLanguageModel model = ScriptedLanguageModel.answering("one", "two");

    assertThat(model.generate(ASK).text()).isEqualTo("one");
    assertThat(model.generate(LmRequest.of("again")).text()).isEqualTo("two");

    assertThat(model.requests())
        .extracting(r -> r.messages().get(0).text())
        .containsExactly("?", "again");
    assertThat(model.remaining()).isZero();
  }

  @Test
  void aScriptAtItsEnd_saysSoInEveryForm() throws Exception {
    ScriptedLanguageModel model = ScriptedLanguageModel.answering("one");
    model.generate(ASK);
    Recorder recorder = new Recorder(1);

    Throwable blocking = catchThrowable(() -> model.generate(ASK));
    Throwable async = catchThrowable(() -> model.generateAsync(ASK).join()).getCause();
    model.stream(ASK).subscribe(recorder);
    recorder.awaitEnd();

    for (Throwable failure : List.of(blocking, async, recorder.failure())) {
      assertThat(failure)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the script has 1 answers");
    }
  }

  @Test
  void rules_answerEachTimeAndUseUpNoLine() {
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder()
            .when(r -> r.messages().get(0).text().contains("weather"), ScriptedAnswer.text("sunny"))
            .answer("line")
            .build();

    assertThat(model.generate(LmRequest.of("the weather?")).text()).isEqualTo("sunny");
    assertThat(model.generate(ASK).text()).isEqualTo("line");
    assertThat(model.generate(LmRequest.of("weather again?")).text()).isEqualTo("sunny");
  }

  @Test
  void answers_mayTakeTimeOnTheTestsClock() {
    ManualLmClock clock = new ManualLmClock();
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder()
            .clock(clock)
            .then(ScriptedAnswer.text("late").after(Duration.ofSeconds(3)))
            .build();

    CompletableFuture<LmResponse> answer = model.generateAsync(ASK);
    clock.advance(Duration.ofMillis(2_999));
    assertThat(answer).isNotDone();
    clock.advance(Duration.ofMillis(1));

    assertThat(answer.join().text()).isEqualTo("late");
  }

  @Test
  void answers_mayWaitForAGate() {
    CompletableFuture<Void> gate = new CompletableFuture<>();
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder().then(ScriptedAnswer.text("now").awaiting(gate)).build();

    CompletableFuture<LmResponse> answer = model.generateAsync(ASK);
    assertThat(answer).isNotDone();
    gate.complete(null);

    assertThat(answer.join().text()).isEqualTo("now");
  }

  @Test
  void severalTexts_areSeveralCompletions() {
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder().then(ScriptedAnswer.text("a", "b")).build();

    assertThat(model.generate(ASK).completions())
        .extracting(Completion::text)
        .containsExactly("a", "b");
  }

  @Test
  void deltas_neverSplitACharacter() {
    String text = "1234567\uD83D\uDE00 and more";
    Pieces pieces = Pieces.of(LmResponse.of("m", text), 8);

    assertThat(pieces.chunks())
        .filteredOn(LmChunk.TextDelta.class::isInstance)
        .extracting(c -> ((LmChunk.TextDelta) c).text())
        .first()
        .isEqualTo("1234567\uD83D\uDE00");
  }

  @Test
  void failures_areThrownAsTheyAre() {
    LmException failure = Failures.server();
    ScriptedLanguageModel model = ScriptedLanguageModel.builder().fail(failure).build();

    assertThatThrownBy(() -> model.generate(ASK)).isSameAs(failure);
  }
}
