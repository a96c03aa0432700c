package io.trimtab.space;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Disjoint boxes that together hold every valid point of a component, and that grow finer where
 * points turn out invalid. Mutable: belongs to one thread at a time.
 */
final class Cover {
  /*
   * An adaptive rejection sampler in the manner of OS* [1]. A point is drawn evenly from the cover: a box by its mass,
   * a point in it. In a box proved to hold nothing but valid points it is accepted unseen; elsewhere it is judged. When
   * it is invalid, its box is divided, each half is cut down to where the rules may hold, and the next point is drawn
   * from the whole cover again. Whatever the history, an accepted point has the prior's density on the valid set: the
   * cover always holds all of it, and a point is never drawn again within the box of a rejected one alone.
   *
   * A box is divided in the middle of the parameter for which the least mass remains ("strong branching"), among those
   * the broken rule depends on. A box that meets a thin band of valid points is drawn from as a prism (see Band).
   *
   * [1] Dymetman, Bouchard, Carter, The OS* algorithm: a joint approach to exact optimization and sampling, 2012.
   */

  private static final int CANDIDATES = 3;

  private final Narrower narrower;
  private final PointJudge judge;
  private final int maxBoxes;
  private double[][] boxes = new double[64][];
  private boolean[] full = new boolean[64];
  private long[] settled = new long[64];
  private Band.@Nullable Prism[] prisms = new Band.@Nullable Prism[64];
  private final MassTree masses = new MassTree();
  private final double[] point;

  /**
   * @param narrower for this cover alone
   */
  Cover(Narrower narrower, PointJudge judge, int maxBoxes) {
    this.narrower = narrower;
    this.judge = judge;
    this.maxBoxes = maxBoxes;
    this.point = new double[2 * judge.places()];
    double[] box = narrower.everything();
    Part everything = part(box, narrower.narrow(box));
    if (everything.mass() > 0) {
      append(everything);
    }
  }

  /** Begins with the boxes of another cover, which is not changed. */
  Cover(Cover other, Narrower narrower, int maxBoxes) {
    this.narrower = narrower;
    this.judge = other.judge;
    this.maxBoxes = maxBoxes;
    this.point = new double[2 * judge.places()];
    for (int i = 0; i < other.masses.count(); i++) {
      if (other.masses.mass(i) > 0) {
        append(other.part(i));
      }
    }
  }

  /**
   * A box after narrowing.
   *
   * @param settled the rules that hold all over it, as {@link Narrower#settled} has them
   * @param mass how much of all proposals it gets; 0 if it is empty
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier between two methods; never compared
  record Part(double[] box, long settled, boolean full, Band.@Nullable Prism prism, double mass) {}

  boolean empty() {
    return masses.total() <= 0;
  }

  int size() {
    return masses.count();
  }

  double mass() {
    return masses.total();
  }

  Part part(int index) {
    return new Part(boxes[index], settled[index], full[index], prisms[index], masses.mass(index));
  }

  /**
   * Draws a point; true if it was valid and its values were filled in, else the cover has grown.
   */
  boolean attempt(@Nullable Object[] values, RandomGenerator random) {
    int index = masses.pick(random.nextDouble());
    double[] box = boxes[index];
    Band.Prism prism = prisms[index];
    if (full[index]) {
      judge.draw(point, box, 0, random);
      judge.accept(point, values);
      return true;
    }
    if (prism != null) {
      if (judge.draw(point, prism, box, 0, random) && judge.judge(point, values) == null) {
        return true;
      }
      divide(index, prism.band().places());
      return false;
    }
    judge.draw(point, box, 0, random);
    Clause broken = judge.judge(point, values);
    if (broken != null) {
      divide(index, broken.places);
    }
    return broken == null;
  }

  private void divide(int index, int[] among) {
    if (masses.count() >= maxBoxes) {
      return;
    }
    Part lower = null;
    Part upper = null;
    double least = Double.POSITIVE_INFINITY;
    double[] box = boxes[index];
    for (int place : widest(box, among)) {
      CoverAxis axis = narrower.spans[place].axis;
      double middle = axis.middle(box[2 * place], box[2 * place + 1]);
      Part below = half(index, place, 2 * place + 1, middle);
      Part above = half(index, place, 2 * place, axis.after(middle));
      if (below.mass() + above.mass() < least) {
        least = below.mass() + above.mass();
        lower = below;
        upper = above;
      }
    }
    if (lower == null || upper == null) {
      return; // a single point, as far as doubles can tell
    }
    masses.set(index, 0);
    if (lower.mass() > 0) {
      put(index, lower);
    }
    if (upper.mass() > 0 && lower.mass() > 0) {
      append(upper);
    } else if (upper.mass() > 0) {
      put(index, upper);
    }
  }

  /** The places that can be divided, those with the most mass first; only a few of them. */
  private int[] widest(double[] box, int[] all) {
    int[] chosen = new int[CANDIDATES];
    double[] widths = new double[CANDIDATES];
    int count = 0;
    for (int place : all) {
      double from = box[2 * place];
      double to = box[2 * place + 1];
      CoverAxis axis = narrower.spans[place].axis;
      double middle = axis.middle(from, to);
      if (!(from < to) || (!axis.discrete() && !(from < middle && middle < to))) {
        continue;
      }
      double width = axis.mass(from, to);
      int at = count < CANDIDATES ? count++ : CANDIDATES;
      while (at > 0 && width > widths[at - 1]) {
        if (at < CANDIDATES) {
          widths[at] = widths[at - 1];
          chosen[at] = chosen[at - 1];
        }
        at--;
      }
      if (at < CANDIDATES) {
        widths[at] = width;
        chosen[at] = place;
      }
    }
    return Arrays.copyOf(chosen, count);
  }

  private Part half(int index, int place, int end, double at) {
    double[] box = boxes[index].clone();
    box[end] = at;
    return part(box, narrower.narrow(box, settled[index], place));
  }

  /** Looks for a prism in a box that was narrowed just now. */
  private Part part(double[] box, Narrower.Verdict verdict) {
    if (verdict == Narrower.Verdict.EMPTY) {
      return new Part(box, 0, /* full= */ false, null, 0);
    }
    double mass = narrower.mass();
    if (verdict == Narrower.Verdict.FULL) {
      return new Part(box, 0, /* full= */ true, null, mass);
    }
    long holding = narrower.settled();
    Band.Prism prism = narrower.prism();
    if (prism != null) {
      mass *= prism.longest() / (box[2 * prism.pivot() + 1] - box[2 * prism.pivot()]);
    }
    return new Part(box, holding, /* full= */ false, prism, mass);
  }

  private void append(Part part) {
    int index = masses.add(0);
    if (index == boxes.length) {
      boxes = Arrays.copyOf(boxes, 2 * index);
      full = Arrays.copyOf(full, 2 * index);
      settled = Arrays.copyOf(settled, 2 * index);
      prisms = Arrays.copyOf(prisms, 2 * index);
    }
    put(index, part);
  }

  private void put(int index, Part part) {
    boxes[index] = part.box();
    full[index] = part.full();
    settled[index] = part.settled();
    prisms[index] = part.prism();
    masses.set(index, part.mass());
  }
}
