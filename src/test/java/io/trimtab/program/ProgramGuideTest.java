package io.trimtab.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.GuidePage;
import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.variable.VariableSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of {@code docs/programs.md}, run; and that page, compared with this code. */
class ProgramGuideTest {

  private final ScriptedLanguageModel model =
      ScriptedLanguageModel.answeringWith(
          request ->
              "[[ ## reasoning ## ]]\nr\n[[ ## outline ## ]]\no\n[[ ## text ## ]]\nt\n"
                  + "[[ ## label ## ]]\nbug\n");
  private final LanguageModel large = model;
  private final LanguageModel small = model;

  @Test
  void page_showsThisCode() throws IOException {
    GuidePage.assertBlocksAreRegionsOf("programs.md", ProgramGuideTest.class);
  }

  @Test
  void predict_followsVariables() {
    // tag::predict[]
    Predict sort =
        Predict.of("ticket -> label: Literal['bug', 'billing']", model)
            .with("max_tokens", 64)
            .bind("temperature", "llm_temperature");
    VariableSource source = VariableSource.of(Map.of("llm_temperature", 0.0)); // or a session
    Prediction prediction = sort.run(Map.of("ticket", "It crashes"), source);
    String label = prediction.getString("label");
    // end::predict[]

    assertThat(label).isEqualTo("bug");
    assertThat(model.requests().get(0).options().temperature()).isEqualTo(0.0);

    // tag::effective[]
    ResolvedParameters now =
        sort.effective(source, CallOptions.NONE.with("temperature", 0.9)); // {temperature=0.9, ..}
    // end::effective[]

    assertThat(now.values()).isEqualTo(Map.of("temperature", 0.9, "max_tokens", 64L));

    // tag::call[]
    sort.run(
        FieldValues.of("ticket", "It crashes"),
        source,
        CallOptions.NONE.with("temperature", 0.9).with("n", 3));
    // end::call[]

    assertThat(model.requests().get(1).options().n()).isEqualTo(3);
  }

  @Test
  void models_areChosenByName() {
    // tag::models[]
    Predict sort =
        Predict.of(Signature.parse("ticket -> label"))
            .withModels(Models.of("large", large).with("small", small))
            .withInstructionVariants(
                Map.of("short", "Sort the ticket.", "careful", "Read twice, then sort the ticket."))
            .bind("model", "model")
            .bind("instructions", "wording")
            .bind("demonstrations", "shots");
    // end::models[]

    assertThat(sort.bindings()).hasSize(3);
  }

  @Test
  void listener_hears() {
    StringBuilder log = new StringBuilder();

    // tag::listener[]
    Predict heard =
        Predict.of("ticket -> label", model)
            .bind(
                "temperature",
                "llm_temperature",
                (parameter, before, now) -> log.append(parameter + " is now " + now));
    // end::listener[]

    heard.run(Map.of("ticket", "x"), VariableSource.of(Map.of("llm_temperature", 0.1)));
    heard.run(Map.of("ticket", "x"), VariableSource.of(Map.of("llm_temperature", 0.2)));
    assertThat(log.toString()).isEqualTo("temperature is now 0.2");
  }

  @Test
  void module_isAParameter() {
    Predict sort = Predict.of("ticket -> label", model);

    // tag::module[]
    Program program = ModuleProgram.of(sort).bind("module", "strategy");
    program.run(
        Map.of("ticket", "It crashes"), VariableSource.of(Map.of("strategy", "ChainOfThought")));
    // end::module[]

    assertThat(model.requests().get(0).messages().get(0).text()).contains("`reasoning`");

    // tag::catalog[]
    ModuleCatalog catalog =
        ModuleCatalog.standard()
            .with(
                "Checked",
                predict -> ChainOfThought.of(predict.with("repairs", 3)),
                "Careful"); // an alias
    Program choosing = ModuleProgram.of(sort, catalog).bind("module", "strategy");
    // end::catalog[]

    assertThat(
            choosing
                .run(Map.of("ticket", "x"), VariableSource.of(Map.of("strategy", "careful")))
                .getString("reasoning"))
        .isEqualTo("r");
  }

  // tag::composite[]
  record Essay(Predict outline, Predict write) implements Program {
    @Override
    public Prediction forward(FieldValues inputs, Run run) {
      Prediction plan = outline.forward(inputs, run);
      return write.forward(inputs.with(plan.values()), run);
    }

    @Override
    public List<Predict> predictors() {
      return List.of(outline, write);
    }

    @Override
    public Essay withPredictors(UnaryOperator<Predict> change) {
      return new Essay(change.apply(outline), change.apply(write));
    }
  }

  // end::composite[]

  @Test
  void composite_isBoundAsAWhole() {
    // tag::compositeUse[]
    Program essay =
        new Essay(
            Predict.of("topic -> outline", model).named("outline"),
            Predict.of("topic, outline -> text", model).named("write"));
    Program bound = essay.bind("temperature", "heat").bind("write.max_tokens", "length");
    Prediction prediction =
        bound.run(Map.of("topic", "tides"), VariableSource.of(Map.of("heat", 0.7, "length", 500)));
    List<Step> steps = prediction.trace(); // outline, write
    // end::compositeUse[]

    assertThat(steps).extracting(Step::predictor).containsExactly("outline", "write");
  }

  @Test
  void unreadable_isAnErrorOfItsOwn() {
    Predict sort =
        Predict.of("ticket -> label", ScriptedLanguageModel.answeringWith(request -> "Hm."));
    String raw = "";

    // tag::unreadable[]
    try {
      sort.run(Map.of("ticket", "It crashes"), VariableSource.empty());
    } catch (UnreadableAnswerException e) {
      raw = e.rawText(); // and e.partial(), e.problems(), e.attempts(), e.usage()
    }
    // end::unreadable[]

    assertThat(raw).isEqualTo("Hm.");
    assertThatThrownBy(
            () ->
                sort.with("repairs", 0)
                    .with("fallback", false)
                    .run(Map.of("ticket", "x"), VariableSource.empty()))
        .isInstanceOf(UnreadableAnswerException.class);
  }

  @Test
  void state_isSaved(@TempDir Path directory) throws IOException {
    Predict sort = Predict.of("ticket -> label", model);
    Predict tuned = sort.withInstructions("Sort well.").with("temperature", 0.2);
    Path file = directory.resolve("sort.json");

    // tag::state[]
    Files.writeString(file, ProgramState.save(tuned));
    Program again = ProgramState.load(sort, Files.readString(file));
    // end::state[]

    assertThat(again.predictors().get(0).signature().instructions()).isEqualTo("Sort well.");
  }
}
