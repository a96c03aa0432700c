package io.trimtab.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.lm.Completion;
import io.trimtab.lm.FinishReason;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.LmTimeoutException;
import io.trimtab.lm.ScriptedAnswer;
import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.lm.Usage;
import io.trimtab.variable.VariableSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProgramTest {

  private static final FieldValues QUESTION = FieldValues.of("question", "Is it?");
  private static final String YES = "[[ ## answer ## ]]\nyes";
  private static final String DAMAGE = "[]{}\"'\\\n#: 9e";

  @Test
  void runAsync_programWithoutAsyncForm_runsOnAnotherThreadAndCanBeInterrupted() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Program blocking =
        (inputs, run) -> {
          inside.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
          return Prediction.of(QUESTION);
        };

    CompletableFuture<Prediction> future = blocking.runAsync(QUESTION, VariableSource.empty());
    assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
    future.cancel(true);

    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void runAsync_programThatThrows_failsWithItsOwnError() {
    Program broken =
        (inputs, run) -> {
          throw new IllegalStateException("broken");
        };

    assertThatThrownBy(
            () -> broken.runAsync(QUESTION, VariableSource.empty()).get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThatThrownBy(
            () ->
                Predict.of("question -> answer", ScriptedLanguageModel.answering(YES))
                    .runAsync(FieldValues.empty(), VariableSource.empty())
                    .get(30, TimeUnit.SECONDS))
        .as("a missing input fails the future, not the call")
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void run_timeoutOfTheCall_boundsTheModel() {
    ScriptedLanguageModel silent =
        ScriptedLanguageModel.builder().then(ScriptedAnswer.never()).build();

    assertThatThrownBy(
            () ->
                Predict.of("question -> answer", silent)
                    .run(
                        QUESTION,
                        VariableSource.empty(),
                        CallOptions.NONE.withTimeout(Duration.ofMillis(20))))
        .isInstanceOf(LmTimeoutException.class);
  }

  @Test
  void run_answerCutOff_isNotRepairedAndSaysWhy() {
    ScriptedLanguageModel cut =
        ScriptedLanguageModel.builder()
            .otherwise(
                ScriptedAnswer.response(
                    new LmResponse(
                        List.of(
                            new Completion(0, "[[ ## ans", null, List.of(), FinishReason.LENGTH)),
                        Usage.UNKNOWN,
                        "s",
                        null,
                        Duration.ZERO,
                        false)))
            .build();

    assertThatThrownBy(
            () -> Predict.of("question -> answer", cut).run(QUESTION, VariableSource.empty()))
        .isInstanceOf(UnreadableAnswerException.class)
        .hasMessageContaining("max_tokens");
    assertThat(cut.requests()).hasSize(1);
  }

  @Test
  void run_readableAnswerCutOff_isMarked() {
    ScriptedLanguageModel cut =
        ScriptedLanguageModel.builder()
            .otherwise(
                ScriptedAnswer.response(
                    new LmResponse(
                        List.of(new Completion(0, YES, null, List.of(), FinishReason.LENGTH)),
                        Usage.UNKNOWN,
                        "s",
                        null,
                        Duration.ZERO,
                        false)))
            .build();

    assertThat(
            Predict.of("question -> answer", cut).run(QUESTION, VariableSource.empty()).truncated())
        .isTrue();
  }

  @Test
  void predictors_thatCannotBeReplaced_areAnError() {
    Predict predict = Predict.of(Signature.parse("question -> answer"));
    Program listed =
        new Program() {
          @Override
          public Prediction forward(FieldValues inputs, Run run) {
            return predict.forward(inputs, run);
          }

          @Override
          public List<Predict> predictors() {
            return List.of(predict);
          }
        };

    assertThatThrownBy(() -> listed.bind("temperature", "t"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("withPredictors");
  }

  @Test
  void toString_instructions_areCountedUnlessTheyAreShort() {
    String words = "Answer as the secret handbook of our support team demands.";
    Predict predict =
        Predict.of("question -> answer", ScriptedLanguageModel.answeringWith(r -> "x"))
            .with("instructions", words);

    assertThat(predict.toString()).contains("instructions=(58 chars)");
    assertThat(predict.effective(VariableSource.empty(), CallOptions.NONE).toString())
        .contains("instructions=(58 chars)");
    assertThat(CallOptions.NONE.with("instructions", words).toString()).doesNotContain("secret");
    assertThat(predict.with("instructions", "glossary").toString())
        .contains("instructions=glossary");
  }

  @Test
  void errorsAndToStrings_doNotHoldPromptsOrModels() {
    Predict predict =
        Predict.of("question -> answer", ScriptedLanguageModel.answeringWith(r -> "nonsense"))
            .withDemonstrations(
                List.of(Demonstration.of(Map.of("question", "secret", "answer", "secret"))))
            .bind("temperature", "t");

    assertThat(predict.toString()).contains("<t>").doesNotContain("secret");
    assertThatThrownBy(
            () -> predict.run(Map.of("question", "hidden"), VariableSource.of(Map.of("t", 1))))
        .isInstanceOf(UnreadableAnswerException.class)
        .hasMessageNotContaining("secret")
        .hasMessageNotContaining("hidden");
  }

  @Test
  void parse_anyAnswer_isReadOrRefusedButNeverAnythingElse() {
    long seed = 42;
    Random random = new Random(seed);
    Signature signature =
        Signature.parse(
            "q -> a, b: int, c: list[float], d: Optional[dict[str, Any]], e: Literal['x', 'y'],"
                + " f: bool");
    String good =
        "[[ ## a ## ]]\ntext\n[[ ## b ## ]]\n3\n[[ ## c ## ]]\n[1, 2.5]\n[[ ## d ## ]]\n"
            + "{\"k\": [null]}\n[[ ## e ## ]]\nx\n[[ ## f ## ]]\nTrue\n[[ ## completed ## ]]\n";
    String json = "{\"a\": \"t\", \"b\": 3, \"c\": [1], \"d\": null, \"e\": \"y\", \"f\": true}";
    List<Adapter> adapters = List.of(new ChatAdapter(), new JsonAdapter());
    int read = 0;
    for (int i = 0; i < 2_000; i++) {
      for (Adapter adapter : adapters) {
        StringBuilder text = new StringBuilder(adapter.name().equals("chat") ? good : json);
        for (int edits = random.nextInt(4); edits > 0 && text.length() > 1; edits--) {
          int at = random.nextInt(text.length());
          switch (random.nextInt(3)) {
            case 0 -> text.deleteCharAt(at);
            case 1 -> text.insert(at, DAMAGE.charAt(random.nextInt(DAMAGE.length())));
            default -> text.setLength(Math.max(1, at));
          }
        }
        try {
          FieldValues values = adapter.parse(signature, text.toString());
          assertThat(values.names()).containsExactlyElementsOf(signature.outputNames());
          read += text.toString().equals(good) || text.toString().equals(json) ? 0 : 1;
        } catch (UnreadableAnswerException e) {
          assertThat(e.problems()).as("seed %d", seed).isNotEmpty();
        }
      }
    }
    assertThat(read).as("some damage is forgiven").isPositive();
  }

  @Test
  void models_areNamedAndTheFirstIsTheDefault() {
    ScriptedLanguageModel a = ScriptedLanguageModel.answering(YES);
    ScriptedLanguageModel b = ScriptedLanguageModel.answering(YES);
    Models models = Models.of("a", a).with("b", b);

    Predict.of(Signature.parse("question -> answer"))
        .withModels(models)
        .run(QUESTION, VariableSource.empty());

    assertThat(models.names()).containsExactly("a", "b");
    assertThat(a.requests()).hasSize(1);
    assertThat(b.requests()).isEmpty();
    assertThat(Models.of(a).names()).containsExactly("scripted");
  }

  @Test
  void listener_thatThrows_endsTheRunBeforeTheModelIsAsked() {
    ScriptedLanguageModel model = ScriptedLanguageModel.answeringWith(r -> YES);
    Predict predict =
        Predict.of("question -> answer", model)
            .bind(
                "temperature",
                "t",
                (parameter, before, now) -> {
                  throw new IllegalStateException("no " + now);
                });
    predict.run(QUESTION, VariableSource.of(Map.of("t", 0.1)));

    assertThatThrownBy(() -> predict.run(QUESTION, VariableSource.of(Map.of("t", 0.2))))
        .hasMessage("no 0.2");
    assertThat(model.requests()).hasSize(1);
  }

  @Test
  void listener_ofADerivedProgram_goesOnHearing() {
    List<Object> heard = new ArrayList<>();
    Predict bound =
        Predict.of("question -> answer", ScriptedLanguageModel.answeringWith(r -> YES))
            .bind("temperature", "t", (parameter, before, now) -> heard.add(now));

    bound.run(QUESTION, VariableSource.of(Map.of("t", 0.1)));
    bound.with("max_tokens", 5).run(QUESTION, VariableSource.of(Map.of("t", 0.2)));

    assertThat(heard).containsExactly(0.2);
  }
}
