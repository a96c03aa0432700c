package io.trimtab.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.state.Batch;
import io.trimtab.state.Dependency;
import io.trimtab.state.HistoryEntry;
import io.trimtab.state.ImportException;
import io.trimtab.state.Lease;
import io.trimtab.state.LeaseHeldException;
import io.trimtab.state.StateDocument;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.VariableState;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * What every provider promises about export and import: nothing is lost on the way, and a state
 * that contradicts itself changes nothing.
 */
public interface ExportContract extends StateProviderFixture {

  /** Fills a provider with one of everything. */
  private static void furnish(StateProvider provider) {
    provider.registerAll(Samples.ALL_TYPES, WriteContext.JVM.with("purpose", "export"));
    provider.setAll(Samples.OTHER_VALUES);
    provider.set("a_float", 0.75, WriteContext.JVM.from("python").with("step", "two"));
    provider.register(Variable.bool("gone", true));
    provider.set("gone", false);
    provider.delete("gone");
    provider.commit(
        Batch.builder()
            .putDocument("space/one", "{\"a\": 1}", 0L)
            .putDocument("space/two", "text \ud83d\ude00", 0L)
            .build());
    provider.commit(Batch.builder().putDocument("space/one", "{}", 1L).build());
    provider.commit(Batch.builder().deleteDocument("space/two", 1L).build());
    provider.addDependency("a_choice", "a_float");
    provider.addDependency("a_choice", "an_integer");
    provider.acquireLease("opt1", List.of("a_string"), Duration.ofMinutes(30));
  }

  /** The export says whose state it is and carries one of everything. */
  @Test
  default void export_ofAFurnishedState_carriesEverything() {
    try (StateProvider provider = open()) {
      furnish(provider);

      StateExport export = provider.exportState();

      assertThat(export.sessionId()).isEqualTo(provider.sessionId());
      assertThat(export.revision()).isEqualTo(provider.revision());
      assertThat(export.variables().stream().map(entry -> entry.state().name()))
          .containsExactlyElementsOf(Samples.ALL_TYPES.stream().map(Variable::name).toList());
      for (StateExport.Entry entry : export.variables()) {
        assertThat(entry.state()).isEqualTo(provider.get(entry.state().name()));
        assertThat(entry.history()).isEqualTo(provider.history(entry.state().name()));
      }
      assertThat(export.documents()).containsExactly(provider.findDocument("space/one"));
      assertThat(export.leases()).isEqualTo(provider.leases());
      assertThat(export.dependencies()).isEqualTo(provider.dependencies());
      assertThat(export.retiredVersions()).containsEntry("gone", 2L);
      assertThat(export.retiredVersions()).containsEntry("document:space/two", 1L);
    }
  }

  /** What goes out of one provider and into another is the same state. */
  @Test
  default void import_intoAnEmptyProvider_isTheIdentity() {
    try (StateProvider source = open();
        StateProvider target = open()) {
      furnish(source);
      StateExport export = source.exportState();

      target.importState(export);

      assertThat(Samples.essence(target)).isEqualTo(Samples.essence(export));
      assertThat(target.list("*").variables()).isEqualTo(source.list("*").variables());
      assertThat(target.list("*").documents()).isEqualTo(source.list("*").documents());
      assertThat(target.updateOrder()).isEqualTo(source.updateOrder());
      String id = source.get("a_choice").id();
      assertThat(target.get(id)).isEqualTo(source.get(id));
      assertThat(target.history(id)).isEqualTo(source.history(id));
    }
  }

  /** A provider opened with a state goes on where the other stopped. */
  @Test
  default void open_withAnExportedState_goesOnFromThere() {
    StateExport export;
    try (StateProvider source = open()) {
      furnish(source);
      export = source.exportState();
    }

    try (StateProvider target = open(export)) {
      assertThat(Samples.essence(target)).isEqualTo(Samples.essence(export));

      VariableState next = target.set("a_float", 0.5);
      assertThat(next.version()).isEqualTo(4);
      assertThat(next.revision()).isEqualTo(export.revision() + 1);
      assertThat(next.metadata()).containsEntry("purpose", "export").containsEntry("step", "two");
      assertThat(next.createdAt()).isEqualTo(export.variable("a_float").state().createdAt());
      assertThat(target.rollback("a_float", 1, WriteContext.JVM).value()).isEqualTo(0.5);
      assertThat(target.rollback("a_float", 3, WriteContext.JVM).value()).isEqualTo(0.75);
    }
  }

  /** The imported definitions rule. */
  @Test
  default void import_constraints_areEnforcedAfterwards() {
    try (StateProvider source = open();
        StateProvider target = open()) {
      source.registerAll(Samples.ALL_TYPES, WriteContext.JVM);
      target.importState(source.exportState());

      Samples.WRONG_VALUES.forEach(
          (name, value) ->
              assertThatThrownBy(() -> target.set(name, value))
                  .as(name)
                  .isInstanceOf(InvalidValueException.class));
      Samples.OTHER_VALUES.forEach(
          (name, value) -> assertThat(target.set(name, value).value()).isEqualTo(value));
    }
  }

  /** Every edge value survives the way bit for bit. */
  @Test
  default void import_edgeValues_areKeptBitForBit() {
    for (Samples.Kept kept : Samples.kept()) {
      try (StateProvider source = open();
          StateProvider target = open()) {
        String name = source.register(kept.variable()).name();
        source.set(name, kept.value());

        target.importState(source.exportState());

        assertThat(target.get(name).value()).isEqualTo(kept.value());
        assertThat(target.exportState().variable(name))
            .isEqualTo(source.exportState().variable(name));
      }
    }
  }

  /** What was there before is replaced, in one step whose revision is higher than before. */
  @Test
  default void import_intoAFilledProvider_replacesEverything() {
    try (StateProvider source = open();
        StateProvider target = open()) {
      source.register(Samples.COUNTER);
      source.set("counter", 5);
      target.register(Samples.TEMPERATURE);
      target.register(Samples.TOKENS);
      target.addDependency("temperature", "max_tokens");
      target.acquireLease("opt1", List.of("temperature"), Duration.ofMinutes(5));
      target.commit(Batch.builder().putDocument("d", "x", null).build());
      for (int i = 0; i < 5; i++) {
        target.set("max_tokens", 100 + i);
      }
      long before = target.revision();

      target.importState(source.exportState());

      assertThat(target.revision()).isEqualTo(before + 1);
      assertThat(target.list("*").values()).isEqualTo(Map.of("counter", 5L));
      assertThat(target.findDocument("d")).isNull();
      assertThat(target.leases()).isEmpty();
      assertThat(target.dependencies()).isEmpty();
      assertThat(target.get("counter").version()).isEqualTo(2);
      assertThat(target.set("counter", 6).revision()).isEqualTo(before + 2);
    }
  }

  /** The revision becomes the exported one if that is higher than the own. */
  @Test
  default void import_ofAHigherRevision_takesIt() {
    try (StateProvider source = open();
        StateProvider target = open()) {
      source.register(Samples.COUNTER);
      for (int i = 0; i < 20; i++) {
        source.set("counter", i);
      }
      target.register(Samples.COUNTER);

      target.importState(source.exportState());

      assertThat(target.revision()).isEqualTo(21);
      assertThat(target.get("counter").revision()).isEqualTo(21);
      assertThat(target.set("counter", 9).revision()).isEqualTo(22);
    }
  }

  /** Versions used up by the exporter are not reused by the importer. */
  @Test
  default void import_retiredVersions_areNeverReused() {
    try (StateProvider source = open();
        StateProvider target = open()) {
      furnish(source);

      target.importState(source.exportState());

      assertThat(target.register(Variable.bool("gone", true)).version()).isGreaterThan(2);
      target.commit(Batch.builder().putDocument("space/two", "again", 0L).build());
      assertThat(target.findDocument("space/two").version()).isGreaterThan(1);
    }
  }

  /** The history goes on where it was, fifty versions long and no more. */
  @Test
  default void import_aFullHistory_goesOnBeingKept() {
    try (StateProvider source = open();
        StateProvider target = open()) {
      source.register(Samples.COUNTER);
      for (int i = 1; i < 60; i++) {
        source.set("counter", i);
      }

      target.importState(source.exportState());
      for (int i = 60; i < 70; i++) {
        target.set("counter", i);
      }

      assertThat(target.history("counter").stream().map(HistoryEntry::version))
          .containsExactlyElementsOf(
              LongStream.iterate(70, version -> version - 1)
                  .limit(StateProvider.HISTORY_LIMIT)
                  .boxed()
                  .toList());
      assertThat(target.rollback("counter", 22, WriteContext.JVM).value()).isEqualTo(21L);
    }
  }

  /** A lease goes along and still keeps others away. */
  @Test
  default void import_leases_goOnHolding() {
    try (StateProvider source = open();
        StateProvider target = open()) {
      furnish(source);

      target.importState(source.exportState());

      assertThat(target.leases()).isEqualTo(source.leases());
      assertThatThrownBy(() -> target.set("a_string", "x")).isInstanceOf(LeaseHeldException.class);
      target.set("a_string", "mine", WriteContext.JVM.onBehalfOf("opt1"));
      target.releaseLease(target.leases().get(0));
      target.set("a_string", "free");
    }
  }

  /** Export, import, export, import: nothing wears off. */
  @Test
  default void import_ofItsOwnExport_keepsAllButTheRevision() {
    try (StateProvider provider = open()) {
      furnish(provider);
      StateExport before = provider.exportState();

      provider.importState(before);
      provider.importState(provider.exportState());

      StateExport after = provider.exportState();
      assertThat(after.variables()).isEqualTo(before.variables());
      assertThat(after.documents()).isEqualTo(before.documents());
      assertThat(after.retiredVersions()).isEqualTo(before.retiredVersions());
      assertThat(after.revision()).isGreaterThanOrEqualTo(before.revision());
    }
  }

  /** An empty state is a state. */
  @Test
  default void import_ofAnEmptyState_empties() {
    try (StateProvider source = open();
        StateProvider target = open()) {
      furnish(target);
      long before = target.revision();

      target.importState(source.exportState());

      assertThat(target.list("*").variables()).isEmpty();
      assertThat(target.revision()).isEqualTo(before + 1);
    }
  }

  /** Each way in which a state can contradict itself is refused and changes nothing. */
  @Test
  default void import_contradictoryState_isRefusedAndChangesNothing() {
    try (StateProvider source = open();
        StateProvider target = open()) {
      furnish(source);
      StateExport good = source.exportState();
      target.register(Samples.COUNTER);
      target.set("counter", 3);
      StateExport before = Samples.essence(target);

      contradictions(good)
          .forEach(
              (what, bad) -> {
                assertThatThrownBy(() -> target.importState(bad))
                    .as(what)
                    .isInstanceOf(ImportException.class);
                assertThat(Samples.essence(target)).as(what).isEqualTo(before);
                assertThatThrownBy(() -> open(bad).close())
                    .as("opening with " + what)
                    .isInstanceOf(ImportException.class);
              });

      assertThat(target.set("counter", 4).version()).isEqualTo(3);
    }
  }

  private static Map<String, StateExport> contradictions(StateExport good) {
    Map<String, StateExport> bad = new LinkedHashMap<>();
    StateExport.Entry entry = good.variable("a_float");
    VariableState state = entry.state();
    List<HistoryEntry> history = entry.history();
    HistoryEntry newest = history.get(0);
    bad.put("two variables of one name", plus(good, entry));
    bad.put(
        "two variables of one id",
        plus(
            good,
            new StateExport.Entry(
                with(state, state.id(), Samples.TOKENS, 1L, 1, 1), List.of(with(newest, 1, 1L)))));
    bad.put("an id without its prefix", replaced(good, rename(entry, "temperature")));
    bad.put("an empty id", replaced(good, rename(entry, "")));
    bad.put(
        "a value outside its domain",
        replaced(
            good,
            new StateExport.Entry(
                with(state, state.id(), state.variable(), 7.0, 3, state.revision()),
                with(history, 0, with(newest, 3, 7.0)))));
    bad.put(
        "a value of another type",
        replaced(
            good,
            new StateExport.Entry(
                with(state, state.id(), state.variable(), "text", 3, state.revision()),
                with(history, 0, with(newest, 3, "text")))));
    bad.put(
        "a past value of another type",
        replaced(good, new StateExport.Entry(state, with(history, 2, with(newest, 1, "text")))));
    bad.put("no history", replaced(good, new StateExport.Entry(state, List.of())));
    bad.put(
        "a history that does not begin with the current version",
        replaced(good, new StateExport.Entry(state, history.subList(1, 3))));
    bad.put(
        "a history that disagrees with the current value",
        replaced(good, new StateExport.Entry(state, with(history, 0, with(newest, 3, 0.125)))));
    bad.put(
        "a history out of order",
        replaced(
            good,
            new StateExport.Entry(state, List.of(history.get(0), history.get(2), history.get(1)))));
    bad.put(
        "a version twice in a history",
        replaced(
            good,
            new StateExport.Entry(state, List.of(history.get(0), history.get(1), history.get(1)))));
    bad.put(
        "version zero",
        replaced(
            good,
            new StateExport.Entry(
                with(state, state.id(), state.variable(), state.value(), 0, state.revision()),
                List.of(with(newest, 0, state.value())))));
    bad.put(
        "a negative version",
        replaced(
            good,
            new StateExport.Entry(
                with(state, state.id(), state.variable(), state.value(), -5, state.revision()),
                List.of(with(newest, -5, state.value())))));
    bad.put(
        "a variable from the future",
        replaced(
            good,
            new StateExport.Entry(
                with(state, state.id(), state.variable(), state.value(), 3, good.revision() + 1),
                history)));
    bad.put("a negative revision", revised(good, -1));
    bad.put("a history longer than is kept", replaced(good, longHistory(entry)));
    StateDocument document = good.documents().get(0);
    bad.put("two documents of one key", documents(good, List.of(document, document)));
    bad.put(
        "a document of version zero",
        documents(
            good,
            List.of(
                new StateDocument(document.key(), document.content(), 0, document.updatedAt()))));
    bad.put("a dependency on nothing", dependencies(good, Set.of(new Dependency("a_float", "x"))));
    bad.put(
        "a cycle of dependencies",
        dependencies(
            good,
            Set.of(new Dependency("a_float", "a_choice"), new Dependency("a_choice", "a_float"))));
    bad.put(
        "a dependency on itself", dependencies(good, Set.of(new Dependency("a_float", "a_float"))));
    bad.put("a retired version below one", retired(good, Map.of("gone", 0L)));
    bad.put(
        "two leases of one id",
        leases(
            good,
            List.of(
                new Lease("lease_1", "a", Set.of("a_float"), Instant.MAX),
                new Lease("lease_1", "b", Set.of("a_choice"), Instant.MAX))));
    bad.put(
        "two owners of one variable",
        leases(
            good,
            List.of(
                new Lease("lease_1", "a", Set.of("a_float"), Instant.MAX),
                new Lease("lease_2", "b", Set.of("a_float"), Instant.MAX))));
    return bad;
  }

  private static StateExport.Entry longHistory(StateExport.Entry entry) {
    VariableState state = entry.state();
    List<HistoryEntry> history = new ArrayList<>();
    for (int version = 60; version > 0; version--) {
      history.add(with(entry.history().get(0), version, state.value()));
    }
    return new StateExport.Entry(
        with(state, state.id(), state.variable(), state.value(), 60, state.revision()), history);
  }

  private static StateExport.Entry rename(StateExport.Entry entry, String id) {
    VariableState state = entry.state();
    return new StateExport.Entry(
        with(state, id, state.variable(), state.value(), state.version(), state.revision()),
        entry.history());
  }

  private static VariableState with(
      VariableState state,
      String id,
      Variable<?> variable,
      Object value,
      long version,
      long revision) {
    return new VariableState(
        id,
        variable,
        value,
        version,
        revision,
        state.metadata(),
        state.createdAt(),
        state.updatedAt(),
        state.source());
  }

  private static HistoryEntry with(HistoryEntry entry, long version, Object value) {
    return new HistoryEntry(version, value, entry.updatedAt(), entry.source(), entry.metadata());
  }

  private static <T> List<T> with(List<T> list, int index, T element) {
    List<T> copy = new ArrayList<>(list);
    copy.set(index, element);
    return copy;
  }

  private static StateExport plus(StateExport good, StateExport.Entry entry) {
    List<StateExport.Entry> all = new ArrayList<>(good.variables());
    all.add(entry);
    return variables(good, all);
  }

  private static StateExport replaced(StateExport good, StateExport.Entry entry) {
    return variables(good, with(good.variables(), 0, entry));
  }

  private static StateExport variables(StateExport good, List<StateExport.Entry> variables) {
    return copy(
        good,
        good.revision(),
        variables,
        good.documents(),
        good.leases(),
        good.dependencies(),
        good.retiredVersions());
  }

  private static StateExport revised(StateExport good, long revision) {
    return copy(good, revision, List.of(), List.of(), List.of(), Set.of(), Map.of());
  }

  private static StateExport documents(StateExport good, List<StateDocument> documents) {
    return copy(
        good,
        good.revision(),
        good.variables(),
        documents,
        good.leases(),
        good.dependencies(),
        good.retiredVersions());
  }

  private static StateExport leases(StateExport good, List<Lease> leases) {
    return copy(
        good,
        good.revision(),
        good.variables(),
        good.documents(),
        leases,
        good.dependencies(),
        good.retiredVersions());
  }

  private static StateExport dependencies(StateExport good, Set<Dependency> dependencies) {
    return copy(
        good,
        good.revision(),
        good.variables(),
        good.documents(),
        good.leases(),
        dependencies,
        good.retiredVersions());
  }

  private static StateExport retired(StateExport good, Map<String, Long> retired) {
    return copy(
        good,
        good.revision(),
        good.variables(),
        good.documents(),
        good.leases(),
        good.dependencies(),
        retired);
  }

  private static StateExport copy(
      StateExport good,
      long revision,
      List<StateExport.Entry> variables,
      List<StateDocument> documents,
      List<Lease> leases,
      Set<Dependency> dependencies,
      Map<String, Long> retired) {
    return new StateExport(
        good.sessionId(),
        revision,
        good.exportedAt(),
        variables,
        documents,
        leases,
        dependencies,
        retired,
        good.metadata());
  }
}
