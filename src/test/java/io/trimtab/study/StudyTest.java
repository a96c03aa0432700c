package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.sampler.RandomSampler;
import io.trimtab.session.RegisteredConfiguration;
import io.trimtab.session.Session;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.InvalidConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StudyTest {

  private static final ConfigurationSpace SPACE =
      ConfigurationSpace.named("agent")
          .floating("temperature", 0.7, 0.0, 1.5)
          .integer("shots", 2, 0, 8)
          .require("shots <= 4 || temperature < 1.0", "many shots must be cool")
          .build();

  private static final Objective SHOTS =
      Objective.scored(trial -> trial.configuration().getLong("shots"));

  private static Study study() {
    return Study.of("test", SPACE).maximize().seed(11).build();
  }

  @Test
  void askAndTell_inTurn_numbersTrialsAndKeepsTheBest() {
    Study study = study();

    Trial first = study.ask();
    study.tell(first, 0.4);
    Trial second = study.ask();
    study.tell(second, 0.9);
    Trial third = study.ask();

    assertThat(study.trials()).extracting(Trial::number).containsExactly(0, 1, 2);
    assertThat(study.best().number()).isEqualTo(second.number());
    assertThat(study.trials().get(third.number()).state()).isEqualTo(TrialState.RUNNING);
  }

  @Test
  void minimize_prefersLowScores() {
    Study study = Study.of("low", SPACE).minimize().build();

    study.tell(study.ask(), 3);
    study.tell(study.ask(), 1);
    study.tell(study.ask(), 2);

    assertThat(study.best(3)).extracting(Trial::score).containsExactly(1.0, 2.0, 3.0);
  }

  @Test
  void tell_twice_keepsTheFirstScore() {
    Study study = study();
    Trial trial = study.ask();
    study.tell(trial, 0.5);

    assertThatThrownBy(() -> study.tell(trial, 0.9)).isInstanceOf(TrialNotRunningException.class);
    assertThat(study.best().score()).isEqualTo(0.5);
  }

  @Test
  void tell_trialOfAnotherStudy_isRefused() {
    Trial foreign = Study.of("other", SPACE).seed(77).build().ask();

    assertThatThrownBy(() -> study().tell(foreign, 1)).isInstanceOf(TrialNotRunningException.class);
  }

  @Test
  void tell_notANumber_failsTheTrialAndNeverBecomesBest() {
    Study study = study();
    study.tell(study.ask(), Double.NaN);
    study.tell(study.ask(), Double.POSITIVE_INFINITY);

    assertThat(study.trials()).extracting(Trial::state).containsOnly(TrialState.FAILED);
    assertThat(study.trials().get(0).failure()).contains("NaN");
    assertThatThrownBy(study::best)
        .isInstanceOf(NoCompleteTrialException.class)
        .hasMessageContaining("2 without one")
        .hasMessageContaining("Infinity");
  }

  @Test
  void enqueue_isTriedBeforeTheSampler_inOrder() {
    Study study = study();
    study.enqueue(Map.of("shots", 3));
    study.enqueue(Map.of("shots", 4));

    assertThat(study.ask().configuration().getLong("shots")).isEqualTo(3);
    assertThat(study.ask().configuration().getLong("shots")).isEqualTo(4);
    assertThat(study.ask().attributes()).containsEntry("proposed_by", "tpe");
    assertThat(study.trials().get(0).attributes()).containsEntry("proposed_by", "enqueued");
  }

  @Test
  void enqueue_forbiddenConfiguration_isRefusedWithTheRule() {
    assertThatThrownBy(() -> study().enqueue(Map.of("shots", 8, "temperature", 1.2)))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("many shots must be cool");
  }

  @Test
  void run_untilTheTrialBudget_runsExactlyAsMany() {
    Study study = study();

    StopReason reason = study.run(SHOTS, Budget.trials(25));

    assertThat(reason).isEqualTo(StopReason.TRIALS);
    assertThat(study.trials()).hasSize(25).allMatch(trial -> trial.state() == TrialState.COMPLETE);
  }

  @Test
  void run_sameSeed_asksForTheSameConfigurations() {
    Study first = study();
    Study second = study();

    first.run(SHOTS, Budget.trials(30));
    second.run(SHOTS, Budget.trials(30));

    assertThat(second.trials())
        .extracting(Trial::configuration)
        .isEqualTo(first.trials().stream().map(Trial::configuration).toList());
  }

  @Test
  void run_objectiveThrows_failsThatTrialAndGoesOn() {
    Study study = study();
    Objective flaky =
        trial -> {
          if (trial.number() % 2 == 0) {
            throw new IllegalStateException("no luck with " + trial.number());
          }
          return Outcome.of(1);
        };

    study.run(flaky, Budget.trials(10));

    assertThat(study.trials()).filteredOn(trial -> trial.state() == TrialState.FAILED).hasSize(5);
    assertThat(study.trials().get(4).failure()).contains("no luck with 4");
  }

  @Test
  void run_moreFailuresThanTolerated_stopsAndSaysSo() {
    Study study = study();

    StopReason reason = study.run(trial -> Outcome.failed("down"), Budget.trials(100).failures(3));

    assertThat(reason).isEqualTo(StopReason.FAILURES);
    assertThat(study.trials()).hasSize(4);
  }

  @Test
  void run_timeIsOver_beginsNoMoreTrials() {
    ManualClock clock = new ManualClock();
    Study study = Study.of("timed", SPACE).clock(clock).build();
    Objective tenSeconds =
        trial -> {
          clock.advance(Duration.ofSeconds(10));
          return Outcome.of(1);
        };

    StopReason reason = study.run(tenSeconds, Budget.time(Duration.ofSeconds(35)));

    assertThat(reason).isEqualTo(StopReason.TIME);
    assertThat(study.trials()).hasSize(4);
    assertThat(study.trials().get(0).duration()).contains(Duration.ofSeconds(10));
  }

  @Test
  void run_tokensOrMoneyUsedUp_beginsNoMoreTrials() {
    Objective costly = trial -> Outcome.of(1, new Cost(1000, 0.25));
    Study tokens = study();
    Study money = study();

    assertThat(tokens.run(costly, Budget.trials(100).tokens(2500))).isEqualTo(StopReason.TOKENS);
    assertThat(money.run(costly, Budget.trials(100).money(1.0))).isEqualTo(StopReason.MONEY);

    assertThat(tokens.cost().tokens()).isEqualTo(3000);
    assertThat(money.trials()).hasSize(4);
  }

  @Test
  void run_noBetterScoreForAWhile_losesPatience() {
    Study study = study();

    StopReason reason =
        study.run(
            Objective.scored(trial -> trial.number() == 5 ? 2 : 1), Budget.trials(100).patience(7));

    assertThat(reason).isEqualTo(StopReason.PATIENCE);
    assertThat(study.trials()).hasSize(13);
  }

  @Test
  void budget_namesItsLimitsOnly() {
    assertThat(Budget.trials(40).within(Duration.ofMinutes(10)).tokens(2_000_000).patience(15))
        .hasToString("40 trials, PT10M, 2000000 tokens, patience 15");
  }

  @Test
  void run_targetReached_stops() {
    Study study = study();

    StopReason reason = study.run(Objective.scored(Trial::number), Budget.trials(100).target(6));

    assertThat(reason).isEqualTo(StopReason.TARGET);
    assertThat(study.trials()).hasSize(7);
  }

  @Test
  void run_inParallel_overlapsAsManyTrialsAndNeverMore() throws Exception {
    Study study = Study.of("parallel", SPACE).sampler(RandomSampler.create()).build();
    CyclicBarrier allFour = new CyclicBarrier(4);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Objective meeting =
        trial -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          allFour.await(10, TimeUnit.SECONDS); // fails unless four trials are under way together
          running.decrementAndGet();
          return Outcome.of(1);
        };

    StopReason reason = study.run(meeting, Budget.trials(40), 4);

    assertThat(reason).isEqualTo(StopReason.TRIALS);
    assertThat(study.trials()).hasSize(40).allMatch(trial -> trial.state() == TrialState.COMPLETE);
    assertThat(most.get()).isEqualTo(4);
  }

  @Test
  void stop_duringARun_endsAfterTheTrialsUnderWay() {
    Study study = study();
    Objective stopping =
        trial -> {
          if (trial.number() == 3) {
            study.stop();
          }
          return Outcome.of(1);
        };

    assertThat(study.run(stopping, Budget.trials(100))).isEqualTo(StopReason.STOPPED);
    assertThat(study.trials()).hasSize(4);
  }

  @Test
  void run_callerIsInterrupted_interruptsTrialsAndLeavesNoneRunning() throws Exception {
    Study study = study();
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch never = new CountDownLatch(1);
    AtomicReference<StopReason> reason = new AtomicReference<>();
    AtomicReference<Boolean> flag = new AtomicReference<>();
    Thread caller =
        new Thread(
            () -> {
              reason.set(
                  study.run(
                      trial -> {
                        begun.countDown();
                        never.await();
                        return Outcome.of(1);
                      },
                      Budget.trials(10),
                      2));
              flag.set(Thread.currentThread().isInterrupted());
            });
    caller.start();
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

    caller.interrupt();
    caller.join(10_000);

    assertThat(caller.isAlive()).isFalse();
    assertThat(reason).hasValue(StopReason.INTERRUPTED);
    assertThat(flag).hasValue(true);
    assertThat(study.trials()).noneMatch(trial -> trial.state() == TrialState.RUNNING);
  }

  @Test
  void listeners_areToldInOrder_andHarmNobodyWhenTheyThrow() {
    List<String> told = new ArrayList<>();
    StudyListener recording =
        new StudyListener() {
          @Override
          public void onAsked(Study study, Trial trial) {
            told.add("asked " + trial.number());
            throw new IllegalStateException("a bad listener");
          }

          @Override
          public void onTold(Study study, Trial trial) {
            told.add("told " + trial.number());
          }

          @Override
          public void onStopped(Study study, StopReason reason) {
            told.add("stopped " + reason);
          }
        };
    Study study = Study.of("heard", SPACE).listener(recording).build();

    study.run(SHOTS, Budget.trials(2));

    assertThat(told).containsExactly("asked 0", "told 0", "asked 1", "told 1", "stopped TRIALS");
  }

  @Test
  void applyBest_switchesTheSessionAtomicallyAndNotesTheTrial() {
    try (Session session = Session.open()) {
      RegisteredConfiguration agent = session.register(SPACE);
      Study study = study();
      study.run(SHOTS, Budget.trials(20));

      long version = study.applyBest(agent).version();

      assertThat(agent.current()).isEqualTo(study.best().configuration());
      assertThat(version).isEqualTo(2);
      assertThat(session.state("shots").metadata())
          .containsEntry("study", "test")
          .containsEntry("trial", Integer.toString(study.best().number()));
    }
  }
}
