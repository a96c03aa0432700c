package io.trimtab.study;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A random forest over a space, taken apart into the variances that single parameters explain. */
final class VarianceForest {
  /*
   * Functional ANOVA after Hutter, Hoos and Leyton-Brown [1]. Each tree of a bootstrapped regression forest is constant on boxes;
   * a box is a set of cells per parameter. With the prior as measure, the mean of a box, the marginal a_d(cell) of a parameter
   * and the variances of both are sums over the leaves, exactly:
   *
   *   mean   = sum m(leaf) value          V   = sum m(leaf) value^2 - mean^2
   *   a_d(c) = sum over leaves with c of value m(leaf) / m_d(leaf)     V_d = sum m(c) a_d(c)^2 - mean^2
   *
   * Splits are found from histograms over the cells (64 at most); unordered options are first ordered by their mean, which finds
   * the best of all subsets for squared error [2]. A node splits on a conditional parameter only if it is active in all of the
   * node's trials: so being active is explained by the parents, and an inactive parameter changes nothing.
   *
   * TREES trees of at most SAMPLE trials; one costs O(SAMPLE * parameters * cells).
   *
   * [1] An Efficient Approach for Assessing Hyperparameter Importance, ICML 2014.
   * [2] Fisher, On Grouping for Maximum Homogeneity, JASA 53, 1958.
   */

  private static final int TREES = 48;
  private static final int SAMPLE = 1000;
  private static final int LEAST_SPLIT = 4; // trials in a node

  private final List<Cells> cells;
  private final int[][] points;
  private final double[] scores;
  private final RandomGenerator random;

  VarianceForest(List<Cells> cells, int[][] points, double[] scores, RandomGenerator random) {
    this.cells = cells;
    this.points = points;
    this.scores = scores;
    this.random = random;
  }

  /** A region where a tree is constant: a set of cells per parameter, and the value there. */
  @SuppressWarnings("ArrayRecordComponent") // a carrier that is never compared
  private record Leaf(long[] sets, double value) {}

  /** A way to divide a node: the cells of a parameter that go left, and how good that is. */
  private record Split(int dimension, long left, double gain) {}

  /** The share of each parameter among the variances that single parameters explain. */
  double[] mainEffects() {
    double[] sums = new double[cells.size()];
    for (int tree = 0; tree < TREES; tree++) {
      int[] sample = random.ints(Math.min(SAMPLE, points.length), 0, points.length).toArray();
      List<Leaf> leaves = new ArrayList<>();
      grow(sample, cells.stream().mapToLong(Cells::all).toArray(), leaves);
      addVariances(leaves, sums);
    }
    double total = IntStream.range(0, sums.length).mapToDouble(d -> sums[d]).sum();
    return IntStream.range(0, sums.length)
        .mapToDouble(d -> total > 0 ? sums[d] / total : 0)
        .toArray();
  }

  private void grow(int[] sample, long[] sets, List<Leaf> leaves) {
    Split split = bestSplit(sample, sets);
    if (split == null) {
      leaves.add(new Leaf(sets, mean(sample)));
      return;
    }
    int d = split.dimension();
    long left = split.left();
    long[] rightSets = sets.clone();
    long[] leftSets = sets.clone();
    leftSets[d] = sets[d] & left;
    rightSets[d] = sets[d] & ~left;
    grow(part(sample, d, left), leftSets, leaves);
    grow(part(sample, d, ~left), rightSets, leaves);
  }

  private int[] part(int[] sample, int dimension, long set) {
    return IntStream.of(sample).filter(i -> (set >>> points[i][dimension] & 1) == 1).toArray();
  }

  private double mean(int[] sample) {
    return IntStream.of(sample).mapToDouble(i -> scores[i]).average().orElseThrow();
  }

  private @Nullable Split bestSplit(int[] sample, long[] sets) {
    double sum = 0;
    double squares = 0;
    for (int i : sample) {
      sum += scores[i];
      squares += scores[i] * scores[i];
    }
    double whole = sum * sum / sample.length;
    Split best = null;
    if (sample.length >= LEAST_SPLIT && squares - whole > 1e-12 * squares) {
      int offset = random.nextInt(cells.size()); // ties go to another parameter in each node
      for (int k = 0; k < cells.size(); k++) {
        Split split = bestSplit(sample, sets, (k + offset) % cells.size(), sum, whole);
        best = split != null && (best == null || split.gain() > best.gain()) ? split : best;
      }
    }
    return best;
  }

  private @Nullable Split bestSplit(int[] sample, long[] sets, int d, double sum, double whole) {
    Cells axis = cells.get(d);
    int[] counts = new int[axis.count()];
    double[] sums = new double[axis.count()];
    for (int i : sample) {
      int cell = points[i][d];
      if (cell == Cells.INACTIVE) {
        return null;
      }
      counts[cell]++;
      sums[cell] += scores[i];
    }
    int[] order =
        IntStream.range(0, axis.count()).filter(cell -> (sets[d] >>> cell & 1) == 1).toArray();
    if (!axis.ordered()) {
      order = byMean(order, counts, sums, sum / sample.length);
    }
    Split best = null;
    long left = 0;
    int count = 0;
    double leftSum = 0;
    for (int k = 0; k + 1 < order.length; k++) {
      left |= 1L << order[k];
      count += counts[order[k]];
      leftSum += sums[order[k]];
      if (counts[order[k]] > 0 && count < sample.length) {
        double rest = sum - leftSum;
        double gain = leftSum * leftSum / count + rest * rest / (sample.length - count) - whole;
        if (gain > 0 && (best == null || gain > best.gain())) {
          best = new Split(d, left, gain);
        }
      }
    }
    return best;
  }

  /** Orders options by their mean score; one without trials counts as average. */
  private static int[] byMean(int[] order, int[] counts, double[] sums, double average) {
    return IntStream.of(order)
        .boxed()
        .sorted(
            (a, b) ->
                Double.compare(
                    counts[a] == 0 ? average : sums[a] / counts[a],
                    counts[b] == 0 ? average : sums[b] / counts[b]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private void addVariances(List<Leaf> leaves, double[] sums) {
    double[][] marginals = new double[cells.size()][];
    for (int d = 0; d < marginals.length; d++) {
      marginals[d] = new double[cells.get(d).count()];
    }
    double mean = 0;
    double squares = 0;
    for (Leaf leaf : leaves) {
      double[] masses = new double[cells.size()];
      double measure = 1;
      for (int d = 0; d < masses.length; d++) {
        masses[d] = cells.get(d).mass(leaf.sets()[d]);
        measure *= masses[d];
      }
      mean += measure * leaf.value();
      squares += measure * leaf.value() * leaf.value();
      for (int d = 0; d < masses.length; d++) {
        double others = measure / masses[d];
        for (long rest = leaf.sets()[d]; rest != 0; rest &= rest - 1) {
          marginals[d][Long.numberOfTrailingZeros(rest)] += others * leaf.value();
        }
      }
    }
    double variance = squares - mean * mean;
    if (variance > 1e-12 * squares) {
      for (int d = 0; d < marginals.length; d++) {
        sums[d] += variance(marginals[d], cells.get(d), mean) / variance;
      }
    }
  }

  private static double variance(double[] marginal, Cells axis, double mean) {
    double squares = 0;
    for (int cell = 0; cell < marginal.length; cell++) {
      double off = marginal[cell] - mean;
      squares += axis.mass(cell) * off * off;
    }
    return squares;
  }
}
