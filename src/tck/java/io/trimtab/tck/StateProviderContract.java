package io.trimtab.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.state.Batch;
import io.trimtab.state.Capability;
import io.trimtab.state.Commit;
import io.trimtab.state.HistoryEntry;
import io.trimtab.state.PartialUpdateException;
import io.trimtab.state.StateDocument;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateSnapshot;
import io.trimtab.state.VariableAlreadyExistsException;
import io.trimtab.state.VariableState;
import io.trimtab.state.VersionConflictException;
import io.trimtab.state.VersionNotFoundException;
import io.trimtab.state.WatchRequest;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every state provider promises about single operations and batches, whatever its
 * capabilities: names and ids, versions and revisions, metadata, history, documents, the eight
 * types, errors, closing.
 *
 * <p>Also checks that for each {@link Capability} declared the test class implements its contract.
 */
public interface StateProviderContract extends StateProviderFixture {

  // Opening and describing itself.

  /** A new provider holds nothing and has seen no commit. */
  @Test
  default void open_newProvider_isEmptyAtRevisionZero() {
    try (StateProvider provider = open()) {
      assertThat(provider.revision()).isZero();
      assertThat(provider.sessionId()).isNotBlank();
      assertThat(provider.list("*").variables()).isEmpty();
      assertThat(provider.list("*").documents()).isEmpty();
      assertThat(provider.leases()).isEmpty();
      assertThat(provider.dependencies()).isEmpty();
      assertThat(provider.updateOrder()).isEmpty();
      assertThat(provider.watches()).isEmpty();
    }
  }

  /** A claim without its contract proves nothing, so the test class must implement it. */
  @Test
  default void capabilities_declared_haveTheirContractsInThisTestClass() {
    try (StateProvider provider = open()) {
      Map<Capability, Class<?>> contracts =
          Map.of(
              Capability.ATOMIC_UPDATES, AtomicBatchContract.class,
              Capability.STREAMING, WatchContract.class,
              Capability.PERSISTENCE, PersistenceContract.class,
              Capability.DISTRIBUTION, DistributionContract.class);

      for (Capability capability : provider.capabilities()) {
        assertThat(this)
            .as("the test of a provider that declares %s", capability)
            .isInstanceOf(contracts.get(capability));
      }
    }
  }

  /** Capabilities do not change while a provider is open and cannot be changed from outside. */
  @Test
  @SuppressWarnings("DoNotCall") // that it throws is the point
  default void capabilities_askedTwice_areTheSameUnmodifiableSet() {
    try (StateProvider provider = open()) {
      Set<Capability> before = provider.capabilities();
      provider.register(Samples.TEMPERATURE);

      assertThat(provider.capabilities()).isEqualTo(before);
      assertThatThrownBy(before::clear).isInstanceOf(UnsupportedOperationException.class);
      assertThat(provider.requiresBridge()).isEqualTo(provider.requiresBridge());
    }
  }

  /** Without STREAMING a watch is refused at once rather than never told anything. */
  @Test
  default void watch_withoutStreaming_isRefused() {
    try (StateProvider provider = open()) {
      if (provider.capabilities().contains(Capability.STREAMING)) {
        return;
      }
      WatchRequest request = WatchRequest.matching("*").build();

      assertThatThrownBy(() -> provider.watch(request, changes -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("STREAMING");
      assertThat(provider.watches()).isEmpty();
    }
  }

  // The life of one variable.

  /** Register, read by name and id, write, read, delete, read. */
  @Test
  default void oneVariable_throughItsLife_isFoundUntilDeleted() {
    try (StateProvider provider = open()) {
      String id = provider.register(Variable.string("test_value", "hello")).id();
      assertThat(provider.get("test_value").value()).isEqualTo("hello");
      assertThat(provider.get(id).value()).isEqualTo("hello");

      provider.set("test_value", "world");
      assertThat(provider.get("test_value").value()).isEqualTo("world");

      provider.delete("test_value");
      assertThat(provider.find("test_value")).isNull();
      assertThat(provider.find(id)).isNull();
    }
  }

  /** The first state of a variable has version 1, the default value and one time. */
  @Test
  default void register_newName_returnsFirstState() {
    try (StateProvider provider = open()) {
      Variable<?> variable =
          Samples.TEMPERATURE.describedAs("how bold").withMetadata("created_by", "test");

      VariableState state = provider.register(variable);

      assertThat(state.id()).startsWith("var_temperature_");
      assertThat(state.variable()).isEqualTo(variable);
      assertThat(state.value()).isEqualTo(0.7);
      assertThat(state.version()).isEqualTo(1);
      assertThat(state.revision()).isEqualTo(1).isEqualTo(provider.revision());
      assertThat(state.metadata()).isEqualTo(Map.of("created_by", "test"));
      assertThat(state.createdAt()).isEqualTo(state.updatedAt());
      assertThat(state.source()).isEqualTo("jvm");
      assertThat(provider.get("temperature")).isEqualTo(state);
    }
  }

  /** All eight types are kept with definition and value. */
  @Test
  default void register_eachType_isGivenBack() {
    try (StateProvider provider = open()) {
      provider.registerAll(Samples.ALL_TYPES, WriteContext.JVM);

      for (Variable<?> variable : Samples.ALL_TYPES) {
        VariableState state = provider.get(variable.name());
        assertThat(state.variable()).isEqualTo(variable);
        assertThat(state.value()).isEqualTo(variable.defaultValue());
        assertThat(state.value()).isInstanceOf(variable.domain().valueClass());
      }
    }
  }

  /** States come back in the order of the definitions, all written at one revision. */
  @Test
  default void registerAll_severalVariables_returnsTheirStatesInOrder() {
    try (StateProvider provider = open()) {
      List<VariableState> states = provider.registerAll(Samples.ALL_TYPES, WriteContext.JVM);

      assertThat(states.stream().map(VariableState::name))
          .containsExactlyElementsOf(Samples.ALL_TYPES.stream().map(Variable::name).toList());
      assertThat(states).allMatch(state -> state.revision() == 1 && state.version() == 1);
      assertThat(new HashSet<>(states.stream().map(VariableState::id).toList()))
          .hasSameSizeAs(states);
    }
  }

  /** The first registration of a name stays as it was. */
  @Test
  default void register_takenName_isRefusedAndFirstStays() {
    try (StateProvider provider = open()) {
      VariableState first = provider.register(Samples.TEMPERATURE);

      VariableAlreadyExistsException e =
          catchThrowableOfType(
              VariableAlreadyExistsException.class,
              () -> provider.register(Variable.integer("temperature", 3, 0, 9)));

      assertThat(e).isNotNull();
      assertThat(e.names()).containsExactly("temperature");
      assertThat(provider.get("temperature")).isEqualTo(first);
      assertThat(provider.revision()).isEqualTo(1);
    }
  }

  /** Registers once and then finds. */
  @Test
  default void registerIfAbsent_twice_registersOnce() {
    try (StateProvider provider = open()) {
      VariableState first = provider.registerIfAbsent(Samples.TEMPERATURE);
      provider.set("temperature", 0.1);

      VariableState second = provider.registerIfAbsent(Samples.TEMPERATURE);

      assertThat(second.id()).isEqualTo(first.id());
      assertThat(second.value()).isEqualTo(0.1);
      assertThat(second.version()).isEqualTo(2);
    }
  }

  /** A miss is null for find and a typed error for get. */
  @Test
  default void get_missingKey_saysWhichKey() {
    try (StateProvider provider = open()) {
      assertThat(provider.find("nowhere")).isNull();
      assertThat(provider.find("var_nowhere_1")).isNull();
      assertThatThrownBy(() -> provider.get("nowhere"))
          .isInstanceOfSatisfying(
              VariableNotFoundException.class, e -> assertThat(e.keys()).containsExactly("nowhere"))
          .hasMessageContaining("nowhere");
    }
  }

  /** A write raises version and revision by one and changes nothing else of the identity. */
  @Test
  default void set_newValue_raisesVersionAndRevisionByOne() {
    try (StateProvider provider = open()) {
      VariableState before = provider.register(Samples.TEMPERATURE);

      VariableState after = provider.set("temperature", 0.2);

      assertThat(after.value()).isEqualTo(0.2);
      assertThat(after.version()).isEqualTo(2);
      assertThat(after.revision()).isEqualTo(2).isEqualTo(provider.revision());
      assertThat(after.id()).isEqualTo(before.id());
      assertThat(after.variable()).isEqualTo(before.variable());
      assertThat(after.createdAt()).isEqualTo(before.createdAt());
      assertThat(after.updatedAt()).isAfterOrEqualTo(before.updatedAt());
      assertThat(provider.get("temperature")).isEqualTo(after);
    }
  }

  /** Every single-variable operation takes the id as well as the name. */
  @Test
  default void everyOperation_givenTheId_reachesTheSameVariable() {
    try (StateProvider provider = open()) {
      String id = provider.register(Samples.COUNTER).id();

      assertThat(provider.set(id, 1).version()).isEqualTo(2);
      assertThat(provider.compareAndSet(id, 2, 2, WriteContext.JVM).version()).isEqualTo(3);
      assertThat(provider.update(id, v -> (Long) v + 1, WriteContext.JVM).value()).isEqualTo(3L);
      assertThat(provider.rollback(id, 1, WriteContext.JVM).value()).isEqualTo(0L);
      assertThat(provider.history(id)).hasSize(5);
      assertThat(provider.getMany(List.of(id)).values()).isEqualTo(Map.of("counter", 0L));
      assertThat(provider.setAll(Map.of(id, 9)).variables().get(id).value()).isEqualTo(9L);
      assertThat(provider.get("counter")).isEqualTo(provider.get(id));
      assertThat(provider.delete(id).name()).isEqualTo("counter");
      assertThat(provider.find("counter")).isNull();
    }
  }

  /** A write of the value the variable has already is a write all the same. */
  @Test
  default void set_equalValue_raisesTheVersionToo() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);

      VariableState state = provider.set("counter", 0);

      assertThat(state.version()).isEqualTo(2);
      assertThat(provider.revision()).isEqualTo(2);
    }
  }

  /** A write of a missing variable names it and writes nothing. */
  @Test
  default void set_missingKey_isRefused() {
    try (StateProvider provider = open()) {
      provider.register(Samples.TEMPERATURE);

      assertThatThrownBy(() -> provider.set("nowhere", 1))
          .isInstanceOfSatisfying(
              VariableNotFoundException.class,
              e -> assertThat(e.keys()).containsExactly("nowhere"));
      assertThatThrownBy(() -> provider.delete("nowhere"))
          .isInstanceOf(VariableNotFoundException.class);
      assertThatThrownBy(() -> provider.history("nowhere"))
          .isInstanceOf(VariableNotFoundException.class);
      assertThatThrownBy(() -> provider.rollback("nowhere", 1, WriteContext.JVM))
          .isInstanceOf(VariableNotFoundException.class);
      assertThatThrownBy(() -> provider.update("nowhere", v -> v, WriteContext.JVM))
          .isInstanceOf(VariableNotFoundException.class);
      assertThat(provider.revision()).isEqualTo(1);
    }
  }

  /** A value outside the domain of each type is refused and nothing moves. */
  @Test
  default void set_valueOutsideTheDomain_isRefusedAndNothingChanges() {
    try (StateProvider provider = open()) {
      provider.registerAll(Samples.ALL_TYPES, WriteContext.JVM);
      StateExport before = Samples.essence(provider);

      Samples.WRONG_VALUES.forEach(
          (name, value) ->
              assertThatThrownBy(() -> provider.set(name, value))
                  .as(name)
                  .isInstanceOfSatisfying(
                      InvalidValueException.class,
                      e ->
                          assertThat(e.violations())
                              .singleElement()
                              .satisfies(v -> assertThat(v.subject()).isEqualTo(name))));

      assertThat(Samples.essence(provider)).isEqualTo(before);
    }
  }

  /** A write with the version the caller saw succeeds, with any other it fails and says both. */
  @Test
  default void compareAndSet_onlyTheCurrentVersion_isAccepted() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      provider.set("counter", 5);

      for (long wrong : new long[] {0, 1, 3, -1, Long.MAX_VALUE}) {
        assertThatThrownBy(() -> provider.compareAndSet("counter", 9, wrong, WriteContext.JVM))
            .isInstanceOfSatisfying(
                VersionConflictException.class,
                e ->
                    assertThat(e.conflicts())
                        .isEqualTo(
                            Map.of("counter", new VersionConflictException.Conflict(wrong, 2))));
      }
      assertThat(provider.get("counter").value()).isEqualTo(5L);
      assertThat(provider.revision()).isEqualTo(2);

      VariableState state = provider.compareAndSet("counter", 9, 2, WriteContext.JVM);

      assertThat(state.version()).isEqualTo(3);
      assertThat(provider.get("counter").value()).isEqualTo(9L);
    }
  }

  /** Read-modify-write; a change that fails or leads outside the domain leaves the old value. */
  @Test
  default void update_function_isAppliedOnceOrNotAtAll() {
    try (StateProvider provider = open()) {
      provider.register(Samples.TEMPERATURE);

      assertThat(provider.update("temperature", v -> (Double) v / 2, WriteContext.JVM).value())
          .isEqualTo(0.35);
      assertThatThrownBy(() -> provider.update("temperature", v -> 7.0, WriteContext.JVM))
          .isInstanceOf(InvalidValueException.class);
      assertThatThrownBy(
              () ->
                  provider.update(
                      "temperature",
                      v -> {
                        throw new ArithmeticException("no");
                      },
                      WriteContext.JVM))
          .isInstanceOf(ArithmeticException.class);

      assertThat(provider.get("temperature").value()).isEqualTo(0.35);
      assertThat(provider.get("temperature").version()).isEqualTo(2);
    }
  }

  /** Delete returns what was deleted; a second delete misses. */
  @Test
  default void delete_existingVariable_returnsItsLastState() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      VariableState last = provider.set("counter", 7);

      VariableState deleted = provider.delete("counter");

      assertThat(deleted.id()).isEqualTo(last.id());
      assertThat(deleted.value()).isEqualTo(7L);
      assertThat(deleted.version()).isEqualTo(2);
      assertThat(provider.revision()).isEqualTo(3);
      assertThatThrownBy(() -> provider.delete("counter"))
          .isInstanceOf(VariableNotFoundException.class);
      assertThatThrownBy(() -> provider.delete(last.id()))
          .isInstanceOf(VariableNotFoundException.class);
    }
  }

  /** A name that comes back goes on counting: no version ever stands for two values. */
  @Test
  default void register_afterDelete_neverReusesAVersion() {
    try (StateProvider provider = open()) {
      String firstId = provider.register(Samples.COUNTER).id();
      long highest = provider.set("counter", 1).version();

      for (int round = 0; round < 3; round++) {
        provider.delete("counter");
        VariableState again = provider.register(Samples.COUNTER);

        assertThat(again.version()).as("round %d", round).isGreaterThan(highest);
        assertThat(again.id()).isNotEqualTo(firstId);
        assertThat(again.value()).isEqualTo(0L);
        long seen = highest;
        assertThatThrownBy(() -> provider.compareAndSet("counter", 3, seen, WriteContext.JVM))
            .isInstanceOf(VersionConflictException.class);
        highest = provider.set("counter", 2).version();
      }
      assertThat(provider.find(firstId)).isNull();
    }
  }

  /** A definition may change its type between two lives of a name. */
  @Test
  default void register_afterDelete_mayDefineAnotherType() {
    try (StateProvider provider = open()) {
      provider.register(Variable.integer("knob", 1, 0, 9));
      provider.delete("knob");

      provider.register(Variable.string("knob", "text"));

      assertThat(provider.get("knob").value()).isEqualTo("text");
      assertThat(provider.history("knob")).hasSize(1);
    }
  }

  // Metadata and source.

  /** Metadata accumulates: the definition's, the registration's, each write's. */
  @Test
  default void metadata_ofEachWrite_isMergedOverTheOlder() {
    try (StateProvider provider = open()) {
      WriteContext registering = WriteContext.JVM.with("purpose", "validation");
      provider.registerAll(
          List.of(Samples.COUNTER.withMetadata("created_by", "test").withMetadata("kept", "yes")),
          registering);

      provider.set(
          "counter",
          100,
          WriteContext.JVM.with("updated_by", "me").with("reason", "why").with("created_by", "x"));

      StateSnapshot all = provider.list("*");
      assertThat(all.variables()).hasSize(1);
      assertThat(all.get("counter")).isEqualTo(100L);
      assertThat(provider.get("counter").metadata())
          .isEqualTo(
              Map.of(
                  "purpose", "validation",
                  "created_by", "x",
                  "kept", "yes",
                  "updated_by", "me",
                  "reason", "why"));
      assertThat(provider.get("counter").variable().metadata()).containsEntry("created_by", "test");
    }
  }

  /** The writer's name is noted with each version. */
  @Test
  default void source_ofTheLatestWriter_isNoted() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      provider.set("counter", 1, WriteContext.JVM.from("python"));
      assertThat(provider.get("counter").source()).isEqualTo("python");

      provider.set("counter", 2);

      assertThat(provider.get("counter").source()).isEqualTo("jvm");
      assertThat(provider.history("counter").stream().map(HistoryEntry::source))
          .containsExactly("jvm", "python", "jvm");
    }
  }

  // Several variables.

  /** Three variables are read, written and read again in one step each. */
  @Test
  default void batch_threeVariables_areReadAndWrittenTogether() {
    try (StateProvider provider = open()) {
      for (String name : List.of("a", "b", "c")) {
        provider.register(Variable.integer(name, name.charAt(0) - 'a' + 1, 0, 99));
      }
      List<String> keys = List.of("a", "b", "c");
      assertThat(provider.getMany(keys).values()).isEqualTo(Map.of("a", 1L, "b", 2L, "c", 3L));

      provider.setAll(Map.of("a", 10, "b", 20, "c", 30));

      assertThat(provider.getMany(keys).values()).isEqualTo(Map.of("a", 10L, "b", 20L, "c", 30L));
      assertThat(provider.get("b").value()).isEqualTo(20L);
    }
  }

  /** Missing keys are skipped; each variable is given once, in order of registration. */
  @Test
  default void getMany_namesIdsAndMissingKeys_skipsTheMissing() {
    try (StateProvider provider = open()) {
      provider.register(Variable.integer("first", 1, 0, 9));
      String id = provider.register(Variable.string("second", "two")).id();
      provider.register(Variable.floating("third", 3.0, 0, 9));

      StateSnapshot found = provider.getMany(List.of("third", id, "missing", "first", "second"));

      assertThat(found.variables().keySet()).containsExactly("first", "second", "third");
      assertThat(found.values()).isEqualTo(Map.of("first", 1L, "second", "two", "third", 3.0));
      assertThat(found.revision()).isEqualTo(3);
      assertThat(found.lookup(id)).isEqualTo("two");
      assertThat(provider.getMany(List.of("missing", "var_missing_1")).variables()).isEmpty();
      assertThat(provider.getMany(List.of()).variables()).isEmpty();
    }
  }

  /** A glob covers whole names; only star and question mark are special. */
  @Test
  default void list_glob_matchesWholeNamesOnly() {
    try (StateProvider provider = open()) {
      List<String> names =
          List.of("temp_low", "my_temp_x", "temp_high", "a.b", "axb", "a-b", "temp_");
      names.forEach(name -> provider.register(Variable.bool(name, true)));

      assertThat(provider.list("*").variables().keySet()).containsExactlyElementsOf(names);
      assertThat(provider.list("temp_*").variables().keySet())
          .containsExactly("temp_low", "temp_high", "temp_");
      assertThat(provider.list("a.b").variables().keySet()).containsExactly("a.b");
      assertThat(provider.list("a?b").variables().keySet()).containsExactly("a.b", "axb", "a-b");
      assertThat(provider.list("*e*_*h").variables().keySet()).containsExactly("temp_high");
      assertThat(provider.list("nothing*").variables()).isEmpty();
    }
  }

  /** Patterns that would break a regular expression are plain text; an empty one is refused. */
  @Test
  default void list_hostilePattern_harmsNothing() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);

      for (String pattern : List.of("(*", "[a-", "\\", "^counter$", "%", "_______", "'; --")) {
        assertThat(provider.list(pattern).variables()).as(pattern).isEmpty();
      }
      assertThatThrownBy(() -> provider.list("")).isInstanceOf(IllegalArgumentException.class);
      assertThat(provider.get("counter").value()).isEqualTo(0L);
    }
  }

  /** What was returned before stays what it was. */
  @Test
  default void snapshot_laterWrites_neverChangeIt() {
    try (StateProvider provider = open()) {
      VariableState state = provider.register(Samples.COUNTER);
      StateSnapshot snapshot = provider.snapshot();
      List<HistoryEntry> history = provider.history("counter");
      StateExport export = provider.exportState();

      provider.set("counter", 5);
      provider.register(Samples.TEMPERATURE);
      provider.commit(Batch.builder().putDocument("d", "text", null).build());

      assertThat(state.value()).isEqualTo(0L);
      assertThat(snapshot.values()).isEqualTo(Map.of("counter", 0L));
      assertThat(snapshot.documents()).isEmpty();
      assertThat(snapshot.revision()).isEqualTo(1);
      assertThat(history).hasSize(1);
      assertThat(export.variables()).hasSize(1);
      assertThat(provider.snapshot().values()).isEqualTo(Map.of("counter", 5L, "temperature", 0.7));
    }
  }

  /** The commit tells each variable by the key the writer used, in the writer's order. */
  @Test
  default void commit_mixedKeys_answersByTheKeysUsed() {
    try (StateProvider provider = open()) {
      String id = provider.register(Variable.integer("a", 0, 0, 9)).id();
      provider.register(Variable.integer("b", 0, 0, 9));
      provider.register(Variable.integer("gone", 0, 0, 9));
      Batch batch =
          Batch.builder()
              .register(Variable.integer("fresh", 4, 0, 9))
              .set("b", 2)
              .set(id, 1, 1L)
              .delete("gone")
              .putDocument("notes", "text", 0L)
              .build();

      Commit commit = provider.commit(batch);

      assertThat(commit.revision()).isEqualTo(4).isEqualTo(provider.revision());
      assertThat(commit.variables().keySet()).containsExactly("fresh", "b", id, "gone");
      assertThat(commit.variables().get(id).name()).isEqualTo("a");
      assertThat(commit.variables().get(id).value()).isEqualTo(1L);
      assertThat(commit.variables().get("b").version()).isEqualTo(2);
      assertThat(commit.variables().get("fresh").revision()).isEqualTo(4);
      assertThat(commit.variables().get("b").revision()).isEqualTo(4);
      assertThat(commit.documents().keySet()).containsExactly("notes");
      assertThat(provider.find("gone")).isNull();
    }
  }

  /** Registrations come before writes, so a batch may set what it registers. */
  @Test
  default void commit_registrationAndWriteOfOneName_areTwoVersions() {
    try (StateProvider provider = open()) {
      provider.commit(Batch.builder().set("counter", 5).register(Samples.COUNTER).build());

      assertThat(provider.get("counter").value()).isEqualTo(5L);
      assertThat(provider.get("counter").version()).isEqualTo(2);
      assertThat(provider.revision()).isEqualTo(1);
    }
  }

  /** One variable under two keys in one batch is a mistake of the caller. */
  @Test
  default void commit_sameVariableByNameAndId_isRefused() {
    try (StateProvider provider = open()) {
      String id = provider.register(Samples.COUNTER).id();
      StateExport before = Samples.essence(provider);
      Batch batch = Batch.builder().set("counter", 1).set(id, 2).build();

      assertThatThrownBy(() -> provider.commit(batch)).isInstanceOf(IllegalArgumentException.class);
      assertThat(Samples.essence(provider)).isEqualTo(before);
    }
  }

  /** A commit that writes nothing has no revision of its own. */
  @Test
  default void commit_writingNothing_leavesTheRevision() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);

      assertThat(provider.commit(Batch.builder().build()).revision()).isEqualTo(1);
      assertThat(provider.commit(Batch.builder().expect("counter", 1).build()).revision())
          .isEqualTo(1);
      assertThatThrownBy(() -> provider.commit(Batch.builder().expect("counter", 2).build()))
          .isInstanceOf(VersionConflictException.class);

      assertThat(provider.revision()).isEqualTo(1);
      assertThat(provider.get("counter").version()).isEqualTo(1);
    }
  }

  /** A hundred variables and a batch over all of them. */
  @Test
  default void commit_hundredVariables_allArrive() {
    try (StateProvider provider = open()) {
      List<Variable<Long>> variables =
          IntStream.rangeClosed(1, 100)
              .mapToObj(i -> Variable.integer("number_" + i, i, 0, 1000))
              .toList();
      provider.registerAll(variables, WriteContext.JVM);
      Map<String, Object> values = new LinkedHashMap<>();
      variables.forEach(variable -> values.put(variable.name(), variable.defaultValue() * 2));

      provider.setAll(values);

      assertThat(provider.list("*").values()).isEqualTo(values);
      assertThat(provider.get("number_50").value()).isEqualTo(100L);
      assertThat(provider.revision()).isEqualTo(2);
    }
  }

  /** Best effort keeps the good writes and names each bad one. */
  @Test
  default void bestEffort_someBad_keepsTheGoodAndNamesTheBad() {
    try (StateProvider provider = open()) {
      provider.register(Variable.integer("valid1", 1, 0, 100));
      provider.register(Variable.integer("valid2", 5, 0, 10));
      Batch batch =
          Batch.builder()
              .set("valid1", 100)
              .set("valid2", 50)
              .set("nonexistent", 1)
              .bestEffort()
              .build();

      PartialUpdateException e =
          catchThrowableOfType(PartialUpdateException.class, () -> provider.commit(batch));

      assertThat(e).isNotNull();
      assertThat(e.failures().keySet()).containsExactly("valid2", "nonexistent");
      assertThat(e.failures().get("valid2")).isInstanceOf(InvalidValueException.class);
      assertThat(e.failures().get("nonexistent")).isInstanceOf(VariableNotFoundException.class);
      assertThat(e.commit().variables().keySet()).containsExactly("valid1");
      assertThat(e.commit().revision()).isEqualTo(3).isEqualTo(provider.revision());
      assertThat(provider.get("valid1").value()).isEqualTo(100L);
      assertThat(provider.get("valid2").value()).isEqualTo(5L);
      assertThat(provider.get("valid2").version()).isEqualTo(1);
    }
  }

  /** Best effort throws only if something was bad, and writes nothing if all was. */
  @Test
  default void bestEffort_allGoodOrAllBad_isPlain() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      Batch good = Batch.builder().set("counter", 1).bestEffort().build();
      Batch bad = Batch.builder().set("counter", "x").set("nowhere", 1).bestEffort().build();

      assertThat(provider.commit(good).variables()).hasSize(1);
      assertThatThrownBy(() -> provider.commit(bad)).isInstanceOf(PartialUpdateException.class);
      assertThat(provider.revision()).isEqualTo(2);
      assertThat(provider.get("counter").value()).isEqualTo(1L);
    }
  }

  // Documents.

  /** Documents have versions of their own and travel with snapshots. */
  @Test
  default void document_throughItsLife_countsItsVersions() {
    try (StateProvider provider = open()) {
      assertThat(provider.findDocument("space/x")).isNull();

      provider.commit(Batch.builder().putDocument("space/x", "{}", 0L).build());
      provider.commit(Batch.builder().putDocument("space/x", "{\"a\":1}", 1L).build());

      StateDocument document = provider.findDocument("space/x");
      assertThat(document).isNotNull();
      assertThat(document.version()).isEqualTo(2);
      assertThat(document.content()).isEqualTo("{\"a\":1}");
      assertThat(provider.getMany(List.of()).documents()).containsOnlyKeys("space/x");
      assertThat(provider.list("none").documents().get("space/x")).isEqualTo(document);

      provider.commit(Batch.builder().deleteDocument("space/x", 2L).build());
      assertThat(provider.findDocument("space/x")).isNull();

      provider.commit(Batch.builder().putDocument("space/x", "back", 0L).build());
      assertThat(provider.findDocument("space/x").version()).isGreaterThan(2);
    }
  }

  /** An unexpected version of a document refuses the write and says which version there is. */
  @Test
  default void document_unexpectedVersion_isAConflict() {
    try (StateProvider provider = open()) {
      provider.commit(Batch.builder().putDocument("d", "one", null).build());

      for (Batch batch :
          List.of(
              Batch.builder().putDocument("d", "two", 0L).build(),
              Batch.builder().putDocument("d", "two", 2L).build(),
              Batch.builder().deleteDocument("d", 7L).build())) {
        assertThatThrownBy(() -> provider.commit(batch))
            .isInstanceOfSatisfying(
                VersionConflictException.class,
                e -> assertThat(e.conflicts().get("d").current()).isEqualTo(1));
      }
      assertThatThrownBy(
              () -> provider.commit(Batch.builder().putDocument("none", "x", 3L).build()))
          .isInstanceOfSatisfying(
              VersionConflictException.class,
              e -> assertThat(e.conflicts().get("none").current()).isZero());
      assertThat(provider.findDocument("d").content()).isEqualTo("one");
      assertThat(provider.revision()).isEqualTo(1);
    }
  }

  /** A document and a variable may share a key without touching each other. */
  @Test
  default void document_namedLikeAVariable_isSomethingElse() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);

      provider.commit(Batch.builder().set("counter", 3).putDocument("counter", "t", 0L).build());

      assertThat(provider.get("counter").value()).isEqualTo(3L);
      assertThat(provider.findDocument("counter").content()).isEqualTo("t");
    }
  }

  // History.

  /** Newest first, each with its value, writer and metadata as of then. */
  @Test
  default void history_ofSomeWrites_isKeptNewestFirst() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      provider.set("counter", 10, WriteContext.JVM.with("step", "one"));
      provider.set("counter", 20, WriteContext.JVM.with("step", "two"));

      List<HistoryEntry> history = provider.history("counter");

      assertThat(history.stream().map(HistoryEntry::version)).containsExactly(3L, 2L, 1L);
      assertThat(history.stream().map(HistoryEntry::value)).containsExactly(20L, 10L, 0L);
      assertThat(history.stream().map(entry -> entry.metadata().getOrDefault("step", "none")))
          .containsExactly("two", "one", "none");
      assertThat(history.get(0).updatedAt()).isEqualTo(provider.get("counter").updatedAt());
    }
  }

  /** The last fifty versions stay, older ones go. */
  @Test
  default void history_manyWrites_keepsTheLastFifty() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      for (int i = 1; i <= 59; i++) {
        provider.set("counter", i);
      }

      List<HistoryEntry> history = provider.history("counter");

      assertThat(history).hasSize(StateProvider.HISTORY_LIMIT);
      assertThat(history.get(0).version()).isEqualTo(60);
      assertThat(history.get(0).value()).isEqualTo(59L);
      assertThat(history.get(49).version()).isEqualTo(11);
      assertThat(history.get(49).value()).isEqualTo(10L);
    }
  }

  /** Rolling back writes the old value as a new version. */
  @Test
  default void rollback_toAnOldVersion_writesANewOne() {
    try (StateProvider provider = open()) {
      provider.register(Variable.integer("limit", 100, 0, 1000));
      provider.set("limit", 200);

      VariableState state = provider.rollback("limit", 1, WriteContext.JVM.with("why", "undo"));

      assertThat(state.value()).isEqualTo(100L);
      assertThat(state.version()).isEqualTo(3);
      assertThat(state.metadata()).containsEntry("why", "undo");
      assertThat(provider.history("limit")).hasSize(3);
    }
  }

  /** A version that was never written or is no longer kept cannot come back. */
  @Test
  default void rollback_versionNotKept_isRefused() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      for (int i = 1; i <= 60; i++) {
        provider.set("counter", i);
      }

      for (long version : new long[] {0, -1, 1, 11, 62, Long.MAX_VALUE}) {
        assertThatThrownBy(() -> provider.rollback("counter", version, WriteContext.JVM))
            .isInstanceOfSatisfying(
                VersionNotFoundException.class,
                e -> {
                  assertThat(e.version()).isEqualTo(version);
                  assertThat(e.key()).isEqualTo("counter");
                });
      }
      assertThat(provider.get("counter").version()).isEqualTo(61);
      assertThat(provider.rollback("counter", 12, WriteContext.JVM).value()).isEqualTo(11L);
    }
  }

  /** The past of a deleted variable does not come back with its name. */
  @Test
  default void rollback_toAVersionBeforeDeletion_isRefused() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      provider.set("counter", 5);
      provider.delete("counter");
      provider.register(Variable.integer("counter", 1, 0, 2));

      assertThatThrownBy(() -> provider.rollback("counter", 2, WriteContext.JVM))
          .isInstanceOf(VersionNotFoundException.class);
      assertThat(provider.get("counter").value()).isEqualTo(1L);
    }
  }

  // Values.

  /** Each accepted value comes back bit for bit through every way of reading. */
  @Test
  default void values_acceptedOnce_comeBackBitForBit() {
    for (Samples.Kept kept : Samples.kept()) {
      try (StateProvider provider = open()) {
        String name = provider.register(kept.variable()).name();

        VariableState written = provider.set(name, kept.value());

        assertThat(written.value()).isEqualTo(kept.value());
        assertThat(provider.get(name).value()).isEqualTo(kept.value());
        assertThat(provider.getMany(List.of(name)).get(name)).isEqualTo(kept.value());
        assertThat(provider.list("*").get(name)).isEqualTo(kept.value());
        assertThat(provider.history(name).get(0).value()).isEqualTo(kept.value());
        provider.set(name, kept.variable().defaultValue());
        assertThat(provider.rollback(name, 2, WriteContext.JVM).value()).isEqualTo(kept.value());
        assertThat(provider.exportState().variable(name).state().value()).isEqualTo(kept.value());
      }
    }
  }

  /** Minus zero is not zero: setting one after the other is a change. */
  @Test
  default void values_zeroAndMinusZero_areTwo() {
    try (StateProvider provider = open()) {
      provider.register(Samples.finiteFloat());

      provider.set("finite_float", -0.0);
      assertThat(provider.get("finite_float").value()).isEqualTo(-0.0);
      provider.set("finite_float", 0.0);

      assertThat(provider.get("finite_float").value()).isEqualTo(0.0);
      assertThat(provider.history("finite_float").get(1).value()).isEqualTo(-0.0);
    }
  }

  /** Every number becomes the canonical type of its variable before it is stored. */
  @Test
  default void values_ofLesserTypes_becomeCanonical() {
    for (Samples.Cast cast : Samples.casts()) {
      try (StateProvider provider = open()) {
        String name = provider.register(cast.variable()).name();

        provider.set(name, cast.set());

        assertThat(provider.get(name).value())
            .as("%s of %s", cast.set(), cast.set().getClass())
            .isEqualTo(cast.becomes());
      }
    }
  }

  /** What some backend would change silently is refused by every one. */
  @Test
  default void values_thatABackendCouldLose_areRefused() {
    for (Samples.Refused refused : Samples.refused()) {
      try (StateProvider provider = open()) {
        VariableState before = provider.register(refused.variable());
        String name = before.name();

        assertThatThrownBy(() -> provider.set(name, refused.value()))
            .as("%s for %s", refused.value(), refused.variable())
            .isInstanceOf(InvalidValueException.class);

        assertThat(provider.get(name)).isEqualTo(before);
        assertThat(provider.revision()).isEqualTo(1);
      }
    }
  }

  // Closing.

  /** Closing twice is closing once; afterwards every operation says that the provider is closed. */
  @Test
  default void close_twice_thenEveryOperationThrows() {
    StateProvider provider = open();
    provider.register(Samples.COUNTER);
    StateExport export = provider.exportState();

    provider.close();
    provider.close();

    Map<String, Runnable> operations = new LinkedHashMap<>();
    operations.put("revision", provider::revision);
    operations.put("commit", () -> provider.commit(Batch.builder().set("counter", 1).build()));
    operations.put("register", () -> provider.register(Samples.TEMPERATURE));
    operations.put("registerIfAbsent", () -> provider.registerIfAbsent(Samples.COUNTER));
    operations.put("find", () -> provider.find("counter"));
    operations.put("get", () -> provider.get("counter"));
    operations.put("getMany", () -> provider.getMany(List.of("counter")));
    operations.put("list", () -> provider.list("*"));
    operations.put("snapshot", provider::snapshot);
    operations.put("findDocument", () -> provider.findDocument("d"));
    operations.put("history", () -> provider.history("counter"));
    operations.put("set", () -> provider.set("counter", 1));
    operations.put("update", () -> provider.update("counter", v -> v, WriteContext.JVM));
    operations.put("delete", () -> provider.delete("counter"));
    operations.put("rollback", () -> provider.rollback("counter", 1, WriteContext.JVM));
    operations.put(
        "watch", () -> provider.watch(WatchRequest.matching("*").build(), changes -> {}));
    operations.put("watches", provider::watches);
    operations.put(
        "acquireLease",
        () -> provider.acquireLease("me", List.of("counter"), Duration.ofSeconds(1)));
    operations.put("leases", provider::leases);
    operations.put("addDependency", () -> provider.addDependency("counter", "counter"));
    operations.put("removeDependency", () -> provider.removeDependency("counter", "counter"));
    operations.put("dependencies", provider::dependencies);
    operations.put("updateOrder", provider::updateOrder);
    operations.put("exportState", provider::exportState);
    operations.put("importState", () -> provider.importState(export));
    operations.forEach(
        (name, operation) ->
            assertThatThrownBy(operation::run)
                .as("%s after close", name)
                .isInstanceOf(IllegalStateException.class));
  }

  /** Closing leaves no thread behind. */
  @Test
  default void close_afterUse_leavesNoThread() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    StateProvider provider = open();
    provider.register(Samples.COUNTER);
    if (provider.capabilities().contains(Capability.STREAMING)) {
      ChangeLog log = new ChangeLog(patience());
      provider.watch(WatchRequest.of("counter").build(), log);
      provider.set("counter", 1);
      log.awaitSets(1);
    }

    provider.close();

    assertThat(Crew.eventually(patience(), () -> threadsSince(before).isEmpty()))
        .as("threads left after close: %s", threadsSince(before))
        .isTrue();
  }

  private static Set<Thread> threadsSince(Set<Thread> before) {
    Set<Thread> now = new HashSet<>(Thread.getAllStackTraces().keySet());
    now.removeAll(before);
    // The JDK's shared pool belongs to the process, not to a provider.
    now.removeIf(
        thread ->
            !thread.isAlive()
                || thread.getName().startsWith("ForkJoinPool.commonPool")
                || thread.getName().startsWith("CompletableFutureDelayScheduler")
                || thread.getName().startsWith("tck-crew"));
    return now;
  }

  /** Two providers opened one after the other do not see each other's variables. */
  @Test
  default void open_twoProviders_areIsolated() {
    try (StateProvider one = open();
        StateProvider two = open()) {
      one.register(Samples.COUNTER);
      two.register(Samples.COUNTER);

      one.set("counter", 1);
      two.delete("counter");

      assertThat(one.get("counter").value()).isEqualTo(1L);
      assertThat(two.find("counter")).isNull();
    }
  }
}
