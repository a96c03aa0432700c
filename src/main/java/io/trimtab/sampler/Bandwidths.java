package io.trimtab.sampler;

import io.trimtab.space.Axis;

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

  /** The widths of kernels at the places where an axis was observed, in rising order. */
  double[] widths(Axis axis, Places places) {
    double floor = scott() * (axis.cells() == 0 ? CONTINUUM_FLOOR * discrete : CELL_FLOOR);
    double least = Math.max(floor, 1 / Math.min(SHARPEST, observations + 2.0));
    double[] widths = new double[places.count()];
    for (int place = 0; place < widths.length; place++) {
      double width = places.observed() < 2 ? 1 : stretch * places.toFartherNeighbour(place);
      widths[place] = Math.max(least, Math.min(1, width));
    }
    return widths;
  }
}
