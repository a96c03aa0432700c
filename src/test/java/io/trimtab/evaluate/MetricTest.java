package io.trimtab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.lm.LmResponse;
import io.trimtab.lm.ScriptedAnswer;
import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.lm.Usage;
import io.trimtab.program.Example;
import io.trimtab.program.Predict;
import io.trimtab.program.Prediction;
import io.trimtab.variable.VariableSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricTest {

  private static double score(Metric metric, Object answer, Object label) {
    return metric
        .score(
            Example.of(Map.of("q", "?"), Map.of("answer", label)),
            Prediction.of(Map.of("answer", answer)))
        .join()
        .value();
  }

  @Test
  void exactMatch_normalisesAsSquadDoes() {
    Metric metric = Metric.exactMatch("answer");

    assertThat(score(metric, "The  Eiffel-Tower!", "eiffeltower")).isEqualTo(1);
    assertThat(score(metric, "a cat", "an CAT")).isEqualTo(1);
    assertThat(score(metric, "Ångström", "A\u030Angstro\u0308m")).isEqualTo(1);
    assertThat(score(metric, "theory", "ory")).as("articles are whole words").isEqualTo(0);
    assertThat(score(metric, "x", List.of("y", "X."))).as("any of a list").isEqualTo(1);
    assertThat(score(metric, "x", List.of())).isEqualTo(0);
    assertThat(score(metric, "-", "+")).as("nothing but punctuation").isEqualTo(0);
    assertThat(score(metric, 3L, "3.0")).as("numbers by value").isEqualTo(1);
    assertThat(score(metric, 1.5, 15)).isEqualTo(0);
    assertThat(score(metric, true, "True")).isEqualTo(1);
  }

  @Test
  void f1_isTheHarmonicMeanOfSharedWords() {
    Metric metric = Metric.f1("answer");

    assertThat(score(metric, "the quick brown fox", "quick fox jumps"))
        .isCloseTo(2.0 * (2.0 / 3) * (2.0 / 3) / (4.0 / 3), within(1e-12));
    assertThat(score(metric, "x x x", "x"))
        .as("a word counts as often as it is expected")
        .isCloseTo(0.5, within(1e-12));
    assertThat(score(metric, "a", "b")).isEqualTo(0);
    assertThat(score(metric, "the", "cat")).isEqualTo(0);
  }

  @Test
  void contains_looksForTheLabelInTheAnswer() {
    Metric metric = Metric.contains("answer");

    assertThat(score(metric, "It is Paris, of course", "paris")).isEqualTo(1);
    assertThat(score(metric, "paris", "It is Paris")).isEqualTo(0);
  }

  @Test
  void names_sayFieldAndLabel() {
    assertThat(Metric.exactMatch("label").name()).isEqualTo("exact_match(label)");
    assertThat(Metric.f1("a", "b").name()).isEqualTo("f1(a, b)");
  }

  @Test
  void judge_seesInputsReferenceAndAnswer_andItsCallsCount() {
    ScriptedLanguageModel judge =
        ScriptedLanguageModel.builder()
            .otherwise(
                ScriptedAnswer.response(
                    LmResponse.of("j", "[[ ## reasoning ## ]]\nnearly\n[[ ## score ## ]]\n0.75\n")
                        .withUsage(Usage.of(5, 1))))
            .build();
    Metric metric = Metric.judge(judge, "Is it polite?");

    Evaluation evaluation =
        Evaluator.of(Dataset.of(Example.of(Map.of("q", "hi"), Map.of("best", "hello"))), metric)
            .withPrice(response -> 2)
            .evaluate(
                (inputs, run) -> Prediction.of(Map.of("answer", "go away")),
                VariableSource.empty());

    assertThat(evaluation.score()).isEqualTo(0.75);
    assertThat(evaluation.rows().get(0).feedback()).isEqualTo("nearly");
    assertThat(evaluation.usage()).isEqualTo(Usage.of(5, 1));
    assertThat(evaluation.cost()).hasValue(2.0);
    String prompt =
        judge.requests().get(0).messages().toString()
            + judge.requests().get(0).messages().get(0).text()
            + judge.requests().get(0).messages().get(1).text();
    assertThat(prompt)
        .contains(
            "Is it polite?",
            "{\"q\": \"hi\"}",
            "{\"best\": \"hello\"}",
            "{\"answer\": \"go away\"}");
    assertThatThrownBy(() -> Metric.judge(Predict.of("a -> b", judge)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
