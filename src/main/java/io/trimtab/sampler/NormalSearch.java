package io.trimtab.sampler;

import io.trimtab.space.Axis;
import io.trimtab.space.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.MatrixUtils;

/**
 * The distribution of the covariance matrix adaptation evolution strategy. Not safe for threads.
 */
final class NormalSearch {
  /*
   * Weighted recombination of the better half, cumulative step-size adaptation, rank-one and rank-mu updates, all with the constants
   * of [1, table 1].
   *
   * Margin after [2], in a stateless form: while drawing, the deviation of a coordinate with cells is raised until it leaves the cell
   * of the mean towards its nearer neighbour with a probability of at least 1 / (d lambda).
   *
   * Options without order after [3]: a probability for each, moved by a fixed share towards the weighted share of each option among
   * the better half, and never below a margin.
   *
   * [1] N. Hansen, The CMA Evolution Strategy: A Tutorial, 2016.
   * [2] Hamano et al., CMA-ES with Margin, GECCO 2022.
   * [3] Hamano et al., CatCMA, GECCO 2024.
   */

  private static final double FIRST_DEVIATION = 0.25;
  private static final double LEAST_DEVIATION = 1e-7;
  private static final double OPTION_RATE = 0.25;
  private static final int RESAMPLES = 20;

  private final List<Parameter> parameters;
  private final boolean[] unordered;
  private final int d;
  private final int lambda;
  private final double[] weights;
  private final double muEffective;
  private final double cSigma;
  private final double dSigma;
  private final double cC;
  private final double c1;
  private final double cMu;
  private final double expectedLength;
  private final int restarts;

  private final double[] mean;
  private double sigma = FIRST_DEVIATION;
  private final double[][] covariance;
  private final double[] pathSigma;
  private final double[] pathC;
  private double[][] axes; // columns are eigenvectors
  private double[] scales; // square roots of the eigenvalues
  private final double[][] options; // by dimension: probability of each cell, empty if ordered
  private int generations;

  private NormalSearch(List<Parameter> parameters, int lambda, double[] mean, int restarts) {
    this.parameters = parameters;
    this.d = parameters.size();
    this.lambda = lambda;
    this.mean = mean;
    this.restarts = restarts;
    int mu = lambda / 2;
    this.weights = new double[mu];
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < mu; i++) {
      weights[i] = Math.log((lambda + 1) / 2.0) - Math.log(i + 1);
      sum += weights[i];
    }
    for (int i = 0; i < mu; i++) {
      weights[i] /= sum;
      squares += weights[i] * weights[i];
    }
    this.muEffective = 1 / squares;
    this.cSigma = (muEffective + 2) / (d + muEffective + 5);
    this.dSigma = 1 + 2 * Math.max(0, Math.sqrt((muEffective - 1) / (d + 1)) - 1) + cSigma;
    this.cC = (4 + muEffective / d) / (d + 4 + 2 * muEffective / d);
    this.c1 = 2 / ((d + 1.3) * (d + 1.3) + muEffective);
    this.cMu =
        Math.min(
            1 - c1, 2 * (muEffective - 2 + 1 / muEffective) / ((d + 2.0) * (d + 2) + muEffective));
    this.expectedLength = Math.sqrt(d) * (1 - 1.0 / (4 * d) + 1.0 / (21.0 * d * d));
    this.unordered = new boolean[d];
    this.options = new double[d][];
    this.covariance = new double[d][d];
    this.axes = new double[d][d];
    this.scales = new double[d];
    this.pathSigma = new double[d];
    this.pathC = new double[d];
    for (int i = 0; i < d; i++) {
      unordered[i] = !parameters.get(i).ordered();
      options[i] = unordered[i] ? prior(parameters.get(i).axis()) : new double[0];
      covariance[i][i] = 1;
      axes[i][i] = 1;
      scales[i] = 1;
    }
  }

  private static double[] prior(Axis axis) {
    double[] prior = new double[(int) axis.cells()];
    Arrays.setAll(prior, axis::mass);
    return prior;
  }

  static NormalSearch first(List<Parameter> parameters) {
    double[] centre = new double[parameters.size()];
    Arrays.fill(centre, 0.5);
    int lambda = 4 + (int) (3 * Math.log(parameters.size()));
    return new NormalSearch(parameters, lambda, centre, 0);
  }

  NormalSearch restarted(long seed) {
    double[] start = new double[d];
    SplittableRandom random = new SplittableRandom(seed + restarts + 1);
    Arrays.setAll(start, i -> random.nextDouble());
    return new NormalSearch(parameters, 2 * lambda, start, restarts + 1);
  }

  /** How many trials it learns from at once. */
  int generation() {
    return lambda;
  }

  boolean hasConverged() {
    return sigma * Arrays.stream(scales).max().orElseThrow() < LEAST_DEVIATION;
  }

  /** Draws a point of the unit cube. */
  double[] draw(RandomGenerator random) {
    double[] x = new double[d];
    for (int attempt = 0; attempt < RESAMPLES; attempt++) {
      double[] y = new double[d];
      for (int k = 0; k < d; k++) {
        double z = scales[k] * random.nextGaussian();
        for (int i = 0; i < d; i++) {
          y[i] += axes[i][k] * z;
        }
      }
      boolean inside = true;
      for (int i = 0; i < d; i++) {
        x[i] = unordered[i] ? option(i, random) : mean[i] + sigma * y[i] * margin(i);
        inside &= x[i] >= 0 && x[i] <= 1;
      }
      if (inside) {
        return x;
      }
    }
    for (int i = 0; i < d; i++) {
      x[i] = Math.max(0, Math.min(1, x[i]));
    }
    return x;
  }

  private double option(int dimension, RandomGenerator random) {
    double[] probabilities = options[dimension];
    double left = random.nextDouble();
    int cell = 0;
    while (cell < probabilities.length - 1 && left >= probabilities[cell]) {
      left -= probabilities[cell++];
    }
    Axis axis = parameters.get(dimension).axis();
    return axis.encode(axis.valueAt(cell));
  }

  /** By how much the deviation of a coordinate has to be raised. */
  private double margin(int dimension) {
    Axis axis = parameters.get(dimension).axis();
    if (axis.cells() == 0) {
      return 1;
    }
    Object value = axis.decode(mean[dimension]);
    long cell = axis.indexOf(value);
    double centre = axis.encode(value);
    double half = axis.mass(cell) / 2;
    double down = cell == 0 ? Double.POSITIVE_INFINITY : mean[dimension] - (centre - half);
    double up =
        cell == axis.cells() - 1 ? Double.POSITIVE_INFINITY : centre + half - mean[dimension];
    double needed =
        Math.max(0, Math.min(down, up)) / -Normal.quantile(1.0 / (2 + (double) d * lambda));
    double deviation = sigma * Math.sqrt(covariance[dimension][dimension]);
    return Math.max(1, needed / deviation);
  }

  /**
   * Learns from a generation, the best point first; with less than two points it learns nothing.
   */
  void learn(List<double[]> best) {
    int mu = Math.min(weights.length, best.size() / 2);
    if (mu < 1) {
      return;
    }
    generations++;
    double total = Arrays.stream(weights, 0, mu).sum();
    double[][] steps = new double[mu][];
    double[] shift = new double[d];
    for (int k = 0; k < mu; k++) {
      steps[k] = step(best.get(k));
      for (int i = 0; i < d; i++) {
        shift[i] += weights[k] / total * steps[k][i];
      }
    }
    learnOptions(best, mu, total);
    for (int i = 0; i < d; i++) {
      mean[i] = Math.max(0, Math.min(1, mean[i] + sigma * shift[i]));
    }
    double[] white = whitened(shift);
    double keep = Math.sqrt(cSigma * (2 - cSigma) * muEffective);
    double length = 0;
    for (int i = 0; i < d; i++) {
      pathSigma[i] = (1 - cSigma) * pathSigma[i] + keep * white[i];
      length += pathSigma[i] * pathSigma[i];
    }
    length = Math.sqrt(length);
    double decayed = Math.sqrt(1 - Math.pow(1 - cSigma, 2.0 * generations));
    boolean steady = length / decayed < (1.4 + 2 / (d + 1.0)) * expectedLength;
    for (int i = 0; i < d; i++) {
      double push = steady ? Math.sqrt(cC * (2 - cC) * muEffective) * shift[i] : 0;
      pathC[i] = (1 - cC) * pathC[i] + push;
    }
    double forgotten = c1 + cMu - (steady ? 0 : c1 * cC * (2 - cC));
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        double rankMu = 0;
        for (int k = 0; k < mu; k++) {
          rankMu += weights[k] / total * steps[k][i] * steps[k][j];
        }
        covariance[i][j] =
            (1 - forgotten) * covariance[i][j] + c1 * pathC[i] * pathC[j] + cMu * rankMu;
      }
    }
    double growth = (cSigma / dSigma) * (length / expectedLength - 1);
    sigma = Math.min(1, sigma * Math.exp(Math.min(1, growth)));
    decompose();
  }

  /** The step from the mean in units of sigma, bounded in length; nothing where inactive. */
  private double[] step(double[] point) {
    double[] step = new double[d];
    for (int i = 0; i < d; i++) {
      boolean known = !unordered[i] && !Double.isNaN(point[i]);
      step[i] = known ? (point[i] - mean[i]) / sigma : 0;
    }
    double length = 0;
    for (double w : whitened(step)) {
      length += w * w;
    }
    double most = Math.sqrt(d) + 2.0 * d / (d + 2);
    double factor = Math.min(1, most / Math.sqrt(Math.max(length, 1e-300)));
    for (int i = 0; i < d; i++) {
      step[i] *= factor;
    }
    return step;
  }

  private double[] whitened(double[] y) {
    double[] white = new double[d];
    for (int k = 0; k < d; k++) {
      double along = 0;
      for (int i = 0; i < d; i++) {
        along += axes[i][k] * y[i];
      }
      along /= scales[k];
      for (int i = 0; i < d; i++) {
        white[i] += axes[i][k] * along;
      }
    }
    return white;
  }

  private void learnOptions(List<double[]> best, int mu, double total) {
    for (int i = 0; i < d; i++) {
      double[] probabilities = options[i];
      if (probabilities.length == 0) {
        continue;
      }
      Axis axis = parameters.get(i).axis();
      for (int k = 0; k < mu; k++) {
        double u = best.get(k)[i];
        if (!Double.isNaN(u)) {
          double rate = OPTION_RATE * weights[k] / total;
          int cell = (int) axis.indexOf(axis.decode(u));
          for (int c = 0; c < probabilities.length; c++) {
            probabilities[c] += rate * ((c == cell ? 1 : 0) - probabilities[c]);
          }
        }
      }
      double least = 1.0 / (d * lambda * Math.max(1, probabilities.length - 1));
      double sum = 0;
      for (int c = 0; c < probabilities.length; c++) {
        probabilities[c] = Math.max(probabilities[c], least);
        sum += probabilities[c];
      }
      for (int c = 0; c < probabilities.length; c++) {
        probabilities[c] /= sum;
      }
    }
  }

  private void decompose() {
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < i; j++) {
        covariance[i][j] = covariance[j][i]; // rounding must not break the symmetry
      }
    }
    var eigen = new EigenDecompositionSymmetric(MatrixUtils.createRealMatrix(covariance));
    axes = eigen.getV().getData();
    double[] values = eigen.getEigenvalues();
    for (int i = 0; i < d; i++) {
      scales[i] = Math.sqrt(Math.max(values[i], 1e-14));
    }
  }
}
