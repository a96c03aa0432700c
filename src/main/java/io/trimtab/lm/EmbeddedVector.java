package io.trimtab.lm;

import java.util.function.IntConsumer;

/** A text as a sparse vector: the weights of its terms, in ascending order of the terms' hashes. */
final class EmbeddedVector {

  /** Gives a term another weight. */
  @FunctionalInterface
  interface Weighting {
    double weight(int term, double before);
  }

  private final int[] terms;
  private final double[] weights;

  /** Takes the arrays over; {@code terms} must ascend. */
  EmbeddedVector(int[] terms, double[] weights) {
    this.terms = terms;
    this.weights = weights;
  }

  void forEachTerm(IntConsumer action) {
    for (int term : terms) {
      action.accept(term);
    }
  }

  EmbeddedVector reweighted(Weighting weighting) {
    double[] changed = new double[terms.length];
    for (int i = 0; i < terms.length; i++) {
      changed[i] = weighting.weight(terms[i], weights[i]);
    }
    return new EmbeddedVector(terms, changed);
  }

  /** Returns the same direction with length one; the empty vector stays as it is. */
  EmbeddedVector ofLengthOne() {
    double squares = 0;
    for (double weight : weights) {
      squares += weight * weight;
    }
    double length = squares == 0 ? 1 : Math.sqrt(squares);
    return reweighted((term, weight) -> weight / length);
  }

  /** Returns the inner product, which is the cosine of two vectors of length one. */
  double dot(EmbeddedVector other) {
    double sum = 0;
    int i = 0;
    int j = 0;
    while (i < terms.length && j < other.terms.length) {
      int order = Integer.compare(terms[i], other.terms[j]);
      if (order == 0) {
        sum += weights[i++] * other.weights[j++];
      } else if (order < 0) {
        i++;
      } else {
        j++;
      }
    }
    return sum;
  }
}
