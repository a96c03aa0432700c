package io.trimtab.sampler;

import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.Parameter;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A density over the unit cube: one product kernel per observation and one for the prior, all
 * equally likely.
 */
final class ParzenEstimator {

  private final Dimension[] dimensions;
  private final double[][] points;

  private ParzenEstimator(Dimension[] dimensions, double[][] points) {
    this.dimensions = dimensions;
    this.points = points;
  }

  /**
   * Builds the estimator of the given observations; {@code sharp} chooses between the two rules for
   * kernel widths.
   */
  static ParzenEstimator of(
      ConfigurationSpace space, List<Observation> observations, boolean sharp) {
    double[][] points = new double[observations.size()][];
    for (int i = 0; i < points.length; i++) {
      points[i] = observations.get(i).point();
    }
    List<Parameter> parameters = space.dimensions();
    Dimension[] dimensions = new Dimension[parameters.size()];
    for (int d = 0; d < dimensions.length; d++) {
      dimensions[d] = Dimension.of(parameters.get(d), column(points, d), dimensions.length, sharp);
    }
    return new ParzenEstimator(dimensions, points);
  }

  private static double[] column(double[][] points, int dimension) {
    double[] column = new double[points.length];
    for (int i = 0; i < column.length; i++) {
      column[i] = points[i][dimension];
    }
    return column;
  }

  /** Draws a point; the kernel after the last observation is the prior. */
  double[] draw(RandomGenerator random) {
    int kernel = random.nextInt(points.length + 1);
    double[] point = new double[dimensions.length];
    for (int d = 0; d < point.length; d++) {
      point[d] = dimensions[d].draw(kernel, random);
    }
    return point;
  }

  /** The logarithm of the density, relative to the prior, over the coordinates that are not NaN. */
  double logDensity(double[] point) {
    double[] logs = new double[points.length + 1];
    double greatest = Double.NEGATIVE_INFINITY;
    for (int kernel = 0; kernel < logs.length; kernel++) {
      double sum = 0;
      for (int d = 0; d < dimensions.length; d++) {
        if (!Double.isNaN(point[d])) {
          sum += dimensions[d].logDensity(kernel, point[d]);
        }
      }
      logs[kernel] = sum;
      greatest = Math.max(greatest, sum);
    }
    double total = 0;
    for (double log : logs) {
      total += Math.exp(log - greatest);
    }
    return greatest + Math.log(total / logs.length);
  }
}
