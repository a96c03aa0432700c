package io.trimtab.state;

import io.trimtab.variable.Variable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Everything a store knows about one variable, from its registration to its deletion. */
final class Cell {
  /*
   * Versions lie in a ring indexed by the low bits of the version, from 1 to 64 slots as needed. "newest" says which is
   * on top; it may belong to a commit that is not published yet. "settled" says which version is known to be
   * published; it stands on the same cache line, so that readers need not look at the store's committed revision,
   * which every writer dirties. A slot that does not hold the version a reader looks for has been given to a younger
   * one since.
   *
   * A write allocates nothing but the new state and touches nothing of the version that leaves the history, which is
   * out of every cache by then. (A linked chain was as fast but took 24 bytes per version instead of 4.)
   */

  /** Stands for "there was one, but it has left the history while we looked". */
  private static final VariableState CUT =
      new VariableState(
          "cut",
          Variable.bool("cut", false),
          false,
          1,
          0,
          Map.of(),
          Instant.EPOCH,
          Instant.EPOCH,
          "");

  private static final long ALIVE = Long.MAX_VALUE;

  private static final VarHandle NEWEST;
  private static final VarHandle SETTLED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      NEWEST = lookup.findVarHandle(Cell.class, "newest", long.class);
      SETTLED = lookup.findVarHandle(Cell.class, "settled", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Orders variables by registration. */
  final int sequence;

  /** The version below which this store never held one. */
  private final long lowest;

  private volatile long newest;
  private volatile long settled;
  private volatile long deletedAt = ALIVE;

  /** Written under the writers' lock before newest, read by everyone after newest. */
  private @Nullable VariableState[] ring;

  /** The last batch of plain sets that met this variable; guarded by the writers' lock. */
  int mark;

  /** What the current batch does to the variable; guarded by the writers' lock. */
  @Nullable StagedWrite staged;

  /** Creates a cell around its first version, not yet published. */
  Cell(int sequence, VariableState first) {
    this.sequence = sequence;
    this.lowest = first.version();
    this.newest = first.version();
    this.settled = first.version() - 1;
    this.ring = new VariableState[] {first};
  }

  // Reading, without a lock.

  /** Returns the variable as of the last commit, or null if it does not exist then. */
  @Nullable VariableState current(CommittedRevision committed) {
    long version = newest;
    if (version <= settled && deletedAt == ALIVE) {
      VariableState state = slot(version);
      if (state != null) {
        return state;
      }
    }
    return published(committed);
  }

  private @Nullable VariableState published(CommittedRevision committed) {
    while (true) {
      long version = newest;
      VariableState state = slot(version);
      if (state != null && version > settled) {
        // Only one commit is in flight, the one that wrote this version. If it is not published
        // now, what lies below
        // is the published version now, or has been published since.
        state = below(state, Math.max(committed.get(), state.revision() - 1));
        if (state == null) {
          return null;
        }
      }
      if (deletedAt <= committed.get()) {
        return null;
      }
      if (state != null && !isCut(state)) {
        return state;
      }
    }
  }

  /**
   * Returns the version that stood at a revision: null if there was none, one for which {@link
   * #isCut} holds if it has left the history.
   */
  @Nullable VariableState asOf(long revision) {
    VariableState top = slot(newest);
    VariableState state = top == null ? CUT : below(top, revision);
    return deletedAt <= revision ? null : state;
  }

  @SuppressWarnings("ReferenceEquality") // the sentinel is an identity, not a value
  static boolean isCut(VariableState state) {
    return state == CUT;
  }

  private @Nullable VariableState below(VariableState from, long revision) {
    VariableState state = from;
    while (state.revision() > revision) {
      if (state.version() == lowest) {
        return null;
      }
      VariableState previous = slot(state.version() - 1);
      if (previous == null) {
        return CUT;
      }
      state = previous;
    }
    return state;
  }

  private @Nullable VariableState slot(long version) {
    VariableState[] slots = ring;
    VariableState state = slots[(int) version & (slots.length - 1)];
    return state != null && state.version() == version ? state : null;
  }

  // Writing, under the writers' lock.

  /** Returns the newest version, published or not. */
  VariableState newest() {
    VariableState state = slot(newest);
    if (state == null) {
      throw new AssertionError("only a writer, of which there is one, gives away the newest slot");
    }
    return state;
  }

  boolean isAlive() {
    return deletedAt == ALIVE;
  }

  /** Puts a version on top, not yet published. */
  void install(VariableState next) {
    long version = next.version();
    VariableState[] slots = ring;
    if (version - lowest >= slots.length && slots.length < StateProvider.HISTORY_LIMIT) {
      slots = grow(slots);
    }
    int mask = slots.length - 1;
    slots[(int) version & mask] = next;
    long leaving = version - StateProvider.HISTORY_LIMIT;
    if (leaving >= lowest) {
      slots[(int) leaving & mask] = null;
    }
    NEWEST.setRelease(this, version); // the commit that follows is the full fence
  }

  private @Nullable VariableState[] grow(@Nullable VariableState[] slots) {
    @Nullable VariableState[] larger = new VariableState[slots.length * 4];
    for (VariableState state : slots) {
      if (state != null) {
        larger[(int) state.version() & (larger.length - 1)] = state;
      }
    }
    ring = larger;
    return larger;
  }

  /** Ends the variable with a commit not yet published. */
  void delete(long revision) {
    deletedAt = revision;
  }

  /** Notes that the newest version is published. */
  void settle() {
    SETTLED.setRelease(this, newest);
  }

  /** Returns the kept versions, newest first. */
  List<VariableState> history() {
    List<VariableState> states = new ArrayList<>();
    long last = Math.max(lowest, newest - StateProvider.HISTORY_LIMIT + 1);
    for (long version = newest; version >= last; version--) {
      VariableState past = slot(version);
      if (past == null) {
        throw new AssertionError("version " + version + " is within " + Arrays.toString(ring));
      }
      states.add(past);
    }
    return states;
  }
}
