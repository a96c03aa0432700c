package io.trimtab.state;

import io.trimtab.TrimtabException;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import io.trimtab.variable.Violation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Works out what a batch would do to a {@link LocalState}, and does it only when told to. */
final class BatchPlan {
  /*
   * Everything that can fail happens while staging, which touches nothing a reader sees; applying only links what was
   * prepared. Lives within one hold of the writers' lock.
   */

  private final LocalState.Parts parts;
  private final Batch batch;
  private final WriteContext context;
  private final long revision;
  private final Instant now;
  private final boolean leased;

  private final Map<String, TrimtabException> failures = new LinkedHashMap<>(0);
  private final List<StagedWrite> staged;
  private @Nullable Map<String, StagedWrite> fresh;
  private @Nullable Map<String, StateDocument> documents;
  private Map<String, StateDocument> documentsPut = Map.of();
  private Map<String, Long> retired = Map.of();

  BatchPlan(LocalState.Parts parts, Batch batch, Instant now) {
    this.parts = parts;
    this.batch = batch;
    this.context = batch.context();
    this.revision = parts.store().committed.get() + 1;
    this.now = now;
    this.leased = !parts.leases().isEmpty();
    int size = batch.registrations().size() + batch.writes().size();
    this.staged = new ArrayList<>(size);
  }

  // Staging.

  /** Stages every element and returns why some were refused. */
  Map<String, TrimtabException> stage() {
    for (Variable<?> variable : batch.registrations()) {
      try {
        stageRegistration(variable);
      } catch (TrimtabException e) {
        failures.put(variable.name(), e);
      }
    }
    for (Write write : batch.writes()) {
      try {
        stageWrite(write);
      } catch (TrimtabException e) {
        failures.put(write.key(), e);
      }
    }
    return failures;
  }

  private void stageRegistration(Variable<?> variable) {
    String name = variable.name();
    boolean taken = parts.store().live(name) != null;
    if (taken || (fresh != null && fresh.containsKey(name))) {
      throw new VariableAlreadyExistsException(List.of(name), parts.where());
    }
    checkLease(name);
    long version = parts.retired().getOrDefault(name, 0L) + 1;
    VariableState state =
        VariableStates.first(parts.newId(name), variable, version, revision, context, now);
    Cell cell = new Cell(parts.store().nextSequence(), state);
    StagedWrite write = StagedWrite.registering(name, cell);
    stage(write);
    if (fresh == null) {
      fresh = new HashMap<>();
    }
    fresh.put(name, write);
  }

  private void stageWrite(Write write) {
    if (write instanceof Write.SetValue set) {
      StagedWrite target = target(set.key(), set.expectedVersion());
      VariableState last = target.after();
      Object canonical = last.variable().domain().normalize(last.name(), set.value());
      target.set(VariableStates.next(last, canonical, revision, context, now));
      stage(target);
    } else if (write instanceof Write.DeleteVariable delete) {
      StagedWrite target = target(delete.key(), delete.expectedVersion());
      target.delete();
      retire(target.after().name(), target.after().version());
      stage(target);
    } else if (write instanceof Write.ExpectVersion expect) {
      checkVersion(expect.key(), expect.expectedVersion());
    } else if (write instanceof Write.PutDocument put) {
      putDocument(put);
    } else if (write instanceof Write.DeleteDocument delete) {
      deleteDocument(delete);
    }
  }

  /** Returns the staged write of an existing variable that may be written, new or begun before. */
  private StagedWrite target(String key, @Nullable Long expectedVersion) {
    StagedWrite target = fresh == null ? null : fresh.get(key);
    if (target == null) {
      Cell cell = parts.store().live(key);
      if (cell == null) {
        throw new VariableNotFoundException(key, parts.where());
      }
      target = cell.staged == null ? StagedWrite.changing(key, cell) : cell.staged;
    }
    if (target.isWritten()) {
      throw new IllegalArgumentException(
          "a batch writes each variable once, got \"%s\" by name and by id"
              .formatted(target.after().name()));
    }
    checkLease(target.after().name());
    if (expectedVersion != null) {
      checkVersion(key, expectedVersion, target.after().version());
    }
    return target;
  }

  private void stage(StagedWrite write) {
    if (write.cell.staged == null) { // else the batch registered it and writes it now
      write.cell.staged = write;
      staged.add(write);
    }
  }

  private void checkLease(String name) {
    Lease obstacle = leased ? parts.leases().obstacle(name, context.owner(), now) : null;
    if (obstacle != null) {
      throw new LeaseHeldException(name, obstacle);
    }
  }

  private void checkVersion(String key, long expected) {
    Cell cell = parts.store().live(key);
    checkVersion(key, expected, cell == null ? 0 : cell.newest().version());
  }

  private static void checkVersion(String key, long expected, long current) {
    if (expected != current) {
      throw new VersionConflictException(
          Map.of(key, new VersionConflictException.Conflict(expected, current)));
    }
  }

  private void putDocument(Write.PutDocument put) {
    String key = put.key();
    Map<String, StateDocument> all = documentsToChange();
    StateDocument last = all.get(key);
    if (put.expectedVersion() != null) {
      checkVersion(key, put.expectedVersion(), last == null ? 0 : last.version());
    }
    Violation violation = StateDocument.violation(key, put.content());
    if (violation != null) {
      throw new InvalidValueException(List.of(violation));
    }
    long before =
        last == null
            ? parts.retired().getOrDefault(StateExport.retiredDocument(key), 0L)
            : last.version();
    StateDocument next = new StateDocument(key, put.content(), before + 1, now);
    all.put(key, next);
    if (documentsPut.isEmpty()) {
      documentsPut = new LinkedHashMap<>();
    }
    documentsPut.put(key, next);
  }

  private void retire(String key, long version) {
    if (retired.isEmpty()) {
      retired = new HashMap<>();
    }
    retired.put(key, version);
  }

  private void deleteDocument(Write.DeleteDocument delete) {
    Map<String, StateDocument> all = documentsToChange();
    StateDocument last = all.get(delete.key());
    if (delete.expectedVersion() != null) {
      checkVersion(delete.key(), delete.expectedVersion(), last == null ? 0 : last.version());
    }
    if (last != null) {
      all.remove(delete.key());
      retire(StateExport.retiredDocument(delete.key()), last.version());
    }
  }

  private Map<String, StateDocument> documentsToChange() {
    if (documents == null) {
      documents = new LinkedHashMap<>(parts.store().documents());
    }
    return documents;
  }

  // Applying.

  /** Publishes what was staged, as one commit, and tells the watchers. */
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

  /** Forgets the marks on cells, whether the plan was applied or not. */
  void close() {
    for (StagedWrite write : staged) {
      write.cell.staged = null;
    }
  }
}
