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

  private static final int MOST_CANDIDATES = 16;

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
    double[] box = boxes[index];
    double least = Double.POSITIVE_INFINITY;
    double widest = 0;
    double[] bestLower = box;
    double[] bestUpper = box;
    Narrower.Verdict bestLowerVerdict = Narrower.Verdict.OPEN;
    Narrower.Verdict bestUpperVerdict = Narrower.Verdict.OPEN;
    int candidates = 0;
    for (int place : broken.places) {
      double from = box[2 * place];
      double to = box[2 * place + 1];
      CoverAxis axis = narrower.spans[place].axis;
      double middle = axis.middle(from, to);
      if (!(from < to) || (!axis.discrete() && !(from < middle && middle < to))) {
        continue;
      }
      if (++candidates > MOST_CANDIDATES) {
        break;
      }
      double[] lower = box.clone();
      double[] upper = box.clone();
      lower[2 * place + 1] = middle;
      upper[2 * place] = axis.after(middle);
      Narrower.Verdict lowerVerdict = narrower.narrow(lower);
      Narrower.Verdict upperVerdict = narrower.narrow(upper);
      double remaining = remaining(lower, lowerVerdict) + remaining(upper, upperVerdict);
      double width = axis.mass(from, to);
      if (remaining < least || (remaining == least && width > widest)) {
        least = remaining;
        widest = width;
        bestLower = lower;
        bestUpper = upper;
        bestLowerVerdict = lowerVerdict;
        bestUpperVerdict = upperVerdict;
      }
    }
    if (least == Double.POSITIVE_INFINITY) {
      return; // a single point, as far as doubles can tell
    }
    masses.set(index, 0);
    boolean reused = false;
    if (bestLowerVerdict != Narrower.Verdict.EMPTY) {
      put(index, bestLower, bestLowerVerdict);
      reused = true;
    }
    if (bestUpperVerdict != Narrower.Verdict.EMPTY) {
      if (reused) {
        add(bestUpper, bestUpperVerdict);
      } else {
        put(index, bestUpper, bestUpperVerdict);
      }
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
