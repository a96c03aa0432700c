package io.trimtab.state;

import org.jspecify.annotations.Nullable;

/** What one batch is about to do to one variable. */
final class StagedWrite {

  /** The name or id the batch used. */
  final String key;

  final Cell cell;

  /** The variable before the batch, or null if the batch registers it. */
  final @Nullable VariableState before;

  private VariableState after;
  private boolean set;
  private boolean deleted;

  private StagedWrite(String key, Cell cell, @Nullable VariableState before, VariableState after) {
    this.key = key;
    this.cell = cell;
    this.before = before;
    this.after = after;
  }

  static StagedWrite registering(String key, Cell cell) {
    return new StagedWrite(key, cell, null, cell.newest());
  }

  static StagedWrite changing(String key, Cell cell) {
    VariableState before = cell.newest();
    return new StagedWrite(key, cell, before, before);
  }

  void set(VariableState state) {
    after = state;
    set = true;
  }

  void delete() {
    deleted = true;
  }

  /** Returns whether the batch sets or deletes it, a registration not counted. */
  boolean isWritten() {
    return set || deleted;
  }

  boolean isDeleted() {
    return deleted;
  }

  /** Returns the variable after the batch; a deleted one as it was last. */
  VariableState after() {
    return after;
  }

  /** Puts the prepared version on top of the cell, not yet published. */
  void install(long revision) {
    if (set) {
      cell.install(after);
    }
    if (deleted) {
      cell.delete(revision);
    }
  }

  /** Returns what watchers are told, or null if nothing visible changed. */
  @Nullable Change change() {
    if (before == null) {
      return deleted ? null : Changes.registered(after);
    }
    return deleted ? Changes.deleted(before) : Changes.changed(before, after);
  }
}
