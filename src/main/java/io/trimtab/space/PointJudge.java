package io.trimtab.space;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Judges single points of a component. Immutable and safe for all threads. */
final class PointJudge {
  /*
   * A point holds a number for each place (an option's index), and behind those the coordinate for each place; both are
   * NaN where a parameter is inactive. Rules that cannot fail are evaluated on these plain doubles; only when they hold
   * are values boxed, for rules that may fail and for predicates written in Java.
   */

  private final Definition definition;
  private final int[] slots;
  private final CoverAxis[] axes;
  private final @Nullable Clause[][] gates;
  private final boolean conditional;
  private final boolean plainGates;
  private final Clause[] plain;
  private final Clause[] boxed;

  PointJudge(Definition definition, Narrower narrower) {
    this.definition = definition;
    this.slots = narrower.slots;
    this.axes = new CoverAxis[narrower.spans.length];
    this.gates = narrower.gates;
    boolean anyGate = false;
    boolean allPlain = true;
    for (int place = 0; place < axes.length; place++) {
      axes[place] = narrower.spans[place].axis;
      Clause[] gate = gates[place];
      if (gate != null) {
        anyGate = true;
        for (Clause condition : gate) {
          allPlain &= condition.plain;
        }
      }
    }
    this.conditional = anyGate;
    this.plainGates = allPlain;
    List<Clause> plainOnes = new ArrayList<>();
    List<Clause> others = new ArrayList<>();
    for (Clause clause : narrower.clauses) {
      (clause.plain && plainGates ? plainOnes : others).add(clause);
    }
    this.plain = plainOnes.toArray(new Clause[0]);
    this.boxed = others.toArray(new Clause[0]);
  }

  int places() {
    return axes.length;
  }

  /** Sets the coordinate of a place. */
  void put(double[] point, int place, double coordinate) {
    point[place] = axes[place].value(coordinate);
    point[place + axes.length] = coordinate;
  }

  /** Draws a coordinate between two and puts it. */
  void draw(double[] point, int place, double from, double to, double uniform) {
    put(point, place, axes[place].draw(from, to, uniform));
  }

  /** Draws a point of a box, whose ends begin at an index. */
  void draw(double[] point, double[] ends, int index, RandomGenerator random) {
    for (int place = 0, at = index; place < axes.length; place++, at += 2) {
      draw(point, place, ends[at], ends[at + 1], random.nextDouble());
    }
  }

  /** Draws a point of a prism within a box; false if its line is not kept. */
  boolean draw(double[] point, Band.Prism prism, double[] ends, int index, RandomGenerator random) {
    draw(point, ends, index, random);
    double from = ends[index + 2 * prism.pivot()];
    double to = ends[index + 2 * prism.pivot() + 1];
    double keep = random.nextDouble();
    return prism.band().draw(this, point, prism, from, to, keep, random.nextDouble());
  }

  /**
   * Settles activity and fills the slots; returns the first rule that is broken, or null if the
   * point is valid. Nothing is filled in where a plain rule is broken.
   */
  @Nullable Clause judge(double[] point, @Nullable Object[] values) {
    if (conditional && plainGates) {
      settle(point);
    }
    for (Clause clause : plain) {
      Truth truth = clause.truth;
      if (truth != null && !clause.mute(point) && truth.at(point) != clause.wanted) {
        return clause;
      }
    }
    fill(point, values);
    for (Clause clause : boxed) {
      if (clause.check != null && !clause.check.holds(values)) {
        return clause;
      }
    }
    return null;
  }

  /** Settles activity and fills the slots of a point that is known to be valid. */
  void accept(double[] point, @Nullable Object[] values) {
    if (conditional && plainGates) {
      settle(point);
    }
    fill(point, values);
  }

  private void settle(double[] point) {
    for (int place = 0; place < axes.length; place++) {
      Clause[] gate = gates[place];
      if (gate != null && !open(gate, point)) {
        point[place] = Double.NaN;
        point[place + axes.length] = Double.NaN;
      }
    }
  }

  private static boolean open(Clause[] gate, double[] point) {
    for (Clause condition : gate) {
      Truth truth = condition.truth;
      if (truth == null || condition.mute(point) || !truth.at(point)) {
        return false;
      }
    }
    return true;
  }

  private void fill(double[] point, @Nullable Object[] values) {
    boolean ask = conditional && !plainGates;
    for (int place = 0; place < axes.length; place++) {
      double coordinate = point[place + axes.length];
      int slot = slots[place];
      boolean inactive = Double.isNaN(coordinate) || (ask && !definition.active(slot, values));
      values[slot] = inactive ? null : axes[place].boxed(coordinate);
    }
  }
}
