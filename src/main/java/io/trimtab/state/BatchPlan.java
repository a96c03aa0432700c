package io.trimtab.state;

import io.trimtab.TrimtabException;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import io.trimtab.variable.Violation;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Works out what a batch would do to a {@link LocalState}, and does it only when told to. */
final class BatchPlan {
  /* Everything that can fail happens while staging. Lives within one hold of the writers' lock. */

  private final LocalState.Parts parts;
  private final Batch batch;
  private final WriteContext context;
  private final Instant now;
  private final boolean leased;
  private final StagedCommit staged;
  private final Map<String, TrimtabException> failures = new LinkedHashMap<>(0);

  BatchPlan(LocalState.Parts parts, Batch batch, Instant now) {
    this.parts = parts;
    this.batch = batch;
    this.context = batch.context();
    this.now = now;
    this.leased = !parts.leases().isEmpty();
    int size = batch.registrations().size() + batch.writes().size();
    this.staged = new StagedCommit(parts, parts.store().committed.get() + 1, size);
  }

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
    if (parts.store().live(name) != null || staged.fresh(name) != null) {
      throw new VariableAlreadyExistsException(List.of(name), parts.where());
    }
    checkLease(name);
    long version = parts.retired().getOrDefault(name, 0L) + 1;
    staged.register(
        VariableStates.first(
            parts.newId(name), variable, version, staged.revision(), context, now));
  }

  private void stageWrite(Write write) {
    if (write instanceof Write.SetValue set) {
      StagedWrite target = target(set.key(), set.expectedVersion());
      VariableState last = target.after();
      Object canonical = last.variable().domain().normalize(last.name(), set.value());
      staged.set(target, VariableStates.next(last, canonical, staged.revision(), context, now));
    } else if (write instanceof Write.DeleteVariable delete) {
      staged.delete(target(delete.key(), delete.expectedVersion()));
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
    StagedWrite target = staged.target(key, key);
    if (target == null) {
      throw new VariableNotFoundException(key, parts.where());
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
    StateDocument last = staged.document(key);
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
    staged.put(new StateDocument(key, put.content(), before + 1, now));
  }

  private void deleteDocument(Write.DeleteDocument delete) {
    StateDocument last = staged.document(delete.key());
    if (delete.expectedVersion() != null) {
      checkVersion(delete.key(), delete.expectedVersion(), last == null ? 0 : last.version());
    }
    if (last != null) {
      staged.remove(last);
    }
  }

  /** Publishes what was staged, as one commit, and tells the watchers. */
  Commit apply() {
    return staged.apply();
  }

  /** Forgets the marks on cells, whether the plan was applied or not. */
  void close() {
    staged.close();
  }
}
