package io.trimtab.state;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A batch of nothing but sets that all succeed: the common one, without a {@link BatchPlan}. */
final class PlainSets {
  /*
   * Applying a configuration is such a batch. Whatever is out of the ordinary (another kind of write, a lease, a value
   * outside its domain) makes find() or prepare() say no before anything was touched, and the plan does it again with all
   * its bookkeeping; so the two cannot differ in what they refuse.
   *
   * Each pass takes one step for all variables: find their cells, look at their last states, make the next ones, install
   * them. The processor then waits for the memory of all of them at once instead of one after the other, which a loop of
   * all steps per variable is too long for; a batch of ten takes a fifth to a quarter less time so.
   */

  private final Store store;
  private final ChangeFeed feed;
  private final WriteContext context;
  private final Instant now;
  private final long revision;
  private final int mark;
  private final String[] keys;
  private final Object[] values;
  private final Cell[] cells;
  private final VariableState[] states;
  private final VariableState[] beforeAndAfter;

  /** Takes over the keys and values, which are yet to be filled in. */
  private PlainSets(
      LocalState.Parts parts, String[] keys, Object[] values, WriteContext context, Instant now) {
    int size = keys.length;
    this.context = context;
    this.now = now;
    this.store = parts.store();
    this.feed = parts.feed();
    this.revision = store.committed.get() + 1;
    this.mark = store.nextMark();
    this.keys = keys;
    this.values = values;
    this.cells = new Cell[size];
    this.states = new VariableState[size];
    this.beforeAndAfter = new VariableState[2 * size];
  }

  /** Applies a batch if it is of this kind, else touches nothing and returns null. */
  static @Nullable Commit tryCommit(LocalState.Parts parts, Batch batch, Instant now) {
    List<Write> writes = batch.writes();
    if (!batch.registrations().isEmpty()
        || !batch.context().metadata().isEmpty()
        || cannotHelp(parts, writes.size())) {
      return null;
    }
    PlainSets sets = empty(parts, writes.size(), batch.context(), now);
    for (int i = 0; i < sets.keys.length; i++) {
      if (!(writes.get(i) instanceof Write.SetValue set)) {
        return null;
      }
      sets.keys[i] = set.key();
      sets.values[i] = set.value();
    }
    return sets.find() && sets.versionsStand(writes) && sets.prepare() ? sets.apply() : null;
  }

  /**
   * Applies values by name or id if all are of this kind, else touches nothing and returns null.
   */
  static @Nullable Commit tryCommit(LocalState.Parts parts, Map<String, ?> values, Instant now) {
    if (cannotHelp(parts, values.size())) {
      return null;
    }
    PlainSets sets = empty(parts, values.size(), WriteContext.JVM, now);
    int i = 0;
    for (Map.Entry<String, ?> value : values.entrySet()) {
      if (i == sets.keys.length) {
        return null; // the map is changing meanwhile
      }
      sets.keys[i] = value.getKey();
      sets.values[i] = value.getValue();
      i++;
    }
    return i == sets.keys.length && sets.find() && sets.prepare() ? sets.apply() : null;
  }

  /**
   * Repeats what another provider committed.
   *
   * @throws ReplicaGapException if it does not follow on what the store holds; nothing has changed
   *     then
   */
  static Commit follow(LocalState.Parts parts, RemoteSets remote) {
    Following.requireNext(parts, remote.revision);
    PlainSets sets = new PlainSets(parts, remote.keys, remote.values, remote.context, remote.at);
    if (!sets.find()) {
      throw new ReplicaGapException(
          "replica: revision %d sets %s".formatted(remote.revision, sets.whatWasNotFound()));
    }
    for (int i = 0; i < remote.keys.length; i++) {
      VariableState last = sets.beforeAndAfter[2 * i];
      Following.requireVersion(remote.keys[i], remote.versions[i], last.version() + 1);
      sets.next(i, last, remote.values[i]);
    }
    return sets.apply();
  }

  private static PlainSets empty(
      LocalState.Parts parts, int size, WriteContext context, Instant now) {
    return new PlainSets(parts, new String[size], new Object[size], context, now);
  }

  private static boolean cannotHelp(LocalState.Parts parts, int size) {
    return size == 0 || size > Batch.MAX_SIZE || !parts.leases().isEmpty();
  }

  /** Finds what is to be set; false if something does not exist or is named twice. */
  private boolean find() {
    for (int i = 0; i < keys.length; i++) {
      Cell cell = store.live(keys[i]);
      if (cell == null) {
        return false;
      }
      cells[i] = cell;
    }
    for (int i = 0; i < keys.length; i++) {
      Cell cell = cells[i];
      if (cell.mark == mark) {
        return false;
      }
      cell.mark = mark;
      beforeAndAfter[2 * i] = cell.newest();
    }
    return true;
  }

  /** Says what find() missed. */
  private String whatWasNotFound() {
    for (String key : keys) {
      if (store.live(key) == null) {
        return key + ", which it does not hold";
      }
    }
    return "a variable twice among " + keys.length + " keys";
  }

  /** Tells whether what was found has the versions the writes expect. */
  private boolean versionsStand(List<Write> writes) {
    for (int i = 0; i < keys.length; i++) {
      Long expected = ((Write.SetValue) writes.get(i)).expectedVersion();
      if (expected != null && expected != beforeAndAfter[2 * i].version()) {
        return false;
      }
    }
    return true;
  }

  /** Makes the next states; false if a value is refused. */
  private boolean prepare() {
    for (int i = 0; i < keys.length; i++) {
      VariableState last = beforeAndAfter[2 * i];
      Object canonical = last.variable().domain().accepted(values[i]);
      if (canonical == null) {
        return false;
      }
      next(i, last, canonical);
    }
    return true;
  }

  private void next(int i, VariableState last, Object canonical) {
    states[i] = VariableStates.next(last, canonical, revision, context, now);
    beforeAndAfter[2 * i + 1] = states[i];
  }

  private Commit apply() {
    for (int i = 0; i < cells.length; i++) {
      cells[i].install(states[i]);
    }
    store.publish(revision);
    for (Cell cell : cells) {
      cell.settle();
    }
    feed.publishSets(revision, beforeAndAfter);
    return new Commit(revision, FrozenMap.of(keys, states), Map.of());
  }
}
