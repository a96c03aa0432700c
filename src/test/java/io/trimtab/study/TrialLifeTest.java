package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.sampler.RandomSampler;
import io.trimtab.space.ConfigurationSpace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** States, reports, heartbeats, retries and duplicates. */
@Timeout(60)
class TrialLifeTest {

  private static final ConfigurationSpace SPACE =
      ConfigurationSpace.named("agent")
          .floating("temperature", 0.7, 0.0, 1.5)
          .integer("shots", 2, 0, 8)
          .build();

  private static final ConfigurationSpace SMALL =
      ConfigurationSpace.named("small").integer("a", 0, 0, 3).choice("b", "x", "y").build();

  private static final Objective SHOTS =
      Objective.scored(trial -> trial.configuration().getLong("shots"));

  private static Study study() {
    return Study.of("life", SPACE).seed(5).build();
  }

  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final Duration GRACE = Duration.ofSeconds(60);

  private static Study.Builder watched(ManualClock clock) {
    return Study.of("watched", SPACE).clock(clock).heartbeat(EVERY, GRACE);
  }

  @Test
  void enqueuedTrials_waitUnderTheirNumber_untilTheyAreAsked() {
    Study study = study();
    study.enqueue(Map.of("shots", 3));

    assertThat(study.trials()).extracting(Trial::state).containsExactly(TrialState.WAITING);
    assertThat(study.ask().number()).isZero();
    assertThat(study.trials()).extracting(Trial::state).containsExactly(TrialState.RUNNING);
    assertThat(study.count(TrialState.WAITING)).isZero();
  }

  @Test
  void enqueueIfNew_triedBefore_isNotEnqueuedAgain() {
    Study study = study();

    assertThat(study.enqueueIfNew(Map.of("shots", 3))).isTrue();
    assertThat(study.enqueueIfNew(Map.of("shots", 3))).isFalse();
    study.tell(study.ask(), 1);
    assertThat(study.enqueueIfNew(Map.of("shots", 3))).isFalse();
    assertThat(study.enqueueIfNew(Map.of("shots", 4))).isTrue();
  }

  @Test
  void enqueueIfNew_failedBefore_isEnqueuedAgain() {
    Study study = study();
    study.enqueueIfNew(Map.of("shots", 3));
    study.tell(study.ask(), Outcome.failed("down"));

    assertThat(study.enqueueIfNew(Map.of("shots", 3))).isTrue();
  }

  @Test
  void add_trialFromElsewhere_countsAsComplete() {
    Study study = study();

    Trial added = study.add(SPACE.defaults().with("shots", 4), Outcome.of(0.9));

    assertThat(added.state()).isEqualTo(TrialState.COMPLETE);
    assertThat(study.best()).isEqualTo(added);
  }

  @Test
  void report_valuesInOrder_areKept() {
    Trial trial = study().ask();

    trial.report(0, 0.5);
    trial.report(3, 0.25);

    Trial now = trial.study().trial(0);
    assertThat(now.intermediateValues())
        .containsExactly(new IntermediateValue(0, 0.5), new IntermediateValue(3, 0.25));
    assertThat(now.valueAt(3)).hasValue(0.25);
    assertThat(now.valueAt(2)).isEmpty();
  }

  @Test
  void report_stepNotAfterTheOneBefore_isRefused() {
    Trial trial = study().ask();
    trial.report(2, 0.5);

    assertThatThrownBy(() -> trial.report(2, 0.6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("after 2")
        .hasMessageContaining("life");
  }

  @Test
  void run_hopelessTrial_isPrunedAndKeepsItsValues() {
    Pruner second = (trial, trials, direction) -> trial.lastReport().orElseThrow().step() == 1;
    Study study = Study.of("pruned", SPACE).pruner(second).build();

    study.run(
        trial -> {
          trial.reportOrStop(0, 1);
          trial.reportOrStop(1, 2);
          throw new AssertionError("a pruned trial does not go on");
        },
        Budget.trials(3));

    assertThat(study.trials()).extracting(Trial::state).containsOnly(TrialState.PRUNED);
    assertThat(study.trials().get(2).intermediateValues()).hasSize(2);
    assertThat(study.findBest()).isEmpty();
  }

  @Test
  void note_afterTheEnd_isKept() {
    Study study = study();
    Trial trial = study.ask();
    trial.note("host", "a");
    study.tell(trial, Outcome.of(1).withAttributes(Map.of("examples", "20")));
    trial.note("verdict", "good");
    study.note("dataset", "tickets");

    assertThat(study.trial(0).attributes())
        .containsEntry("host", "a")
        .containsEntry("examples", "20")
        .containsEntry("verdict", "good");
    assertThat(study.attributes()).containsExactly(Map.entry("dataset", "tickets"));
  }

  @Test
  void tell_wrongNumberOfScores_fails() {
    Study study = Study.of("two", SPACE).maximize("right").minimize("tokens").build();

    Trial told = study.tell(study.ask(), 0.5);

    assertThat(told.state()).isEqualTo(TrialState.FAILED);
    assertThat(told.failure()).contains("expected 2 scores").contains("tokens");
  }

  @Test
  void severalGoals_keepTheFrontThatNobodyBeats() {
    Study study = Study.of("two", SPACE).maximize("right").minimize("tokens").build();
    double[][] scores = {{0.5, 100}, {0.6, 120}, {0.4, 120}, {0.6, 90}, {0.9, 500}, {0.9, 500}};
    for (double[] score : scores) {
      study.tell(study.ask(), Outcome.ofAll(score));
    }

    // 3 beats 0, 1 and 2 at both goals; 4 and 5 are equal, so neither beats the other
    assertThat(study.paretoFront()).extracting(Trial::number).containsExactly(3, 4, 5);
    assertThatThrownBy(study::best)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("paretoFront()");
  }

  @Test
  void silentTrial_isGivenUpAfterTheGrace() {
    ManualClock clock = new ManualClock();
    Study study = watched(clock).build();
    Trial silent = study.ask();
    Trial alive = study.ask();
    clock.advance(Duration.ofSeconds(40));
    alive.beat();

    clock.advance(Duration.ofSeconds(40)); // 80 s since the first, 40 s since the second was heard
    List<Trial> recovered = study.recoverStale();

    assertThat(recovered).extracting(Trial::number).containsExactly(silent.number());
    assertThat(study.trial(silent.number()).state()).isEqualTo(TrialState.STALE);
    assertThat(study.trial(alive.number()).state()).isEqualTo(TrialState.RUNNING);
  }

  @Test
  void report_isASignOfLife() {
    ManualClock clock = new ManualClock();
    Study study = watched(clock).build();
    Trial trial = study.ask();
    clock.advance(Duration.ofSeconds(50));
    trial.report(0, 1);
    clock.advance(Duration.ofSeconds(50));

    assertThat(study.recoverStale()).isEmpty();
  }

  @Test
  void ask_withHeartbeat_recoversByItself_andRetries() {
    ManualClock clock = new ManualClock();
    Study study = watched(clock).retries(1).build();
    Trial lost = study.ask();
    clock.advance(GRACE);

    Trial again = study.ask();

    assertThat(again.retryOf()).isEqualTo(OptionalInt.of(lost.number()));
    assertThat(again.configuration()).isEqualTo(lost.configuration());
  }

  @Test
  void tell_trialGivenUpByMistake_isAcceptedLate() {
    ManualClock clock = new ManualClock();
    Study study = watched(clock).build();
    Trial slow = study.ask();
    clock.advance(GRACE);
    study.recoverStale();

    slow.report(0, 0.5); // the worker does not know that it was given up
    slow.beat();
    Trial told = study.tell(slow, 0.9);

    assertThat(told.state()).isEqualTo(TrialState.COMPLETE);
    assertThat(told.late()).isTrue();
    assertThat(study.best().number()).isEqualTo(slow.number());
    assertThat(study.count(TrialState.STALE)).isZero();
    assertThatThrownBy(() -> study.tell(slow, 0.1))
        .isInstanceOfSatisfying(
            TrialNotRunningException.class,
            e -> assertThat(e.state()).contains(TrialState.COMPLETE));
  }

  @Test
  void run_withHeartbeat_showsThatALongTrialIsAlive() {
    RecordingStorage storage = new RecordingStorage();
    Study study =
        Study.of("long", SPACE)
            .heartbeat(Duration.ofMillis(1), Duration.ofDays(1))
            .storage(storage)
            .build();

    study.run(
        trial -> {
          storage.awaitLine("[{\"event\":\"beat\",\"trials\":[0]}]");
          return Outcome.of(1);
        },
        Budget.trials(1));

    assertThat(study.best().score()).isEqualTo(1);
  }

  @Test
  void recoverStale_withoutHeartbeat_isRefused() {
    assertThatThrownBy(() -> study().recoverStale())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("heartbeat");
  }

  @Test
  void failedTrial_isRetriedAsOftenAsAllowed_inOneChain() {
    Study study = Study.of("retried", SPACE).retries(2).build();

    study.run(trial -> Outcome.failed("down"), Budget.trials(3));

    assertThat(study.trials())
        .extracting(Trial::configuration)
        .hasSize(3)
        .containsOnly(study.trial(0).configuration());
    assertThat(study.trials())
        .extracting(Trial::retryOf)
        .containsExactly(OptionalInt.empty(), OptionalInt.of(0), OptionalInt.of(1));
    assertThat(study.ask().retryOf()).isEmpty();
  }

  @Test
  void duplicatesAvoided_finiteSpace_triesEverythingOnceAndEnds() {
    Study study =
        Study.of("all", SMALL).sampler(RandomSampler.create()).duplicates(Duplicates.AVOID).build();

    StopReason reason = study.run(trial -> Outcome.of(1), Budget.trials(100));

    assertThat(reason).isEqualTo(StopReason.EXHAUSTED);
    assertThat(study.trials()).extracting(Trial::configuration).hasSize(8).doesNotHaveDuplicates();
    assertThatThrownBy(study::ask).isInstanceOf(SpaceExhaustedException.class);
  }

  @Test
  void duplicatesReused_objectiveIsAskedOncePerConfiguration() {
    List<Integer> evaluated = new ArrayList<>();
    Study study =
        Study.of("once", SMALL)
            .sampler(RandomSampler.create())
            .duplicates(Duplicates.REUSE)
            .build();

    study.run(
        trial -> {
          evaluated.add(trial.number());
          return Outcome.of(trial.configuration().getLong("a"), new Cost(10, 0));
        },
        Budget.trials(60));

    assertThat(evaluated).hasSize(8);
    assertThat(study.count(TrialState.COMPLETE)).isEqualTo(60);
    assertThat(study.cost().tokens()).isEqualTo(80);
    assertThat(study.trials())
        .filteredOn(trial -> trial.attributes().containsKey("score_of"))
        .hasSize(52);
  }

  @Test
  void parallelRun_samplerThatIgnoresOutcomes_proposesTheSame() {
    Study one = Study.of("p", SPACE).sampler(RandomSampler.create()).seed(3).build();
    Study four = Study.of("p", SPACE).sampler(RandomSampler.create()).seed(3).build();

    one.run(trial -> Outcome.of(1), Budget.trials(50));
    four.run(trial -> Outcome.of(1), Budget.trials(50), 4);

    assertThat(configurations(four)).isEqualTo(configurations(one));
  }

  @Test
  void reproducibleParallelRun_trialsFinishInAnotherOrder_proposesTheSame() {
    Study inOrder = Study.of("p", SPACE).seed(3).build();
    CountDownLatch[] told = new CountDownLatch[41];
    Arrays.setAll(told, number -> new CountDownLatch(1));
    StudyListener noting =
        new StudyListener() {
          @Override
          public void onTold(Study study, Trial trial) {
            told[trial.number()].countDown();
          }
        };
    Study swapped = Study.of("p", SPACE).seed(3).listener(noting).build();
    Parallelism fourFold = Parallelism.of(4).reproducible();

    inOrder.run(SHOTS, Budget.trials(40), fourFold);
    swapped.run(
        trial -> {
          if (trial.number() % 2 == 0) { // every even trial ends after the one behind it
            assertThat(told[trial.number() + 1].await(10, TimeUnit.SECONDS)).isTrue();
          }
          return SHOTS.evaluate(trial);
        },
        Budget.trials(40),
        fourFold);

    assertThat(swapped.count(TrialState.COMPLETE)).isEqualTo(40);
    assertThat(configurations(swapped)).isEqualTo(configurations(inOrder));
  }

  @Test
  void parallelRun_onAnExecutor_usesItsThreads() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(3, task -> new Thread(task, "mine"));
    try {
      Study study = Study.of("pool", SPACE).sampler(RandomSampler.create()).build();
      CyclicBarrier three = new CyclicBarrier(3);

      study.run(
          trial -> {
            three.await(10, TimeUnit.SECONDS);
            return Outcome.of(1).withAttributes(Map.of("thread", Thread.currentThread().getName()));
          },
          Budget.trials(9),
          Parallelism.of(3).on(pool));

      assertThat(study.trials())
          .extracting(trial -> trial.attributes().get("thread"))
          .containsOnly("mine");
    } finally {
      pool.shutdownNow();
    }
  }

  private static List<?> configurations(Study study) {
    return study.trials().stream().map(Trial::configuration).toList();
  }
}
