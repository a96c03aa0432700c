package io.trimtab.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.json.JsonException;
import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.variable.VariableSource;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ProgramStateTest {

  /** What DSPy 3.3.1 writes for a ChainOfThought. */
  private static final String FROM_DSPY =
      """
      { "predict": { "traces": [], "train": [],
          "demos": [ {"question":"a","reasoning":"r","answer":"b","augmented":true} ],
          "signature": { "instructions": "Answer well.",
            "fields": [ {"prefix":"Question:","description":"${question}"},
                        {"prefix":"Reasoning:","description":"${reasoning}"},
                        {"prefix":"Answer:","description":"in a word"} ] },
          "lm": { "_dspy_lm_class":"dspy.clients.lm.LM", "model":"openai/gpt-4o-mini",
            "api_base":"http://elsewhere.example", "temperature":0.5 } },
        "metadata": { "dependency_versions": {"python":"3.11","dspy":"3.3.1"} } }
      """;

  private final ScriptedLanguageModel model =
      ScriptedLanguageModel.answeringWith(
          request -> "[[ ## reasoning ## ]]\nr\n[[ ## answer ## ]]\nx");

  @Test
  void load_fileOfDspy_matchesFieldsByPosition() {
    ChainOfThought program = ChainOfThought.of("question -> answer", model);

    Program loaded = ProgramState.load(program, FROM_DSPY);

    Predict predict = loaded.predictors().get(0);
    assertThat(loaded).isInstanceOf(ChainOfThought.class);
    assertThat(predict.signature().instructions()).isEqualTo("Answer well.");
    assertThat(predict.signature().outputs().get(1).description()).isEqualTo("in a word");
    assertThat(predict.signature().outputs().get(0).description()).isEmpty();
    assertThat(predict.demonstrations())
        .containsExactly(
            new Demonstration(
                FieldValues.of("question", "a").with("reasoning", "r").with("answer", "b"), true));
    loaded.run(Map.of("question", "q"), VariableSource.empty());
    assertThat(model.requests()).as("the file's model is not used").hasSize(1);
    assertThat(model.requests().get(0).messages()).hasSize(4);
  }

  @Test
  void load_fileOfASinglePredict_hasNoKey() {
    String flat =
        """
        {"traces": [], "train": [], "demos": [], "signature": {"instructions": "Do.",
         "fields": [{"prefix": "Question:", "description": "${question}"},
                    {"prefix": "Answer:", "description": "${answer}"}]},
         "lm": null, "metadata": {"dependency_versions": {}}}
        """;

    Program loaded = ProgramState.load(Predict.of("question -> answer", model), flat);

    assertThat(loaded.predictors().get(0).signature().instructions()).isEqualTo("Do.");
  }

  @Test
  void save_thenLoad_keepsEverythingTuned() {
    Predict tuned =
        Predict.of("question -> answer, n: Optional[int]", model)
            .withInstructions("Be\nbrief \"é\".")
            .withDemonstrations(
                List.of(Demonstration.of(Map.of("question", "q", "answer", "a", "n", 3))))
            .with("temperature", 0.0)
            .with("max_tokens", 9)
            .with("stop", List.of("END"))
            .bind("temperature", "t")
            .bindOptional("seed", "s");

    Predict loaded =
        (Predict)
            ProgramState.load(
                Predict.of("question -> answer, n: Optional[int]", model),
                ProgramState.save(tuned));

    assertThat(loaded.signature()).isEqualTo(tuned.signature());
    assertThat(loaded.demonstrations()).isEqualTo(tuned.demonstrations());
    assertThat(loaded.config()).isEqualTo(tuned.config()).containsEntry("temperature", 0.0);
    assertThat(loaded.bindings()).isEqualTo(Map.of("temperature", "t", "seed", "s"));
    assertThat(loaded.optionalBindings()).containsExactly("seed");
    assertThat(ProgramState.save(loaded)).isEqualTo(ProgramState.save(tuned));
  }

  private record Two(Predict first, Predict second) implements Program {
    @Override
    public Prediction forward(FieldValues inputs, Run run) {
      return second.forward(inputs.with(first.forward(inputs, run).values()), run);
    }

    @Override
    public List<Predict> predictors() {
      return List.of(first, second);
    }

    @Override
    public Two withPredictors(UnaryOperator<Predict> change) {
      return new Two(change.apply(first), change.apply(second));
    }
  }

  @Test
  void load_fileThatDoesNotSuit_isRefusedAsAWhole() {
    Two two =
        new Two(
            Predict.of("a -> b", model).named("first"),
            Predict.of("b -> c", model).named("second"));
    String good = ProgramState.save(two.withPredictors(p -> p.withInstructions("new")));

    Two loaded = (Two) ProgramState.load(two, good);

    assertThat(loaded.second().signature().instructions()).isEqualTo("new");
    for (Map.Entry<String, String> fault :
        Map.of(
                good.replace("\"second\"", "\"third\""),
                "expected the predictors [first, second]",
                good.replace("\"name\" : \"c\"", "\"name\" : \"d\""),
                "expected \"c\", got \"d\"",
                good.replace("trimtab.program/1", "trimtab.program/9"),
                "$.metadata.format",
                good.replace("\"config\" : { }", "\"config\" : {\"heat\": 1}"),
                "unknown parameter \"heat\"",
                FROM_DSPY,
                "expected the predictors",
                "[1]",
                "expected an object")
            .entrySet()) {
      assertThat(fault.getKey()).isNotEqualTo(good);
      assertThatThrownBy(() -> ProgramState.load(two, fault.getKey()))
          .isInstanceOf(JsonException.class)
          .hasMessageContaining(fault.getValue());
    }
    assertThatThrownBy(() -> ProgramState.save(new Two(two.first(), two.first())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"first\"");
  }
}
