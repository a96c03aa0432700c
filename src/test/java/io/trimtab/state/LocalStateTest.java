package io.trimtab.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LocalStateTest {

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final LocalState state =
      LocalState.builder("s1").clock(now::get).random(new SplittableRandom(1)).build();

  @AfterEach
  void close() {
    state.close();
  }

  @Test
  void set_newValue_raisesVersionAndRevisionByOne() {
    state.register(Variable.floating("temperature", 0.7, 0.0, 2.0));

    VariableState after = state.set("temperature", 1);

    assertThat(after.value()).isEqualTo(1.0);
    assertThat(after.version()).isEqualTo(2);
    assertThat(after.revision()).isEqualTo(2);
    assertThat(state.revision()).isEqualTo(2);
    assertThat(state.get("temperature")).isSameAs(after);
    assertThat(state.get(after.id())).isSameAs(after);
  }

  @Test
  void set_valueOutsideTheDomain_changesNothing() {
    VariableState before = state.register(Variable.floating("temperature", 0.7, 0.0, 2.0));

    assertThatThrownBy(() -> state.set("temperature", 2.1))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("temperature")
        .hasMessageContaining("2.1");
    assertThat(state.get("temperature")).isSameAs(before);
    assertThat(state.revision()).isEqualTo(1);
  }

  @Test
  void delete_thenRegisterAgain_neverReusesAVersionOrAnId() {
    VariableState first = state.register(Variable.string("name", "a"));
    state.set("name", "b");

    VariableState last = state.delete("name");
    VariableState again = state.register(Variable.string("name", "c"));

    assertThat(last.version()).isEqualTo(2);
    assertThat(again.version()).isEqualTo(3);
    assertThat(again.id()).isNotEqualTo(first.id());
    assertThat(state.find(first.id())).isNull();
    assertThat(state.history("name")).hasSize(1);
  }

  @Test
  void commit_oneBadValueAtAnyPosition_appliesNothing() {
    for (int i = 0; i < 64; i++) {
      state.register(Variable.integer("v" + i, 0, 0, 10));
    }
    StateExport before = state.exportState();

    for (int bad = 0; bad < 64; bad++) {
      Batch.Builder batch = Batch.builder();
      for (int i = 0; i < 64; i++) {
        batch.set("v" + i, i == bad ? 11 : 5);
      }
      Batch built = batch.build();
      assertThatThrownBy(() -> state.commit(built)).isInstanceOf(InvalidValueException.class);
    }

    assertThat(state.exportState()).isEqualTo(before);
  }

  @Test
  void commit_failuresOfSeveralKinds_namesEachByTheKeyUsed() {
    state.register(Variable.integer("a", 0, 0, 10));
    state.register(Variable.integer("b", 0, 0, 10));
    Batch batch = Batch.builder().set("a", 11).set("missing", 1).set("b", 5, 7L).build();

    assertThatThrownBy(() -> state.commit(batch))
        .isInstanceOfSatisfying(
            BatchRejectedException.class,
            e -> {
              assertThat(e.failures()).containsOnlyKeys("a", "missing", "b");
              assertThat(e.failures().get("a")).isInstanceOf(InvalidValueException.class);
              assertThat(e.failures().get("missing")).isInstanceOf(VariableNotFoundException.class);
              assertThat(e.failures().get("b")).isInstanceOf(VersionConflictException.class);
            });
    assertThat(state.revision()).isEqualTo(2);
  }

  @Test
  void commit_failuresOfOneKind_throwsThatKindWithEverySubject() {
    state.register(Variable.integer("a", 0, 0, 10));

    assertThatThrownBy(() -> state.setAll(Map.of("x", 1, "y", 2)))
        .isInstanceOfSatisfying(
            VariableNotFoundException.class,
            e -> assertThat(e.keys()).containsExactlyInAnyOrder("x", "y"));
    assertThatThrownBy(
            () ->
                state.registerAll(
                    List.of(
                        Variable.bool("a", true),
                        Variable.bool("n", true),
                        Variable.bool("n", true)),
                    WriteContext.JVM))
        .isInstanceOfSatisfying(
            VariableAlreadyExistsException.class,
            e -> assertThat(e.names()).containsExactly("a", "n"));
    assertThat(state.find("n")).isNull();
  }

  @Test
  void commit_bestEffort_keepsTheGoodAndNamesTheBad() {
    state.register(Variable.integer("valid1", 0, 0, 10));
    state.register(Variable.integer("valid2", 0, 0, 10));
    Batch batch =
        Batch.builder()
            .set("valid1", 1)
            .set("valid2", 11)
            .set("nonexistent", 1)
            .bestEffort()
            .build();

    assertThatThrownBy(() -> state.commit(batch))
        .isInstanceOfSatisfying(
            PartialUpdateException.class,
            e -> {
              assertThat(e.failures()).containsOnlyKeys("valid2", "nonexistent");
              assertThat(e.commit().variables()).containsOnlyKeys("valid1");
            });
    assertThat(state.get("valid1").value()).isEqualTo(1L);
    assertThat(state.get("valid2").value()).isEqualTo(0L);
  }

  @Test
  void commit_oneVariableByNameAndById_isRefused() {
    String id = state.register(Variable.integer("a", 0, 0, 10)).id();
    Batch batch = Batch.builder().set("a", 1).set(id, 2).build();

    assertThatThrownBy(() -> state.commit(batch))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"a\" by name and by id");
    assertThat(state.get("a").version()).isEqualTo(1);
    assertThat(state.set("a", 3).version()).isEqualTo(2);
  }

  @Test
  void commit_registersSetsAndDeletesInOneStep() {
    state.register(Variable.integer("old", 0, 0, 10));

    Commit commit =
        state.commit(
            Batch.builder()
                .register(Variable.integer("new", 1, 0, 10))
                .set("new", 2)
                .delete("old")
                .putDocument("space/x", "{}", 0L)
                .build());

    assertThat(commit.revision()).isEqualTo(2);
    assertThat(commit.variables()).containsOnlyKeys("new", "old");
    assertThat(state.get("new").value()).isEqualTo(2L);
    assertThat(state.get("new").version()).isEqualTo(2);
    assertThat(state.history("new")).extracting(HistoryEntry::version).containsExactly(2L, 1L);
    assertThat(state.find("old")).isNull();
    assertThat(state.findDocument("space/x")).isNotNull();
    assertThat(state.snapshot().variables()).containsOnlyKeys("new");
  }

  @Test
  void commit_onlyExpectations_writesNothing() {
    state.register(Variable.integer("a", 0, 0, 10));

    Commit commit = state.commit(Batch.builder().expect("a", 1).expect("gone", 0).build());

    assertThat(commit.revision()).isEqualTo(1);
    assertThatThrownBy(() -> state.commit(Batch.builder().expect("a", 2).build()))
        .isInstanceOf(VersionConflictException.class);
    assertThatThrownBy(() -> state.commit(Batch.builder().expect("a", 0).build()))
        .isInstanceOf(VersionConflictException.class);
  }

  @Test
  void history_moreThanFiftyWrites_keepsTheLastFifty() {
    state.register(Variable.integer("n", 0, 0, 1000));
    for (int i = 1; i <= 120; i++) {
      state.set("n", i);
    }

    List<HistoryEntry> history = state.history("n");

    assertThat(history).hasSize(50);
    assertThat(history.get(0).value()).isEqualTo(120L);
    assertThat(history.get(49).value()).isEqualTo(71L);
    assertThat(history.get(49).version()).isEqualTo(72L);
  }

  @Test
  void rollback_keptVersion_writesANewVersionWithTheOldValue() {
    state.register(Variable.integer("n", 100, 0, 1000));
    state.set("n", 200);

    VariableState back = state.rollback("n", 1, WriteContext.JVM);

    assertThat(back.value()).isEqualTo(100L);
    assertThat(back.version()).isEqualTo(3);
    assertThatThrownBy(() -> state.rollback("n", 9, WriteContext.JVM))
        .isInstanceOf(VersionNotFoundException.class)
        .hasMessageContaining("[1, 3]");
  }

  @Test
  void lease_heldByAnother_refusesWritesUntilItEnds() {
    VariableState variable = state.register(Variable.integer("n", 0, 0, 10));
    Lease lease = state.acquireLease("study-1", List.of(variable.id()), Duration.ofSeconds(10));

    assertThat(lease.names()).containsExactly("n");
    assertThatThrownBy(() -> state.set("n", 1))
        .isInstanceOf(LeaseHeldException.class)
        .hasMessageContaining("study-1");
    assertThatThrownBy(() -> state.delete("n")).isInstanceOf(LeaseHeldException.class);
    assertThatThrownBy(() -> state.acquireLease("study-2", List.of("n"), Duration.ofSeconds(1)))
        .isInstanceOf(LeaseHeldException.class);
    assertThat(state.set("n", 1, WriteContext.JVM.onBehalfOf("study-1")).version()).isEqualTo(2);

    now.updateAndGet(t -> t.plusSeconds(10));

    assertThat(state.set("n", 2).version()).isEqualTo(3);
    assertThat(state.leases()).isEmpty();
    assertThatThrownBy(() -> state.renewLease(lease, Duration.ofSeconds(1)))
        .isInstanceOf(LeaseLostException.class);
  }

  @Test
  void updateOrder_diamond_putsEachAfterWhatItDependsOn() {
    for (String name : List.of("d", "c", "b", "a")) {
      state.register(Variable.bool(name, true));
    }
    state.addDependency("a", "b");
    state.addDependency("a", "c");
    state.addDependency("b", "d");
    state.addDependency("c", "d");

    assertThat(state.updateOrder()).containsExactly("a", "c", "b", "d");
    assertThatThrownBy(() -> state.addDependency("d", "a"))
        .isInstanceOfSatisfying(
            DependencyCycleException.class,
            e -> assertThat(e.cycle()).startsWith("d", "a").endsWith("d"));
    assertThatThrownBy(() -> state.addDependency("a", "a"))
        .isInstanceOf(DependencyCycleException.class);
    state.delete("b");
    assertThat(state.dependencies())
        .isEqualTo(Set.of(new Dependency("a", "c"), new Dependency("c", "d")));
  }

  @Test
  void list_glob_isAnchoredAndInOrderOfRegistration() {
    for (String name : List.of("temp_b", "my_temp_x", "temp_a", "other")) {
      state.register(Variable.bool(name, true));
    }

    assertThat(state.list("temp_*").variables().keySet()).containsExactly("temp_b", "temp_a");
    assertThat(state.getMany(List.of("temp_a", "missing", "temp_b")).variables().keySet())
        .containsExactly("temp_b", "temp_a");
  }

  @Test
  void importState_replacesEverythingAndKeepsIdsVersionsAndHistory() {
    state.register(Variable.integer("n", 0, 0, 10));
    state.set("n", 1);
    state.commit(Batch.builder().putDocument("space/x", "{}", null).build());
    StateExport export = state.exportState();

    try (LocalState other = LocalState.builder("s2").clock(now::get).build()) {
      other.register(Variable.bool("gone", true));
      other.importState(export);

      assertThat(other.find("gone")).isNull();
      assertThat(other.get("n")).isEqualTo(state.get("n"));
      assertThat(other.history("n")).isEqualTo(state.history("n"));
      assertThat(other.revision()).isEqualTo(3);
      assertThat(other.exportState().variables()).isEqualTo(export.variables());
      assertThat(other.set("n", 2).version()).isEqualTo(3);
    }
  }

  @Test
  void close_twice_thenEveryOperationIsRefused() {
    state.register(Variable.bool("a", true));

    state.close();
    state.close();

    assertThatThrownBy(() -> state.find("a")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> state.set("a", false)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(state::snapshot).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(state::exportState).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void factory_isFoundByServiceLoader() {
    assertThat(ServiceLoader.load(StateProviderFactory.class))
        .anySatisfy(factory -> assertThat(factory.name()).isEqualTo("local"));
  }
}
