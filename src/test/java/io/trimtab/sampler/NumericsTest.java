package io.trimtab.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The small numerics under the Gaussian process, each against an independent calculation. */
final class NumericsTest {

  private static double[][] positiveDefinite(int n, SplittableRandom random) {
    double[][] factor = new double[n][n];
    for (double[] row : factor) {
      Arrays.setAll(row, i -> random.nextDouble(-1, 1));
    }
    double[][] matrix = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          matrix[i][j] += factor[i][k] * factor[j][k];
        }
      }
      matrix[i][i] += 0.1;
    }
    return matrix;
  }

  private static double[][] copy(double[][] matrix) {
    return Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
  }

  @Test
  void cholesky_solve_satisfiesTheEquations() {
    double[][] matrix = positiveDefinite(12, new SplittableRandom(1));
    double[] x = new SplittableRandom(2).doubles(12).toArray();
    double[] b = new double[12];
    for (int i = 0; i < 12; i++) {
      for (int j = 0; j < 12; j++) {
        b[i] += matrix[i][j] * x[j];
      }
    }

    Cholesky.of(copy(matrix)).solve(b);

    for (int i = 0; i < 12; i++) {
      assertThat(b[i]).isCloseTo(x[i], within(1e-9));
    }
  }

  @Test
  void cholesky_inverse_timesTheMatrix_isOne() {
    double[][] matrix = positiveDefinite(9, new SplittableRandom(3));
    double[][] inverse = Cholesky.of(copy(matrix)).inverse();

    for (int i = 0; i < 9; i++) {
      for (int j = 0; j < 9; j++) {
        double sum = 0;
        for (int k = 0; k < 9; k++) {
          sum += inverse[Math.max(i, k)][Math.min(i, k)] * matrix[k][j];
        }
        assertThat(sum).isCloseTo(i == j ? 1 : 0, within(1e-9));
      }
    }
  }

  @Test
  void cholesky_indefinite_isNull() {
    assertThat(Cholesky.of(new double[][] {{1, 0}, {2, 1}})).isNull();
    assertThat(Cholesky.of(new double[][] {{Double.NaN}})).isNull();
  }

  @Test
  void lbfgs_rosenbrock_findsTheMinimum() {
    Lbfgs.Function rosenbrock =
        (x, gradient) -> {
          double a = 1 - x[0];
          double b = x[1] - x[0] * x[0];
          gradient[0] = -2 * a - 400 * x[0] * b;
          gradient[1] = 200 * b;
          return a * a + 100 * b * b;
        };

    double[] found = Lbfgs.minimize(rosenbrock, new double[] {-1.2, 1}, 200, 1e-8);

    assertThat(found[0]).isCloseTo(1, within(1e-5));
    assertThat(found[1]).isCloseTo(1, within(1e-5));
  }

  @Test
  void lbfgs_fewEvaluations_usesNoMore() {
    int[] used = {0};
    Lbfgs.Function bowl =
        (x, gradient) -> {
          used[0]++;
          gradient[0] = 2 * x[0] * 1e6;
          return x[0] * x[0] * 1e6;
        };

    Lbfgs.minimize(bowl, new double[] {3}, 5, 0);

    assertThat(used[0]).isBetween(2, 5);
  }

  /** Against the definition, by numeric integration of (-t) pdf(z - t). */
  @Test
  void logExpectedImprovement_matchesTheIntegral() {
    for (double z : new double[] {-6, -2.5, -1.01, -0.99, 0, 0.7, 3}) {
      double sum = 0;
      int steps = 400_000;
      double width = (z + 12) / steps;
      for (int i = 0; i < steps; i++) {
        double t = -12 + (i + 0.5) * width; // a standard normal below z improves by z - t
        sum += (z - t) * Math.exp(Normal.logPdf(t)) * width;
      }
      assertThat(ExpectedImprovement.logUnit(z)).isCloseTo(Math.log(sum), within(1e-4));
    }
  }

  @Test
  void logExpectedImprovement_farBelow_isFiniteAndStrictlyRising() {
    double last = Double.NEGATIVE_INFINITY;
    for (double z = -1e6; z < -1; z /= 1.3) {
      double log = ExpectedImprovement.logUnit(z);
      assertThat(log).isFinite().isGreaterThan(last);
      last = log;
    }
  }

  private static final boolean[] ORDERED = {false, false};

  private static GaussianProcess process(List<double[]> points) {
    double[] losses = points.stream().mapToDouble(p -> Math.sin(6 * p[0]) + p[1]).toArray();
    return GaussianProcess.fit(ORDERED, points, losses, 60);
  }

  private static List<double[]> scattered(int count) {
    SplittableRandom random = new SplittableRandom(4);
    List<double[]> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      points.add(new double[] {random.nextDouble(), random.nextDouble()});
    }
    return points;
  }

  @Test
  void gaussianProcess_smoothFunction_isPredictedBetweenThePoints() {
    GaussianProcess process = process(scattered(40));

    for (double[] p : List.of(new double[] {0.3, 0.4}, new double[] {0.62, 0.55})) {
      GaussianProcess.Prediction prediction = process.predict(p);
      double error = prediction.mean() - (Math.sin(6 * p[0]) + p[1]);
      assertThat(Math.abs(error)).isLessThan(0.05);
      assertThat(prediction.deviation()).isLessThan(0.2);
    }
  }

  @Test
  void gaussianProcess_awayFromThePoints_isLessCertain() {
    List<double[]> corner = scattered(30);
    corner.forEach(p -> p[0] *= 0.3);
    GaussianProcess process = process(corner);

    assertThat(process.predict(new double[] {0.95, 0.5}).deviation())
        .isGreaterThan(3 * process.predict(new double[] {0.15, 0.5}).deviation());
  }

  @Test
  void gaussianProcess_believing_keepsTheMeanAndLowersTheDeviation() {
    GaussianProcess process = process(scattered(15));
    double[] place = {0.5, 0.5};

    GaussianProcess believing = process.believing(List.of(place));

    assertThat(believing.mean(place)).isCloseTo(process.mean(place), within(1e-2));
    assertThat(believing.predict(place).deviation())
        .isLessThan(process.predict(place).deviation() / 2);
  }

  @Test
  void losses_standardised_haveMeanZeroAndKeepTheirOrderBelowTheFence() {
    List<Observation> observations = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      double loss = i == 19 ? 1e300 : i;
      observations.add(Observation.complete(Spaces.PLANE.defaults(), loss));
    }

    double[] standardised = Losses.standardised(observations);

    assertThat(Arrays.stream(standardised).sum()).isCloseTo(0, within(1e-9));
    for (int i = 1; i < 20; i++) {
      assertThat(standardised[i]).isGreaterThanOrEqualTo(standardised[i - 1]).isFinite();
    }
  }
}
