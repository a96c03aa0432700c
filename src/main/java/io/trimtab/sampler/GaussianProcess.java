package io.trimtab.sampler;

import java.util.Arrays;
import java.util.List;

/** A Gaussian process over the unit cube, fitted to points with standardised losses. */
final class GaussianProcess {
  /*
   * Matern kernel with nu = 5/2 [1, section 4.2] of the distance r with r^2 = sum over d of w_d * delta_d^2, one weight w_d for each
   * dimension (automatic relevance determination). delta is the difference of two coordinates for what is ordered, 1 for two
   * different options, 1 where one of two points is inactive and 0 where both are.
   *
   * The logarithms of the weights, of the signal variance and of the noise variance maximise the posterior: the marginal
   * likelihood [1, section 5.4] times independent normal priors. The priors of the length scales 1 / sqrt(w_d) grow with the square
   * root of the number of dimensions [2]. The gradient is analytic; one evaluation costs O(n^3 + d n^2).
   *
   * [1] Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006.
   * [2] Hvarfner et al., Vanilla Bayesian Optimization Performs Great in High Dimensions, ICML 2024.
   */

  private static final double SQRT5 = Math.sqrt(5);
  private static final double LEAST_NOISE = 1e-6;
  private static final double LOG_NOISE_MEAN = Math.log(1e-4);
  private static final double LOG_NOISE_DEVIATION = 2;
  private static final double LOG_SIGNAL_DEVIATION = 1;
  private static final double LOG_LENGTH_MEAN = -0.9;
  private static final double LOG_LENGTH_DEVIATION = 1;

  private final boolean[] unordered;
  private final double[][] points;
  private final double[] losses;
  private final double[] weights;
  private final double signal;
  private final double noise;
  private final Cholesky root;
  private final double[] alpha;

  private GaussianProcess(
      boolean[] unordered,
      double[][] points,
      double[] losses,
      double[] weights,
      double signal,
      double noise) {
    this.unordered = unordered;
    this.points = points;
    this.losses = losses;
    this.weights = weights;
    this.signal = signal;
    this.noise = noise;
    int n = points.length;
    double[][] covariance = new double[n][];
    for (int i = 0; i < n; i++) {
      covariance[i] = new double[i + 1];
      for (int j = 0; j < i; j++) {
        covariance[i][j] = signal * matern(distance(points[i], points[j]));
      }
      covariance[i][i] = signal + noise + LEAST_NOISE;
    }
    Cholesky found = Cholesky.of(covariance);
    if (found == null) {
      throw new AssertionError("the noise keeps the covariance positive definite");
    }
    this.root = found;
    this.alpha = losses.clone();
    root.solve(alpha);
  }

  /** Fits the hyperparameters by maximum a posteriori. */
  static GaussianProcess fit(
      boolean[] unordered, List<double[]> points, double[] losses, int evaluations) {
    double[][] rows = points.toArray(double[][]::new);
    Posterior posterior = new Posterior(unordered, rows, losses);
    double[] start = posterior.priorMean.clone();
    double[] best = Lbfgs.minimize(posterior, start, evaluations, 1e-3);
    int d = unordered.length;
    double[] weights = new double[d];
    for (int i = 0; i < d; i++) {
      weights[i] = Math.exp(best[i]);
    }
    return new GaussianProcess(
        unordered, rows, losses, weights, Math.exp(best[d]), Math.exp(best[d + 1]));
  }

  /** Returns the process after each of some more points was observed with its expected loss. */
  GaussianProcess believing(List<double[]> more) {
    if (more.isEmpty()) {
      return this;
    }
    int n = points.length;
    double[][] all = Arrays.copyOf(points, n + more.size());
    double[] believed = Arrays.copyOf(losses, n + more.size());
    for (int i = 0; i < more.size(); i++) {
      all[n + i] = more.get(i);
      believed[n + i] = mean(more.get(i));
    }
    return new GaussianProcess(unordered, all, believed, weights, signal, noise);
  }

  private double distance(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < weights.length; d++) {
      sum += weights[d] * square(unordered[d], a[d], b[d]);
    }
    return sum;
  }

  private static double square(boolean unordered, double a, double b) {
    if (Double.isNaN(a) || Double.isNaN(b)) {
      return Double.isNaN(a) == Double.isNaN(b) ? 0 : 1;
    }
    if (unordered) {
      return a == b ? 0 : 1;
    }
    return (a - b) * (a - b);
  }

  private static double matern(double square) {
    double r = SQRT5 * Math.sqrt(square);
    return (1 + r + r * r / 3) * Math.exp(-r);
  }

  /** Returns the expected loss at a point. */
  double mean(double[] point) {
    double sum = 0;
    for (int i = 0; i < points.length; i++) {
      sum += alpha[i] * signal * matern(distance(points[i], point));
    }
    return sum;
  }

  /** Returns the expected loss at a point and its standard deviation, without noise. */
  Prediction predict(double[] point) {
    double[] k = new double[points.length];
    double mean = 0;
    for (int i = 0; i < k.length; i++) {
      k[i] = signal * matern(distance(points[i], point));
      mean += alpha[i] * k[i];
    }
    root.solveLower(k);
    double explained = 0;
    for (double v : k) {
      explained += v * v;
    }
    return new Prediction(mean, Math.sqrt(Math.max(1e-12 * signal, signal - explained)));
  }

  record Prediction(double mean, double deviation) {}

  /** The negative logarithm of the posterior density of the hyperparameters, up to a constant. */
  private static final class Posterior implements Lbfgs.Function {

    private final int n;
    private final int dimensions;
    private final double[] losses;
    private final double[][][] squares; // by dimension, row and column below the diagonal
    private final double[] priorMean;
    private final double[] priorDeviation;

    Posterior(boolean[] unordered, double[][] points, double[] losses) {
      this.n = points.length;
      this.dimensions = unordered.length;
      this.losses = losses;
      this.squares = new double[dimensions][n][];
      for (int d = 0; d < dimensions; d++) {
        for (int i = 0; i < n; i++) {
          double[] row = new double[i];
          for (int j = 0; j < i; j++) {
            row[j] = square(unordered[d], points[i][d], points[j][d]);
          }
          squares[d][i] = row;
        }
      }
      this.priorMean = new double[dimensions + 2];
      this.priorDeviation = new double[dimensions + 2];
      double length = LOG_LENGTH_MEAN + 0.5 * Math.log(dimensions);
      for (int d = 0; d < dimensions; d++) {
        priorMean[d] = -2 * length;
        priorDeviation[d] = 2 * LOG_LENGTH_DEVIATION;
      }
      priorMean[dimensions] = 0;
      priorDeviation[dimensions] = LOG_SIGNAL_DEVIATION;
      priorMean[dimensions + 1] = LOG_NOISE_MEAN;
      priorDeviation[dimensions + 1] = LOG_NOISE_DEVIATION;
    }

    @Override
    public double at(double[] logs, double[] gradient) {
      double[] w = new double[dimensions];
      for (int d = 0; d < dimensions; d++) {
        w[d] = Math.exp(logs[d]);
      }
      double signal = Math.exp(logs[dimensions]);
      double noise = Math.exp(logs[dimensions + 1]);
      double[][] correlation = new double[n][];
      double[][] slope = new double[n][]; // of the kernel by the squared distance
      double[][] covariance = new double[n][];
      fill(w, signal, noise, correlation, slope, covariance);
      Cholesky root = Cholesky.of(covariance);
      if (root == null) {
        return Double.NaN;
      }
      double[] alpha = losses.clone();
      root.solve(alpha);
      double value = root.halfLogDeterminant();
      for (int i = 0; i < n; i++) {
        value += 0.5 * losses[i] * alpha[i];
      }
      differentiate(root.inverse(), alpha, correlation, slope, gradient);
      for (int d = 0; d < dimensions; d++) {
        gradient[d] *= w[d];
      }
      gradient[dimensions] *= signal;
      gradient[dimensions + 1] *= noise;
      for (int p = 0; p < logs.length; p++) {
        double z = (logs[p] - priorMean[p]) / priorDeviation[p];
        value += 0.5 * z * z;
        gradient[p] += z / priorDeviation[p];
      }
      return value;
    }

    private void fill(
        double[] w,
        double signal,
        double noise,
        double[][] correlation,
        double[][] slope,
        double[][] covariance) {
      for (int i = 0; i < n; i++) {
        double[] r2 = new double[i];
        for (int d = 0; d < dimensions; d++) {
          double[] row = squares[d][i];
          for (int j = 0; j < i; j++) {
            r2[j] += w[d] * row[j];
          }
        }
        correlation[i] = new double[i];
        slope[i] = new double[i];
        covariance[i] = new double[i + 1];
        for (int j = 0; j < i; j++) {
          double r = SQRT5 * Math.sqrt(r2[j]);
          double decay = Math.exp(-r);
          correlation[i][j] = (1 + r + r * r / 3) * decay;
          slope[i][j] = -5.0 / 6 * signal * (1 + r) * decay;
          covariance[i][j] = signal * correlation[i][j];
        }
        covariance[i][i] = signal + noise + LEAST_NOISE;
      }
    }

    /** Half the trace of (inverse - alpha alpha') times each derivative of the covariance. */
    private void differentiate(
        double[][] inverse,
        double[] alpha,
        double[][] correlation,
        double[][] slope,
        double[] gradient) {
      Arrays.fill(gradient, 0);
      for (int i = 0; i < n; i++) {
        double[] row = new double[i]; // both triangles at once: twice a half
        for (int j = 0; j < i; j++) {
          double m = inverse[i][j] - alpha[i] * alpha[j];
          gradient[dimensions] += m * correlation[i][j];
          row[j] = m * slope[i][j];
        }
        for (int d = 0; d < dimensions; d++) {
          double[] square = squares[d][i];
          double sum = 0;
          for (int j = 0; j < i; j++) {
            sum += row[j] * square[j];
          }
          gradient[d] += sum;
        }
        double diagonal = 0.5 * (inverse[i][i] - alpha[i] * alpha[i]);
        gradient[dimensions] += diagonal;
        gradient[dimensions + 1] += diagonal;
      }
    }
  }
}
