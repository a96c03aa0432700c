package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.sampler.RandomSampler;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.study.Budget;
import io.trimtab.study.Outcome;
import io.trimtab.study.Parallelism;
import io.trimtab.study.Study;
import io.trimtab.study.StudyListener;
import io.trimtab.study.StudyStorage;
import io.trimtab.study.Trial;
import io.trimtab.study.TrialState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two processes run one study together in a session that a sidecar keeps; one of them is killed as
 * by {@code kill -9} in the middle of a trial.
 */
@RequiresPython
@Timeout(180)
class SharedStudyTest {

  private static final int TRIALS = 25;

  /** A process that runs trials until its standard input ends, and says what happens to each. */
  static final class Worker {

    public static void main(String[] args) throws IOException {
      boolean hangs = args[1].equals("hangs");
      try (Sidecar sidecar = Sidecar.connect(args[0]).token(OperatedSidecar.TOKEN).open();
          BridgedState state = BridgedState.builder("shared", sidecar).open();
          Study study = open(state, new Speaking())) {
        stopAtTheEndOfInput(study);
        study.run(
            trial -> {
              if (hangs && trial.number() > TRIALS) {
                say("%d hangs", trial.number());
                new CountDownLatch(1).await(); // until it is killed
              }
              return Outcome.of(score(trial));
            },
            Budget.trials(1_000_000),
            Parallelism.of(2).onPlatformThreads());
        say("- stopped");
      }
    }

    private static void stopAtTheEndOfInput(Study study) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  System.in.transferTo(java.io.OutputStream.nullOutputStream());
                } catch (IOException e) {
                  say("- lost its input: %s", e);
                }
                study.stop();
              });
      thread.setDaemon(true);
      thread.start();
    }
  }

  private static double score(Trial trial) {
    return trial.configuration().getDouble("x");
  }

  private static void say(String format, Object... values) {
    System.out.println(format.formatted(values)); // one call, so that lines stay whole
  }

  /** Says of each trial that it was asked for and that it was told, after it was. */
  private static final class Speaking implements StudyListener {
    @Override
    public void onAsked(Study study, Trial trial) {
      say("%d asked %d", trial.number(), trial.retryOf().orElse(-1));
    }

    @Override
    public void onTold(Study study, Trial trial) {
      if (trial.state() == TrialState.COMPLETE) {
        say("%d told %s", trial.number(), trial.score());
      }
    }
  }

  private static Study open(BridgedState state, StudyListener listener) {
    return open(state, listener, InstantSource.system());
  }

  private static Study open(BridgedState state, StudyListener listener, InstantSource clock) {
    return Study.of("together", ConfigurationSpace.named("s").floating("x", 0, 0, 1).build())
        .sampler(RandomSampler.create())
        .storage(StudyStorage.state(state))
        .heartbeat(Duration.ofMillis(200), Duration.ofSeconds(4))
        .retries(3)
        .listener(listener)
        .clock(clock)
        .build();
  }

  /** A worker process and all that it has said. */
  private static final class Running implements AutoCloseable {

    private final Process process;
    private final BufferedReader said;
    private final List<String[]> lines = new ArrayList<>();

    Running(String address, String mood) throws IOException {
      this.process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                  Worker.class.getName(),
                  address,
                  mood)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      this.said =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Reads on until a line is as wanted, or to the end; returns it, or null at the end. */
    String[] await(Predicate<String[]> wanted) throws IOException {
      String line = said.readLine();
      while (line != null) {
        String[] parts = line.split(" ");
        lines.add(parts);
        if (wanted.test(parts)) {
          return parts;
        }
        line = said.readLine();
      }
      return new String[0];
    }

    void awaitTold(int trials) throws IOException {
      int[] told = {0};
      await(parts -> parts[1].equals("told") && ++told[0] == trials);
    }

    void kill() throws IOException {
      process.toHandle().destroyForcibly(); // SIGKILL; what is in the pipe is still read
      await(parts -> false);
    }

    void stop() throws IOException {
      process.getOutputStream().close();
      await(parts -> false);
    }

    @Override
    public void close() throws InterruptedException {
      process.destroyForcibly();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void twoProcesses_oneKilledInATrial_giveNoNumberTwice_loseNone_andRetryWhatHung()
      throws Exception {
    try (OperatedSidecar operated = OperatedSidecar.start(0, Map.of())) {
      String address = "127.0.0.1:" + operated.port();
      try (Running survivor = new Running(address, "works");
          Running victim = new Running(address, "hangs")) {
        survivor.awaitTold(TRIALS);
        String[] hung = victim.await(parts -> parts[1].equals("hangs"));
        victim.kill();
        String[] retry =
            survivor.await(parts -> parts[1].equals("asked") && parts[2].equals(hung[0]));
        survivor.await(parts -> parts[1].equals("told") && parts[0].equals(retry[0]));
        survivor.stop();

        assertThat(survivor.lines.get(survivor.lines.size() - 1)).contains("stopped");
        AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
        try (Sidecar sidecar = Sidecar.connect(address).token(OperatedSidecar.TOKEN).open();
            BridgedState state = BridgedState.builder("shared", sidecar).open();
            Study study =
                open(state, new StudyListener() {}, () -> Instant.now().plus(ahead.get()))) {
          recoverTheOther(study, ahead, victim.lines);
          judge(study, Integer.parseInt(hung[0]), survivor.lines, victim.lines);
        }
      }
    }
  }

  /**
   * The victim had two trials under way. The one that did not hang may have begun a moment later,
   * and the survivor may have stopped before it was due.
   */
  private static void recoverTheOther(
      Study study, AtomicReference<Duration> ahead, List<String[]> victim) {
    List<Integer> asked =
        victim.stream()
            .filter(line -> line[1].equals("asked"))
            .map(line -> Integer.valueOf(line[0]))
            .toList();
    List<Integer> running =
        study.trials().stream()
            .filter(trial -> trial.state() == TrialState.RUNNING)
            .map(Trial::number)
            .toList();
    assertThat(running).hasSizeLessThanOrEqualTo(1);
    assertThat(asked).containsAll(running);
    ahead.set(Duration.ofMinutes(1));
    assertThat(study.recoverStale()).extracting(Trial::number).isEqualTo(running);
  }

  private static void judge(Study study, int hung, List<String[]> one, List<String[]> other) {
    List<Trial> trials = study.trials();
    for (int number = 0; number < trials.size(); number++) {
      assertThat(trials.get(number).number()).isEqualTo(number);
    }
    Map<Integer, String> asked = new ConcurrentHashMap<>();
    int told = 0;
    List<String[]> both = new ArrayList<>(one);
    both.addAll(other);
    for (String[] line : both) {
      if (line.length == 3 && line[1].equals("asked")) {
        assertThat(asked.put(Integer.valueOf(line[0]), line[2])).as("asked twice").isNull();
      } else if (line.length == 3 && line[1].equals("told")) {
        told++;
        Trial trial = trials.get(Integer.parseInt(line[0]));
        assertThat(trial.state()).isEqualTo(TrialState.COMPLETE);
        assertThat(Double.toString(trial.score())).isEqualTo(line[2]);
      }
    }
    assertThat(told).isGreaterThanOrEqualTo(TRIALS);
    assertThat(study.count(TrialState.COMPLETE)).isBetween(told, told + 2); // killed before saying
    assertThat(study.count(TrialState.RUNNING)).isZero();
    assertThat(study.count(TrialState.STALE)).isBetween(1, 2);
    assertThat(trials.get(hung).state()).isEqualTo(TrialState.STALE);
    assertThat(trials)
        .filteredOn(trial -> trial.retryOf().orElse(-1) == hung)
        .singleElement()
        .satisfies(retry -> assertThat(retry.state()).isEqualTo(TrialState.COMPLETE))
        .satisfies(
            retry -> assertThat(retry.configuration()).isEqualTo(trials.get(hung).configuration()));
  }
}
