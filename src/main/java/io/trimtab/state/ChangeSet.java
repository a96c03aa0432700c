package io.trimtab.state;

import java.util.List;

/**
 * The changes one watcher is told of together: all that one commit did to the variables it watches.
 *
 * @param revision the revision of the newest change; a watch resumed from it misses nothing and
 *     repeats nothing
 * @param changes at least one change, in the order of the commit; never two of one variable
 * @param conflated whether several commits were merged into the latest change per variable, because
 *     the watcher was slow or asked for debouncing or throttling
 */
public record ChangeSet(long revision, List<Change> changes, boolean conflated) {

  /**
   * Copies the changes.
   *
   * @param revision the revision of the newest change; a watch resumed from it misses nothing and
   *     repeats nothing
   * @param changes at least one change, in the order of the commit; never two of one variable
   * @param conflated whether several commits were merged into the latest change per variable,
   *     because the watcher was slow or asked for debouncing or throttling
   */
  public ChangeSet {
    changes = List.copyOf(changes);
  }

  /**
   * Tells whether this is the first delivery of a watch that asked for initial values.
   *
   * @return whether every change is {@link Change.Kind#INITIAL}
   */
  public boolean isInitial() {
    return changes.stream().allMatch(change -> change.kind() == Change.Kind.INITIAL);
  }
}
