package io.trimtab.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.InvalidConfigurationException;
import io.trimtab.state.Batch;
import io.trimtab.state.ChangeSet;
import io.trimtab.state.ImportException;
import io.trimtab.state.LeaseHeldException;
import io.trimtab.state.LocalState;
import io.trimtab.state.LocalStateFactory;
import io.trimtab.state.RevisionCompactedException;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateSnapshot;
import io.trimtab.state.VariableAlreadyExistsException;
import io.trimtab.state.VariableState;
import io.trimtab.state.VersionConflictException;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SessionTest {

  private static final Variable<Double> TEMPERATURE =
      Variable.floating("temperature", 0.7, 0.0, 2.0);
  private static final Variable<Long> SHOTS = Variable.integer("shots", 2, 0, 8);

  private static final ConfigurationSpace AGENT =
      ConfigurationSpace.named("agent")
          .floating("temperature", 0.7, 0.0, 2.0)
          .integer("shots", 2, 0, 8)
          .module("strategy", "Predict", "ReAct")
          .integer("max_iters", 5, 1, 10)
          .activeWhen("max_iters", "strategy == 'ReAct'")
          .require("shots <= 4 || temperature < 1.0", "many shots must be cool")
          .build();

  private final Session session = Session.open();

  @AfterEach
  void close() {
    session.close();
  }

  @Test
  void typedHandle_readsAndWritesWithoutACast() {
    session.register(TEMPERATURE);

    session.set(TEMPERATURE, 0.2);
    double now = session.get(TEMPERATURE);

    assertThat(now).isEqualTo(0.2);
    assertThat(session.getDouble("temperature")).isEqualTo(0.2);
  }

  @Test
  void get_byNameAndById_resolveToTheSameVariable() {
    VariableState state = session.register(TEMPERATURE);

    assertThat(session.get(state.id())).isEqualTo(session.get("temperature"));
    assertThat(session.set(state.id(), 1.0).version()).isEqualTo(2);
  }

  @Test
  void missingVariable_isATypedErrorThatNamesKeyAndSession() {
    assertThatThrownBy(() -> session.get("nope"))
        .isInstanceOf(VariableNotFoundException.class)
        .hasMessageContaining("nope")
        .hasMessageContaining(session.id());
  }

  @Test
  void set_outsideTheDomain_changesNothing() {
    session.register(TEMPERATURE);

    assertThatThrownBy(() -> session.set("temperature", 3.5))
        .isInstanceOf(InvalidValueException.class);
    assertThat(session.state("temperature").version()).isEqualTo(1);
  }

  @Test
  void update_isAnAtomicReadModifyWrite() {
    session.register(SHOTS);

    session.update(SHOTS, shots -> shots + 3);

    assertThat(session.get(SHOTS)).isEqualTo(5);
  }

  @Test
  void snapshot_neverChanges() {
    session.register(TEMPERATURE);
    StateSnapshot before = session.snapshot();

    session.set(TEMPERATURE, 1.5);

    assertThat(before.get(TEMPERATURE)).isEqualTo(0.7);
  }

  @Test
  void rollback_writesANewVersionWithTheOldValue() {
    session.register(SHOTS);
    session.set(SHOTS, 7L);

    VariableState state = session.rollback("shots", 1);

    assertThat(state.value()).isEqualTo(2L);
    assertThat(state.version()).isEqualTo(3);
  }

  @Test
  void lease_keepsOthersOut_untilItIsClosed() {
    session.register(TEMPERATURE);
    try (SessionLease lease =
        session.lease("study-1", List.of("temperature"), Duration.ofMinutes(1))) {
      assertThatThrownBy(() -> session.set(TEMPERATURE, 1.0))
          .isInstanceOf(LeaseHeldException.class)
          .hasMessageContaining("study-1");
      session.set("temperature", 0.3, lease.context());
    }

    assertThat(session.get(TEMPERATURE)).isEqualTo(0.3);
    session.set(TEMPERATURE, 1.0);
    assertThat(session.get(TEMPERATURE)).isEqualTo(1.0);
  }

  @Test
  void close_twice_thenEveryCallIsRefused() {
    session.register(TEMPERATURE);
    session.close();
    session.close();

    assertThatThrownBy(() -> session.get(TEMPERATURE)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> session.set(TEMPERATURE, 1.0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> session.watch(WatchRequest.matching("*").build(), set -> {}))
        .isInstanceOf(IllegalStateException.class);
  }

  // Spaces

  @Test
  void register_space_makesItsMembersVariablesAndIsIdempotent() {
    RegisteredConfiguration agent = session.register(AGENT);

    assertThat(session.register(AGENT).version()).isEqualTo(1);
    assertThat(agent.current()).isEqualTo(AGENT.defaults());
    assertThat(session.configurations()).containsExactly("agent");
    assertThat(session.getLong("max_iters")).isEqualTo(5);
  }

  @Test
  void register_memberTakenByAnotherDefinition_isRefusedWhole() {
    session.register(Variable.floating("temperature", 0.1, 0.0, 1.0));

    assertThatThrownBy(() -> session.register(AGENT))
        .isInstanceOf(VariableAlreadyExistsException.class);
    assertThat(session.find("shots")).isNull();
    assertThat(session.configurations()).isEmpty();
  }

  @Test
  void register_anotherSpaceOfTheSameName_isRefused() {
    session.register(AGENT);
    ConfigurationSpace other = ConfigurationSpace.named("agent").bool("fast", true).build();

    assertThatThrownBy(() -> session.register(other))
        .isInstanceOf(ConfigurationExistsException.class);
  }

  @Test
  void configuration_unknownName_listsTheKnownOnes() {
    session.register(AGENT);

    assertThatThrownBy(() -> session.configuration("agnet"))
        .isInstanceOf(ConfigurationNotFoundException.class)
        .hasMessageContaining("agnet")
        .hasMessageContaining("agent");
  }

  @Test
  void apply_partial_mergesOverCurrentAndRaisesTheVersion() {
    RegisteredConfiguration agent = session.register(AGENT);

    ConfigurationVersion applied = agent.apply(Map.of("temperature", 0.5, "shots", 6));

    assertThat(applied.version()).isEqualTo(2);
    assertThat(agent.current().getString("strategy")).isEqualTo("Predict");
    assertThat(session.getLong("shots")).isEqualTo(6);
  }

  @Test
  void apply_oneRuleBroken_changesNothing() {
    RegisteredConfiguration agent = session.register(AGENT);
    long revision = session.revision();

    assertThatThrownBy(() -> agent.apply(Map.of("temperature", 1.5, "shots", 6)))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("many shots must be cool");
    assertThat(session.revision()).isEqualTo(revision);
  }

  @Test
  void apply_unknownKey_isRefused() {
    RegisteredConfiguration agent = session.register(AGENT);

    assertThatThrownBy(() -> agent.apply(Map.of("temprature", 0.5)))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("temprature");
  }

  @Test
  void apply_activatesAChildWithItsDefault() {
    RegisteredConfiguration agent = session.register(AGENT);
    agent.apply(Map.of("strategy", "ReAct", "max_iters", 9));
    agent.apply(Map.of("strategy", "Predict"));
    assertThat(agent.current().has("max_iters")).isFalse();

    agent.apply(Map.of("strategy", "ReAct"));

    assertThat(agent.current().getLong("max_iters")).isEqualTo(5);
  }

  @Test
  void applyIf_someoneElseWasFaster_conflicts() {
    RegisteredConfiguration agent = session.register(AGENT);
    long seen = agent.version();
    session.set("temperature", 0.1);

    assertThatThrownBy(() -> agent.applyIf(seen, Map.of("shots", 1)))
        .isInstanceOf(VersionConflictException.class);
  }

  @Test
  void plainSet_ofAMember_isHeldAgainstTheRules() {
    RegisteredConfiguration agent = session.register(AGENT);
    session.set("shots", 8);

    assertThatThrownBy(() -> session.set("temperature", 1.7))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("many shots must be cool");
    assertThatThrownBy(() -> session.update("temperature", value -> 1.8))
        .isInstanceOf(InvalidConfigurationException.class);
    assertThat(agent.current().getDouble("temperature")).isEqualTo(0.7);
    assertThat(agent.version()).isEqualTo(2);
  }

  @Test
  void delete_ofAMember_isRefused_untilTheSpaceIsUnregistered() {
    session.register(AGENT);

    assertThatThrownBy(() -> session.delete("shots"))
        .isInstanceOf(SpaceMemberException.class)
        .hasMessageContaining("agent");

    session.unregister("agent");
    session.delete("shots");
    assertThat(session.find("shots")).isNull();
  }

  @Test
  void apply_someoneElseWritesRightAfterwards_answersWhatItApplied() {
    LocalState shared = LocalState.create();
    AtomicBoolean armed = new AtomicBoolean();
    InterceptedProvider provider =
        new InterceptedProvider(
            "shared",
            (method, call) -> {
              Object result = call.proceed();
              if (method.equals("commit") && armed.getAndSet(false)) {
                shared.set("shots", 4);
              }
              return result;
            });
    try (Session other = Session.builder().provider(provider.over(shared)).open()) {
      RegisteredConfiguration agent = other.register(AGENT);
      armed.set(true);

      ConfigurationVersion applied = agent.apply(Map.of("shots", 3));

      assertThat(applied.configuration().getLong("shots")).isEqualTo(3);
      assertThat(applied.version()).isEqualTo(2);
      assertThat(other.getLong("shots")).isEqualTo(4);
    }
  }

  @Test
  void write_byAnInterruptedThreadThatNeedNotWait_isAWriteLikeAnyOther() {
    session.register(AGENT);
    session.register(Variable.bool("outside", true));
    Thread.currentThread().interrupt();
    try {
      session.set("outside", false);
      session.set("shots", 3);

      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
    assertThat(session.getLong("shots")).isEqualTo(3);
  }

  // Edges

  @Test
  void patience_withoutEnd_waitsAsLongAsItTakes() {
    try (Session patient = Session.builder().patience(ChronoUnit.FOREVER.getDuration()).open()) {
      patient.register(AGENT);

      assertThat(patient.set("shots", 3).version()).isEqualTo(2);
      patient.switchTo(new LocalStateFactory());
    }
  }

  @Test
  void lease_ofCenturies_isHeldUntilItIsClosed() {
    session.register(SHOTS);

    session.lease("study", List.of("shots"), Duration.ofDays(150_000)).close();

    assertThat(session.set("shots", 3).version()).isEqualTo(2);
  }

  @Test
  void lease_aRenewalThatFails_isTriedAgain() throws InterruptedException {
    CountDownLatch renewals = new CountDownLatch(3);
    InterceptedProvider provider =
        InterceptedProvider.before(
            "renewLease",
            () -> {
              renewals.countDown();
              if (renewals.getCount() == 2) {
                throw new UncheckedIOException(new IOException("planted"));
              }
            });
    try (Session other = Session.builder().provider(provider).open()) {
      other.register(SHOTS);
      SessionLease lease = other.lease("study", List.of("shots"), Duration.ofSeconds(3));

      assertThat(renewals.await(30, TimeUnit.SECONDS)).isTrue();

      assertThat(lease.isHeld()).isTrue();
      assertThatThrownBy(() -> other.set("shots", 3)).isInstanceOf(LeaseHeldException.class);
    }
  }

  @Test
  void watch_resumedFromBeforeASwitch_isRefusedRatherThanToldWithAGap() {
    session.register(SHOTS);
    long seen = session.revision();
    session.set("shots", 3);
    session.switchTo(new LocalStateFactory());

    assertThatThrownBy(
            () -> session.watch(WatchRequest.of("shots").after(seen).build(), changes -> {}))
        .isInstanceOf(RevisionCompactedException.class);
    assertThat(session.watches()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\u0000b", "a\ud800b"})
  void names_thatNoBackendCouldStore_areRefusedWhereTheyAreGiven(String name) {
    session.register(SHOTS);

    assertThatThrownBy(() -> Session.builder().id(name))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> session.lease(name, List.of("shots"), Duration.ofMinutes(1)))
        .isInstanceOf(IllegalArgumentException.class);
    session.switchTo(new LocalStateFactory());
  }

  @Test
  void rollback_whileAnotherVariableTakesTheName_doesNotTouchThatOne() {
    LocalState shared = LocalState.create();
    AtomicBoolean armed = new AtomicBoolean();
    InterceptedProvider provider =
        new InterceptedProvider(
            "shared",
            (method, call) -> {
              Object result = call.proceed();
              if (method.equals("history") && armed.getAndSet(false)) {
                shared.delete("shots");
                shared.register(Variable.integer("shots", 5, 0, 8));
              }
              return result;
            });
    try (Session other = Session.builder().provider(provider.over(shared)).open()) {
      other.register(SHOTS);
      other.set("shots", 7);
      armed.set(true);

      assertThatThrownBy(() -> other.rollback("shots", 1))
          .isInstanceOf(VariableNotFoundException.class);

      assertThat(other.getLong("shots")).isEqualTo(5);
    }
  }

  // Files

  @Test
  void exportAndImport_throughAFile_bringEverythingBack(@TempDir Path folder) throws IOException {
    RegisteredConfiguration agent = session.register(AGENT);
    agent.apply(Map.of("temperature", 0.4));
    Path file = folder.resolve("state.json");
    session.exportTo(file);

    try (Session other = Session.open()) {
      other.importFrom(file);

      assertThat(other.exportState().digest()).isEqualTo(session.exportState().digest());
      assertThat(other.configuration("agent").current()).isEqualTo(agent.current());
      assertThatThrownBy(() -> other.set("temperature", 5))
          .isInstanceOf(InvalidValueException.class);
      other.set("shots", 8);
      assertThatThrownBy(() -> other.set("temperature", 1.7))
          .isInstanceOf(InvalidConfigurationException.class);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void importFrom_aFileThatIsNoState_changesNothing(@TempDir Path folder) throws IOException {
    session.register(SHOTS);
    String before = session.exportState().digest();
    Path file = Files.writeString(folder.resolve("bad.json"), "{\"format\": \"trimtab.state/9\"}");

    assertThatThrownBy(() -> session.importFrom(file))
        .isInstanceOf(ImportException.class)
        .hasMessageContaining("trimtab.state");
    assertThat(session.exportState().digest()).isEqualTo(before);
  }

  private static final ConfigurationSpace LOCAL =
      ConfigurationSpace.named("local")
          .integer("n", 1, 0, 9)
          .require("odd", c -> c.getLong("n") % 2 == 1, "n must be odd")
          .build();

  /** What a session exports after somebody went behind its back, to its provider. */
  private static StateExport exportAfter(ConfigurationSpace space, Consumer<StateProvider> abuse) {
    try (Session other = Session.open()) {
      other.register(space);
      abuse.accept(other.handover().provider());
      return other.exportState();
    }
  }

  static Stream<Arguments> statesThatBreakTheirSpaces() {
    return Stream.of(
        Arguments.of(
            "forbidden values",
            exportAfter(AGENT, state -> state.setAll(Map.of("temperature", 1.9, "shots", 8))),
            ImportException.class,
            "many shots must be cool"),
        Arguments.of(
            "a missing member",
            exportAfter(AGENT, state -> state.delete("shots")),
            ImportException.class,
            "shots"),
        Arguments.of(
            "a member of another definition",
            exportAfter(
                AGENT,
                state -> {
                  state.delete("shots");
                  state.register(Variable.integer("shots", 2, 0, 99));
                }),
            ImportException.class,
            "99"),
        Arguments.of(
            "a space that is none",
            exportAfter(
                AGENT,
                state -> state.commit(Batch.builder().putDocument("space/x", "{}", 0L).build())),
            ImportException.class,
            "format"),
        Arguments.of(
            "rules of another process",
            exportAfter(LOCAL, state -> {}),
            LocalSpaceException.class,
            "local"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("statesThatBreakTheirSpaces")
  void importFrom_aStateThatBreaksItsSpaces_changesNothing(
      String what,
      StateExport state,
      Class<? extends Throwable> refusal,
      String named,
      @TempDir Path folder)
      throws IOException {
    session.register(ConfigurationSpace.named("own").bool("fast", true).build());
    StateExport before = session.exportState();
    Path file = folder.resolve("state.json");
    try (OutputStream out = Files.newOutputStream(file)) {
      state.writeTo(out);
    }

    assertThatThrownBy(() -> session.importFrom(file))
        .isInstanceOf(refusal)
        .hasMessageContaining(named);

    assertThat(session.exportState().digest()).isEqualTo(before.digest());
    assertThat(session.revision()).isEqualTo(before.revision());
    assertThat(session.configurations()).containsExactly("own");
    assertThatThrownBy(() -> Session.builder().startingFrom(state).open()).isInstanceOf(refusal);
  }

  @Test
  void exportTo_spaceWithJavaRules_isRefusedNamingTheSpace(@TempDir Path folder) {
    session.register(LOCAL);

    assertThatThrownBy(() -> session.exportTo(folder.resolve("state.json")))
        .isInstanceOf(LocalSpaceException.class)
        .hasMessageContaining("local");
    assertThatThrownBy(() -> session.set("n", 4)).hasMessageContaining("n must be odd");
    session.switchTo(new LocalStateFactory());
    assertThatThrownBy(() -> session.set("n", 4)).hasMessageContaining("n must be odd");
  }

  // Switching

  @Test
  void switchTo_keepsValuesVersionsHistorySpacesAndLeases() {
    RegisteredConfiguration agent = session.register(AGENT);
    agent.apply(Map.of("temperature", 0.4));
    VariableState before = session.state("temperature");
    SessionLease lease = session.lease("study", List.of("shots"), Duration.ofMinutes(5));

    Backend backend = session.switchTo(new LocalStateFactory());

    VariableState after = session.state("temperature");
    assertThat(after.id()).isEqualTo(before.id());
    assertThat(after.version()).isEqualTo(before.version());
    assertThat(after.createdAt()).isEqualTo(before.createdAt());
    assertThat(after.source()).isEqualTo(before.source());
    assertThat(after.metadata()).containsEntry("migrated_from", "local");
    assertThat(session.history("temperature")).hasSize(2);
    assertThat(agent.version()).isEqualTo(2);
    assertThat(backend.switches()).hasSize(1);
    assertThat(backend.switches().get(0).variables()).isEqualTo(4);
    assertThatThrownBy(() -> session.set("shots", 3)).isInstanceOf(LeaseHeldException.class);
    session.set("shots", 3, lease.context());
  }

  @Test
  void switchTo_keepsEverythingButTheNoteOfOrigin() {
    session.register(AGENT);
    session.register(Variable.string("prompt", "be kind"));
    session.register(Variable.bool("gone", true));
    session.delete("gone");
    session.addDependency("strategy", "prompt");
    session.set("prompt", "be brief", WriteContext.JVM.from("python").with("why", "tokens"));
    session.commit(Batch.builder().putDocument("notes", "text", 0L).build());
    StateExport before = session.exportState();

    session.switchTo(new LocalStateFactory());

    StateExport after = session.exportState();
    assertThat(after.digest()).isEqualTo(Migration.markedWithOrigin(before, "local").digest());
    assertThat(after.sessionId()).isEqualTo(before.sessionId());
    assertThat(after.revision()).isEqualTo(before.revision());
    assertThat(session.state("prompt").metadata())
        .isEqualTo(Map.of("why", "tokens", "migrated_from", "local"));
    assertThat(session.updateOrder()).containsSubsequence("strategy", "prompt");
    assertThat(session.dependencies()).isEqualTo(before.dependencies());
    assertThatThrownBy(() -> session.set("max_iters", 11))
        .isInstanceOf(InvalidValueException.class);
    assertThat(session.register(Variable.bool("gone", true)).version()).isEqualTo(2);
  }

  @Test
  void watch_throughASwitch_seesEveryChangeOnceAndInOrder() throws InterruptedException {
    session.register(SHOTS);
    List<Object> seen = new CopyOnWriteArrayList<>();
    Watch watch =
        session.watch(
            WatchRequest.of("shots").withInitial().build(),
            (ChangeSet set) -> set.changes().forEach(change -> seen.add(change.newValue())));

    session.set(SHOTS, 3L);
    session.switchTo(new LocalStateFactory());
    session.set(SHOTS, 4L);
    session.switchTo(new LocalStateFactory());
    session.set(SHOTS, 5L);

    assertThat(watch.await(session.revision(), Duration.ofSeconds(10))).isTrue();
    assertThat(seen).containsExactly(2L, 3L, 4L, 5L);
  }

  @Test
  void watch_ofAVariableDeletedBeforeTheSwitch_goesOn() throws InterruptedException {
    session.register(SHOTS);
    session.register(TEMPERATURE);
    List<String> seen = new CopyOnWriteArrayList<>();
    Watch watch =
        session.watch(
            WatchRequest.of("shots").build(),
            set -> set.changes().forEach(change -> seen.add(change.kind().name())));
    session.delete("shots");

    session.switchTo(new LocalStateFactory());
    session.set(TEMPERATURE, 1.0);
    session.register(SHOTS);

    assertThat(watch.await(session.revision(), Duration.ofSeconds(10))).isTrue();
    assertThat(seen).containsExactly("DELETED", "REGISTERED");
  }

  @Test
  void configuration_isAVariableSource() {
    RegisteredConfiguration agent = session.register(AGENT);
    Configuration current = agent.current();

    assertThat(current.getDouble("temperature")).isEqualTo(0.7);
  }
}
