package io.trimtab.session;

import io.trimtab.state.HistoryEntry;
import io.trimtab.state.ImportException;
import io.trimtab.state.StateExport;
import io.trimtab.state.VariableState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a state must look like on its way from one provider to another. */
final class Migration {

  private Migration() {}

  /** Notes in every variable's metadata which provider it came from; versions stay as they are. */
  static StateExport markedWithOrigin(StateExport export, String origin) {
    List<StateExport.Entry> marked = new ArrayList<>(export.variables().size());
    for (StateExport.Entry entry : export.variables()) {
      marked.add(marked(entry, origin));
    }
    return new StateExport(
        export.sessionId(),
        export.revision(),
        export.exportedAt(),
        marked,
        export.documents(),
        export.leases(),
        export.dependencies(),
        export.retiredVersions(),
        export.metadata());
  }

  private static StateExport.Entry marked(StateExport.Entry entry, String origin) {
    VariableState state = entry.state();
    Map<String, String> metadata = new TreeMap<>(state.metadata());
    if (metadata.size() < VariableState.MAX_METADATA) { // else there is no room for the note
      metadata.put("migrated_from", origin);
    }
    VariableState marked =
        new VariableState(
            state.id(),
            state.variable(),
            state.value(),
            state.version(),
            state.revision(),
            metadata,
            state.createdAt(),
            state.updatedAt(),
            state.source());
    List<HistoryEntry> history = new ArrayList<>(entry.history());
    HistoryEntry current = history.get(0); // the newest entry is the state itself
    history.set(
        0,
        new HistoryEntry(
            current.version(), current.value(), current.updatedAt(), current.source(), metadata));
    return new StateExport.Entry(marked, history);
  }

  /**
   * Tells whether nothing was ever written, so that a session that joins what others have begun
   * does not wipe it out.
   */
  static boolean isPristine(StateExport export) {
    return export.revision() == 0 && export.variables().isEmpty() && export.documents().isEmpty();
  }

  /** Throws unless the new provider holds exactly what was handed to it. */
  static void verify(StateExport sent, StateExport received) {
    if (sent.variables().size() != received.variables().size()) {
      throw new ImportException(
          "verification: expected %d variables, got %d"
              .formatted(sent.variables().size(), received.variables().size()));
    }
    if (!sent.digest().equals(received.digest())) {
      throw new ImportException("verification: " + firstDifference(sent, received));
    }
  }

  private static String firstDifference(StateExport sent, StateExport received) {
    for (int i = 0; i < sent.variables().size(); i++) {
      if (!sent.variables().get(i).equals(received.variables().get(i))) {
        return "expected variable \"%s\" unchanged"
            .formatted(sent.variables().get(i).state().name());
      }
    }
    return "expected the same documents, dependencies and retired versions";
  }
}
