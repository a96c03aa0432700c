package io.trimtab.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything a store knows about one variable, from its registration to its deletion. */
final class Cell {
  /*
   * A chain of versions, newest first, of which the newest may belong to a commit not yet published. Readers take the
   * newest published one; the chain doubles as the history, so a write allocates one link and copies nothing.
   */

  private static final VarHandle HEAD;

  static {
    try {
      HEAD = MethodHandles.lookup().findVarHandle(Cell.class, "head", Version.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Orders variables by registration. */
  final long sequence;

  private volatile Version head;

  // Guarded by the writers' lock.
  private Version oldest;
  private int count;
  @Nullable StagedWrite staged;

  /** Creates a cell around its first version, not yet published. */
  Cell(long sequence, Version first) {
    this.sequence = sequence;
    this.head = first;
    this.oldest = first;
    this.count = 1;
  }

  /** Returns the variable as of the last commit, or null if it does not exist then. */
  @Nullable VariableState current(CommittedRevision committed) {
    Version newest = head;
    if (newest.isSettled()) {
      return newest.deleted ? null : newest.state();
    }
    return published(committed);
  }

  private @Nullable VariableState published(CommittedRevision committed) {
    while (true) {
      Version version = head;
      if (version.isSettled() || version.revision() <= committed.get()) {
        return version.deleted ? null : version.state();
      }
      // The only commit in flight is the one that wrote the head. Once we saw it unpublished,
      // whatever lies below it
      // was the published version at that moment or has been published since.
      Version below = below(version, version.revision() - 1);
      if (below != Version.CUT) {
        return below == null || below.deleted ? null : below.state();
      }
    }
  }

  /**
   * Returns the version that stood at a revision: null if there was none, {@link Version#CUT} if it
   * has left the history.
   */
  @Nullable Version asOf(long revision) {
    return below(head, revision);
  }

  private static @Nullable Version below(Version from, long revision) {
    Version version = from;
    while (version.revision() > revision) {
      Version previous = version.previous;
      if (previous == null) {
        return version.lowest ? null : Version.CUT;
      }
      version = previous;
    }
    return version;
  }

  /** Returns the newest version, published or not; only under the writers' lock. */
  Version newest() {
    return head;
  }

  /** Puts a version on top, not yet published; only under the writers' lock. */
  void install(Version version) {
    Version top = head;
    version.previous = top;
    top.next = version;
    HEAD.setRelease(this, version); // the commit that follows is the full fence
    count++;
  }

  /** Notes that the newest versions are published and drops what exceeds the history. */
  void settle() {
    Version version = head;
    while (version != null && !version.isSettled()) {
      version.settle();
      version = version.previous;
    }
    while (count > StateProvider.HISTORY_LIMIT) {
      dropOldest();
    }
  }

  private void dropOldest() {
    Version dropped = oldest;
    Version next = dropped.next;
    if (next == null) {
      throw new AssertionError("a chain of " + count + " versions has a second oldest");
    }
    next.previous = null;
    dropped.next = null; // else a tenured dead link would keep all younger ones alive
    oldest = next;
    count--;
  }

  /** Returns the kept versions, newest first; only under the writers' lock. */
  List<VariableState> history() {
    List<VariableState> states = new ArrayList<>(count);
    for (Version version = head; version != null; version = version.previous) {
      states.add(version.state());
    }
    return states;
  }
}
