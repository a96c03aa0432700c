package io.trimtab.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.variable.VariableSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ModuleProgramTest {

  private static final Map<String, String> QUESTION = Map.of("question", "Is it?");

  private final ScriptedLanguageModel model =
      ScriptedLanguageModel.answeringWith(
          request ->
              request.messages().get(0).text().contains("{reasoning}")
                  ? "[[ ## reasoning ## ]]\nwell\n[[ ## answer ## ]]\nthought"
                  : "[[ ## answer ## ]]\nplain");
  private final Predict predict = Predict.of("question -> answer", model);

  private String answer(Program program, String module) {
    return program.run(QUESTION, VariableSource.of(Map.of("strategy", module))).getString("answer");
  }

  @Test
  void run_changedVariable_usesTheOtherModuleAtTheNextRun() {
    Program program = ModuleProgram.of(predict).bind("module", "strategy");

    assertThat(answer(program, "Predict")).isEqualTo("plain");
    assertThat(answer(program, "ChainOfThought")).isEqualTo("thought");
    assertThat(answer(program, "Predict")).isEqualTo("plain");
  }

  @Test
  void run_aliasesInAnyCase_meanTheSameModule() {
    Program program = ModuleProgram.of(predict).bind("module", "strategy");

    for (String name : List.of("COT", "CoT", "cot", "chain_of_thought", "CHAINOFTHOUGHT")) {
      assertThat(answer(program, name)).isEqualTo("thought");
    }
    assertThat(answer(program, "predict")).isEqualTo("plain");
  }

  @Test
  void run_unknownModule_namesTheKnownOnesAndTheVariable() {
    Program program = ModuleProgram.of(predict).bind("module", "strategy");

    assertThatThrownBy(() -> answer(program, "ReWrite"))
        .isInstanceOfSatisfying(
            ParameterValueException.class, e -> assertThat(e.variable()).isEqualTo("strategy"))
        .hasMessageContaining("[Predict, ChainOfThought]");
  }

  @Test
  void run_customModule_isBuiltByItsFactory() {
    ModuleCatalog catalog =
        ModuleCatalog.standard()
            .with("Loud", base -> (inputs, run) -> loud(base.forward(inputs, run)), "shout");

    assertThat(answer(ModuleProgram.of(predict, catalog).bind("module", "strategy"), "SHOUT"))
        .isEqualTo("PLAIN");
    assertThat(ModuleCatalog.standard().has("loud")).isFalse();
  }

  private static Prediction loud(Prediction quiet) {
    return quiet.with("answer", quiet.getString("answer").toUpperCase(java.util.Locale.ROOT));
  }

  @Test
  void bind_otherParameters_reachWhicheverModuleRuns() {
    Program program = ModuleProgram.of(predict).bind("module", "strategy").bind("temperature", "t");

    program.run(QUESTION, VariableSource.of(Map.of("strategy", "cot", "t", 0.0)));

    assertThat(model.requests().get(0).options().temperature()).isEqualTo(0.0);
    assertThat(program.bindings()).isEqualTo(Map.of("module", "strategy", "temperature", "t"));
    assertThat(
            program
                .unbind("module")
                .run(QUESTION, VariableSource.of(Map.of("t", 1)))
                .getString("answer"))
        .isEqualTo("plain");
  }

  @Test
  void run_callOption_choosesTheModuleOfThisRunOnly() {
    Program program = ModuleProgram.of(predict).with("module", "Predict");

    assertThat(
            program
                .run(
                    FieldValues.of(QUESTION),
                    VariableSource.empty(),
                    CallOptions.NONE.with("module", "CoT"))
                .getString("answer"))
        .isEqualTo("thought");
    assertThat(program.run(QUESTION, VariableSource.empty()).getString("answer"))
        .isEqualTo("plain");
  }

  @Test
  void bind_withListener_hearsOfTheOtherModule() {
    List<String> heard = new ArrayList<>();
    Program program =
        ModuleProgram.of(predict)
            .bind("module", "strategy", (parameter, before, now) -> heard.add(before + "→" + now));

    answer(program, "Predict");
    answer(program, "CoT");
    answer(program, "CoT");

    assertThat(heard).containsExactly("Predict→CoT");
  }

  @Test
  void bindOptional_variableWithoutValue_leavesTheDefault() {
    Program program =
        ModuleProgram.of(predict)
            .bindOptional("module", "strategy")
            .bindOptional("temperature", "t");

    assertThat(program.run(QUESTION, VariableSource.empty()).getString("answer"))
        .isEqualTo("plain");
    assertThat(answer(program, "CoT")).isEqualTo("thought");
    assertThat(model.requests()).allMatch(r -> r.options().temperature() == null);
  }

  /** A user's own program of two predictors. */
  private record TwoSteps(Predict first, Predict second) implements Program {
    @Override
    public Prediction forward(FieldValues inputs, Run run) {
      Prediction draft = first.forward(inputs, run);
      return second.forward(inputs.with("draft", draft.get("answer")), run);
    }

    @Override
    public List<Predict> predictors() {
      return List.of(first, second);
    }

    @Override
    public TwoSteps withPredictors(UnaryOperator<Predict> change) {
      return new TwoSteps(change.apply(first), change.apply(second));
    }
  }

  @Test
  void composite_bindsOneOrAllPredictorsAndTracesBoth() {
    Program both =
        new TwoSteps(
            predict.named("first"), Predict.of("question, draft -> answer", model).named("second"));
    Program bound = both.bind("temperature", "t").bind("second.max_tokens", "m");

    Prediction prediction = bound.run(QUESTION, VariableSource.of(Map.of("t", 0.5, "m", 9)));

    assertThat(bound.bindings())
        .isEqualTo(
            Map.of("first.temperature", "t", "second.temperature", "t", "second.max_tokens", "m"));
    assertThat(model.requests())
        .extracting(r -> r.options().temperature())
        .containsExactly(0.5, 0.5);
    assertThat(model.requests().get(0).options().maxTokens()).isNull();
    assertThat(model.requests().get(1).options().maxTokens()).isEqualTo(9);
    assertThat(prediction.trace()).extracting(Step::predictor).containsExactly("first", "second");
    assertThatThrownBy(() -> both.bind("third.temperature", "t"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[first, second]");
    assertThatThrownBy(() -> both.bind("max_iters", "t"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("known are");
  }

  @Test
  void chainOfThought_asksForReasoningFirstUnderTheOriginalInstructions() {
    ChainOfThought thinking = ChainOfThought.of("question -> answer", model);

    Prediction prediction = thinking.run(QUESTION, VariableSource.empty());

    assertThat(prediction.getString("reasoning")).isEqualTo("well");
    assertThat(thinking.predictors().get(0).signature().instructions())
        .isEqualTo("Given the fields `question`, produce the fields `answer`.");
    assertThat(ChainOfThought.of(thinking.predictors().get(0)).predictors().get(0).signature())
        .isEqualTo(thinking.predictors().get(0).signature());
  }
}
