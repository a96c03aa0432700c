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
   * the broken rule depends on.
   *
   * [1] Dymetman, Bouchard, Carter, The OS* algorithm: a joint approach to exact optimization and sampling, 2012.
   */

  private static final int CANDIDATES = 16;

  private final Narrower narrower;
  private final PointJudge judge;
  private final int places;
  private final int maxBoxes;
  private double[][] boxes = new double[64][];
  private boolean[] full = new boolean[64];
  private final MassTree masses = new MassTree();
  private final double[] point;

  /**
   * @param narrower for this cover alone
   */
  Cover(Narrower narrower, PointJudge judge, int maxBoxes) {
    this.narrower = narrower;
    this.judge = judge;
    this.places = judge.places();
    this.maxBoxes = maxBoxes;
    this.point = new double[2 * places];
    double[] everything = narrower.everything();
    Narrower.Verdict verdict = narrower.narrow(everything);
    if (verdict != Narrower.Verdict.EMPTY) {
      add(everything, verdict);
    }
  }

  /** Begins with the boxes of another cover, which is not changed. */
  Cover(Cover other, Narrower narrower, int maxBoxes) {
    this.narrower = narrower;
    this.judge = other.judge;
    this.places = other.places;
    this.maxBoxes = maxBoxes;
    this.point = new double[2 * places];
    for (int i = 0; i < other.masses.count(); i++) {
      if (other.masses.mass(i) > 0) {
        append(other.boxes[i], other.full[i], other.masses.mass(i));
      }
    }
  }

  boolean empty() {
    return masses.total() <= 0;
  }

  int size() {
    return masses.count();
  }

  double mass() {
    return masses.total();
  }

  double[] box(int index) {
    return boxes[index];
  }

  boolean full(int index) {
    return full[index];
  }

  double mass(int index) {
    return masses.mass(index);
  }

  /**
   * Draws a point; true if it was valid and its values were filled in, else the cover has grown.
   */
  boolean attempt(@Nullable Object[] values, RandomGenerator random) {
    int index = masses.pick(random.nextDouble());
    double[] box = boxes[index];
    for (int place = 0; place < places; place++) {
      judge.draw(point, place, box[2 * place], box[2 * place + 1], random.nextDouble());
    }
    if (full[index]) {
      judge.accept(point, values);
      return true;
    }
    Clause broken = judge.judge(point, values);
    if (broken != null && masses.count() < maxBoxes) {
      divide(index, broken);
    }
    return broken == null;
  }

  private void divide(int index, Clause broken) {
    Halves best = null;
    for (int place : widest(boxes[index], broken.places)) {
      Halves halves = halves(boxes[index], place);
      if (best == null || halves.remaining < best.remaining) {
        best = halves;
      }
    }
    if (best == null) {
      return; // a single point, as far as doubles can tell
    }
    masses.set(index, 0);
    boolean reused = best.lowerVerdict != Narrower.Verdict.EMPTY;
    if (reused) {
      put(index, best.lower, best.lowerVerdict);
    }
    if (best.upperVerdict != Narrower.Verdict.EMPTY) {
      if (reused) {
        add(best.upper, best.upperVerdict);
      } else {
        put(index, best.upper, best.upperVerdict);
      }
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

  /** What is left of a box on both sides of the middle of a place. */
  private Halves halves(double[] box, int place) {
    CoverAxis axis = narrower.spans[place].axis;
    double middle = axis.middle(box[2 * place], box[2 * place + 1]);
    double[] lower = box.clone();
    double[] upper = box.clone();
    lower[2 * place + 1] = middle;
    upper[2 * place] = axis.after(middle);
    Narrower.Verdict lowerVerdict = narrower.narrow(lower);
    Narrower.Verdict upperVerdict = narrower.narrow(upper);
    double remaining = remaining(lower, lowerVerdict) + remaining(upper, upperVerdict);
    return new Halves(lower, lowerVerdict, upper, upperVerdict, remaining);
  }

  private static final class Halves {
    private final double[] lower;
    private final Narrower.Verdict lowerVerdict;
    private final double[] upper;
    private final Narrower.Verdict upperVerdict;
    private final double remaining;

    Halves(
        double[] lower,
        Narrower.Verdict lowerVerdict,
        double[] upper,
        Narrower.Verdict upperVerdict,
        double remaining) {
      this.lower = lower;
      this.lowerVerdict = lowerVerdict;
      this.upper = upper;
      this.upperVerdict = upperVerdict;
      this.remaining = remaining;
    }
  }

  private double remaining(double[] box, Narrower.Verdict verdict) {
    return verdict == Narrower.Verdict.EMPTY ? 0 : narrower.mass(box);
  }

  private void put(int index, double[] box, Narrower.Verdict verdict) {
    boxes[index] = box;
    full[index] = verdict == Narrower.Verdict.FULL;
    masses.set(index, narrower.mass(box));
  }

  private void add(double[] box, Narrower.Verdict verdict) {
    append(box, verdict == Narrower.Verdict.FULL, narrower.mass(box));
  }

  private void append(double[] box, boolean proved, double mass) {
    int index = masses.add(mass);
    if (index == boxes.length) {
      boxes = Arrays.copyOf(boxes, 2 * index);
      full = Arrays.copyOf(full, 2 * index);
    }
    boxes[index] = box;
    full[index] = proved;
  }
}
