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

  private final Map<String, TrimtabException> failures = new LinkedHashMap<>(2);
  private final List<StagedWrite> staged;
  private final Map<String, StagedWrite> results;
  private @Nullable Map<String, StagedWrite> fresh;
  private @Nullable Map<String, StateDocument> documents;
  private final Map<String, StateDocument> documentsPut = new LinkedHashMap<>(2);
  private final Map<String, Long> retired = new HashMap<>(2);

  BatchPlan(LocalState.Parts parts, Batch batch, Instant now) {
    this.parts = parts;
    this.batch = batch;
    this.context = batch.context();
    this.revision = parts.store().committed.get() + 1;
    this.now = now;
    this.leased = !parts.leases().isEmpty();
    int size = batch.registrations().size() + batch.writes().size();
    this.staged = new ArrayList<>(size);
    this.results = new LinkedHashMap<>(size * 2);
  }

  // Staging.

  /** Stages every element and returns why some were refused. */
  Map<String, TrimtabException> stage() {
    for (Variable<?> variable : batch.registrations()) {
      attempt(variable.name(), () -> stageRegistration(variable));
    }
    for (Write write : batch.writes()) {
      attempt(write.key(), () -> stageWrite(write));
    }
    return failures;
  }

  private void attempt(String key, Runnable step) {
    try {
      step.run();
    } catch (TrimtabException e) {
      failures.put(key, e);
    }
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
    Cell cell = new Cell(parts.store().nextSequence(), Version.lowest(state));
    StagedWrite write = stage(name, cell, StagedWrite.registering(cell));
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
      add(set.key(), target);
    } else if (write instanceof Write.DeleteVariable delete) {
      StagedWrite target = target(delete.key(), delete.expectedVersion());
      target.delete(revision);
      retired.put(target.after().name(), target.after().version());
      add(delete.key(), target);
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
      target = cell.staged == null ? StagedWrite.changing(cell) : cell.staged;
    }
    if (!target.versions.isEmpty()) {
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

  private void add(String key, StagedWrite write) {
    if (write.cell.staged == null) {
      stage(key, write.cell, write);
    } else {
      results.put(key, write);
    }
  }

  private StagedWrite stage(String key, Cell cell, StagedWrite write) {
    cell.staged = write;
    staged.add(write);
    results.put(key, write);
    return write;
  }

  private void checkLease(String name) {
    Lease obstacle = leased ? parts.leases().obstacle(name, context.owner(), now) : null;
    if (obstacle != null) {
      throw new LeaseHeldException(name, obstacle);
    }
  }

  private void checkVersion(String key, long expected) {
    Cell cell = parts.store().live(key);
    checkVersion(key, expected, cell == null ? 0 : cell.newest().state().version());
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
    documentsPut.put(key, next);
  }

  private void deleteDocument(Write.DeleteDocument delete) {
    Map<String, StateDocument> all = documentsToChange();
    StateDocument last = all.get(delete.key());
    if (delete.expectedVersion() != null) {
      checkVersion(delete.key(), delete.expectedVersion(), last == null ? 0 : last.version());
    }
    if (last != null) {
      all.remove(delete.key());
      retired.put(StateExport.retiredDocument(delete.key()), last.version());
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
    staged.forEach(this::install);
    if (shelved && documents != null) {
      parts.store().shelve(revision, documents);
    }
    parts.store().publish(revision);
    retire();
    parts.feed().publish(revision, changes());
    return commit();
  }

  private void install(StagedWrite write) {
    if (write.before == null) {
      parts.store().enroll(write.cell);
      parts.retired().remove(write.after().name());
    }
    write.versions.forEach(write.cell::install);
  }

  private void retire() {
    List<Cell> gone = new ArrayList<>(0);
    for (StagedWrite write : staged) {
      write.cell.settle();
      if (write.isDeleted()) {
        gone.add(write.cell);
        parts.dependencies().removeAll(write.after().name());
      }
    }
    parts.store().discard(gone);
    documentsPut.keySet().forEach(key -> parts.retired().remove(StateExport.retiredDocument(key)));
    parts.retired().putAll(retired);
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
    Map<String, VariableState> variables = new LinkedHashMap<>(results.size() * 2);
    results.forEach((key, write) -> variables.put(key, write.after()));
    return new Commit(revision, variables, documentsPut);
  }

  /** Forgets the marks on cells, whether the plan was applied or not. */
  void close() {
    for (StagedWrite write : staged) {
      write.cell.staged = null;
    }
  }
}
