package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.sampler.RandomSampler;
import io.trimtab.session.Session;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.state.Batch;
import io.trimtab.state.LocalState;
import io.trimtab.state.LocalStateFactory;
import io.trimtab.state.StateProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StudyStorageTest {

  private static final ConfigurationSpace SPACE =
      ConfigurationSpace.named("agent")
          .module("strategy", "Predict", "ReAct")
          .floating("temperature", 0.7, 0.0, 1.5)
          .integer("steps", 3, 1, 8)
          .activeWhen("steps", "strategy == 'ReAct'")
          .build();

  private static final Objective COOL =
      Objective.scored(trial -> -trial.configuration().getDouble("temperature"));

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("new/study.jsonl");
  }

  private static Study.Builder kept(StudyStorage storage) {
    return Study.of("kept", SPACE).seed(9).storage(storage);
  }

  /** One of everything that can happen to a study. */
  private static void live(Study study) {
    study.enqueue(Map.of("temperature", 0.25));
    study.run(COOL, Budget.trials(12));
    Trial reporting = study.ask();
    reporting.report(0, 0.5);
    reporting.report(4, Double.NaN);
    reporting.note("host", "a \u00e9\n\u2028");
    study.tell(reporting, Outcome.pruned().withCost(new Cost(7, 0.5)));
    study.tell(study.ask(), Outcome.failed("broke\nhere \ud800"));
    study.note("dataset", "tickets");
    study.enqueue(Map.of("temperature", 0.5));
  }

  @Test
  void reopenedFile_hasTheSameTrials_andGoesOn() {
    List<Trial> before;
    try (Study study = kept(StudyStorage.file(file())).build()) {
      live(study);
      before = study.trials();
    }

    try (Study study = kept(StudyStorage.file(file())).build()) {
      assertThat(study.trials()).isEqualTo(before);
      assertThat(study.attributes()).containsEntry("dataset", "tickets");
      assertThat(study.cost().tokens()).isEqualTo(7);
      assertThat(study.ask().configuration().getDouble("temperature")).isEqualTo(0.5);
      assertThat(study.ask().number()).isEqualTo(before.size());
    }
  }

  @Test
  void reopenedStudy_proposesWhatTheUninterruptedOneWould() {
    Study whole = Study.of("kept", SPACE).seed(9).build();
    whole.run(COOL, Budget.trials(30));
    for (int part = 0; part < 3; part++) {
      try (Study study = kept(StudyStorage.file(file())).build()) {
        study.run(COOL, Budget.trials(10));
      }
    }

    try (Study study = kept(StudyStorage.file(file())).build()) {
      assertThat(study.trials())
          .extracting(Trial::configuration)
          .isEqualTo(whole.trials().stream().map(Trial::configuration).toList());
    }
  }

  @Test
  void trialsRunningWhenTheProcessEnded_areStale_andRetriedIfAsked() {
    try (Study study = kept(StudyStorage.file(file())).build()) {
      study.ask();
    }

    try (Study study = kept(StudyStorage.file(file())).retries(1).build()) {
      assertThat(study.trial(0).state()).isEqualTo(TrialState.STALE);
      assertThat(study.trial(0).failure()).contains("process");
      assertThat(study.ask().retryOf()).isEqualTo(OptionalInt.of(0));
    }
  }

  @Test
  void tornTail_atEveryLength_losesOnlyTheTornLine() throws IOException {
    List<Trial> before;
    try (Study study = kept(StudyStorage.file(file())).build()) {
      study.run(COOL, Budget.trials(3));
      before = study.trials();
    }
    byte[] whole = Files.readAllBytes(file());
    String last = Files.readAllLines(file()).get(Files.readAllLines(file()).size() - 1);
    int lineStart = whole.length - last.getBytes(StandardCharsets.UTF_8).length - 1;

    for (int length = lineStart; length < whole.length; length += 7) {
      Files.write(file(), java.util.Arrays.copyOf(whole, length));
      try (Study study = kept(StudyStorage.file(file())).build()) {
        assertThat(study.trials().subList(0, 2)).isEqualTo(before.subList(0, 2));
        assertThat(study.trial(2).state()).isEqualTo(TrialState.STALE);
      }
    }
  }

  @Test
  void aLineThatIsNoEntry_isNamedAndNothingIsCutOff() throws IOException {
    try (Study study = kept(StudyStorage.file(file())).build()) {
      study.run(COOL, Budget.trials(1));
    }
    Files.writeString(file(), "what is this?\n", StandardOpenOption.APPEND);
    long size = Files.size(file());

    assertThatThrownBy(() -> kept(StudyStorage.file(file())).build())
        .isInstanceOf(StudyStorageException.class)
        .hasMessageContaining("what is this?")
        .hasMessageContaining(file().toString());
    assertThat(Files.size(file())).isEqualTo(size);
  }

  @Test
  void aFileOfAnotherVersion_isRefused() throws IOException {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), "{\"format\":\"trimtab.study/2\"}\n");

    assertThatThrownBy(() -> kept(StudyStorage.file(file())).build())
        .isInstanceOf(StudyStorageException.class)
        .hasMessageContaining("trimtab.study/1")
        .hasMessageContaining("trimtab.study/2");
  }

  @Test
  void otherTerms_areAllNamed() {
    kept(StudyStorage.file(file())).build().close();
    ConfigurationSpace other = SPACE.toBuilder().integer("more", 1, 0, 2).build();

    assertThatThrownBy(
            () ->
                Study.of("kept", other)
                    .minimize()
                    .seed(10)
                    .storage(StudyStorage.file(file()))
                    .build())
        .isInstanceOfSatisfying(
            StudyMismatchException.class, e -> assertThat(e.differences()).hasSize(3))
        .hasMessageContaining("space")
        .hasMessageContaining("seed is 9, not 10");
    kept(StudyStorage.file(file())).build().close(); // the refused study has given the file back
  }

  @Test
  void fileInUse_isRefused_untilItIsClosed() {
    Study holder = kept(StudyStorage.file(file())).build();

    assertThatThrownBy(() -> kept(StudyStorage.file(file())).build())
        .isInstanceOf(StudyStorageException.class)
        .hasMessageContaining("in use");

    holder.close();
    kept(StudyStorage.file(file()).synced()).build().close();
  }

  @Test
  void closedStudy_canBeReadButNotChanged() {
    Study study = kept(StudyStorage.file(file())).build();
    study.run(COOL, Budget.trials(2));
    study.close();

    assertThat(study.trials()).hasSize(2);
    assertThatThrownBy(study::ask).isInstanceOf(IllegalStateException.class);
    assertThat(study.trials()).hasSize(2);
  }

  @Test
  void stateProvider_keepsTheStudyInSegments_andReopens() {
    try (StateProvider provider = LocalState.create()) {
      Study study = kept(StudyStorage.state(provider)).sampler(RandomSampler.create()).build();
      live(study);
      study.run(COOL, Budget.trials(400)); // more than one segment

      Study again = kept(StudyStorage.state(provider)).build();

      assertThat(provider.findDocument("study/kept/000001")).isNotNull();
      assertThat(again.trials()).isEqualTo(study.trials());
    }
  }

  @Test
  void twoStudiesOnOneProvider_shareTrialsWithoutLossOrDuplicate() throws Exception {
    try (StateProvider provider = LocalState.create()) {
      List<Study> studies = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Study study = kept(StudyStorage.state(provider)).sampler(RandomSampler.create()).build();
        studies.add(study);
        threads.add(new Thread(() -> study.run(COOL, Budget.trials(100), 2)));
      }
      for (Thread thread : threads) {
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join(TimeUnit.SECONDS.toMillis(30));
      }
      studies.forEach(Study::refresh);

      Study first = studies.get(0);
      assertThat(first.trials()).hasSize(200).isEqualTo(studies.get(1).trials());
      assertThat(first.trials()).allMatch(trial -> trial.state() == TrialState.COMPLETE);
      assertThat(first.trials()).extracting(Trial::configuration).doesNotHaveDuplicates();
      assertThat(first.best()).isEqualTo(studies.get(1).best());
      // one seed, one sampler: whoever asks, trial n is the trial a single study would have tried
      Study alone = Study.of("kept", SPACE).sampler(RandomSampler.create()).seed(9).build();
      alone.run(COOL, Budget.trials(200));
      assertThat(first.trials())
          .extracting(Trial::configuration)
          .isEqualTo(alone.trials().stream().map(Trial::configuration).toList());
    }
  }

  @Test
  void session_keepsTheStudyAcrossASwitchOfItsBackend() {
    try (Session session = Session.open()) {
      Study study = kept(StudyStorage.session(session)).build();
      study.run(COOL, Budget.trials(5));

      session.switchTo(new LocalStateFactory());
      study.run(COOL, Budget.trials(5));

      Study again = kept(StudyStorage.session(session)).build();
      assertThat(again.trials()).hasSize(10).isEqualTo(study.trials());
    }
  }

  @Test
  void documentDeletedInUse_isSaidRatherThanWaitedFor() {
    try (StateProvider provider = LocalState.create()) {
      Study study = kept(StudyStorage.state(provider)).build();
      study.ask();
      provider.commit(Batch.builder().deleteDocument("study/kept/000000", null).build());

      assertThatThrownBy(study::ask)
          .isInstanceOf(StudyStorageException.class)
          .hasMessageContaining("study/kept/000000")
          .hasMessageContaining("deleted");
    }
  }

  @Test
  void entriesThatContradictEachOther_areRefusedWithTheLine() throws IOException {
    try (Study study = kept(StudyStorage.file(file())).build()) {
      study.tell(study.ask(), 1);
    }
    List<String> lines = Files.readAllLines(file());
    for (String wrong :
        List.of(
            lines.get(1), // trial 0 begins again
            lines.get(2).replace("\"trial\":0", "\"trial\":7"),
            lines.get(2).replace("\"scores\":[1.0]", "\"scores\":[]"),
            lines.get(1).replace("\"trial\":0", "\"trial\":4294967297"))) {
      Files.write(file(), lines);
      Files.writeString(file(), wrong + "\n", StandardOpenOption.APPEND);

      assertThatThrownBy(() -> kept(StudyStorage.file(file())).build())
          .isInstanceOf(StudyStorageException.class)
          .hasMessageContaining(wrong.substring(0, 30));
    }
  }

  /** Whatever happens to a study, in whatever order, is read back as it was. */
  @Test
  void randomLives_areReadBack() {
    for (int seed = 0; seed < 30; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      RecordingStorage storage = new RecordingStorage();
      Study study = kept(storage).sampler(RandomSampler.create()).retries(2).build();
      List<Trial> open = new ArrayList<>();
      for (int step = 0; step < 120; step++) {
        act(study, open, random);
      }

      Study again = kept(storage).build();

      assertThat(again.trials()).as("seed %d", seed).isEqualTo(study.trials());
      assertThat(again.findBest()).isEqualTo(study.findBest());
      assertThat(again.cost()).isEqualTo(study.cost());
      assertThat(again.attributes()).isEqualTo(study.attributes());
      for (TrialState state : TrialState.values()) {
        assertThat(again.count(state)).isEqualTo(study.count(state));
      }
      assertThat(next(again)).isEqualTo(next(study));
    }
  }

  /** The configuration that waits longest, if any: the queue is no list of trials. */
  private static Optional<Trial> next(Study study) {
    return Optional.ofNullable(study.ledger().read(TrialBook::nextWaiting));
  }

  private static void act(Study study, List<Trial> open, SplittableRandom random) {
    Trial trial = open.isEmpty() ? null : open.get(random.nextInt(open.size()));
    int choice = random.nextInt(trial == null ? 3 : 9);
    switch (choice) {
      case 0 -> study.enqueue(Map.of("temperature", random.nextInt(15) / 10.0));
      case 1 -> study.note("key " + random.nextInt(3), "value " + random.nextInt());
      case 2 -> open.add(study.ask());
      case 3 ->
          trial.report(
              trial.study().trial(trial.number()).intermediateValues().size(), random.nextDouble());
      case 4 -> trial.note("key", "value " + random.nextInt());
      case 5 -> trial.beat();
      default -> {
        open.remove(trial);
        study.tell(
            trial,
            choice == 6
                ? Outcome.failed("no luck")
                : choice == 7
                    ? Outcome.pruned()
                    : Outcome.of(random.nextDouble(), new Cost(3, 0.25)));
      }
    }
  }

  @Test
  void aStudyThatDies_isRecoveredByTheOther_afterTheGraceByItsOwnClock() {
    try (StateProvider provider = LocalState.create()) {
      Duration grace = Duration.ofMinutes(1);
      ManualClock clock = new ManualClock();
      Study dying = kept(StudyStorage.state(provider)).build(); // with the system's clock
      Trial lost = dying.ask();
      Study other =
          kept(StudyStorage.state(provider))
              .clock(clock)
              .heartbeat(Duration.ofSeconds(5), grace)
              .retries(1)
              .build();

      clock.advance(grace.minusSeconds(1));
      assertThat(other.recoverStale()).isEmpty();
      lost.beat(); // it was only slow
      other.refresh();
      clock.advance(grace.minusSeconds(1));
      assertThat(other.recoverStale()).isEmpty();
      clock.advance(Duration.ofSeconds(1));

      assertThat(other.recoverStale()).extracting(Trial::number).containsExactly(0);
      assertThat(other.ask().retryOf()).isEqualTo(OptionalInt.of(0));
      assertThat(dying.tell(lost, 0.5).late()).isTrue(); // back from the dead: no exception
    }
  }
}
