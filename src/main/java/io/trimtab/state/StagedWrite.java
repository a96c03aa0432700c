package io.trimtab.state;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one batch is about to do to one variable. */
final class StagedWrite {

  final Cell cell;

  /** The variable before the batch, or null if the batch registers it. */
  final @Nullable VariableState before;

  /** The versions to put on top, oldest first; a registration's own lies in the cell already. */
  final List<Version> versions = new ArrayList<>(1);

  private VariableState after;
  private boolean deleted;

  private StagedWrite(Cell cell, @Nullable VariableState before, VariableState after) {
    this.cell = cell;
    this.before = before;
    this.after = after;
  }

  static StagedWrite registering(Cell cell) {
    return new StagedWrite(cell, null, cell.newest().state());
  }

  static StagedWrite changing(Cell cell) {
    VariableState before = cell.newest().state();
    return new StagedWrite(cell, before, before);
  }

  void set(VariableState state) {
    after = state;
    versions.add(Version.of(state));
  }

  void delete(long revision) {
    deleted = true;
    versions.add(Version.deletion(VariableStates.at(after, revision)));
  }

  /** Returns the variable after the batch; a deleted one as it was last. */
  VariableState after() {
    return after;
  }

  boolean isDeleted() {
    return deleted;
  }

  /** Returns what watchers are told, or null if nothing visible changed. */
  @Nullable Change change() {
    if (before == null) {
      return deleted ? null : Changes.registered(after);
    }
    return deleted ? Changes.deleted(before) : Changes.changed(before, after);
  }
}
