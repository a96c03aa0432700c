package io.trimtab.space;

import io.trimtab.space.expression.Expression;
import io.trimtab.space.expression.Outcome;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walks through the valid assignments of some slots, one at a time. */
final class FiniteSearch {
  /*
   * Depth-first search with three-valued pruning: after each assignment, the rules that mention the slot are asked
   * whether they are already broken whatever comes next. Parents come before children, so activity is known when a
   * slot's turn comes, and an inactive slot is a single branch. A continuum is a single branch too, left unassigned:
   * a leaf then says "not refuted" instead of "valid", which still makes an empty search a proof of infeasibility.
   * Cost: assignments times the rules that mention a slot; memory: the depth. The caller bounds the work.
   */

  private static final long ENTRY = -1;

  private final Definition definition;
  private final int[] order;
  private final Axis[] axes;
  private final Check[][] checksAt;
  private final @Nullable Object[] slots;
  private final boolean[] certainlyActive;
  private final boolean[] always;
  private final long[] branch;
  private final long[] branches;
  private final boolean[] chosen;
  private final long maxWork;
  private final long widest;
  private long work;
  private int depth;

  /**
   * @param order the slots to assign, parents first; nothing else is read by the checks
   * @param axes the values to try, one axis for each place in the order
   * @param maxWork most work: 1 for every assignment tried and the cost of every check made
   */
  FiniteSearch(Definition definition, int[] order, Axis[] axes, List<Check> checks, long maxWork) {
    this(definition, order, axes, checks, maxWork, Long.MAX_VALUE);
  }

  /**
   * @param widest axes with more cells are left unassigned, as continua are
   */
  private FiniteSearch(
      Definition definition,
      int[] order,
      Axis[] axes,
      List<Check> checks,
      long maxWork,
      long widest) {
    int count = definition.parameters().size();
    this.definition = definition;
    this.order = order;
    this.maxWork = maxWork;
    this.widest = widest;
    this.axes = axes;
    this.checksAt =
        Arrays.stream(order).mapToObj(slot -> mentioning(slot, checks)).toArray(Check[][]::new);
    this.slots = new @Nullable Object[count];
    Arrays.fill(slots, Expression.UNASSIGNED);
    this.always = definition.alwaysActive();
    this.certainlyActive = always.clone();
    this.branch = new long[order.length];
    this.branches = new long[order.length];
    this.chosen = new boolean[order.length];
    enter();
  }

  /** A search through all values of some slots. */
  static FiniteSearch through(
      Definition definition, int[] order, List<Check> checks, long maxWork) {
    return new FiniteSearch(definition, order, axes(definition, order), checks, maxWork);
  }

  /**
   * A search that is to find nothing. It does not try values one by one where that alone would take
   * more than all its work, so it gives up at once where it could not succeed.
   */
  static FiniteSearch refutation(
      Definition definition, int[] order, List<Check> checks, long maxWork) {
    return new FiniteSearch(
        definition, order, axes(definition, order), checks, maxWork, /* widest= */ maxWork);
  }

  private static Axis[] axes(Definition definition, int[] order) {
    return Arrays.stream(order)
        .mapToObj(slot -> definition.parameters().get(slot).axis())
        .toArray(Axis[]::new);
  }

  private static Check[] mentioning(int slot, List<Check> checks) {
    return checks.stream()
        .filter(check -> Arrays.stream(check.slots()).anyMatch(s -> s == slot))
        .toArray(Check[]::new);
  }

  /** Goes to the next assignment; false if there is none or the work is used up. */
  boolean advance() {
    while (depth >= 0 && work < maxWork) {
      if (++branch[depth] >= branches[depth]) {
        leave();
        continue;
      }
      work++;
      assign();
      if (!refuted()) {
        if (depth == order.length - 1) {
          return true;
        }
        depth++;
        enter();
      }
    }
    return false;
  }

  /** Tells whether the whole tree was seen. */
  boolean exhausted() {
    return depth < 0;
  }

  /** Returns the work done so far. */
  long work() {
    return work;
  }

  /** Returns the current assignment; it changes with the next step. */
  @Nullable Object[] slots() {
    return slots;
  }

  /** Returns the prior probability of the current assignment; inactive parameters count as 1. */
  double mass() {
    double mass = 1;
    for (int d = 0; d < order.length; d++) {
      mass *= chosen[d] ? axes[d].mass(branch[d]) : 1;
    }
    return mass;
  }

  private void enter() {
    int slot = order[depth];
    Outcome activity = definition.activity(slot, slots, certainlyActive);
    certainlyActive[slot] = always[slot] || activity == Outcome.TRUE;
    long cells = axes[depth].cells();
    chosen[depth] = activity == Outcome.TRUE && cells > 0 && cells <= widest;
    branches[depth] = chosen[depth] ? cells : 1;
    branch[depth] = ENTRY;
    slots[slot] = activity == Outcome.FALSE ? null : Expression.UNASSIGNED;
  }

  private void assign() {
    if (chosen[depth]) {
      slots[order[depth]] = axes[depth].valueAt(branch[depth]);
    }
  }

  private boolean refuted() {
    for (Check check : checksAt[depth]) {
      work += check.cost();
      if (check.refuted(slots, certainlyActive)) {
        return true;
      }
    }
    return false;
  }

  private void leave() {
    int slot = order[depth];
    slots[slot] = Expression.UNASSIGNED;
    certainlyActive[slot] = always[slot];
    depth--;
  }
}
