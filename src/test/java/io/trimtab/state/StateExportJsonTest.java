package io.trimtab.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.json.Json;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.Scale;
import io.trimtab.variable.StringDomain;
import io.trimtab.variable.Tensor;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableMetadata;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
final class StateExportJsonTest {

  private static final AtomicReference<Instant> NOW =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00.123456789Z"));

  private static LocalState rich() {
    LocalState state =
        LocalState.builder("s1").clock(NOW::get).random(new SplittableRandom(7)).build();
    float[] vector = new float[1536];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) (random.nextDouble() - 0.5) * Float.MIN_NORMAL * (1 << (i % 30));
    }
    state.registerAll(
        List.of(
            Variable.floating("temperature", 0.7, 0, 2)
                .describedAs("how daring")
                .withMetadata("unit", "1"),
            Variable.of(
                "any", new FloatDomain(-1.0 / 0, 1.0 / 0, 0, Scale.LINEAR, true), Double.NaN),
            Variable.integer("long", 0, Long.MIN_VALUE, Long.MAX_VALUE),
            Variable.bool("flag", true),
            Variable.of(
                "text",
                new StringDomain(0, 16 << 20, null, List.of()),
                "\u00e9 \ud83d\ude00 \t\u2028\u007f"),
            Variable.choice("model", "gpt", "claude"),
            Variable.module("strategy", "Predict", "ReAct"),
            Variable.embedding("vector", vector),
            Variable.tensor("tensor", Tensor.ofLongs(List.of(2, 2), 1, Long.MAX_VALUE, -1, 0)),
            Variable.bool("deleted", true)),
        WriteContext.JVM);
    state.delete("deleted");
    state.set("any", Double.NEGATIVE_INFINITY);
    state.set("any", -0.0);
    state.set("any", Double.MIN_VALUE);
    state.set("long", Long.MIN_VALUE);
    state.set("long", Long.MAX_VALUE);
    state.set("text", "");
    state.set("temperature", 0.1 + 0.2, WriteContext.JVM.from("python").with("why", "tuning"));
    state.commit(Batch.builder().putDocument("space/a", "{\"x\": \"\ud83d\ude00\"}", 0L).build());
    state.commit(Batch.builder().putDocument("gone", "x", null).build());
    state.commit(Batch.builder().deleteDocument("gone", 1L).build());
    state.addDependency("model", "temperature");
    state.acquireLease("study-1", List.of("model", "flag"), Duration.ofMinutes(5));
    return state;
  }

  private static byte[] bytes(StateExport export) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      export.writeTo(out);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static StateExport read(byte[] bytes) {
    return StateExport.readFrom(new ByteArrayInputStream(bytes));
  }

  @Test
  void writeThenRead_everyTypeAndEdge_isTheIdentity() {
    try (LocalState state = rich()) {
      StateExport export = state.exportState();

      StateExport back = read(bytes(export));

      assertThat(back).isEqualTo(export);
      assertThat(back.digest()).isEqualTo(export.digest());
      assertThat(back.retiredVersions()).isEqualTo(Map.of("deleted", 1L, "document:gone", 1L));
    }
  }

  @Test
  void writeThenReadThenImport_keepsEverythingAndTheDigest() {
    try (LocalState state = rich();
        LocalState other = LocalState.builder("s2").clock(NOW::get).build()) {
      StateExport export = state.exportState();

      other.importState(read(bytes(export)));

      StateExport again = other.exportState();
      assertThat(again.variables()).isEqualTo(export.variables());
      assertThat(again.documents()).isEqualTo(export.documents());
      assertThat(again.leases()).isEqualTo(export.leases());
      assertThat(again.dependencies()).isEqualTo(export.dependencies());
      assertThat(again.retiredVersions()).isEqualTo(export.retiredVersions());
      assertThat(again.revision()).isEqualTo(export.revision());
      assertThat(again.digest()).isEqualTo(export.digest());
      assertThat(other.register(Variable.bool("deleted", true)).version()).isEqualTo(2);
    }
  }

  @Test
  void longestMetadataKeys_ofADefinitionAndOfAWrite_areImported() {
    String longest = "k".repeat(VariableMetadata.MAX_KEY_LENGTH);
    try (LocalState state = LocalState.create();
        LocalState other = LocalState.create()) {
      state.register(Variable.bool("defined", true).withMetadata(longest, "v"));
      state.register(Variable.bool("written", true));
      state.set("written", false, WriteContext.JVM.with(longest, "v"));

      other.importState(read(bytes(state.exportState())));

      assertThat(other.get("defined").metadata()).containsOnlyKeys(longest);
      assertThat(other.get("written").metadata()).containsOnlyKeys(longest);
      assertThatThrownBy(() -> WriteContext.JVM.with(longest + "k", "v"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("metadata key: expected 1 to 256 characters");
    }
  }

  @Test
  void digest_changesWithEveryPartThatIsKept() {
    try (LocalState state = rich()) {
      String before = state.exportState().digest();
      List<String> digests = new ArrayList<>(List.of(before));
      for (Consumer<LocalState> change :
          List.<Consumer<LocalState>>of(
              s -> s.set("temperature", 1),
              s -> s.set("temperature", 1),
              s -> s.commit(Batch.builder().putDocument("space/a", "{}", null).build()),
              s -> s.addDependency("temperature", "long"),
              s -> s.delete("any"))) {
        change.accept(state);
        digests.add(state.exportState().digest());
      }

      assertThat(digests).doesNotHaveDuplicates();
      assertThat(before).hasSize(64);
    }
  }

  @Test
  void writeThenRead_tenMegabyteText_isTheIdentity() {
    String text = "x\ud83d\ude00".repeat(3 << 20);
    try (LocalState state = LocalState.create()) {
      state.register(Variable.of("text", new StringDomain(0, 16 << 20, null, List.of()), text));

      StateExport back = read(bytes(state.exportState()));

      assertThat(back.variable("text").state().value().equals(text)).isTrue();
    }
  }

  // A document as a tree that cases damage.

  private static final String TEMPERATURE = "variables";

  @SuppressWarnings("unchecked")
  private static Map<String, Object> sound() {
    try (LocalState state = rich()) {
      return (Map<String, Object>)
          thawed(Json.parse(new String(bytes(state.exportState()), StandardCharsets.UTF_8)));
    }
  }

  private static Object thawed(Object tree) {
    if (tree instanceof Map<?, ?> map) {
      Map<String, Object> copy = new LinkedHashMap<>();
      map.forEach((key, value) -> copy.put((String) key, thawed(value)));
      return copy;
    }
    if (tree instanceof List<?> list) {
      List<Object> copy = new ArrayList<>();
      list.forEach(item -> copy.add(thawed(item)));
      return copy;
    }
    return tree;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> variable(Map<String, Object> document, int index) {
    return (Map<String, Object>) ((List<Object>) document.get(TEMPERATURE)).get(index);
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Map<String, Object> object, String key) {
    return (List<Object>) object.get(key);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object value) {
    return (Map<String, Object>) value;
  }

  private static Arguments damage(String expectedMessage, Consumer<Map<String, Object>> how) {
    return Arguments.of(expectedMessage, how);
  }

  static Stream<Arguments> damages() {
    return Stream.of(
        damage(
            "export.format: expected \"trimtab.state/1\", got trimtab.state/2",
            d -> d.put("format", "trimtab.state/2")),
        damage("found no format", d -> d.remove("format")),
        damage("unknown key \"surprise\"", d -> d.put("surprise", 1L)),
        damage("\"session_id\" is missing", d -> d.remove("session_id")),
        damage("\"revision\" is missing", d -> d.remove("revision")),
        damage("expected an integer", d -> d.put("revision", 1.5)),
        damage("revision: expected in [0, 2^62]", d -> d.put("revision", -1L)),
        damage("export.exported_at: expected a time", d -> d.put("exported_at", "yesterday")),
        damage("variables[0].revision", d -> variable(d, 0).put("revision", 1000L)),
        damage(
            "id of its own",
            d -> {
              variable(d, 1).put("id", variable(d, 0).get("id"));
              d.remove("variable_index");
            }),
        damage("variable_index", d -> object(d.get("variable_index")).put("temperature", "var_x")),
        damage(
            "starts with var_",
            d -> {
              variable(d, 0).put("id", "x");
              d.remove("variable_index");
            }),
        damage(
            "name of its own",
            d -> {
              object(variable(d, 3).get("definition")).put("name", "long");
              d.remove("variable_index");
            }),
        damage("unknown key [x]", d -> variable(d, 0).put("x", 1L)),
        damage("history", d -> variable(d, 0).put("history", new ArrayList<>())),
        damage("version", d -> variable(d, 0).put("version", 3L)),
        damage(
            "in [1, 2^62]",
            d -> {
              variable(d, 3).put("version", 0L);
              object(list(variable(d, 3), "history").get(0)).put("version", 0L);
            }),
        damage(
            "in [1, 2^62]",
            d -> {
              variable(d, 3).put("version", Long.MAX_VALUE);
              object(list(variable(d, 3), "history").get(0)).put("version", Long.MAX_VALUE);
            }),
        damage(
            "the one before",
            d -> object(list(variable(d, 2), "history").get(1)).put("version", 1L)),
        damage(
            "the current version",
            d -> object(list(variable(d, 2), "history").get(0)).put("value", 5L)),
        damage(
            "value: expected",
            d -> {
              variable(d, 0).put("value", 7.0);
              object(list(variable(d, 0), "history").get(0)).put("value", 7.0);
            }),
        damage("variables[0].value: expected", d -> variable(d, 0).put("value", "hot")),
        damage("variables[2].value", d -> variable(d, 2).put("value", 1.5)),
        damage(
            "variables[0].history[1].value",
            d -> object(list(variable(d, 0), "history").get(1)).put("value", -1.0)),
        damage(
            "variables[0].definition",
            d -> object(variable(d, 0).get("definition")).put("type", "MONEY")),
        damage(
            "variables[0].definition",
            d ->
                object(object(variable(d, 0).get("definition")).get("constraints"))
                    .put("min", 3.0)),
        damage(
            "variables[0].definition",
            d ->
                object(object(variable(d, 0).get("definition")).get("constraints"))
                    .put("color", 3.0)),
        damage("source", d -> variable(d, 3).put("source", "")),
        damage("documents[0].version", d -> object(list(d, "documents").get(0)).put("version", 0L)),
        damage("key of its own", d -> list(d, "documents").add(list(d, "documents").get(0))),
        damage(
            "document that is not retired",
            d -> object(d.get("retired_versions")).put("document:space/a", 1L)),
        damage(
            "leases[0].names",
            d -> object(list(d, "leases").get(0)).put("names", new ArrayList<>())),
        damage(
            "no other owner",
            d -> {
              Map<String, Object> copy = new LinkedHashMap<>(object(list(d, "leases").get(0)));
              copy.put("id", "l2");
              copy.put("owner", "other");
              list(d, "leases").add(copy);
            }),
        damage(
            "no cycle",
            d -> list(d, "dependencies").add(Map.of("from", "temperature", "to", "model"))),
        damage("no cycle", d -> list(d, "dependencies").add(Map.of("from", "flag", "to", "flag"))),
        damage(
            "variables of the export",
            d -> list(d, "dependencies").add(Map.of("from", "flag", "to", "nobody"))),
        damage(
            "each dependency once",
            d -> list(d, "dependencies").add(list(d, "dependencies").get(0))),
        damage(
            "retired_versions.deleted", d -> object(d.get("retired_versions")).put("deleted", 0L)),
        damage("a variable that is gone", d -> object(d.get("retired_versions")).put("flag", 5L)));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void read_damagedDocument_isRefusedWithThePlace(
      String expectedMessage, Consumer<Map<String, Object>> how) {
    Map<String, Object> document = sound();
    assertThat(read(Json.write(document).getBytes(StandardCharsets.UTF_8))).isNotNull();
    how.accept(document);

    assertThatThrownBy(() -> read(Json.write(document).getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(ImportException.class)
        .hasMessageContaining(expectedMessage);
  }

  static Stream<Arguments> hostileBytes() {
    String sound;
    try (LocalState state = rich()) {
      sound = new String(bytes(state.exportState()), StandardCharsets.UTF_8);
    }
    byte[] overlong = sound.getBytes(StandardCharsets.ISO_8859_1);
    int at = sound.indexOf("how daring");
    byte[] raw = sound.getBytes(StandardCharsets.UTF_8);
    overlong = raw.clone();
    overlong[at] = (byte) 0xC1;
    overlong[at + 1] = (byte) 0xA8; // an overlong 'h'
    byte[] surrogate = raw.clone();
    surrogate[at] = (byte) 0xED;
    surrogate[at + 1] = (byte) 0xA0;
    surrogate[at + 2] = (byte) 0x80; // U+D800 as CESU-8
    return Stream.of(
        Arguments.of("empty", new byte[0]),
        Arguments.of("byte order mark", ("\ufeff" + sound).getBytes(StandardCharsets.UTF_8)),
        Arguments.of("UTF-16", sound.getBytes(StandardCharsets.UTF_16)),
        Arguments.of("UTF-16LE", sound.getBytes(StandardCharsets.UTF_16LE)),
        Arguments.of("overlong UTF-8", overlong),
        Arguments.of("encoded surrogate", surrogate),
        Arguments.of("escaped lone surrogate", utf8(sound.replace("how daring", "\\ud800"))),
        Arguments.of("escaped U+0000", utf8(sound.replace("how daring", "\\u0000"))),
        Arguments.of(
            "duplicate key", utf8(sound.replace("\"session_id\"", "\"revision\":1,\"revision\""))),
        Arguments.of(
            "duplicate key at the top", utf8(sound.replaceFirst("\\{", "{\"session_id\":\"x\","))),
        Arguments.of("trailing text", utf8(sound + " 1")),
        Arguments.of("cut short", utf8(sound.substring(0, sound.length() - 1))),
        Arguments.of("2^63", utf8(sound.replace("9223372036854775807", "9223372036854775808"))),
        Arguments.of("1e400", utf8(sound.replace("0.7", "1e400"))),
        Arguments.of("NaN literal", utf8(sound.replace("0.7", "NaN"))),
        Arguments.of("deep nesting", utf8("{\"metadata\":" + "[".repeat(10_000))),
        Arguments.of("deep objects", utf8("{\"metadata\":{\"a\":".repeat(5_000))),
        Arguments.of("array", utf8("[]")),
        Arguments.of("null", utf8("null")),
        Arguments.of("null variable", utf8("{\"variables\":[null]}")),
        Arguments.of("variables of another type", utf8("{\"variables\":{}}")),
        Arguments.of("huge number", utf8("{\"revision\":" + "9".repeat(100_000) + "}")),
        Arguments.of(
            "regular expression bomb",
            utf8(
                "{\"variables\":[{\"definition\":{\"name\":\"a\",\"type\":\"STRING\",\"default\":\"\","
                    + "\"constraints\":{\"pattern\":\"((((a{0,100}){0,100}){0,100}){0,100}){0,100}\"}}}]}")),
        Arguments.of(
            "tensor of a huge shape",
            utf8(
                "{\"variables\":[{\"definition\":{\"name\":\"a\",\"type\":\"TENSOR\",\"default\":{\"dtype\":\"FLOAT64\","
                    + "\"shape\":[67108864,67108864,67108864],\"data\":\"\"}}}]}")));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostileBytes")
  void read_hostileBytes_throwsImportExceptionOnly(String name, byte[] bytes) {
    assertThatThrownBy(() -> read(bytes)).isInstanceOf(ImportException.class);
  }

  @Test
  void read_moreThanALimitAllows_isRefused() {
    try (LocalState state = rich()) {
      byte[] bytes = bytes(state.exportState());
      for (ExportLimits limits :
          List.of(
              new ExportLimits(1000, 1 << 20, 1 << 20, 100, 100, 100),
              new ExportLimits(1 << 20, 20, 1 << 20, 100, 100, 100),
              new ExportLimits(1 << 20, 1 << 20, 100, 100, 100, 100),
              new ExportLimits(1 << 20, 1 << 20, 1 << 20, 3, 100, 100),
              new ExportLimits(1 << 20, 1 << 20, 1 << 20, 100, 0, 100),
              new ExportLimits(1 << 20, 1 << 20, 1 << 20, 100, 100, 0))) {
        assertThatThrownBy(() -> StateExport.readFrom(new ByteArrayInputStream(bytes), limits))
            .as("%s", limits)
            .isInstanceOf(ImportException.class);
      }
      assertThat(
              StateExport.readFrom(
                  new ByteArrayInputStream(bytes),
                  new ExportLimits(1 << 20, 1 << 20, 1 << 20, 100, 100, 100)))
          .isEqualTo(state.exportState());
    }
  }

  @Test
  void read_endlessDocument_isRefusedWithinTheLimit() {
    InputStream endless =
        new InputStream() {
          private long read;

          @Override
          public int read() {
            return read++ == 0 ? '[' : ' ';
          }
        };

    assertThatThrownBy(
            () ->
                StateExport.readFrom(
                    endless, new ExportLimits(1 << 20, 1 << 20, 1 << 20, 100, 100, 100)))
        .isInstanceOf(ImportException.class);
  }

  @Test
  void read_failingStream_isAnImportException() {
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("planted");
          }
        };

    assertThatThrownBy(() -> StateExport.readFrom(failing))
        .isInstanceOf(ImportException.class)
        .hasMessageContaining("planted");
  }

  @Test
  void importState_unsoundExport_changesNothingAndTellsNobody() throws Exception {
    try (LocalState state = rich()) {
      StateExport before = state.exportState();
      List<ChangeSet> told = new ArrayList<>();
      Watch watch = state.watch(WatchRequest.matching("*").build(), told::add);
      StateExport.Entry first = before.variables().get(0);
      StateExport unsound =
          new StateExport(
              "x",
              before.revision(),
              before.exportedAt(),
              List.of(first, first),
              List.of(),
              List.of(),
              java.util.Set.of(),
              Map.of(),
              Map.of());

      assertThatThrownBy(() -> state.importState(unsound)).isInstanceOf(ImportException.class);

      assertThat(state.exportState()).isEqualTo(before);
      assertThat(watch.await(state.revision(), Duration.ofSeconds(5))).isTrue();
      assertThat(told).isEmpty();
    }
  }
}
