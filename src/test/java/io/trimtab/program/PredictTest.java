package io.trimtab.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.lm.LmOptions;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.Message;
import io.trimtab.lm.ScriptedAnswer;
import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.lm.Usage;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import io.trimtab.variable.VariableSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PredictTest {

  private static final String YES = "[[ ## answer ## ]]\nyes\n\n[[ ## completed ## ]]\n";
  private static final Map<String, String> QUESTION = Map.of("question", "Is it?");

  private final ScriptedLanguageModel model = ScriptedLanguageModel.answeringWith(request -> YES);
  private final Predict predict = Predict.of("question -> answer", model);

  private LmOptions sent(Program program, Map<String, ?> variables, CallOptions options) {
    program.run(FieldValues.of(QUESTION), VariableSource.of(variables), options);
    List<LmRequest> requests = model.requests();
    return requests.get(requests.size() - 1).options();
  }

  @Test
  void run_answerThatCanBeRead_givesTypedFields() {
    Prediction prediction = predict.run(QUESTION, VariableSource.empty());

    assertThat(prediction.getString("answer")).isEqualTo("yes");
    assertThat(prediction.response()).isNotNull();
    assertThat(prediction.attempts()).hasSize(1);
  }

  @Test
  void run_nothingSet_sendsNoOption() {
    assertThat(sent(predict, Map.of(), CallOptions.NONE)).isEqualTo(LmOptions.NONE);
  }

  @Test
  void run_everyParameterBound_reachesTheRequest() {
    Predict bound =
        predict
            .bind("temperature", "t")
            .bind("top_p", "p")
            .bind("max_tokens", "m")
            .bind("n", "n")
            .bind("stop", "s")
            .bind("seed", "seed")
            .bind("presence_penalty", "pp")
            .bind("frequency_penalty", "fp")
            .bind("rollout_id", "r");

    LmOptions sent =
        sent(
            bound,
            Map.of(
                "t", 0.3, "p", 0.9, "m", 77, "n", 1, "s", "END", "seed", 5, "pp", -1.0, "fp", 2.0,
                "r", 8),
            CallOptions.NONE);

    assertThat(sent)
        .isEqualTo(
            LmOptions.builder()
                .temperature(0.3)
                .topP(0.9)
                .maxTokens(77)
                .n(1)
                .stop(List.of("END"))
                .seed(5L)
                .presencePenalty(-1.0)
                .frequencyPenalty(2.0)
                .rolloutId(8L)
                .build());
  }

  @Test
  void run_temperatureZero_isSentAsZero() {
    assertThat(sent(predict.bind("temperature", "t"), Map.of("t", 0.0), CallOptions.NONE))
        .isEqualTo(LmOptions.builder().temperature(0.0).build());
    assertThat(sent(predict.with("temperature", 0), Map.of(), CallOptions.NONE).temperature())
        .isEqualTo(0.0);
    assertThat(
            sent(
                    predict.with("temperature", 0.7),
                    Map.of(),
                    CallOptions.NONE.with("temperature", 0.0))
                .temperature())
        .isEqualTo(0.0);
  }

  @Test
  void run_callOption_winsOverVariableAndFixedValue() {
    Predict bound = predict.with("temperature", 0.1).bind("temperature", "t");
    CallOptions call = CallOptions.NONE.with("temperature", 0.3);

    assertThat(sent(bound, Map.of("t", 0.2), CallOptions.NONE).temperature()).isEqualTo(0.2);
    assertThat(sent(bound, Map.of("t", 0.2), call).temperature()).isEqualTo(0.3);
    assertThat(bound.effective(VariableSource.of(Map.of("t", 0.2)), call).origin("temperature"))
        .contains(ResolvedParameters.Origin.CALL);
    assertThat(
            bound
                .effective(VariableSource.of(Map.of("t", 0.2)), CallOptions.NONE)
                .origin("temperature"))
        .contains(ResolvedParameters.Origin.VARIABLE);
  }

  @Test
  void bind_returnsAnotherProgramAndLeavesThisOneAlone() {
    Predict bound = predict.bind("temperature", "t");

    assertThat(predict.bindings()).isEmpty();
    assertThat(bound.bindings()).isEqualTo(Map.of("temperature", "t"));
  }

  @Test
  void unbind_fixedValueFromBefore_countsAgain() {
    Predict again = predict.with("temperature", 0.1).bind("temperature", "t").unbind("temperature");

    assertThat(again.bindings()).isEmpty();
    assertThat(sent(again, Map.of("t", 0.9), CallOptions.NONE).temperature()).isEqualTo(0.1);
    assertThatThrownBy(() -> again.unbind("temperature"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("temperature of predictor \"predict\" is not bound");
  }

  @Test
  void bind_unknownParameter_isRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> predict.bind("temprature", "t"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"temprature\"")
        .hasMessageContaining("max_tokens")
        .hasMessageContaining("temperature");
    assertThatThrownBy(
            () ->
                predict.run(
                    FieldValues.of(QUESTION),
                    VariableSource.empty(),
                    CallOptions.NONE.with("temprature", 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"temprature\"");
  }

  @Test
  void run_variableOfAnotherType_namesParameterAndVariable() {
    assertThatThrownBy(
            () ->
                predict
                    .bind("temperature", "style")
                    .run(QUESTION, VariableSource.of(Map.of("style", "warm"))))
        .isInstanceOfSatisfying(
            ParameterValueException.class,
            e -> {
              assertThat(e.parameter()).isEqualTo("temperature");
              assertThat(e.variable()).isEqualTo("style");
            })
        .hasMessage(
            "parameter temperature of predictor \"predict\": expected a number of at least 0, got"
                + " \"warm\" from variable \"style\"");
    assertThatThrownBy(
            () ->
                predict.bind("max_tokens", "m").run(QUESTION, VariableSource.of(Map.of("m", 42.0))))
        .isInstanceOf(ParameterValueException.class);
    assertThat(model.requests()).isEmpty();
  }

  @Test
  void bind_variableOfAnotherType_isRefusedAtOnce() {
    assertThatThrownBy(() -> predict.bind("temperature", Variable.string("style", "warm")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("temperature")
        .hasMessageContaining("style");
    assertThat(predict.bind("temperature", Variable.floating("t", 0.1, 0, 1)).bindings())
        .containsEntry("temperature", "t");
  }

  @Test
  void run_variableWithoutValue_isAnErrorUnlessOptional() {
    assertThatThrownBy(() -> predict.bind("temperature", "t").run(QUESTION, VariableSource.empty()))
        .isInstanceOf(VariableNotFoundException.class);
    assertThat(
            sent(
                    predict.with("temperature", 0.4).bindOptional("temperature", "t"),
                    Map.of(),
                    CallOptions.NONE)
                .temperature())
        .isEqualTo(0.4);
  }

  @Test
  void listener_hearsOfChangesBetweenRunsOfItsOwnBinding() {
    List<String> heard = new ArrayList<>();
    Predict bound =
        predict
            .bind("temperature", "t", (p, before, now) -> heard.add(p + " " + before + "→" + now))
            .bind("max_tokens", "m", (p, before, now) -> heard.add(p + " " + before + "→" + now));

    sent(bound, Map.of("t", 0.1, "m", 5), CallOptions.NONE);
    sent(bound, Map.of("t", 0.2, "m", 5), CallOptions.NONE);
    sent(bound, Map.of("t", 0.2, "m", 6), CallOptions.NONE);
    sent(bound.unbind("temperature"), Map.of("t", 0.9, "m", 6), CallOptions.NONE);

    assertThat(heard).containsExactly("temperature 0.1→0.2", "max_tokens 5→6");
  }

  @Test
  void run_sourceThatChangesBetweenReads_isReadOnce() {
    class Live implements VariableSource {
      int snapshots;

      @Override
      public Object lookup(String key) {
        throw new AssertionError("a run reads a snapshot only");
      }

      @Override
      public VariableSource snapshot() {
        snapshots++;
        return VariableSource.of(Map.of("t", 0.5, "m", 10));
      }
    }

    Live live = new Live();

    predict.bind("temperature", "t").bind("max_tokens", "m").run(QUESTION, live);

    assertThat(live.snapshots).isEqualTo(1);
  }

  @Test
  void run_unreadableAnswer_isShownItsErrorAndRepaired() {
    ScriptedLanguageModel twice =
        ScriptedLanguageModel.builder()
            .then(ScriptedAnswer.response(LmResponse.of("s", "yes!").withUsage(Usage.of(10, 1))))
            .then(ScriptedAnswer.response(LmResponse.of("s", YES).withUsage(Usage.of(20, 2))))
            .build();

    Prediction prediction = predict.withModel(twice).run(QUESTION, VariableSource.empty());

    assertThat(prediction.getString("answer")).isEqualTo("yes");
    assertThat(prediction.usage()).isEqualTo(Usage.of(30, 3));
    assertThat(prediction.attempts())
        .extracting(Attempt::kind)
        .containsExactly(Attempt.Kind.FIRST, Attempt.Kind.REPAIR);
    List<Message> repair = twice.requests().get(1).messages();
    assertThat(repair.get(repair.size() - 2)).isEqualTo(Message.assistant("yes!"));
    assertThat(repair.get(repair.size() - 1).text())
        .contains("field `answer` is missing")
        .contains("[[ ## answer ## ]]");
  }

  @Test
  void run_answerNeverReadable_triesJsonOnceAndThenFails() {
    ScriptedLanguageModel stubborn = ScriptedLanguageModel.answeringWith(request -> "no idea");

    assertThatThrownBy(() -> predict.withModel(stubborn).run(QUESTION, VariableSource.empty()))
        .isInstanceOfSatisfying(
            UnreadableAnswerException.class,
            e -> {
              assertThat(e.attempts())
                  .extracting(Attempt::kind)
                  .containsExactly(Attempt.Kind.FIRST, Attempt.Kind.REPAIR, Attempt.Kind.FALLBACK);
              assertThat(e.adapter()).isEqualTo("json");
              assertThat(e.rawText()).isEqualTo("no idea");
            })
        .hasMessageContaining("after 3 model calls");
  }

  @Test
  void run_repairsAndFallbackSwitchedOff_asksOnce() {
    ScriptedLanguageModel stubborn = ScriptedLanguageModel.answeringWith(request -> "no idea");

    assertThatThrownBy(
            () ->
                predict
                    .withModel(stubborn)
                    .with("repairs", 0)
                    .with("fallback", false)
                    .run(QUESTION, VariableSource.empty()))
        .isInstanceOf(UnreadableAnswerException.class);
    assertThat(stubborn.requests()).hasSize(1);
  }

  @Test
  void run_modelFails_isNotRetriedByTheProgram() {
    ScriptedLanguageModel broken =
        ScriptedLanguageModel.builder().fail(new IllegalStateException("down")).build();

    assertThatThrownBy(() -> predict.withModel(broken).run(QUESTION, VariableSource.empty()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("down");
    assertThat(broken.requests()).hasSize(1);
  }

  @Test
  void run_severalCompletions_givesAllThatCanBeRead() {
    ScriptedLanguageModel three =
        ScriptedLanguageModel.builder()
            .then(ScriptedAnswer.text("?", YES, YES.replace("yes", "no")))
            .build();

    Prediction prediction =
        predict.withModel(three).with("n", 3).run(QUESTION, VariableSource.empty());

    assertThat(prediction.getString("answer")).isEqualTo("yes");
    assertThat(prediction.completions())
        .extracting(v -> v.getString("answer"))
        .containsExactly("yes", "no");
    assertThat(prediction.attempts()).hasSize(1);
  }

  @Test
  void run_modelParameter_choosesAmongTheModels() {
    ScriptedLanguageModel other =
        ScriptedLanguageModel.answeringWith(request -> YES.replace("yes", "other"));
    Predict bound = predict.withModels(Models.of("a", model).with("b", other)).bind("model", "m");

    assertThat(bound.run(QUESTION, VariableSource.of(Map.of("m", "a"))).getString("answer"))
        .isEqualTo("yes");
    assertThat(bound.run(QUESTION, VariableSource.of(Map.of("m", "b"))).getString("answer"))
        .isEqualTo("other");
    assertThatThrownBy(() -> bound.run(QUESTION, VariableSource.of(Map.of("m", "c"))))
        .isInstanceOf(ParameterValueException.class)
        .hasMessageContaining("[a, b]")
        .hasMessageContaining("variable \"m\"");
  }

  @Test
  void run_instructionVariants_putTheChosenTextIntoThePrompt() {
    Predict bound =
        predict
            .withInstructionVariants(Map.of("short", "Be brief.", "long", "Explain all."))
            .bind("instructions", "style");

    bound.run(QUESTION, VariableSource.of(Map.of("style", "short")));

    assertThat(model.requests().get(0).messages().get(0).text()).contains("Be brief.");
    assertThatThrownBy(() -> bound.run(QUESTION, VariableSource.of(Map.of("style", "odd"))))
        .isInstanceOf(ParameterValueException.class);
    predict
        .bind("instructions", "text")
        .run(QUESTION, VariableSource.of(Map.of("text", "As it stands.")));
    assertThat(model.requests().get(1).messages().get(0).text()).contains("As it stands.");
  }

  @Test
  void run_demonstrationsParameter_isACountOrASet() {
    List<Demonstration> pool = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      pool.add(Demonstration.of(Map.of("question", "q" + i, "answer", "a" + i)));
    }
    Predict bound =
        predict
            .withDemonstrations(pool)
            .withDemonstrationSet("last", pool.subList(2, 3))
            .bind("demonstrations", "d");

    assertThat(shown(bound, 0)).isEmpty();
    assertThat(shown(bound, 2)).containsExactly("q0", "q1");
    assertThat(shown(bound, "last")).containsExactly("q2");
    assertThat(shown(bound.unbind("demonstrations"), 0)).containsExactly("q0", "q1", "q2");
    assertThatThrownBy(() -> shown(bound, 4))
        .isInstanceOf(ParameterValueException.class)
        .hasMessageContaining("[0, 3]");
  }

  private List<String> shown(Program program, Object demonstrations) {
    program.run(QUESTION, VariableSource.of(Map.of("d", demonstrations)));
    List<LmRequest> requests = model.requests();
    return requests.get(requests.size() - 1).messages().stream()
        .filter(Message.User.class::isInstance)
        .map(Message::text)
        .filter(text -> !text.contains("Is it?"))
        .map(text -> text.substring(text.indexOf('\n') + 1))
        .toList();
  }

  @Test
  void run_missingInput_isRefusedBeforeTheModelIsAsked() {
    assertThatThrownBy(() -> predict.run(Map.of("answer", "x"), VariableSource.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[question]");
    assertThat(model.requests()).isEmpty();
  }

  @Test
  void run_withoutAModel_saysHowToGiveOne() {
    Predict bare = Predict.of(Signature.parse("question -> answer"));

    assertThatThrownBy(() -> bare.run(QUESTION, VariableSource.empty()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("withModel");
    assertThat(
            bare.run(
                    FieldValues.of(QUESTION),
                    VariableSource.empty(),
                    CallOptions.NONE.withModel(model))
                .getString("answer"))
        .isEqualTo("yes");
  }

  @Test
  void runAsync_repairsToo_andGivesTheSameAnswer() throws Exception {
    ScriptedLanguageModel twice = ScriptedLanguageModel.answering("?", YES);

    Prediction prediction =
        predict
            .withModel(twice)
            .runAsync(FieldValues.of(QUESTION), VariableSource.empty())
            .get(10, TimeUnit.SECONDS);

    assertThat(prediction.getString("answer")).isEqualTo("yes");
    assertThat(prediction.trace()).hasSize(1);
    assertThat(prediction.trace().get(0).attempts()).hasSize(2);
  }

  @Test
  void runAsync_cancelled_cancelsTheModelCall() {
    ScriptedLanguageModel silent =
        ScriptedLanguageModel.builder().then(ScriptedAnswer.never()).build();
    CompletableFuture<Prediction> future =
        predict.withModel(silent).runAsync(FieldValues.of(QUESTION), VariableSource.empty());
    assertThat(silent.active()).isEqualTo(1);

    future.cancel(true);

    assertThat(silent.active()).isZero();
    assertThat(silent.cancelled()).isEqualTo(1);
  }
}
