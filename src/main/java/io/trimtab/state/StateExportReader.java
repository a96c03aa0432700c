package io.trimtab.state;

import io.trimtab.TrimtabException;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.json.JsonReader;
import io.trimtab.variable.Domain;
import io.trimtab.variable.Variable;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code trimtab.state/1} documents from anyone, one variable at a time. */
final class StateExportReader {
  /*
   * Depth is limited by the parser, so the recursion over trees is; counts are checked while reading, so a hostile
   * document is refused before it fills the memory. Keys may come in any order; unknown and duplicate ones are refused.
   */

  private static final int MAX_DEPTH = 32;

  private static final Set<String> VARIABLE_KEYS =
      Set.of(
          "id",
          "definition",
          "version",
          "revision",
          "value",
          "metadata",
          "created_at",
          "updated_at",
          "source",
          "history");
  private static final Set<String> HISTORY_KEYS =
      Set.of("version", "value", "updated_at", "source", "metadata");
  private static final Set<String> DOCUMENT_KEYS =
      Set.of("key", "content", "version", "updated_at");
  private static final Set<String> LEASE_KEYS = Set.of("id", "owner", "names", "expires_at");
  private static final Set<String> DEPENDENCY_KEYS = Set.of("from", "to");

  private final JsonReader in;
  private final ExportLimits limits;

  private @Nullable String format;
  private final Map<String, @Nullable Object> header = new LinkedHashMap<>();
  private final List<StateExport.Entry> variables = new ArrayList<>();
  private final List<StateDocument> documents = new ArrayList<>();
  private final List<Lease> leases = new ArrayList<>();
  private final Set<Dependency> dependencies = new LinkedHashSet<>();
  private Map<String, Long> retired = Map.of();
  private @Nullable Map<String, String> index;

  private StateExportReader(JsonReader in, ExportLimits limits) {
    this.in = in;
    this.limits = limits;
  }

  static StateExport read(InputStream utf8, ExportLimits limits) {
    JsonLimits json =
        new JsonLimits(limits.maxLength(), MAX_DEPTH, limits.maxStringLength(), limits.maxTokens());
    try (JsonReader in = JsonReader.of(utf8, json)) {
      StateExport export = new StateExportReader(in, limits).read();
      ExportCheck.check(export);
      return export;
    } catch (ImportException e) {
      throw e;
    } catch (TrimtabException e) {
      throw new ImportException("export: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ImportException("export: expected a readable stream, got " + e, e);
    }
  }

  private StateExport read() throws IOException {
    in.beginObject();
    for (String key = in.nextKey(); key != null; key = in.nextKey()) {
      read(key);
    }
    in.endDocument();
    return assemble();
  }

  private void read(String key) throws IOException {
    switch (key) {
      case "format" -> format = format(in.value());
      case "session_id", "revision", "exported_at", "metadata" -> header.put(key, in.value());
      case "variables" -> eachOf(key, limits.maxVariables(), this::readVariable);
      case "variable_index" -> index = strings(key, in.value());
      case "documents" -> eachOf(key, limits.maxDocuments(), this::readDocument);
      case "leases" -> eachOf(key, limits.maxOthers(), this::readLease);
      case "dependencies" -> eachOf(key, limits.maxOthers(), this::readDependency);
      case "retired_versions" -> retired = versions(key, in.value());
      default -> throw new ImportException("export: unknown key \"" + shortened(key) + "\"");
    }
  }

  private static String format(@Nullable Object value) {
    if (StateExport.FORMAT.equals(value)) {
      return StateExport.FORMAT;
    }
    throw new ImportException(
        "export.format: expected \"%s\", got %s"
            .formatted(StateExport.FORMAT, shortened(String.valueOf(value))));
  }

  private interface ItemReader {
    void read(JsonObject item);
  }

  private void eachOf(String key, int limit, ItemReader reader) throws IOException {
    in.beginArray();
    for (int i = 0; in.hasNext(); i++) {
      if (i >= limit) {
        throw new ImportException(
            "export.%s: expected at most %d elements, got more".formatted(key, limit));
      }
      reader.read(JsonObject.of(in.value(), "export.%s[%d]".formatted(key, i)));
    }
  }

  private void readVariable(JsonObject tree) {
    tree.allowOnly(VARIABLE_KEYS);
    Variable<?> variable = definition(tree.object("definition"));
    Domain<?> domain = variable.domain();
    VariableState state =
        new VariableState(
            tree.string("id"),
            variable,
            value(tree, domain),
            tree.integer("version"),
            tree.integer("revision"),
            tree.stringMap("metadata"),
            instant(tree, "created_at"),
            instant(tree, "updated_at"),
            tree.string("source"));
    List<HistoryEntry> history = new ArrayList<>();
    for (JsonObject past : tree.objects("history")) {
      if (history.size() == StateProvider.HISTORY_LIMIT) {
        throw new ImportException(
            "%s.history: expected at most %d versions, got more"
                .formatted(tree.path(), StateProvider.HISTORY_LIMIT));
      }
      history.add(past(past, domain));
    }
    variables.add(new StateExport.Entry(state, history));
  }

  private static Variable<?> definition(JsonObject tree) {
    try {
      return Variable.fromTree(tree);
    } catch (TrimtabException e) {
      throw new ImportException(tree.path() + ": " + e.getMessage(), e);
    }
  }

  private static HistoryEntry past(JsonObject tree, Domain<?> domain) {
    tree.allowOnly(HISTORY_KEYS);
    return new HistoryEntry(
        tree.integer("version"),
        value(tree, domain),
        instant(tree, "updated_at"),
        tree.string("source"),
        tree.stringMap("metadata"));
  }

  private static Object value(JsonObject tree, Domain<?> domain) {
    Object value = domain.decode(tree.find("value"));
    if (value == null) {
      throw new ImportException(
          "%s.value: expected %s, got %s"
              .formatted(
                  tree.path(),
                  domain.description(),
                  shortened(String.valueOf(tree.find("value")))));
    }
    return value;
  }

  private void readDocument(JsonObject tree) {
    tree.allowOnly(DOCUMENT_KEYS);
    documents.add(
        new StateDocument(
            tree.string("key"),
            tree.string("content"),
            tree.integer("version"),
            instant(tree, "updated_at")));
  }

  private void readLease(JsonObject tree) {
    tree.allowOnly(LEASE_KEYS);
    leases.add(
        new Lease(
            tree.string("id"),
            tree.string("owner"),
            new LinkedHashSet<>(tree.strings("names")),
            instant(tree, "expires_at")));
  }

  private void readDependency(JsonObject tree) {
    tree.allowOnly(DEPENDENCY_KEYS);
    if (!dependencies.add(new Dependency(tree.string("from"), tree.string("to")))) {
      throw new ImportException(tree.path() + ": expected each dependency once");
    }
  }

  private Map<String, String> strings(String key, @Nullable Object value) {
    JsonObject tree = JsonObject.of(value, "export." + key);
    checkCount(key, tree.keys().size(), Math.max(limits.maxVariables(), limits.maxOthers()));
    Map<String, String> strings = new LinkedHashMap<>();
    tree.keys().forEach(name -> strings.put(name, tree.string(name)));
    return strings;
  }

  private Map<String, Long> versions(String key, @Nullable Object value) {
    JsonObject tree = JsonObject.of(value, "export." + key);
    checkCount(key, tree.keys().size(), limits.maxOthers());
    Map<String, Long> versions = new LinkedHashMap<>();
    tree.keys().forEach(name -> versions.put(name, tree.integer(name)));
    return versions;
  }

  private static void checkCount(String key, int count, int limit) {
    if (count > limit) {
      throw new ImportException(
          "export.%s: expected at most %d entries, got %d".formatted(key, limit, count));
    }
  }

  private StateExport assemble() {
    if (format == null) {
      throw new ImportException(
          "export: expected \"format\": \"%s\", found no format".formatted(StateExport.FORMAT));
    }
    JsonObject top = JsonObject.of(header, "export");
    Map<String, String> metadata = top.stringMap("metadata");
    checkCount("metadata", metadata.size(), limits.maxOthers());
    checkIndex();
    return new StateExport(
        top.string("session_id"),
        top.integer("revision"),
        instant(top, "exported_at"),
        variables,
        documents,
        leases,
        dependencies,
        retired,
        metadata);
  }

  /** The index repeats what the variables say; a contradiction means that somebody edited one. */
  private void checkIndex() {
    Map<String, String> expected = new LinkedHashMap<>();
    variables.forEach(entry -> expected.put(entry.state().name(), entry.state().id()));
    if (index != null && !index.equals(expected)) {
      throw new ImportException(
          "export.variable_index: expected the names and ids of the %d variables, got others"
              .formatted(variables.size()));
    }
  }

  private static Instant instant(JsonObject tree, String key) {
    String text = tree.string(key);
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new ImportException(
          "%s.%s: expected a time such as 2026-01-31T12:00:00Z, got \"%s\""
              .formatted(tree.path(), key, shortened(text)),
          e);
    }
  }

  private static String shortened(String text) {
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }
}
