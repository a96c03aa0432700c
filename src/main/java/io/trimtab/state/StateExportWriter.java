package io.trimtab.state;

import io.trimtab.json.JsonWriter;
import io.trimtab.variable.Domain;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes {@code trimtab.state/1} documents, one variable at a time. */
final class StateExportWriter {

  private final StateExport export;
  private final JsonWriter out;

  private StateExportWriter(StateExport export, JsonWriter out) {
    this.export = export;
    this.out = out;
  }

  static void write(StateExport export, OutputStream utf8) throws IOException {
    try (JsonWriter out = JsonWriter.of(utf8)) {
      new StateExportWriter(export, out).write();
    }
  }

  /** Returns the SHA-256 of what a faithful import keeps, in hexadecimal. */
  static String digest(StateExport export) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      OutputStream sink = new DigestOutputStream(OutputStream.nullOutputStream(), sha256);
      try (JsonWriter out = JsonWriter.of(sink)) {
        new StateExportWriter(export, out).writeKept();
      }
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    } catch (IOException e) {
      throw new AssertionError("a null stream cannot fail", e);
    }
  }

  private void write() throws IOException {
    out.beginObject();
    out.key("format").value(StateExport.FORMAT);
    out.key("session_id").value(export.sessionId());
    out.key("revision").value(export.revision());
    out.key("exported_at").value(export.exportedAt().toString());
    out.key("metadata").value(new TreeMap<>(export.metadata()));
    out.key("variables").beginArray();
    for (StateExport.Entry entry : export.variables()) {
      write(entry, /* withRevision= */ true);
    }
    out.endArray();
    out.key("variable_index").value(index());
    out.key("documents").value(export.documents().stream().map(StateExportWriter::tree).toList());
    out.key("leases").value(export.leases().stream().map(StateExportWriter::tree).toList());
    writeDependencies();
    out.key("retired_versions").value(new TreeMap<>(export.retiredVersions()));
    out.endObject();
  }

  /**
   * The canonical form behind the digest: without what differs between a state and its import, such
   * as times of export and revisions, and without leases, which end by themselves.
   */
  private void writeKept() throws IOException {
    out.beginArray();
    for (StateExport.Entry entry : export.variables()) {
      write(entry, /* withRevision= */ false);
    }
    Comparator<StateDocument> byKey = Comparator.comparing(StateDocument::key);
    out.value(export.documents().stream().sorted(byKey).map(StateExportWriter::tree).toList());
    out.beginObject();
    writeDependencies();
    out.endObject();
    out.value(new TreeMap<>(export.retiredVersions()));
    out.endArray();
  }

  private void write(StateExport.Entry entry, boolean withRevision) throws IOException {
    VariableState state = entry.state();
    Domain<?> domain = state.variable().domain();
    out.beginObject();
    out.key("id").value(state.id());
    out.key("definition").value(state.variable().toTree());
    out.key("version").value(state.version());
    if (withRevision) {
      out.key("revision").value(state.revision());
    }
    out.key("value").value(encode(domain, state.value()));
    out.key("metadata").value(new TreeMap<>(state.metadata()));
    out.key("created_at").value(state.createdAt().toString());
    out.key("updated_at").value(state.updatedAt().toString());
    out.key("source").value(state.source());
    out.key("history").beginArray();
    for (HistoryEntry past : entry.history()) {
      write(past, domain);
    }
    out.endArray().endObject();
  }

  private void write(HistoryEntry past, Domain<?> domain) throws IOException {
    out.beginObject();
    out.key("version").value(past.version());
    out.key("value").value(encode(domain, past.value()));
    out.key("updated_at").value(past.updatedAt().toString());
    out.key("source").value(past.source());
    out.key("metadata").value(new TreeMap<>(past.metadata()));
    out.endObject();
  }

  private static <T> Object encode(Domain<T> domain, Object value) {
    return domain.encode(domain.valueClass().cast(value));
  }

  private Map<String, Object> index() {
    Map<String, Object> index = new LinkedHashMap<>();
    export.variables().forEach(entry -> index.put(entry.state().name(), entry.state().id()));
    return index;
  }

  private static Map<String, Object> tree(StateDocument document) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("key", document.key());
    tree.put("content", document.content());
    tree.put("version", document.version());
    tree.put("updated_at", document.updatedAt().toString());
    return tree;
  }

  private static Map<String, Object> tree(Lease lease) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("id", lease.id());
    tree.put("owner", lease.owner());
    tree.put("names", lease.names().stream().sorted().toList());
    tree.put("expires_at", lease.expiresAt().toString());
    return tree;
  }

  private void writeDependencies() throws IOException {
    List<Map<String, String>> edges =
        export.dependencies().stream()
            .sorted(Comparator.comparing(Dependency::from).thenComparing(Dependency::to))
            .map(StateExportWriter::tree)
            .toList();
    out.key("dependencies").value(edges);
  }

  private static Map<String, String> tree(Dependency edge) {
    Map<String, String> tree = new LinkedHashMap<>();
    tree.put("from", edge.from());
    tree.put("to", edge.to());
    return tree;
  }
}
