package io.trimtab.state;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One commit of a {@link LocalState} in the making: what it will install and tell. */
final class StagedCommit {
  /*
   * Staging touches nothing a reader sees; applying only links what was prepared. Lives within one hold of the writers'
   * lock.
   */

  private final LocalState.Parts parts;
  private final long revision;
  private final List<StagedWrite> staged;
  private @Nullable Map<String, StagedWrite> fresh;
  private @Nullable Map<String, StateDocument> documents;
  private Map<String, StateDocument> documentsPut = Map.of();
  private Map<String, Long> retired = Map.of();

  StagedCommit(LocalState.Parts parts, long revision, int size) {
    this.parts = parts;
    this.revision = revision;
    this.staged = new ArrayList<>(size);
  }

  long revision() {
    return revision;
  }

  // Staging.

  /** Stages a variable's first state. */
  void register(VariableState first) {
    Cell cell = new Cell(parts.store().nextSequence(), first);
    StagedWrite write = StagedWrite.registering(first.name(), cell);
    stage(write);
    if (fresh == null) {
      fresh = new HashMap<>();
    }
    fresh.put(first.name(), write);
  }

  /** Returns what the commit registers under a name, or null. */
  @Nullable StagedWrite fresh(String name) {
    return fresh == null ? null : fresh.get(name);
  }

  /**
   * Returns what the commit does so far to a variable that exists or that it registers, or null if
   * there is none.
   *
   * @param key a name or an id
   * @param calledBy the key under which the commit will report it
   */
  @Nullable StagedWrite target(String key, String calledBy) {
    StagedWrite registered = fresh(key);
    if (registered != null) {
      return registered;
    }
    Cell cell = parts.store().live(key);
    if (cell == null) {
      return null;
    }
    return cell.staged == null ? StagedWrite.changing(calledBy, cell) : cell.staged;
  }

  void set(StagedWrite target, VariableState next) {
    target.set(next);
    stage(target);
  }

  void delete(StagedWrite target) {
    target.delete();
    retire(target.after().name(), target.after().version());
    stage(target);
  }

  private void stage(StagedWrite write) {
    if (write.cell.staged == null) { // else the commit registered it and writes it now
      write.cell.staged = write;
      staged.add(write);
    }
  }

  /** Returns a document as the commit leaves it so far, or null. */
  @Nullable StateDocument document(String key) {
    Map<String, StateDocument> changed = documents;
    return changed == null ? parts.store().documents().get(key) : changed.get(key);
  }

  void put(StateDocument document) {
    documentsToChange().put(document.key(), document);
    if (documentsPut.isEmpty()) {
      documentsPut = new LinkedHashMap<>();
    }
    documentsPut.put(document.key(), document);
  }

  void remove(StateDocument last) {
    documentsToChange().remove(last.key());
    retire(StateExport.retiredDocument(last.key()), last.version());
  }

  private Map<String, StateDocument> documentsToChange() {
    Map<String, StateDocument> changed = documents;
    if (changed == null) {
      changed = new LinkedHashMap<>(parts.store().documents());
      documents = changed;
    }
    return changed;
  }

  private void retire(String key, long version) {
    if (retired.isEmpty()) {
      retired = new HashMap<>();
    }
    retired.put(key, version);
  }

  // Applying.

  /** Publishes what was staged, as one commit, and tells the watchers; nothing if it is empty. */
  Commit apply() {
    boolean shelved = documents != null && !documents.equals(parts.store().documents());
    if (staged.isEmpty() && !shelved) {
      return new Commit(revision - 1, Map.of(), Map.of());
    }
    for (StagedWrite write : staged) {
      install(write);
    }
    if (shelved && documents != null) {
      parts.store().shelve(revision, documents);
      documentsPut
          .keySet()
          .forEach(key -> parts.retired().remove(StateExport.retiredDocument(key)));
    }
    parts.store().publish(revision);
    settle();
    parts.feed().publish(revision, changes());
    return commit();
  }

  private void install(StagedWrite write) {
    if (write.before == null) {
      parts.store().enroll(write.cell);
      parts.retired().remove(write.after().name());
    }
    write.install(revision);
  }

  private void settle() {
    for (StagedWrite write : staged) {
      write.cell.settle();
    }
    if (!retired.isEmpty()) {
      discardDeleted();
      parts.retired().putAll(retired);
    }
  }

  private void discardDeleted() {
    List<Cell> gone = new ArrayList<>();
    for (StagedWrite write : staged) {
      if (write.isDeleted()) {
        gone.add(write.cell);
        parts.dependencies().removeAll(write.after().name());
      }
    }
    parts.store().discard(gone);
  }

  private List<Change> changes() {
    List<Change> changes = new ArrayList<>(staged.size());
    for (StagedWrite write : staged) {
      Change change = write.change();
      if (change != null) {
        changes.add(change);
      }
    }
    return changes;
  }

  private Commit commit() {
    String[] keys = new String[staged.size()];
    VariableState[] states = new VariableState[staged.size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = staged.get(i).key;
      states[i] = staged.get(i).after();
    }
    return new Commit(revision, FrozenMap.of(keys, states), documentsPut);
  }

  /** Forgets the marks on cells, whether the commit was applied or not. */
  void close() {
    for (StagedWrite write : staged) {
      write.cell.staged = null;
    }
  }
}
