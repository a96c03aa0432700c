package io.trimtab.state;

import io.trimtab.variable.VariableNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A whole state as of one revision, ready to be imported elsewhere or written as {@code
 * trimtab.state/1} JSON.
 *
 * @param sessionId whose state it is
 * @param revision the revision it was taken at
 * @param exportedAt when it was taken
 * @param variables the variables with their history, in order of registration
 * @param documents the documents, in order of their first put
 * @param leases the leases that had not ended
 * @param dependencies the dependencies, by name
 * @param retiredVersions the last version of each deleted variable by name, so that it is never
 *     reused; likewise for deleted documents under {@code document:<key>}
 * @param metadata what else the exporter noted
 */
public record StateExport(
    String sessionId,
    long revision,
    Instant exportedAt,
    List<Entry> variables,
    List<StateDocument> documents,
    List<Lease> leases,
    Set<Dependency> dependencies,
    Map<String, Long> retiredVersions,
    Map<String, String> metadata) {

  /**
   * One variable with its past.
   *
   * @param state its state at the export's revision
   * @param history its kept versions, newest first, the current one included
   */
  public record Entry(VariableState state, List<HistoryEntry> history) {

    /**
     * Copies the history.
     *
     * @param state its state at the export's revision
     * @param history its kept versions, newest first, the current one included
     */
    public Entry {
      history = List.copyOf(history);
    }
  }

  /** What a JSON export calls itself; readers refuse every other format. */
  public static final String FORMAT = "trimtab.state/1";

  /**
   * Copies the collections.
   *
   * @param sessionId whose state it is
   * @param revision the revision it was taken at
   * @param exportedAt when it was taken
   * @param variables the variables with their history, in order of registration
   * @param documents the documents, in order of their first put
   * @param leases the leases that had not ended
   * @param dependencies the dependencies, by name
   * @param retiredVersions the last version of each deleted variable by name, so that it is never
   *     reused; likewise for deleted documents under {@code document:<key>}
   * @param metadata what else the exporter noted
   */
  public StateExport {
    variables = List.copyOf(variables);
    documents = List.copyOf(documents);
    leases = List.copyOf(leases);
    dependencies = Set.copyOf(dependencies);
    retiredVersions = Map.copyOf(retiredVersions);
    metadata = Map.copyOf(metadata);
  }

  /** Returns the key under which a deleted document's last version is kept. */
  static String retiredDocument(String key) {
    return "document:" + key;
  }

  /**
   * Returns one exported variable.
   *
   * @param key a name or an id
   * @return its state and history
   * @throws VariableNotFoundException if the export has no such variable
   */
  public Entry variable(String key) {
    for (Entry entry : variables) {
      if (entry.state().name().equals(key) || entry.state().id().equals(key)) {
        return entry;
      }
    }
    throw new VariableNotFoundException(key, "the export of session \"" + sessionId + "\"");
  }

  /**
   * Writes the export as one {@code trimtab.state/1} JSON document, exactly: every value, 64-bit
   * integers and the sign of zero included, is read back equal.
   *
   * @param utf8 where it goes; flushed, not closed
   * @throws IOException if the stream fails
   */
  public void writeTo(OutputStream utf8) throws IOException {
    StateExportWriter.write(this, utf8);
  }

  /**
   * Reads a JSON document under {@link ExportLimits#DEFAULT}.
   *
   * @param utf8 the document; not closed
   * @return a sound export
   * @throws ImportException as for {@link #readFrom(InputStream, ExportLimits)}
   */
  public static StateExport readFrom(InputStream utf8) {
    return readFrom(utf8, ExportLimits.DEFAULT);
  }

  /**
   * Reads a JSON document, which may come from anyone.
   *
   * @param utf8 the document; not closed
   * @param limits when to refuse
   * @return a sound export
   * @throws ImportException if the stream fails, the document is not strict UTF-8 JSON, is of
   *     another format, exceeds a limit, has an unknown or missing key, or contradicts itself
   */
  public static StateExport readFrom(InputStream utf8, ExportLimits limits) {
    return StateExportReader.read(utf8, limits);
  }

  /**
   * Checks that the export could be the state of a provider, as {@link StateProvider#importState}
   * does: unique names and ids, consistent histories, values within their domains, no cycles.
   *
   * @return this export
   * @throws ImportException if it contradicts itself, with up to 20 faults
   */
  public StateExport requireSound() {
    ExportCheck.check(this);
    return this;
  }

  /**
   * Returns a fingerprint of everything a faithful import keeps: variables with ids, versions,
   * histories and times, documents, dependencies and retired versions. Session, revisions, time of
   * export and leases, which end by themselves, do not count.
   *
   * @return a SHA-256 in hexadecimal; equal for a state and its import
   */
  public String digest() {
    return StateExportWriter.digest(this);
  }
}
