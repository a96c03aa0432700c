package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.session.Session;
import io.trimtab.space.InvalidConfigurationException;
import io.trimtab.state.Batch;
import io.trimtab.state.ChangeSet;
import io.trimtab.state.Dependency;
import io.trimtab.state.HistoryEntry;
import io.trimtab.state.Lease;
import io.trimtab.state.LeaseHeldException;
import io.trimtab.state.LocalState;
import io.trimtab.state.PartialUpdateException;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateSnapshot;
import io.trimtab.state.VariableState;
import io.trimtab.state.VersionConflictException;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.Embedding;
import io.trimtab.variable.EmbeddingDomain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.IntegerDomain;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Scale;
import io.trimtab.variable.StringDomain;
import io.trimtab.variable.Tensor;
import io.trimtab.variable.TensorDomain;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What one language writes the other one reads, both ways: a JVM and a Python process in one
 * session of a real sidecar, which is a third process.
 */
@RequiresPython
@Timeout(300)
class CrossLanguageTest {

  private static OperatedSidecar operated;
  private static Sidecar sidecar;
  private static PythonPeer python;

  private BridgedState state;

  @BeforeAll
  static void start() throws Exception {
    operated = OperatedSidecar.start(0, Map.of());
    sidecar = Sidecar.connect("127.0.0.1:" + operated.port()).token(OperatedSidecar.TOKEN).open();
    python = PythonPeer.start();
    python.run(
        "from golden import golden_values, golden_variable",
        "from trimtab._batch import DELETE_DOCUMENT, PUT_DOCUMENT, Batch, Write, WriteContext",
        "from trimtab._values import same",
        "from trimtab.exceptions import *");
  }

  @AfterAll
  static void end() {
    python.close();
    sidecar.close();
    operated.close();
  }

  @BeforeEach
  void join() {
    String session = "both-" + UUID.randomUUID();
    state = BridgedState.builder(session, sidecar).deadline(Duration.ofMinutes(1)).open();
    python.join(operated, session);
  }

  @AfterEach
  void leave() {
    python.run("context.close()");
    state.close();
  }

  private static Variable<?> taking(String name) {
    String type = name.substring(0, name.indexOf(' '));
    String variable = name.replace(' ', '_');
    return switch (type) {
      case "float" ->
          Variable.of(
              variable,
              new FloatDomain(
                  Double.NEGATIVE_INFINITY,
                  Double.POSITIVE_INFINITY,
                  0,
                  Scale.LINEAR,
                  /* allowNonFinite= */ true),
              1.0);
      case "integer" -> Variable.of(variable, IntegerDomain.any(), 1);
      case "boolean" -> Variable.bool(variable, true);
      case "text" ->
          Variable.of(variable, new StringDomain(0, 16_000_000, null, List.of()), "start");
      case "embedding" -> Variable.of(variable, new EmbeddingDomain(0, false), Embedding.of(0.5f));
      case "tensor" -> Variable.of(variable, TensorDomain.any(), Tensor.ofInts(List.of(1), 1));
      default -> throw new AssertionError("no variable for " + name);
    };
  }

  // Values

  @Test
  void everyValue_writtenInJava_isReadInPython() {
    Map<String, Object> values = GoldenValuesTest.values();
    values.forEach(
        (name, value) -> {
          state.register(taking(name));
          state.set(name.replace(' ', '_'), value);
        });

    python.run("context.refresh()", "read = context.snapshot()");

    assertThat(python.value("len(read)")).isEqualTo((long) values.size());
    assertThat(
            python.value(
                "[n for n, v in golden_values().items() if not same(read[n.replace(' ', '_')], v)]"))
        .isEqualTo(List.of());
  }

  @Test
  void everyValue_writtenInPython_isReadInJava() {
    python.run(
        "for name, value in golden_values().items():",
        "    variable = golden_variable(name, value)",
        "    context.register(variable)",
        "    context[variable.name] = value");

    StateSnapshot read = state.snapshot();

    Map<String, Object> values = GoldenValuesTest.values();
    assertThat(read.values()).hasSize(values.size());
    values.forEach(
        (name, value) -> {
          VariableState found = read.find(name.replace(' ', '_'));
          assertThat(found.value()).as(name).isEqualTo(value);
          assertThat(found.version()).as(name).isEqualTo(2);
          assertThat(found.source()).isEqualTo("python");
          assertThat(found.variable())
              .isEqualTo(taking(name).describedAs("takes " + name).withMetadata("of", "Python"));
        });
  }

  /** Values that must be declared, or can nowhere be stored, are refused on both sides alike. */
  @Test
  void valuesThatAreNotDeclared_areRefusedAlike() {
    state.register(Variable.of("finite", FloatDomain.any(), 1.0));
    state.register(Variable.integer("small", 5, 0, 10));
    state.register(Variable.string("text", ""));
    python.run("context.refresh()");

    for (String[] wrong :
        new String[][] {
          {"finite", "math.nan"},
          {"finite", "-math.inf"},
          {"small", "11"},
          {"small", "2**63"},
          {"text", "'zero \\0'"},
          {"text", "'\\ud800'"}
        }) {
      assertThatThrownBy(() -> python.run("context['%s'] = %s".formatted(wrong[0], wrong[1])))
          .as("%s = %s", wrong[0], wrong[1])
          .isInstanceOfSatisfying(
              PythonPeer.Raised.class, e -> assertThat(e.type()).isEqualTo("InvalidValueError"))
          .hasMessageContaining(wrong[0] + ": expected");
    }
    assertThatThrownBy(() -> state.set("finite", Double.NaN))
        .isInstanceOf(InvalidValueException.class);
    assertThatThrownBy(() -> state.set("small", 11)).isInstanceOf(InvalidValueException.class);
    assertThatThrownBy(() -> state.set("text", "zero \0"))
        .isInstanceOf(InvalidValueException.class);
    assertThat(state.snapshot().values()).isEqualTo(Map.of("finite", 1.0, "small", 5L, "text", ""));
  }

  // Batches, versions, history

  private void registerPair() {
    state.registerAll(
        List.of(Variable.integer("a", 0, 0, 100), Variable.integer("b", 0, 0, 100)),
        WriteContext.JVM);
    python.run("context.refresh()");
  }

  @Test
  void batches_areWholeOrNothing_bothWays() {
    registerPair();

    state.setAll(Map.of("a", 1, "b", 2));
    python.run("context.refresh()");
    assertThat(python.value("context.snapshot()")).isEqualTo(Map.of("a", 1L, "b", 2L));
    assertThat(python.value("context.state('a').revision == context.state('b').revision"))
        .isEqualTo(true);

    python.run("with context.batch() as batch:", "    batch['a'] = 3", "    batch['b'] = 4");
    assertThat(state.getMany(List.of("a", "b")).values()).isEqualTo(Map.of("a", 3L, "b", 4L));
    assertThat(state.get("a").revision()).isEqualTo(state.get("b").revision());

    assertThatThrownBy(() -> python.run("context.update({'a': 5, 'b': 101})"))
        .hasMessageContaining("InvalidValueError");
    assertThatThrownBy(() -> state.setAll(Map.of("a", 5, "b", 101)))
        .isInstanceOf(InvalidValueException.class);
    assertThat(state.getMany(List.of("a", "b")).values()).isEqualTo(Map.of("a", 3L, "b", 4L));
  }

  @Test
  void bestEffortBatches_keepTheGood_bothWays() {
    registerPair();

    assertThatThrownBy(
            () ->
                python.run(
                    "with context.batch(best_effort=True) as batch:",
                    "    batch['a'] = 5",
                    "    batch['b'] = 101"))
        .hasMessageContaining("PartialUpdateError");
    assertThat(state.getMany(List.of("a", "b")).values()).isEqualTo(Map.of("a", 5L, "b", 0L));

    Batch batch = Batch.builder().set("a", 101).set("b", 6).bestEffort().build();
    assertThatThrownBy(() -> state.commit(batch)).isInstanceOf(PartialUpdateException.class);
    python.run("context.refresh()");
    assertThat(python.value("context.snapshot()")).isEqualTo(Map.of("a", 5L, "b", 6L));
  }

  @Test
  void expectedVersions_conflictAcrossLanguages() {
    registerPair();
    python.run("seen = context.state('a').version", "context.set('a', 1, expected_version=seen)");

    assertThatThrownBy(() -> state.compareAndSet("a", 2, 1, WriteContext.JVM))
        .isInstanceOfSatisfying(
            VersionConflictException.class,
            e ->
                assertThat(e.conflicts())
                    .containsEntry("a", new VersionConflictException.Conflict(1, 2)));
    assertThat(state.compareAndSet("a", 2, 2, WriteContext.JVM).version()).isEqualTo(3);
    assertThatThrownBy(() -> python.run("context.set('a', 3, expected_version=seen)"))
        .hasMessageContaining("VersionConflictError")
        .hasMessageContaining("version 3");
    assertThatThrownBy(() -> python.run("context.set('nobody', 3)"))
        .hasMessageContaining("VariableNotFoundError");
    assertThatThrownBy(() -> state.set("nobody", 3)).isInstanceOf(VariableNotFoundException.class);
  }

  @Test
  void changes_ofBoth_loseNothing() {
    registerPair();
    python.run(
        "import threading",
        "def count():",
        "    for _ in range(25):",
        "        context.change('a', lambda value: value + 1)",
        "thread = threading.Thread(target=count)",
        "thread.start()");
    for (int i = 0; i < 25; i++) {
      state.update("a", value -> (Long) value + 1, WriteContext.JVM);
    }
    python.run("thread.join()");

    assertThat(state.get("a").value()).isEqualTo(50L);
    assertThat(state.get("a").version()).isEqualTo(51);
  }

  @Test
  void historyAndRollback_areShared() {
    registerPair();
    state.set("a", 1, WriteContext.JVM.with("why", "java"));
    python.run("context.set('a', 2, metadata={'why': 'python'})");

    assertThat(state.history("a")).extracting(HistoryEntry::value).containsExactly(2L, 1L, 0L);
    assertThat(state.history("a"))
        .extracting(entry -> entry.metadata().get("why"))
        .containsExactly("python", "java", null);
    assertThat(state.history("a"))
        .extracting(HistoryEntry::source)
        .containsExactly("python", "jvm", "jvm");
    assertThat(python.value("[[s.value, s.source] for s in context.history('a')]"))
        .isEqualTo(List.of(List.of(2L, "python"), List.of(1L, "jvm"), List.of(0L, "jvm")));

    assertThat(state.rollback("a", 2, WriteContext.JVM).version()).isEqualTo(4);
    python.run("context.refresh()");
    assertThat(python.value("context.a")).isEqualTo(1L);
    python.run("context.rollback('a', 3)");
    assertThat(state.get("a").value()).isEqualTo(2L);
    assertThat(state.get("a").version()).isEqualTo(5);
  }

  @Test
  void deleteAndRegisterAgain_neverReusesAVersion() {
    registerPair();
    python.run("context.a = 7", "del context['a']");
    assertThat(state.find("a")).isNull();

    long version = state.register(Variable.integer("a", 1, 0, 9)).version();
    assertThat(version).isEqualTo(3);
    state.delete("a");
    python.run("context.refresh()", "assert 'a' not in context");
    assertThat(python.value("context.register(Variable('a', IntegerDomain(0, 9), 2))[0].version"))
        .isEqualTo(4L);
    assertThatThrownBy(() -> state.register(Variable.integer("a", 1, 0, 9)))
        .hasMessageContaining("a");
  }

  @Test
  void metadata_isMerged_andTimesAreTheSame() {
    registerPair();
    state.set("a", 1, WriteContext.JVM.with("x", "1").with("y", "1"));
    python.run("context.set('a', 2, metadata={'y': '2', 'z': '\u00fc'})");

    VariableState written = state.get("a");
    assertThat(written.metadata())
        .containsEntry("x", "1")
        .containsEntry("y", "2")
        .containsEntry("z", "\u00fc");
    python.run("record = context.state('a')");
    assertThat(python.value("[record.id, record.version, record.revision, record.updated_ms]"))
        .isEqualTo(
            List.of(
                written.id(),
                written.version(),
                written.revision(),
                written.updatedAt().toEpochMilli()));
    assertThat(python.value("[record.created_ms, record.source, dict(record.metadata)]"))
        .isEqualTo(List.of(written.createdAt().toEpochMilli(), "python", written.metadata()));
  }

  // Documents, leases, dependencies

  @Test
  void documents_areShared_withTheirVersions() {
    state.commit(Batch.builder().putDocument("notes/java", "{\"a\": 1}", 0L).build());
    python.run(
        "context.refresh()",
        "document = context.select().documents['notes/java']",
        "assert (document.content, document.version) == ('{\"a\": 1}', 1)",
        "context.commit(Batch((), (Write(PUT_DOCUMENT, 'notes/java', 'from Python', 1),)))",
        "context.commit(Batch((), (Write(PUT_DOCUMENT, 'notes/python', 'x' * 100_000, 0),)))");

    assertThat(state.findDocument("notes/java").content()).isEqualTo("from Python");
    assertThat(state.findDocument("notes/java").version()).isEqualTo(2);
    assertThat(state.findDocument("notes/python").content()).hasSize(100_000);
    assertThatThrownBy(
            () -> state.commit(Batch.builder().putDocument("notes/java", "late", 1L).build()))
        .isInstanceOf(VersionConflictException.class);
    state.commit(Batch.builder().deleteDocument("notes/python", null).build());
    python.run("context.refresh()", "assert list(context.select().documents) == ['notes/java']");
  }

  @Test
  void leases_bindTheOther() {
    registerPair();
    Lease lease = state.acquireLease("a study", List.of("a"), Duration.ofMinutes(5));

    assertThatThrownBy(() -> python.run("context.a = 1"))
        .hasMessageContaining("LeaseHeldError")
        .hasMessageContaining("a study");
    python.run("context.set('a', 1, owner='a study')", "context.b = 1");
    assertThat(python.value("[[l.owner, sorted(l.names)] for l in context.leases()]"))
        .isEqualTo(List.of(List.of("a study", List.of("a"))));
    state.releaseLease(lease);
    python.run("context.a = 2");

    python.run("held = context.lease('python', ['b'], 300)", "held.__enter__()");
    assertThatThrownBy(() -> state.set("b", 2)).isInstanceOf(LeaseHeldException.class);
    assertThat(state.leases()).extracting(Lease::owner).containsExactly("python");
    python.run("held.__exit__(None, None, None)");
    assertThat(state.set("b", 2).value()).isEqualTo(2L);
  }

  @Test
  void dependencies_areOneGraph() {
    registerPair();
    state.register(Variable.integer("c", 0, 0, 9));
    state.addDependency("b", "a");
    python.run("context.refresh()", "context.add_dependency('c', 'b')");

    assertThat(state.dependencies())
        .containsExactlyInAnyOrder(new Dependency("b", "a"), new Dependency("c", "b"));
    assertThat(python.value("list(context.update_order())")).isEqualTo(state.updateOrder());
    assertThatThrownBy(() -> python.run("context.add_dependency('a', 'c')"))
        .hasMessageContaining("DependencyCycleError");
    python.run("context.remove_dependency('c', 'b')");
    assertThat(state.dependencies()).containsExactly(new Dependency("b", "a"));
  }

  // Spaces

  @Test
  void spaceOfPython_bindsJava_untilPythonUnregistersIt() {
    try (Session session =
            Session.builder()
                .id(state.sessionId())
                .bridge(new BridgedStateFactory(sidecar).deadline(Duration.ofMinutes(1)))
                .open();
        Bridge bridge = Bridge.between(session, sidecar).open()) {
      session.ensureBridged();
      assertThat(bridge).isNotNull();
      python.run(
          "space = (context.spaces.define('agent')",
          "    .add_variable('heat', 'float', 0.7, {'min': 0.0, 'max': 1.5})",
          "    .add_variable('max_iters', 'integer', 5, {'min': 3, 'max': 10})",
          "    .add_constraint('heat <= 1.0 || max_iters <= 5', 'hot agents stop early')",
          "    .register())");

      assertThat(session.configurations()).containsExactly("agent");
      session.set("heat", 1.2);
      assertThatThrownBy(() -> session.set("max_iters", 9))
          .isInstanceOf(InvalidConfigurationException.class);
      assertThatThrownBy(() -> python.run("context.max_iters = 9"))
          .hasMessageContaining("InvalidConfigurationError")
          .hasMessageContaining("hot agents stop early");

      python.run("context.spaces.unregister('agent')", "assert len(context.spaces) == 0");

      assertThat(session.configurations()).isEmpty();
      session.set("max_iters", 9);
      python.run("context.refresh()", "context.heat = 1.4");
      assertThat(session.getDouble("heat")).isEqualTo(1.4);
      assertThatThrownBy(() -> python.run("context.spaces.unregister('agent')"))
          .hasMessageContaining("ConfigurationNotFoundError");
    }
  }

  // Watches

  /** Both write at once; both are told the same, in the order of revisions, each commit whole. */
  @Test
  void watches_ofBoth_areToldTheSameInOrder() throws Exception {
    registerPair();
    List<ChangeSet> told = new CopyOnWriteArrayList<>();
    Watch watch = state.watch(WatchRequest.matching("*").queueCapacity(10_000).build(), told::add);
    python.run(
        "watch = context.watch(capacity=10_000)",
        "def write():",
        "    for i in range(1, 51):",
        "        context.update({'a': i, 'b': i})",
        "import threading",
        "thread = threading.Thread(target=write)",
        "thread.start()");
    for (int i = 1; i <= 50; i++) {
      state.setAll(Map.of("a", 50 + i, "b", 50 + i));
    }
    python.run("thread.join()", "context.refresh()", "watch.close()");
    assertThat(watch.await(state.revision(), Duration.ofMinutes(1))).isTrue();

    List<Object> here = new ArrayList<>();
    long last = 0;
    for (ChangeSet set : told) {
      assertThat(set.conflated()).isFalse();
      assertThat(set.revision()).isGreaterThan(last);
      last = set.revision();
      Map<String, Object> values = new LinkedHashMap<>();
      set.changes().forEach(change -> values.put(change.name(), change.state().value()));
      assertThat(values).as("revision %d", last).hasSize(2).containsEntry("b", values.get("a"));
      here.add(List.of(set.revision(), values.get("a")));
    }
    assertThat(here).hasSize(100);
    assertThat(
            python.value(
                "[[set.revision, {c.name: c.new for c in set.changes}['a']] for set in watch]"))
        .isEqualTo(here);
  }

  // Export and import

  private void fill() {
    GoldenValuesTest.values()
        .forEach(
            (name, value) -> {
              state.register(taking(name));
              state.set(name.replace(' ', '_'), value);
            });
    registerPair();
    state.set("a", 1, WriteContext.JVM.with("why", "a test"));
    state.register(Variable.integer("gone", 0, 0, 9));
    state.delete("gone");
    state.addDependency("b", "a");
    state.commit(Batch.builder().putDocument("notes", "\ud83d\ude00", 0L).build());
    state.acquireLease("a study", List.of("b"), Duration.ofHours(1));
  }

  private static String written(StateExport export) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    export.writeTo(bytes);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static StateExport read(Path file) throws Exception {
    return StateExport.readFrom(new ByteArrayInputStream(Files.readAllBytes(file)));
  }

  @Test
  void exportOfJava_isImportedInPython(@TempDir Path directory) throws Exception {
    fill();
    StateExport export = state.exportState();
    Files.writeString(directory.resolve("java.json"), written(export));

    python.join(operated, "import-" + UUID.randomUUID());
    python.run(
        "with open(r'%s', 'rb') as file:".formatted(directory.resolve("java.json")),
        "    context.import_json(file.read())",
        "missing = [n for n, v in golden_values().items()",
        "           if not same(context[n.replace(' ', '_')], v)]",
        "with open(r'%s', 'w', encoding='utf-8') as file:"
            .formatted(directory.resolve("python.json")),
        "    file.write(context.export_json())");

    assertThat(python.value("missing")).isEqualTo(List.of());
    assertThat(python.value("[context.a, context.state('a').version]")).isEqualTo(List.of(1L, 2L));
    assertSame(read(directory.resolve("python.json")), export);
  }

  @Test
  void exportOfPython_isImportedInJava(@TempDir Path directory) throws Exception {
    fill();
    python.run(
        "context.refresh()",
        "with open(r'%s', 'w', encoding='utf-8') as file:"
            .formatted(directory.resolve("python.json")),
        "    file.write(context.export_json())");
    StateExport export = read(directory.resolve("python.json"));

    assertSame(export, state.exportState());
    try (LocalState local = LocalState.builder("local").initial(export).build();
        BridgedState other =
            BridgedState.builder("import-" + UUID.randomUUID(), sidecar)
                .deadline(Duration.ofMinutes(1))
                .initial(export)
                .open()) {
      assertSame(local.exportState(), export);
      assertSame(other.exportState(), export);
      assertThat(other.register(Variable.integer("gone", 0, 0, 9)).version()).isEqualTo(2);
      GoldenValuesTest.values()
          .forEach(
              (name, value) ->
                  assertThat(local.get(name.replace(' ', '_')).value()).as(name).isEqualTo(value));
    }
  }

  /** The same but for who exported it and when. */
  private static void assertSame(StateExport one, StateExport other) {
    assertThat(one.revision()).isEqualTo(other.revision());
    assertThat(one.variables()).isEqualTo(other.variables());
    assertThat(one.documents()).isEqualTo(other.documents());
    assertThat(one.leases()).isEqualTo(other.leases());
    assertThat(one.dependencies()).isEqualTo(other.dependencies());
    assertThat(one.retiredVersions()).isEqualTo(other.retiredVersions());
  }
}
