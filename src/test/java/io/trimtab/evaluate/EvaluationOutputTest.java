package io.trimtab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.json.Json;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.program.Example;
import io.trimtab.program.Prediction;
import io.trimtab.variable.VariableSource;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvaluationOutputTest {

  private static Evaluation evaluation() {
    Dataset dataset =
        Dataset.of(
            Example.of(Map.of("text", "a, \"b\"\nc"), Map.of("label", "x")),
            Example.of(Map.of("text", "plain"), Map.of("label", "y")),
            Example.of(Map.of("text", "bad"), Map.of("label", "z")));
    return Evaluator.of(dataset, Metric.exactMatch("label"))
        .evaluate(
            (inputs, run) -> {
              if (inputs.getString("text").equals("bad")) {
                throw new IllegalStateException("broken");
              }
              return Prediction.of(Map.of("label", "x"));
            },
            VariableSource.empty());
  }

  @Test
  void table_hasAColumnPerFieldAndASummary() {
    String[] lines = evaluation().table(2).split("\\R");

    assertThat(lines[0].trim().split("\\s+"))
        .containsExactly(
            "index", "text", "example_label", "pred_label", "exact_match(label)", "error");
    assertThat(lines[2]).contains("a, \"b\" c").contains("1.0");
    assertThat(lines[4]).isEqualTo("... 1 more rows");
    assertThat(lines[5]).startsWith("exact_match(label) 0.3333 over 3 examples, 1 failed");
  }

  @Test
  void table_errors_areToldWithoutPackagesAndAtLength() {
    Evaluation failing =
        Evaluator.of(Dataset.of(Example.of(Map.of("text", "t"), Map.of())), Metric.exactMatch("a"))
            .evaluate(
                (inputs, run) -> {
                  throw new IllegalStateException("the reason " + "that is long ".repeat(4));
                },
                VariableSource.empty());

    assertThat(failing.table(1).lines().skip(2).findFirst().orElseThrow())
        .endsWith("IllegalStateException: the reason " + "that is long ".repeat(4).strip());
  }

  @Test
  void csv_readsBackAsADataset() {
    Dataset again = Dataset.csvText(evaluation().csv(), "text");

    assertThat(again.size()).isEqualTo(3);
    assertThat(again.examples().get(0).values().get("text")).isEqualTo("a, \"b\"\nc");
    assertThat(again.examples().get(2).values().getString("error")).contains("broken");
  }

  @Test
  void json_holdsTotalsAndRows() {
    JsonObject tree = Json.parseObject(evaluation().json(), JsonLimits.DEFAULT);

    assertThat(tree.integer("failures")).isEqualTo(1);
    assertThat(tree.objects("rows")).hasSize(3);
    assertThat(tree.objects("rows").get(1).string("pred_label")).isEqualTo("x");
  }

  private static String shown(
      java.util.function.BiFunction<PrintStream, String, ProgressBar> kind) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ProgressBar bar =
        kind.apply(new PrintStream(bytes, /* autoFlush= */ true, StandardCharsets.UTF_8), "train");
    for (int done = 1; done <= 200; done++) {
      bar.advanced(new Progress.State(done, 200, done >= 100 ? 1 : 0, 0.5));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void progressBar_onATerminal_redrawsOneLine() {
    String shown = shown(ProgressBar::onTerminal);

    assertThat(shown.lines().count())
        .as("one line, redrawn")
        .isEqualTo(1 + shown.chars().filter(c -> c == '\r').count());
    assertThat(shown)
        .contains("\rtrain [###############...............]  50% 100/200, score 0.500, 1 failed");
    assertThat(shown).endsWith("200/200, score 0.500, 1 failed" + System.lineSeparator());
  }

  @Test
  void progressBar_inALog_writesALinePerTenth() {
    assertThat(shown(ProgressBar::inLog).lines())
        .hasSize(11)
        .first()
        .isEqualTo("train 0% 1/200, score 0.500");
  }
}
