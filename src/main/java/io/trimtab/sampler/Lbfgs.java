package io.trimtab.sampler;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/** Finds a local minimum of a smooth function of a few variables. */
final class Lbfgs {
  /*
   * Limited-memory BFGS with the two-loop recursion [1, algorithm 7.4] and a backtracking line search for sufficient decrease. A
   * pair is kept only if its curvature is positive, which holds the implied Hessian positive definite without Wolfe's second
   * condition. The first step is scaled to length 1 at most. A value that is not finite counts as no decrease.
   *
   * [1] Nocedal and Wright, Numerical Optimization, 2nd edition, 2006.
   */

  private static final int MEMORY = 8;
  private static final double SUFFICIENT = 1e-4;
  private static final int MOST_HALVINGS = 12;

  /** A function with its gradient. */
  @FunctionalInterface
  interface Function {

    /** Returns the value at a place and writes the gradient there. */
    double at(double[] x, double[] gradient);
  }

  @SuppressWarnings("ArrayRecordComponent") // a carrier that is never compared
  private record Pair(double[] step, double[] change, double curvature) {}

  private Lbfgs() {}

  /** Walks downhill from a place until it gets no lower or after so many evaluations. */
  static double[] minimize(Function function, double[] start, int evaluations, double tolerance) {
    double[] x = start.clone();
    double[] gradient = new double[x.length];
    double value = function.at(x, gradient);
    Deque<Pair> pairs = new ArrayDeque<>();
    int used = 1;
    while (used < evaluations && norm(gradient) > tolerance) {
      double[] direction = direction(gradient, pairs);
      double slope = dot(direction, gradient);
      double length = pairs.isEmpty() ? Math.min(1, 1 / norm(gradient)) : 1;
      double[] next = new double[x.length];
      double[] nextGradient = new double[x.length];
      double nextValue = Double.NaN;
      boolean lower = false;
      for (int halving = 0; halving < MOST_HALVINGS && used < evaluations && !lower; halving++) {
        for (int i = 0; i < x.length; i++) {
          next[i] = x[i] + length * direction[i];
        }
        nextValue = function.at(next, nextGradient);
        used++;
        lower = nextValue <= value + SUFFICIENT * length * slope;
        length /= 2;
      }
      if (!lower) {
        return x;
      }
      remember(pairs, difference(next, x), difference(nextGradient, gradient));
      boolean settled = value - nextValue <= tolerance * tolerance * (1 + Math.abs(value));
      x = next;
      gradient = nextGradient;
      value = nextValue;
      if (settled) {
        return x;
      }
    }
    return x;
  }

  private static double[] direction(double[] gradient, Deque<Pair> pairs) {
    double[] q = gradient.clone();
    double[] shares = new double[pairs.size()];
    int i = 0;
    for (Pair pair : pairs) { // the latest first
      shares[i] = dot(pair.step, q) / pair.curvature;
      add(q, -shares[i], pair.change);
      i++;
    }
    if (!pairs.isEmpty()) {
      Pair latest = pairs.getFirst();
      scale(q, latest.curvature / dot(latest.change, latest.change));
    }
    Iterator<Pair> oldestFirst = pairs.descendingIterator();
    while (oldestFirst.hasNext()) {
      Pair pair = oldestFirst.next();
      i--;
      add(q, shares[i] - dot(pair.change, q) / pair.curvature, pair.step);
    }
    scale(q, -1);
    return q;
  }

  private static void remember(Deque<Pair> pairs, double[] step, double[] change) {
    double curvature = dot(step, change);
    if (curvature <= 1e-12 * dot(change, change)) {
      return;
    }
    pairs.addFirst(new Pair(step, change, curvature));
    if (pairs.size() > MEMORY) {
      pairs.removeLast();
    }
  }

  private static double[] difference(double[] a, double[] b) {
    double[] difference = a.clone();
    add(difference, -1, b);
    return difference;
  }

  private static void add(double[] to, double factor, double[] what) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * what[i];
    }
  }

  private static void scale(double[] v, double factor) {
    for (int i = 0; i < v.length; i++) {
      v[i] *= factor;
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double norm(double[] v) {
    return Math.sqrt(dot(v, v));
  }
}
