package io.trimtab.state;

import io.trimtab.variable.Domain;
import io.trimtab.variable.StorableText;
import io.trimtab.variable.VariableMetadata;
import io.trimtab.variable.VariableNames;
import io.trimtab.variable.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds out whether an exported state could be the state of a provider. */
final class ExportCheck {
  /*
   * Writers pause while a session switches, so the check is linear and builds text only for faults: where it stands is
   * kept in fields, not in strings.
   */

  /** Faults named in one message; a broken export often breaks the same rule everywhere. */
  private static final int SHOWN = 20;

  private static final int MAX_ID_LENGTH = 256;

  /** Far from overflow, whatever is counted on top. */
  private static final long MAX_COUNT = 1L << 62;

  private static final String COUNT = "in [1, 2^62]";
  private static final String TEXT =
      "text of permitted length without U+0000 and unpaired surrogates";

  private final StateExport export;
  private final List<String> faults = new ArrayList<>();
  private long unnamed;
  private final Set<String> names = new LinkedHashSet<>();
  private final Set<String> ids = new HashSet<>();

  // Where we stand, for messages.
  private String part = "";
  private int item = -1;
  private int past = -1;

  private ExportCheck(StateExport export) {
    this.export = export;
  }

  /** Returns if the export is sound, else throws {@link ImportException} with what is wrong. */
  static void check(StateExport export) {
    new ExportCheck(export).run();
  }

  private void run() {
    require(
        export.revision() >= 0 && export.revision() <= MAX_COUNT,
        "revision",
        "in [0, 2^62]",
        export.revision());
    requireText("session_id", export.sessionId(), 1, WriteContext.MAX_SOURCE_LENGTH);
    requireTexts("metadata", export.metadata());
    checkVariables();
    checkDocuments();
    checkLeases();
    checkRetired();
    checkDependencies();
    if (!faults.isEmpty()) {
      String more = unnamed == 0 ? "" : "; and %d more faults".formatted(unnamed);
      throw new ImportException("export: " + String.join("; ", faults) + more);
    }
  }

  private void checkVariables() {
    part = "variables";
    for (item = 0; item < export.variables().size(); item++) {
      StateExport.Entry entry = export.variables().get(item);
      VariableState state = entry.state();
      String id = state.id();
      requireText("id", id, VariableNames.ID_PREFIX.length() + 1, MAX_ID_LENGTH);
      require(VariableNames.isId(id), "id", "an id that starts with var_", id);
      require(ids.add(id), "id", "an id of its own", id);
      require(names.add(state.name()), "name", "a name of its own", state.name());
      require(
          state.revision() >= 0 && state.revision() <= export.revision(),
          "revision",
          "in [0, the export's]",
          state.revision());
      checkHistory(entry);
    }
    item = -1;
  }

  private void checkHistory(StateExport.Entry entry) {
    List<HistoryEntry> history = entry.history();
    HistoryEntry current = HistoryEntry.of(entry.state());
    Domain<?> domain = entry.state().variable().domain();
    checkContent(domain, current);
    require(
        !history.isEmpty() && history.size() <= StateProvider.HISTORY_LIMIT,
        "history",
        "1 to 50 versions",
        history.size());
    for (past = 0; past < history.size(); past++) {
      HistoryEntry old = history.get(past);
      if (past == 0) {
        require(old.equals(current), "", "the current version", old.version());
      } else {
        long version = current.version() - past;
        require(old.version() == version, "version", "the one before", old.version());
        checkContent(domain, old);
      }
    }
    past = -1;
  }

  private <T> void checkContent(Domain<T> domain, HistoryEntry entry) {
    Object value = entry.value();
    T canonical = domain.valueClass().isInstance(value) ? domain.cast(value) : null;
    String expected = canonical == null ? domain.description() : domain.brokenRule(canonical);
    require(expected == null, "value", String.valueOf(expected), value);
    require(isCount(entry.version()), "version", COUNT, entry.version());
    requireText("source", entry.source(), 1, WriteContext.MAX_SOURCE_LENGTH);
    requireTexts("metadata", entry.metadata());
    require(
        entry.metadata().size() <= VariableState.MAX_METADATA,
        "metadata",
        "at most 256 entries",
        entry.metadata().size());
  }

  private void checkDocuments() {
    part = "documents";
    Set<String> keys = new HashSet<>();
    for (item = 0; item < export.documents().size(); item++) {
      StateDocument document = export.documents().get(item);
      Violation violation = StateDocument.violation(document.key(), document.content());
      require(violation == null, "", "a document that can be stored", violation);
      require(keys.add(document.key()), "key", "a key of its own", document.key());
      require(isCount(document.version()), "version", COUNT, document.version());
      boolean retired =
          export.retiredVersions().containsKey(StateExport.retiredDocument(document.key()));
      require(!retired, "key", "a document that is not retired", document.key());
    }
    item = -1;
  }

  private void checkLeases() {
    part = "leases";
    Map<String, String> owners = new HashMap<>();
    Set<String> leaseIds = new HashSet<>();
    for (item = 0; item < export.leases().size(); item++) {
      Lease lease = export.leases().get(item);
      requireText("id", lease.id(), 1, MAX_ID_LENGTH);
      require(leaseIds.add(lease.id()), "id", "an id of its own", lease.id());
      requireText("owner", lease.owner(), 1, Integer.MAX_VALUE);
      require(!lease.names().isEmpty(), "names", "at least one name", lease.names());
      for (String name : lease.names()) {
        // a leased variable may have been deleted by its holder, so the name need not exist
        boolean good = VariableNames.violation(name).isEmpty();
        require(good, "names", "names of variables", name);
        String other = owners.put(name, lease.owner());
        boolean sole = other == null || other.equals(lease.owner());
        require(sole, "names", "a variable that no other owner leases", name);
      }
    }
    item = -1;
  }

  private void checkRetired() {
    part = "retired_versions";
    export
        .retiredVersions()
        .forEach(
            (key, version) -> {
              requireText(key, key, 1, StateDocument.MAX_KEY_LENGTH + 9);
              require(isCount(version), key, COUNT, version);
              require(!names.contains(key), key, "a variable that is gone", "an existing one");
            });
  }

  private void checkDependencies() {
    part = "dependencies";
    boolean known = true;
    for (Dependency edge : export.dependencies()) {
      boolean both = names.contains(edge.from()) && names.contains(edge.to());
      require(both, "", "variables of the export", edge);
      known &= both;
    }
    if (known) {
      Set<String> entangled = DependencyGraph.entangled(names, export.dependencies());
      require(entangled.isEmpty(), "", "no cycle", entangled);
    }
  }

  private static boolean isCount(long count) {
    return count >= 1 && count <= MAX_COUNT;
  }

  private void requireTexts(String key, Map<String, String> texts) {
    for (Map.Entry<String, String> text : texts.entrySet()) {
      VariableMetadata.violation(text.getKey(), text.getValue())
          .ifPresent(violation -> require(false, key, violation.expected(), violation.actual()));
    }
  }

  private void requireText(String key, String text, int least, int most) {
    boolean good = text.length() >= least && text.length() <= most && StorableText.is(text);
    require(good, key, TEXT, text);
  }

  private void require(boolean holds, String key, String expected, @Nullable Object actual) {
    if (!holds && faults.size() == SHOWN) {
      unnamed++;
    } else if (!holds) {
      String shown = String.valueOf(actual);
      String cut = shown.length() <= 80 ? shown : shown.substring(0, 77) + "...";
      faults.add("%s: expected %s, got %s".formatted(path(key), expected, cut));
    }
  }

  private String path(String key) {
    StringBuilder path = new StringBuilder(part);
    if (item >= 0) {
      path.append('[').append(item).append(']');
    }
    if (past >= 0) {
      path.append(".history[").append(past).append(']');
    }
    if (!key.isEmpty()) {
      path.append(path.isEmpty() ? "" : ".").append(key);
    }
    return path.toString();
  }
}
