package io.trimtab.space;

import io.trimtab.space.expression.Expression;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts boxes down to where the rules of one component may hold. Mutable: belongs to one thread at a
 * time.
 */
final class Narrower {
  /*
   * HC4 [1]: each rule is bounded over the box, bottom up, and then required to hold, top down, which cuts the spans of
   * its parameters; rules whose parameters were cut take turns until a round cuts little. Conditions decide first which parameters may be active:
   * where a parameter may be inactive, a rule that reads it says nothing certain and cuts nothing, and an inactive
   * parameter keeps its whole span, so that it counts with its full mass.
   *
   * [1] Benhamou, Goualard, Granvilliers, Puget, Revising hull and box consistency, ICLP 1999.
   */

  private static final int ROUNDS = 6;
  private static final double WORTH_A_ROUND = 0.95;
  private static final int ANYWHERE = -1;

  /** What is known about a box. */
  enum Verdict {
    /** No configuration in the box is valid. */
    EMPTY,
    /** Every configuration in the box is valid. */
    FULL,
    /** Not known. */
    OPEN
  }

  final int[] slots;
  final Span[] spans;
  final Clause[] clauses;
  final @Nullable Clause[][] gates;
  private List<Band> bands = List.of();
  private boolean conditional;
  private long work;
  private double mass;

  private Narrower(int[] slots, Span[] spans, @Nullable Clause[][] gates, int rules) {
    this.slots = slots;
    this.spans = spans;
    this.gates = gates;
    this.clauses = new Clause[rules];
  }

  /** Compiles some rules of a component; null if doubles cannot count a parameter's values. */
  static @Nullable Narrower of(Definition definition, int[] slots, List<Rule> rules) {
    Span[] spans = new Span[slots.length];
    int[] placeOfSlot = new int[definition.parameters().size()];
    Arrays.fill(placeOfSlot, -1);
    boolean[] conditional = new boolean[slots.length];
    for (int place = 0; place < slots.length; place++) {
      CoverAxis axis = CoverAxis.of(definition.parameters().get(slots[place]));
      if (axis == null) {
        return null;
      }
      spans[place] = new Span(axis);
      placeOfSlot[slots[place]] = place;
      conditional[place] = definition.gate(slots[place]) != null;
    }
    ClauseCompiler compiler = new ClauseCompiler(placeOfSlot, spans, conditional);
    @Nullable Clause[][] gates = new @Nullable Clause[slots.length][];
    Narrower narrower = new Narrower(slots, spans, gates, rules.size());
    for (int place = 0; place < slots.length; place++) {
      Gate gate = definition.gate(slots[place]);
      if (gate != null) {
        narrower.conditional = true;
        gates[place] =
            gate.conditions().stream()
                .map(condition -> narrower.condition(compiler, condition, placeOfSlot))
                .toArray(Clause[]::new);
      }
    }
    for (int i = 0; i < rules.size(); i++) {
      narrower.clauses[i] = narrower.clause(compiler, rules.get(i).check(), placeOfSlot);
    }
    narrower.bands = Band.in(narrower.clauses);
    return narrower;
  }

  /** Finds a prism in the box that was narrowed last. */
  Band.@Nullable Prism prism() {
    return bands.isEmpty() ? null : Band.prism(bands, spans);
  }

  private Clause condition(ClauseCompiler compiler, Expression condition, int[] placeOfSlot) {
    Truth truth = compiler.truth(condition);
    int[] required = compiler.conditionalPlaces(condition.requiredSlots());
    return new Clause(
        null,
        truth,
        /* wanted= */ true,
        required,
        places(condition.slots(), placeOfSlot),
        neverFails(truth, required));
  }

  private Clause clause(ClauseCompiler compiler, Check check, int[] placeOfSlot) {
    int[] places = places(check.slots(), placeOfSlot);
    if (check instanceof ExpressionCheck expression) {
      Truth truth = compiler.truth(expression.expression());
      int[] required = compiler.conditionalPlaces(expression.expression().requiredSlots());
      boolean plain = neverFails(truth, required);
      return new Clause(check, truth, expression.wanted(), required, places, plain);
    }
    if (check instanceof CombinationCheck combination) {
      Truth truth = compiler.together(combination.slots(), combination.forbidden());
      boolean plain = neverFails(truth, new int[0]);
      return new Clause(check, truth, /* wanted= */ false, new int[0], places, plain);
    }
    return new Clause(check, null, /* wanted= */ true, new int[0], places, /* plain= */ false);
  }

  /** The places of some slots and of all that decides whether they are active. */
  private int[] places(int[] mentioned, int[] placeOfSlot) {
    BitSet places = new BitSet();
    List<Integer> open = new ArrayList<>();
    for (int slot : mentioned) {
      open.add(placeOfSlot[slot]);
    }
    while (!open.isEmpty()) {
      int place = open.remove(open.size() - 1);
      if (!places.get(place) && gates[place] != null) {
        for (Clause condition : gates[place]) {
          for (int parent : condition.places) {
            open.add(parent);
          }
        }
      }
      places.set(place);
    }
    return places.stream().toArray();
  }

  /** Bounds a truth over the whole space, given that what it requires is active. */
  private boolean neverFails(Truth truth, int[] required) {
    for (int place = 0; place < spans.length; place++) {
      spans[place].maybeInactive = gates[place] != null;
    }
    for (int place : required) {
      spans[place].maybeInactive = false;
    }
    truth.bound();
    return (truth.outcomes & Truth.ERROR) == 0;
  }

  /** How many bounds were computed so far: a measure of effort that does not depend on a clock. */
  long work() {
    return work;
  }

  /** The box of everything: the first and last coordinate of each place. */
  double[] everything() {
    double[] box = new double[2 * spans.length];
    for (int place = 0; place < spans.length; place++) {
      box[2 * place] = spans[place].axis.first();
      box[2 * place + 1] = spans[place].axis.last();
    }
    return box;
  }

  /** Cuts a box in place. */
  Verdict narrow(double[] box) {
    return narrow(box, 0, ANYWHERE);
  }

  /**
   * Cuts a part of a box in place. Rules that hold all over the whole are not looked at again, nor
   * are others before something they read is cut.
   *
   * @param settled what {@link #settled} returned for the whole
   * @param divided the place at which the whole was divided
   */
  Verdict narrow(double[] box, long settled, int divided) {
    for (int place = 0; place < spans.length; place++) {
      spans[place].set(box[2 * place], box[2 * place + 1]);
      spans[place].cut = divided == place || divided == ANYWHERE;
    }
    for (int i = 0; i < clauses.length; i++) {
      clauses[i].decided = i < Long.SIZE && (settled >> i & 1) != 0;
      clauses[i].stale = divided == ANYWHERE;
    }
    markStale();
    settleActivity();
    mass = product();
    boolean cutting = true;
    for (int round = 0; round < ROUNDS; round++) {
      Verdict verdict = round(cutting);
      if (verdict != Verdict.OPEN || !anyCut()) {
        store(box);
        return verdict;
      }
      settleActivity();
      markStale();
      double before = mass;
      mass = product();
      cutting = mass < before * WORTH_A_ROUND && round < ROUNDS - 2;
    }
    store(box);
    return Verdict.OPEN;
  }

  /** Which of the first 64 rules hold all over the box that was narrowed last, as bits. */
  long settled() {
    long settled = 0;
    for (int i = 0; i < Math.min(Long.SIZE, clauses.length); i++) {
      settled |= clauses[i].decided ? 1L << i : 0;
    }
    return settled;
  }

  private Verdict round(boolean cutting) {
    boolean full = true;
    for (Clause clause : clauses) {
      if (clause.decided) {
        continue;
      }
      if (!clause.stale) {
        full = false;
        continue;
      }
      clause.stale = false;
      Truth truth = clause.truth;
      if (truth == null) {
        full = false;
        continue;
      }
      int presence = presence(clause);
      if (presence == Truth.FALSE) {
        clause.decided = true;
        continue;
      }
      truth.bound();
      work++;
      if (truth.outcomes == Truth.of(clause.wanted)) {
        clause.decided = true;
      } else if (presence == Truth.TRUE) {
        if (!truth.can(clause.wanted) || (cutting && !truth.require(clause.wanted))) {
          return Verdict.EMPTY;
        }
        full = false;
      } else {
        full = false;
      }
    }
    return full ? Verdict.FULL : Verdict.OPEN;
  }

  /** Whether all that a clause requires is active: TRUE, FALSE or both. */
  private int presence(Clause clause) {
    int presence = Truth.TRUE;
    for (int place : clause.required) {
      if (!spans[place].maybeActive) {
        return Truth.FALSE;
      }
      if (spans[place].maybeInactive) {
        presence = Truth.TRUE | Truth.FALSE;
      }
    }
    return presence;
  }

  private void settleActivity() {
    if (!conditional) {
      return; // nothing was ever inactive
    }
    for (int place = 0; place < spans.length; place++) {
      Clause[] gate = gates[place];
      if (gate == null) {
        spans[place].maybeInactive = false;
        continue;
      }
      boolean maybeActive = true;
      boolean maybeInactive = false;
      for (Clause condition : gate) {
        int presence = presence(condition);
        if (presence == Truth.FALSE) {
          maybeActive = false;
          continue;
        }
        Truth truth = condition.truth;
        if (truth == null) {
          throw new AssertionError("conditions are expressions");
        }
        truth.bound();
        work++;
        maybeActive &= truth.can(true);
        maybeInactive |= presence != Truth.TRUE || truth.outcomes != Truth.TRUE;
      }
      spans[place].maybeActive = maybeActive;
      spans[place].maybeInactive = maybeInactive || !maybeActive;
    }
  }

  /**
   * Only clauses about something that was cut, or whose conditions may have changed, can say more.
   */
  private void markStale() {
    for (Clause clause : clauses) {
      clause.stale |= conditional;
      for (int place : clause.places) {
        clause.stale |= spans[place].cut;
      }
    }
    for (Span span : spans) {
      span.cut = false;
    }
  }

  private boolean anyCut() {
    for (Span span : spans) {
      if (span.cut) {
        return true;
      }
    }
    return false;
  }

  private void store(double[] box) {
    for (int place = 0; place < spans.length; place++) {
      box[2 * place] = spans[place].from;
      box[2 * place + 1] = spans[place].to;
    }
  }

  private double product() {
    double mass = 1;
    for (Span span : spans) {
      mass *= span.axis.mass(span.from, span.to);
    }
    return mass;
  }

  /**
   * How likely a point of the box that was narrowed last is under the prior, if it is not empty.
   */
  double mass() {
    return mass;
  }
}
