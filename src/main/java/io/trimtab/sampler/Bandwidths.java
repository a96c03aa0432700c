package io.trimtab.sampler;

import io.trimtab.space.Axis;
import java.util.Arrays;

/**
 * How wide the kernels of a {@link ParzenEstimator} are.
 *
 * @param observations how many kernels there are besides the prior's
 * @param dimensions how many dimensions the space has
 * @param discrete which share of the dimensions has cells
 * @param stretch what the distance to a neighbour is multiplied by
 */
record Bandwidths(int observations, int dimensions, double discrete, double stretch) {
  /*
   * A kernel reaches as far as the farther of its two neighbours (the only one at an end), which makes it sharp where observations
   * crowd. That alone gets stuck: of a few integers or options the good trials soon agree on one, and nothing else is tried any more.
   * So widths have a floor that shrinks by Scott's rule only: on cells 0.2 of the unit interval times n^(-1 / (d + 4)), on a
   * continuum 0.3 of it times the share of dimensions with cells, since it must keep moving while the cells beside it do. Half of
   * the mass of an option's kernel, shrinking likewise, is spread over all options. Without any cells the floor is 1 / (n + 2).
   */

  private static final double CELL_FLOOR = 0.2;
  private static final double CONTINUUM_FLOOR = 0.3;
  private static final double MOST_SPREAD = 0.5;
  private static final double SHARPEST = 100;

  private double scott() {
    return Math.pow(observations + 1.0, -1.0 / (dimensions + 4));
  }

  /** The share of an option's kernel that is spread over all options. */
  double spread() {
    return MOST_SPREAD * scott();
  }

  /** The widths of kernels at the observed coordinates; 1 where there is none. */
  double[] widths(Axis axis, double[] observed) {
    double floor = scott() * (axis.cells() == 0 ? CONTINUUM_FLOOR * discrete : CELL_FLOOR);
    double least = Math.max(floor, 1 / Math.min(SHARPEST, observed.length + 2.0));
    double[] sorted = Arrays.stream(observed).filter(u -> !Double.isNaN(u)).sorted().toArray();
    double[] widths = new double[observed.length];
    for (int i = 0; i < widths.length; i++) {
      double width = sorted.length < 2 ? 1 : stretch * fartherNeighbour(sorted, observed[i]);
      widths[i] = Double.isNaN(width) ? 1 : Math.max(least, Math.min(1, width));
    }
    return widths;
  }

  private static double fartherNeighbour(double[] sorted, double u) {
    int at = Arrays.binarySearch(sorted, u);
    if (at < 0) {
      return Double.NaN; // an observation without this coordinate
    }
    double left = at == 0 ? u : sorted[at - 1];
    double right = at == sorted.length - 1 ? u : sorted[at + 1];
    return Math.max(u - left, right - u);
  }
}
