package io.trimtab.sampler;

import org.jspecify.annotations.Nullable;

/** The lower triangular root of a positive definite matrix. */
final class Cholesky {

  private final double[][] lower;

  private Cholesky(double[][] lower) {
    this.lower = lower;
  }

  /**
   * Decomposes a symmetric matrix, of which only the lower triangle is read; the matrix is
   * overwritten.
   *
   * @return the root, or null if the matrix is not positive definite to working precision
   */
  static @Nullable Cholesky of(double[][] matrix) {
    int n = matrix.length;
    for (int i = 0; i < n; i++) {
      double[] row = matrix[i];
      for (int j = 0; j <= i; j++) {
        double[] other = matrix[j];
        double sum = row[j];
        for (int k = 0; k < j; k++) {
          sum -= row[k] * other[k];
        }
        if (i != j) {
          row[j] = sum / other[j];
        } else if (sum > 0) {
          row[i] = Math.sqrt(sum);
        } else {
          return null; // also for NaN
        }
      }
    }
    return new Cholesky(matrix);
  }

  /** Half the logarithm of the determinant. */
  double halfLogDeterminant() {
    double sum = 0;
    for (int i = 0; i < lower.length; i++) {
      sum += Math.log(lower[i][i]);
    }
    return sum;
  }

  /** Solves {@code L x = b} in place. */
  void solveLower(double[] b) {
    for (int i = 0; i < lower.length; i++) {
      double[] row = lower[i];
      double sum = b[i];
      for (int k = 0; k < i; k++) {
        sum -= row[k] * b[k];
      }
      b[i] = sum / row[i];
    }
  }

  /** Solves {@code L L' x = b} in place. */
  void solve(double[] b) {
    solveLower(b);
    for (int i = lower.length - 1; i >= 0; i--) {
      double[] row = lower[i];
      b[i] /= row[i];
      for (int k = 0; k < i; k++) {
        b[k] -= row[k] * b[i];
      }
    }
  }

  /** The lower triangle of the inverse of the whole matrix. */
  double[][] inverse() {
    int n = lower.length;
    double[][] root = new double[n][]; // row i holds column i of the inverse of L, from i on
    for (int i = 0; i < n; i++) {
      double[] column = new double[n];
      column[i] = 1 / lower[i][i];
      for (int j = i + 1; j < n; j++) {
        double[] row = lower[j];
        double sum = 0;
        for (int k = i; k < j; k++) {
          sum -= row[k] * column[k];
        }
        column[j] = sum / row[j];
      }
      root[i] = column;
    }
    double[][] inverse = new double[n][];
    for (int i = 0; i < n; i++) {
      inverse[i] = new double[i + 1];
      double[] a = root[i];
      for (int j = 0; j <= i; j++) {
        double[] b = root[j];
        double sum = 0;
        for (int k = i; k < n; k++) {
          sum += a[k] * b[k];
        }
        inverse[i][j] = sum;
      }
    }
    return inverse;
  }
}
