package io.trimtab.sampler;

import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A density over the unit cube: a weighted mixture of one product kernel per observation and one
 * for the prior.
 */
final class ParzenEstimator {

  private static final double NEGLIGIBLE = -40;

  private final Dimension[] dimensions;
  private final double[] logWeights;
  private final double[] upTo;

  private ParzenEstimator(Dimension[] dimensions, double[] weights) {
    this.dimensions = dimensions;
    double total = Arrays.stream(weights).sum();
    this.logWeights = new double[weights.length];
    this.upTo = new double[weights.length];
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      logWeights[i] = Math.log(weights[i] / total);
      sum += weights[i] / total;
      upTo[i] = sum;
    }
  }

  /**
   * Builds the estimator of observations.
   *
   * @param space the space of the observations
   * @param observations one for each kernel besides the prior's
   * @param weights one for each observation, then the prior's; all positive
   * @param stretch how wide kernels are, as a multiple of the distance to the farther neighbour
   * @param distances between options, by name of the parameter
   */
  static ParzenEstimator of(
      ConfigurationSpace space,
      List<Observation> observations,
      double[] weights,
      double stretch,
      Map<String, double[][]> distances) {
    List<Parameter> parameters = space.dimensions();
    long discrete = parameters.stream().filter(p -> p.axis().cells() != 0).count();
    Bandwidths bandwidths =
        new Bandwidths(
            observations.size(), parameters.size(), discrete / (double) parameters.size(), stretch);
    double[][] observed = new double[parameters.size()][observations.size()];
    for (int i = 0; i < observations.size(); i++) {
      double[] point = observations.get(i).point();
      for (int d = 0; d < point.length; d++) {
        observed[d][i] = point[d];
      }
    }
    Dimension[] dimensions = new Dimension[parameters.size()];
    for (int d = 0; d < dimensions.length; d++) {
      Parameter parameter = parameters.get(d);
      dimensions[d] =
          Dimension.of(parameter, observed[d], bandwidths, distances.get(parameter.name()));
    }
    return new ParzenEstimator(dimensions, weights);
  }

  /** Draws a point; the kernel after the last observation is the prior. */
  double[] draw(RandomGenerator random) {
    int found = Arrays.binarySearch(upTo, random.nextDouble());
    int kernel = Math.min(found < 0 ? -found - 1 : found + 1, upTo.length - 1);
    double[] point = new double[dimensions.length];
    for (int d = 0; d < point.length; d++) {
      point[d] = dimensions[d].draw(kernel, random);
    }
    return point;
  }

  /** The logarithm of the density, relative to the prior, over the coordinates that are not NaN. */
  double logDensity(double[] point) {
    double[] logs = logWeights.clone();
    for (int d = 0; d < dimensions.length; d++) {
      if (!Double.isNaN(point[d])) {
        dimensions[d].addLogDensities(point[d], logs);
      }
    }
    double greatest = Double.NEGATIVE_INFINITY;
    for (double log : logs) {
      greatest = Math.max(greatest, log);
    }
    double total = 0;
    for (double log : logs) {
      total += log - greatest < NEGLIGIBLE ? 0 : Math.exp(log - greatest);
    }
    return greatest + Math.log(total);
  }
}
