package io.trimtab.state;

import io.trimtab.variable.Domain;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A batch of nothing but sets that all succeed: the common one, without a {@link BatchPlan}. */
final class PlainSets {
  /*
   * Applying a configuration is such a batch. Whatever is out of the ordinary (another kind of write, a lease, a value
   * outside its domain) makes prepare() say no before anything was touched, and the plan does it again with all its
   * bookkeeping; so the two cannot differ in what they refuse.
   */

  private final Store store;
  private final ChangeFeed feed;
  private final WriteContext context;
  private final Instant now;
  private final long revision;
  private final int mark;
  private final String[] keys;
  private final Cell[] cells;
  private final VariableState[] states;
  private final VariableState[] beforeAndAfter;

  private PlainSets(LocalState.Parts parts, int size, WriteContext context, Instant now) {
    this.context = context;
    this.now = now;
    this.store = parts.store();
    this.feed = parts.feed();
    this.revision = store.committed.get() + 1;
    this.mark = store.nextMark();
    this.keys = new String[size];
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
    PlainSets sets = new PlainSets(parts, writes.size(), batch.context(), now);
    for (int i = 0; i < writes.size(); i++) {
      boolean good =
          writes.get(i) instanceof Write.SetValue set
              && sets.prepare(i, set.key(), set.value(), set.expectedVersion());
      if (!good) {
        return null;
      }
    }
    return sets.apply();
  }

  /**
   * Applies values by name or id if all are of this kind, else touches nothing and returns null.
   */
  static @Nullable Commit tryCommit(LocalState.Parts parts, Map<String, ?> values, Instant now) {
    if (cannotHelp(parts, values.size())) {
      return null;
    }
    PlainSets sets = new PlainSets(parts, values.size(), WriteContext.JVM, now);
    int i = 0;
    for (Map.Entry<String, ?> value : values.entrySet()) {
      if (i == sets.keys.length || !sets.prepare(i, value.getKey(), value.getValue(), null)) {
        return null;
      }
      i++;
    }
    return i == sets.keys.length ? sets.apply() : null; // else the map is changing meanwhile
  }

  private static boolean cannotHelp(LocalState.Parts parts, int size) {
    return size == 0 || size > Batch.MAX_SIZE || !parts.leases().isEmpty();
  }

  private boolean prepare(int i, String key, Object value, @Nullable Long expectedVersion) {
    Cell cell = store.live(key);
    if (cell == null || cell.mark == mark) {
      return false;
    }
    cell.mark = mark;
    VariableState last = cell.newest();
    Object canonical = accepted(last.variable().domain(), value);
    if (canonical == null || (expectedVersion != null && expectedVersion != last.version())) {
      return false;
    }
    keys[i] = key;
    cells[i] = cell;
    states[i] = VariableStates.next(last, canonical, revision, context, now);
    beforeAndAfter[2 * i] = last;
    beforeAndAfter[2 * i + 1] = states[i];
    return true;
  }

  private static <T> @Nullable Object accepted(Domain<T> domain, Object value) {
    T canonical = domain.cast(value);
    return canonical != null && domain.brokenRule(canonical) == null ? canonical : null;
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
