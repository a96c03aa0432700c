package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.state.LocalState;
import io.trimtab.state.StateProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the pieces of docs/studies.md that StudyTour does not. */
@Timeout(60)
class StudyGuideTest {

  private final ConfigurationSpace space =
      ConfigurationSpace.named("triage")
          .floating("temperature", 0.7, 0.0, 1.5)
          .integer("demonstrations", 4, 0, 24)
          .build();

  private final Objective objective = Objective.scored(trial -> accuracy(trial.configuration()));

  private static double accuracy(Configuration values) {
    return 1 - Math.abs(values.getDouble("temperature") - 0.3);
  }

  private static double accuracy(Configuration values, int batch) {
    return accuracy(values) * batch / (batch + 1);
  }

  private static double tokens(Configuration values) {
    return 200 + 80 * values.getLong("demonstrations");
  }

  @Test
  void severalGoals() {
    // tag::goals[]
    Study study = Study.of("triage", space).maximize("right").minimize("tokens").build();
    study.run(
        trial -> Outcome.ofAll(accuracy(trial.configuration()), tokens(trial.configuration())),
        Budget.trials(60));
    for (Trial compromise : study.paretoFront()) {
      System.out.println(compromise.scores() + " with " + compromise.configuration());
    }
    // end::goals[]
    assertThat(study.paretoFront()).isNotEmpty();
  }

  @Test
  void pruning() {
    // tag::pruning[]
    Study study = Study.of("triage", space).pruner(PercentilePruner.median()).build();
    study.run(
        trial -> {
          for (int batch = 1; batch <= 10; batch++) {
            trial.reportOrStop(batch, accuracy(trial.configuration(), batch));
          }
          return Outcome.of(accuracy(trial.configuration()));
        },
        Budget.trials(60));
    // end::pruning[]
    assertThat(study.count(TrialState.PRUNED)).isPositive();
    assertThat(study.count(TrialState.COMPLETE)).isPositive();
  }

  @Test
  void keptInAFile(@TempDir Path folder) {
    Path path = folder.resolve("triage.jsonl");
    // tag::file[]
    StudyStorage storage = StudyStorage.file(path);
    try (Study study = Study.of("triage", space).storage(storage).retries(1).build()) {
      study.enqueueIfNew(space.defaults().toMap());
      int left = 40 - study.count(TrialState.COMPLETE);
      if (left > 0) {
        study.run(objective, Budget.trials(left));
      }
    }
    // end::file[]
    try (Study again = Study.of("triage", space).storage(storage).build()) {
      assertThat(again.count(TrialState.COMPLETE)).isEqualTo(40);
    }
  }

  @Test
  void sharedByProcesses() {
    try (StateProvider provider = LocalState.create()) {
      // tag::shared[]
      Study study =
          Study.of("triage", space)
              .storage(StudyStorage.state(provider))
              .heartbeat(Duration.ofSeconds(10), Duration.ofMinutes(1))
              .retries(2)
              .build();
      study.run(objective, Budget.trials(20));
      // end::shared[]
      assertThat(Study.of("triage", space).storage(StudyStorage.state(provider)).build().trials())
          .hasSize(20);
    }
  }

  @Test
  void inParallel() {
    Study study = Study.of("triage", space).build();
    // tag::parallel[]
    study.run(objective, Budget.trials(40), Parallelism.of(4).reproducible());
    // end::parallel[]
    assertThat(study.trials()).hasSize(40);
  }

  @Test
  void warmStart() {
    Study study = Study.of("triage", space).build();
    // tag::warm[]
    study.enqueue(Map.of("temperature", 0.2)); // to be evaluated
    study.add(space.defaults(), Outcome.of(0.61)); // known already
    // end::warm[]
    assertThat(study.trials())
        .extracting(Trial::state)
        .containsExactly(TrialState.WAITING, TrialState.COMPLETE);
  }

  @Test
  void reports(@TempDir Path folder) throws IOException {
    Study study = Study.of("triage", space).build();
    study.run(objective, Budget.trials(20));
    // tag::reports[]
    StudyReport report = StudyReport.of(study);
    report.writeHtml(folder.resolve("report.html"));
    report.writeOptunaJournal(folder.resolve("optuna.log"));
    String table = report.csv();
    Map<String, Double> shares = ParameterImportance.of(study).shares();
    // end::reports[]
    assertThat(folder.resolve("report.html")).isNotEmptyFile();
    assertThat(Files.readAllLines(folder.resolve("optuna.log"))).hasSize(21);
    assertThat(table.lines()).hasSize(21);
    assertThat(shares.keySet()).first().isEqualTo("temperature");
  }
}
