package io.trimtab.state;

import io.trimtab.variable.VariableNotFoundException;
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

    /** Copies the history. */
    public Entry {
      history = List.copyOf(history);
    }
  }

  /** Copies the collections. */
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
}
