package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.sampler.RandomSampler;
import io.trimtab.space.ConfigurationSpace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that runs a study is killed again and again, as by {@code kill -9}. */
@Timeout(120)
class StudyCrashTest {

  private static final int CRASHES = "long".equals(System.getProperty("trimtab.profile")) ? 40 : 4;

  /** The program that is killed: says of each trial that it was told, after it was. */
  static final class Victim {
    public static void main(String[] args) {
      try (Study study = open(Path.of(args[0]))) {
        study.run(
            trial -> Outcome.of(score(trial)),
            Budget.trials(1_000_000),
            Parallelism.of(3).onPlatformThreads());
      }
    }
  }

  private static double score(Trial trial) {
    return trial.configuration().getDouble("x") + trial.number();
  }

  private static Study open(Path file) {
    StudyListener speaking =
        new StudyListener() {
          @Override
          public void onTold(Study study, Trial trial) {
            if (trial.state() == TrialState.COMPLETE) {
              System.out.println(trial.number() + " " + trial.score() + " told");
            }
          }
        };
    return Study.of("crashing", ConfigurationSpace.named("s").floating("x", 0, 0, 1).build())
        .sampler(RandomSampler.create())
        .storage(StudyStorage.file(file))
        .listener(speaking)
        .build();
  }

  @Test
  void killedAtRandomPoints_noFinishedTrialIsLost_noNumberIsGivenTwice(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("study.jsonl");
    SplittableRandom random = new SplittableRandom(8);
    Map<Integer, Double> told = new HashMap<>();

    for (int crash = 0; crash < CRASHES; crash++) {
      runAndKill(file, random.nextInt(1, 400), told);
    }

    try (Study study = open(file)) {
      told.forEach(
          (number, score) ->
              assertThat(study.trial(number).score()).as("trial " + number).isEqualTo(score));
      assertThat(study.trials()).extracting(Trial::configuration).doesNotHaveDuplicates();
      for (Trial trial : study.trials()) {
        assertThat(trial.number()).isEqualTo(study.trials().indexOf(trial));
        assertThat(trial.state()).isIn(TrialState.COMPLETE, TrialState.STALE);
      }
      assertThat(study.count(TrialState.STALE)).isLessThanOrEqualTo(3 * CRASHES);
    }
  }

  /** Runs until so many trials are told, kills, and reads what was said until then. */
  private static void runAndKill(Path file, int trials, Map<Integer, Double> told)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                Victim.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      int heard = 0;
      String line = out.readLine();
      while (line != null) {
        String[] parts = line.split(" ");
        if (parts.length == 3 && parts[2].equals("told")) { // not torn
          Double before = told.put(Integer.valueOf(parts[0]), Double.valueOf(parts[1]));
          assertThat(before).as("trial %s was told before", parts[0]).isNull();
        }
        heard++;
        if (heard == trials) {
          process.toHandle().destroyForcibly(); // SIGKILL; what is in the pipe is still read
        }
        line = out.readLine();
      }
      assertThat(heard).as("the process ran until it was killed").isGreaterThanOrEqualTo(trials);
    } finally {
      process.destroyForcibly();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }
}
