package io.trimtab.state;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Repeats another provider's commit in a {@link LocalState}. */
final class Following {

  private final LocalState.Parts parts;
  private final RemoteCommit remote;
  private final StagedCommit staged;
  private final Map<String, String> keys;

  /** Ids of what this commit registers, which no index knows yet. */
  private final Map<String, String> freshNames = new HashMap<>(0);

  private Following(LocalState.Parts parts, RemoteCommit remote, @Nullable Batch batch) {
    this.parts = parts;
    this.remote = remote;
    this.staged = new StagedCommit(parts, remote.revision(), remote.steps().size());
    this.keys = batch == null ? Map.of() : keys(parts, batch);
  }

  /** Returns what a batch calls variables by their ids, where that is not their name. */
  private static Map<String, String> keys(LocalState.Parts parts, Batch batch) {
    Map<String, String> keys = new HashMap<>(0);
    for (Write write : batch.writes()) {
      Cell cell = parts.store().live(write.key());
      if (cell != null && cell.newest().id().equals(write.key())) {
        keys.put(write.key(), write.key());
      }
    }
    return keys;
  }

  static Commit apply(LocalState.Parts parts, RemoteCommit remote, @Nullable Batch batch) {
    requireNext(parts, remote.revision());
    Following following = new Following(parts, remote, batch);
    try {
      remote.steps().forEach(following::stage);
      remote.documents().forEach(following.staged::put);
      remote.deletedDocuments().forEach(following::remove);
      return following.staged.apply();
    } finally {
      following.staged.close();
    }
  }

  static void requireNext(LocalState.Parts parts, long revision) {
    long held = parts.store().committed.get();
    if (revision != held + 1) {
      throw new ReplicaGapException(
          "replica: expected revision %d, got %d".formatted(held + 1, revision));
    }
  }

  private void stage(RemoteCommit.Step step) {
    if (step instanceof RemoteCommit.Registered registered) {
      staged.register(
          VariableStates.first(
              registered.id(),
              registered.variable(),
              registered.version(),
              remote.revision(),
              remote.context(),
              remote.at()));
      freshNames.put(registered.id(), registered.variable().name());
      return;
    }
    StagedWrite target = target(step);
    VariableState last = target.after();
    if (step instanceof RemoteCommit.Set set) {
      requireVersion(set.id(), set.version(), last.version() + 1);
      staged.set(
          target,
          VariableStates.next(last, set.value(), remote.revision(), remote.context(), remote.at()));
    } else {
      requireVersion(step.id(), step.version(), last.version());
      staged.delete(target);
    }
  }

  private StagedWrite target(RemoteCommit.Step step) {
    String key = freshNames.getOrDefault(step.id(), step.id());
    StagedWrite target = staged.target(key, keyOf(step.id()));
    if (target == null) {
      throw new ReplicaGapException(
          "replica: revision %d changes %s, which it does not hold"
              .formatted(remote.revision(), step.id()));
    }
    return target;
  }

  /** Returns what the writer calls a variable, its name if it does not say. */
  private String keyOf(String id) {
    String key = keys.get(id);
    if (key != null) {
      return key;
    }
    Cell cell = parts.store().live(id);
    return cell == null ? id : cell.newest().name();
  }

  static void requireVersion(String key, long version, long expected) {
    if (version != expected) {
      throw new ReplicaGapException(
          "replica: expected version %d of %s, got %d".formatted(expected, key, version));
    }
  }

  private void remove(String key) {
    StateDocument last = staged.document(key);
    if (last != null) {
      staged.remove(last);
    }
  }
}
