package io.trimtab.bridge;

import io.trimtab.bridge.wire.Part;
import io.trimtab.bridge.wire.StateHeader;
import io.trimtab.state.Dependency;
import io.trimtab.state.HistoryEntry;
import io.trimtab.state.Lease;
import io.trimtab.state.StateDocument;
import io.trimtab.state.StateExport;
import io.trimtab.state.VariableState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts a whole state together from its pieces. */
final class StateAssembly {

  private @Nullable StateHeader header;
  private final List<StateExport.Entry> variables = new ArrayList<>();
  private final List<StateDocument> documents = new ArrayList<>();
  private final List<Lease> leases = new ArrayList<>();
  private final Set<Dependency> dependencies = new LinkedHashSet<>();
  private final Map<String, Long> retired = new HashMap<>();
  private @Nullable VariableState current;
  private List<HistoryEntry> history = new ArrayList<>();

  /** Takes the next piece and returns the state if it was the last one, else null. */
  @Nullable StateExport take(Part part) {
    VariableState variable = current;
    if (variable != null && part.hasHistory()) {
      history.add(WireStates.history(variable.name(), part.getHistory()));
      return null;
    }
    finishVariable();
    switch (part.getKindCase()) {
      case HEADER -> header = part.getHeader();
      case VARIABLE -> current = WireStates.variable(part.getVariable());
      case DOCUMENT -> documents.add(WireStates.document(part.getDocument()));
      case LEASE -> leases.add(WireStates.lease(part.getLease()));
      case DEPENDENCY ->
          dependencies.addAll(WireStates.dependencies(List.of(part.getDependency())));
      case RETIRED -> retired.put(part.getRetired().getName(), part.getRetired().getVersion());
      case END -> {
        return finish(part.getEnd().getVariables(), part.getEnd().getDocuments());
      }
      case HISTORY, KIND_NOT_SET ->
          throw new IllegalArgumentException("state: unexpected part " + part.getKindCase());
    }
    return null;
  }

  private void finishVariable() {
    VariableState variable = current;
    if (variable != null) {
      variables.add(new StateExport.Entry(variable, history));
      current = null;
      history = new ArrayList<>();
    }
  }

  private StateExport finish(int variablesSent, int documentsSent) {
    StateHeader beginning = header;
    if (beginning == null
        || variables.size() != variablesSent
        || documents.size() != documentsSent) {
      throw new IllegalArgumentException(
          "state: expected a header, %d variables and %d documents, got %d and %d"
              .formatted(variablesSent, documentsSent, variables.size(), documents.size()));
    }
    return new StateExport(
        beginning.getSessionId(),
        beginning.getRevision(),
        Instant.ofEpochMilli(beginning.getExportedAtMs()),
        variables,
        documents,
        leases,
        dependencies,
        retired,
        beginning.getMetadataMap());
  }
}
