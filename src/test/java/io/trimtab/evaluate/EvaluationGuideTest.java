package io.trimtab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.GuidePage;
import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.program.Example;
import io.trimtab.program.Predict;
import io.trimtab.variable.VariableSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of {@code docs/evaluation.md}, run; and that page, compared with this code. */
class EvaluationGuideTest {

  private final LanguageModel model =
      ScriptedLanguageModel.answeringWith(request -> "[[ ## label ## ]]\nbug");
  private final Predict program = Predict.of("text -> label", model);

  @Test
  void page_showsThisCode() throws IOException {
    GuidePage.assertBlocksAreRegionsOf("evaluation.md", EvaluationGuideTest.class);
  }

  @Test
  void datasets_comeFromFilesAndCode(@TempDir Path directory) throws IOException {
    Files.writeString(
        directory.resolve("tickets.jsonl"),
        "{\"text\": \"It crashes\", \"label\": \"bug\"}\n".repeat(10));
    Files.writeString(directory.resolve("tickets.csv"), "text,label\r\n\"a, b\",bug\r\n");

    // tag::datasets[]
    Dataset tickets = Dataset.jsonl(directory.resolve("tickets.jsonl"), "text"); // one input
    Dataset table = Dataset.csv(directory.resolve("tickets.csv"), "text");
    Dataset typed = Dataset.of(Example.of(Map.of("text", "It crashes"), Map.of("label", "bug")));
    Dataset.Split split = tickets.shuffled(7).split(0.7); // 7 is the seed
    // end::datasets[]

    assertThat(split.train().size()).isEqualTo(7);
    assertThat(table.size() + typed.size()).isEqualTo(2);
  }

  @Test
  void evaluator_scores() {
    Dataset tickets =
        Dataset.of(
            Example.of(Map.of("text", "It crashes"), Map.of("label", "bug")),
            Example.of(Map.of("text", "Charged twice"), Map.of("label", "billing")));
    VariableSource source = VariableSource.empty();

    // tag::evaluate[]
    Evaluator evaluator =
        Evaluator.of(tickets, Metric.exactMatch("label"))
            .withConcurrency(32)
            .withDeadline(Duration.ofSeconds(30)) // per example
            .withMaxErrors(5)
            .withProgress(ProgressBar.on(System.err, "tickets"));
    Evaluation evaluation = evaluator.evaluate(program, source);
    System.out.print(evaluation.table(10));
    // end::evaluate[]

    assertThat(evaluation.score()).isEqualTo(0.5);

    // tag::stopped[]
    try {
      evaluator.evaluate(program, source);
    } catch (EvaluationStoppedException e) {
      System.out.println(e.reason() + " after " + e.partial().rows().size() + " examples");
    }
    // end::stopped[]

    // tag::fair[]
    Evaluator fair = evaluator.withCommonRandomNumbers(7).withPrice(response -> 0.0001);
    double difference =
        fair.evaluate(program.with("temperature", 0.0), source).score()
            - fair.evaluate(program.with("temperature", 1.0), source).score();
    // end::fair[]

    assertThat(difference).isZero();
  }

  @Test
  void metrics_areFunctions() {
    LanguageModel judge =
        ScriptedLanguageModel.answering("[[ ## reasoning ## ]]\nr\n[[ ## score ## ]]\n1");

    // tag::metrics[]
    Metric label = Metric.exactMatch("label");
    Metric brief =
        Metric.of(
            "brief", (example, prediction) -> prediction.getString("label").length() < 8 ? 1 : 0);
    Metric polite = Metric.judge(judge, "Is the answer polite? A rude one scores 0.");
    // end::metrics[]

    Dataset one = Dataset.of(Example.of(Map.of("text", "x"), Map.of("label", "bug")));
    for (Metric metric : new Metric[] {label, brief, polite}) {
      assertThat(Evaluator.of(one, metric).evaluate(program, VariableSource.empty()).score())
          .isEqualTo(1);
    }
  }
}
