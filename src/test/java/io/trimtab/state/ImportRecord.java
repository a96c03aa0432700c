package io.trimtab.state;

import com.code_intelligence.jazzer.mutation.annotation.InRange;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.code_intelligence.jazzer.mutation.annotation.WithUtf8Length;
import io.trimtab.json.Json;
import io.trimtab.variable.Embedding;
import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.Tensor;
import io.trimtab.variable.Variable;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One ingredient of a state: sound in most respects, wrong where the fuzzer wants it to be. Fuzzers
 * find far more with such records than with bytes, most of which never pass the parser.
 *
 * @param part what is added: variable (half of all numbers), document, lease, dependency, retired
 *     version, header
 * @param type the variable's type, or another choice
 * @param name becomes a sound name unless the flaw says otherwise
 * @param raw a text, used as value, content, pattern or time
 * @param number a version, revision or value
 * @param flaw what is wrong with this ingredient; most numbers mean nothing
 */
record ImportRecord(
    @InRange(min = 0, max = 9) int part,
    @InRange(min = 0, max = 7) int type,
    @NotNull @WithUtf8Length(max = 12) String name,
    @NotNull @WithUtf8Length(max = 24) String raw,
    long number,
    @InRange(min = 0, max = 40) int flaw) {

  private static final String TIME = "2026-01-01T00:00:00Z";
  private static final List<String> TYPES =
      List.of("FLOAT", "INTEGER", "BOOLEAN", "STRING", "CHOICE", "MODULE", "EMBEDDING", "TENSOR");

  // As a document.

  /** Writes the ingredients as a document. */
  static byte[] document(List<ImportRecord> records) {
    Map<String, Object> top = new LinkedHashMap<>();
    List<Object> variables = new ArrayList<>();
    List<Object> documents = new ArrayList<>();
    List<Object> leases = new ArrayList<>();
    List<Object> dependencies = new ArrayList<>();
    Map<String, Object> retired = new LinkedHashMap<>();
    long revision = 1L << 62;
    top.put("format", StateExport.FORMAT);
    top.put("session_id", "fuzz");
    top.put("revision", revision);
    top.put("exported_at", TIME);
    for (ImportRecord record : records) {
      switch (record.part) {
        case 5 -> documents.add(record.documentTree());
        case 6 -> leases.add(record.leaseTree());
        case 7 -> dependencies.add(Map.of("from", record.soundName(), "to", sound(record.raw)));
        case 8 -> retired.put(record.soundName(), record.count());
        case 9 -> record.spoilHeader(top);
        default -> variables.add(record.variableTree(variables.size()));
      }
    }
    top.put("variables", variables);
    top.put("documents", documents);
    top.put("leases", leases);
    top.put("dependencies", dependencies);
    top.put("retired_versions", retired);
    try {
      return Json.write(top).getBytes(StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return new byte[0]; // a text of the fuzzer's has no JSON form
    }
  }

  private void spoilHeader(Map<String, Object> top) {
    switch (type) {
      case 0 -> top.put("format", raw);
      case 1 -> top.put("session_id", raw);
      case 2 -> top.put("revision", number);
      case 3 -> top.put("exported_at", raw);
      case 4 -> top.put("metadata", Map.of(name, raw));
      case 5 -> top.put(name, raw);
      case 6 -> {
        if (!top.isEmpty()) {
          top.remove(List.copyOf(top.keySet()).get(Math.floorMod(flaw, top.size())));
        }
      }
      default -> top.put("variable_index", Map.of(name, raw));
    }
  }

  private Map<String, Object> variableTree(int index) {
    Object value = valueTree();
    Map<String, Object> definition = new LinkedHashMap<>();
    definition.put("name", flaw == 1 ? name : soundName());
    definition.put("type", flaw == 2 ? raw : TYPES.get(type));
    definition.put("default", flaw == 3 ? raw : value);
    Map<String, Object> constraints = constraints();
    if (!constraints.isEmpty()) {
      definition.put("constraints", constraints);
    }
    if (flaw == 4) {
      definition.put("description", raw);
      definition.put("metadata", Map.of(name, raw));
    }
    if (flaw == 5) {
      definition.put(name, raw);
    }
    long version = flaw == 6 ? number : count();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("id", flaw == 7 ? name : "var_" + soundName() + "_" + index);
    tree.put("definition", definition);
    tree.put("version", version);
    tree.put("revision", flaw == 8 ? number : 1L);
    tree.put("value", flaw == 9 ? raw : value);
    tree.put("metadata", flaw == 10 ? Map.of(name, raw) : Map.of());
    tree.put("created_at", flaw == 11 ? raw : TIME);
    tree.put("updated_at", TIME);
    tree.put("source", flaw == 12 ? raw : "jvm");
    tree.put("history", history(tree, version, value));
    if (flaw == 13) {
      tree.remove(List.copyOf(tree.keySet()).get(Math.floorMod(number, tree.size())));
    }
    if (flaw == 14) {
      tree.put(List.copyOf(tree.keySet()).get(Math.floorMod(number, tree.size())), raw);
    }
    return tree;
  }

  private List<Object> history(Map<String, Object> tree, long version, Object value) {
    List<Object> history = new ArrayList<>();
    int length = (int) Math.min(flaw == 15 ? Math.floorMod(number, 60) : 1 + raw.length() % 3, 60);
    for (int i = 0; i < length && (i == 0 || version - i > 0); i++) {
      Map<String, Object> past = new LinkedHashMap<>();
      past.put("version", flaw == 16 && i == 1 ? number : version - i);
      past.put("value", flaw == 17 && i > 0 ? raw : tree.get("value"));
      past.put("updated_at", TIME);
      past.put("source", tree.get("source"));
      past.put("metadata", tree.get("metadata"));
      history.add(past);
    }
    return history;
  }

  private Object valueTree() {
    return switch (type) {
      case 0 -> Double.isFinite(asDouble()) ? asDouble() : (Object) "NaN";
      case 1 -> number;
      case 2 -> number % 2 == 0;
      case 3 -> raw;
      case 4 -> raw.isEmpty() ? "a" : raw;
      case 5 -> "M" + soundName();
      case 6 -> List.of((double) (float) number, 1L);
      default ->
          Map.of(
              "dtype",
              flaw == 18 ? raw : "INT32",
              "shape",
              flaw == 19 ? List.of(number) : List.of(1L),
              "data",
              flaw == 20 ? raw : "AQAAAA==");
    };
  }

  private double asDouble() {
    return Double.longBitsToDouble(number);
  }

  private Map<String, Object> constraints() {
    Map<String, Object> map = new LinkedHashMap<>();
    switch (type) {
      case 0 -> {
        if (!Double.isFinite(asDouble())) {
          map.put("allow_non_finite", true);
        }
        if (flaw == 21) {
          map.put("min", 0.5);
        }
      }
      case 1 -> {
        if (flaw == 22) {
          map.put("step", number);
        }
      }
      case 3 -> {
        if (flaw == 23) {
          map.put("pattern", raw);
        }
      }
      case 4 -> map.put("options", flaw == 24 ? List.of(raw, raw) : List.of(valueTree(), "\u0001"));
      default -> {}
    }
    if (flaw == 25) {
      map.put(name, number);
    }
    return map;
  }

  private Map<String, Object> documentTree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("key", flaw == 1 ? name : soundName());
    tree.put("content", raw);
    tree.put("version", flaw == 2 ? number : count());
    tree.put("updated_at", flaw == 3 ? raw : TIME);
    return tree;
  }

  private Map<String, Object> leaseTree() {
    return Map.of(
        "id",
        "lease_" + raw.length(),
        "owner",
        flaw == 1 ? raw : "owner",
        "names",
        List.of(flaw == 2 ? name : soundName()),
        "expires_at",
        flaw == 3 ? raw : "2100-01-01T00:00:00Z");
  }

  private long count() {
    return (number >>> 2) + 1;
  }

  private String soundName() {
    return sound(name);
  }

  private static String sound(String text) {
    StringBuilder sound = new StringBuilder("n");
    text.chars()
        .forEach(c -> sound.append(c < 128 && Character.isLetterOrDigit(c) ? (char) c : '_'));
    return sound.toString();
  }

  // In memory.

  /** Builds a state from the ingredients without asking whether it makes sense. */
  static StateExport state(List<ImportRecord> records) {
    List<StateExport.Entry> variables = new ArrayList<>();
    List<StateDocument> documents = new ArrayList<>();
    List<Lease> leases = new ArrayList<>();
    Set<Dependency> dependencies = new LinkedHashSet<>();
    Map<String, Long> retired = new LinkedHashMap<>();
    long revision = 100;
    for (ImportRecord record : records) {
      switch (record.part) {
        case 5 ->
            documents.add(
                new StateDocument(
                    record.flaw == 1 ? record.name : record.soundName(),
                    record.raw,
                    record.flaw == 2 ? record.number : record.count(),
                    Instant.EPOCH));
        case 6 ->
            leases.add(
                new Lease(
                    record.flaw == 1 ? record.raw : "lease_" + leases.size(),
                    record.flaw == 2 ? record.raw : "owner",
                    record.flaw == 3 ? Set.of() : Set.of(record.soundName()),
                    record.flaw == 4 ? Instant.MIN : Instant.MAX));
        case 7 -> dependencies.add(new Dependency(record.soundName(), sound(record.raw)));
        case 8 ->
            retired.put(
                record.flaw == 1 ? record.raw : record.soundName(),
                record.flaw == 2 ? record.number : record.count());
        case 9 -> revision = record.flaw == 1 ? record.number : record.count();
        default -> record.addVariable(variables);
      }
    }
    return new StateExport(
        "fuzz",
        revision,
        Instant.EPOCH,
        variables,
        documents,
        leases,
        dependencies,
        retired,
        Collections.emptyMap());
  }

  private void addVariable(List<StateExport.Entry> variables) {
    Variable<?> variable;
    try {
      variable = definition();
    } catch (InvalidDefinitionException e) {
      return; // cannot exist even in memory
    }
    Object value = flaw == 3 ? raw : flaw == 4 ? (Object) (int) number : variable.defaultValue();
    long version = flaw == 5 ? number : count();
    VariableState state =
        new VariableState(
            flaw == 6 ? raw : "var_" + soundName() + "_" + variables.size(),
            variable,
            value,
            version,
            flaw == 7 ? number : 1,
            flaw == 8 ? Map.of(name, raw) : Map.of(),
            Instant.EPOCH,
            flaw == 9 ? Instant.MAX : Instant.EPOCH,
            flaw == 10 ? raw : "jvm");
    List<HistoryEntry> history = new ArrayList<>();
    int length = flaw == 11 ? Math.floorMod(number, 60) : 1 + raw.length() % 3;
    for (int i = 0; i < length && (i == 0 || version - i > 0); i++) {
      history.add(
          new HistoryEntry(
              flaw == 12 && i == 1 ? number : version - i,
              flaw == 13 && i > 0 ? raw : value,
              state.updatedAt(),
              state.source(),
              state.metadata()));
    }
    variables.add(new StateExport.Entry(state, history));
  }

  private Variable<?> definition() {
    String own = soundName();
    return switch (type) {
      case 0 -> Variable.floating(own, number, -9e18, 9.3e18);
      case 1 -> Variable.integer(own, number, Long.MIN_VALUE, Long.MAX_VALUE);
      case 2 -> Variable.bool(own, number > 0);
      case 3 -> Variable.string(own, raw);
      case 4 -> Variable.choice(own, raw, "other");
      case 5 -> Variable.module(own, "M" + own);
      case 6 ->
          Variable.of(own, io.trimtab.variable.EmbeddingDomain.of(0), Embedding.of(number, 1));
      default -> Variable.tensor(own, Tensor.ofLongs(List.of(1), number));
    };
  }
}
