package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.trimtab.bridge.PythonBuild;
import io.trimtab.json.Json;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.sampler.RandomSampler;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.variable.Scale;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The exported journal, and that the real Optuna of the build's own Python reads it. */
@Timeout(180)
class OptunaJournalTest {

  private static final ConfigurationSpace SPACE =
      ConfigurationSpace.named("agent")
          .module("strategy", "Predict", "ReAct")
          .choice("style", "plain", "a \"quoted\" \u00e9 style")
          .bool("cache", true)
          .floating("temperature", 0.7, 0.0, 1.5)
          .floating("penalty", 0.5, 0.0, 1.0, 0.25)
          .floating("rate", 0.001, 1e-5, 0.1, Scale.LOG)
          .integer("shots", 4, 0, 48, 4)
          .integer("tokens", 256, 64, 8192, Scale.LOG)
          .integer("steps", 3, 1, 8)
          .activeWhen("steps", "strategy == 'ReAct'")
          .build();

  /** Trials in every state. */
  private static Study study() {
    ManualClock clock = new ManualClock();
    Study study =
        Study.of("exported", SPACE)
            .sampler(RandomSampler.create())
            .seed(6)
            .clock(clock)
            .retries(1)
            .heartbeat(Duration.ofSeconds(1), Duration.ofSeconds(5))
            .build();
    study.note("dataset", "tickets");
    study.ask();
    clock.advance(Duration.ofNanos(5_123_456_789L));
    study.run(
        trial -> {
          clock.advance(Duration.ofNanos(1_234_567_891L));
          trial.report(0, 0.25);
          trial.report(1, trial.number() == 3 ? Double.NaN : 0.5);
          trial.beat();
          return switch (trial.number() % 5) {
            case 2 -> Outcome.failed("it broke");
            case 3 -> Outcome.pruned().withCost(new Cost(5, 0.5));
            default ->
                Outcome.of(trial.configuration().getDouble("temperature"), new Cost(10, 0.25));
          };
        },
        Budget.trials(40));
    study.ask();
    study.enqueue(Map.of("shots", 8));
    return study;
  }

  @Test
  void oneOperationPerLine_trialsWholeAndOptionsByIndex() {
    List<JsonObject> operations =
        StudyReport.of(study())
            .optunaJournal()
            .lines()
            .map(line -> Json.parseObject(line, JsonLimits.DEFAULT))
            .toList();

    assertThat(operations.get(0).integer("op_code")).isZero();
    assertThat(operations.get(0).list("directions")).containsExactly(2L);
    JsonObject trial = operations.get(2);
    assertThat(trial.integer("op_code")).isEqualTo(4);
    assertThat(trial.integer("state")).isEqualTo(3); // stale becomes failed
    assertThat(trial.object("params").find("cache")).isIn(0L, 1L);
    assertThat(
            Json.parseObject(trial.object("distributions").string("style"), JsonLimits.DEFAULT)
                .object("attributes")
                .list("choices"))
        .hasSize(2);
  }

  @Test
  void oneGoal_isLoadedByOptuna_withEveryTrialEqual(@TempDir Path folder) throws Exception {
    requireLoadable(study(), folder);
  }

  @Test
  void severalGoals_areLoadedByOptuna_withTheSameFront(@TempDir Path folder) throws Exception {
    Study study =
        Study.of("two", SPACE)
            .maximize("right")
            .minimize("tokens")
            .sampler(RandomSampler.create())
            .build();
    study.run(
        trial ->
            Outcome.ofAll(
                trial.configuration().getDouble("temperature"),
                trial.configuration().getLong("tokens")),
        Budget.trials(50));

    requireLoadable(study, folder);
  }

  private static void requireLoadable(Study study, Path folder)
      throws IOException, InterruptedException {
    Path prepared = PythonBuild.executable();
    String python = prepared == null ? "python3" : prepared.toString();
    if (run(python, "-c", "import optuna").status() != 0) {
      System.err.println(
          "SKIPPED: " + python + " has no optuna; -Dtrimtab.python=... names one that has");
      abort(python + " has no optuna");
    }
    StudyReport report = StudyReport.of(study);
    Path journal = report.writeOptunaJournal(folder.resolve("journal.log"));
    Path expected = Files.writeString(folder.resolve("report.json"), report.json());

    Ended ended =
        run(
            python,
            "-W",
            "ignore",
            Path.of("src/python/benchmarks/optuna_journal.py").toString(),
            journal.toString(),
            expected.toString());

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output()).contains("all equal");
  }

  private record Ended(int status, String output) {}

  private static Ended run(String... command) throws IOException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return new Ended(-1, e.getMessage()); // there is no such program
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Ended(process.exitValue(), output);
  }
}
