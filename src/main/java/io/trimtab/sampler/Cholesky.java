package io.trimtab.sampler;

import org.jspecify.annotations.Nullable;

/** The lower triangular root of a positive definite matrix. */
final class Cholesky {
  /*
   * Every inner loop adds a multiple of one array to another. The virtual machine makes vector instructions of that, and not of the sum of
   * products that the textbook's order of loops would have, since it may not reorder a sum of doubles.
   */

  private final double[][] lower;
  private final double[][] columns; // of the same: columns[k][i] = lower[i][k] for i > k

  private Cholesky(double[][] lower, double[][] columns) {
    this.lower = lower;
    this.columns = columns;
  }

  /**
   * Decomposes a symmetric matrix, of which only the lower triangle is read; the matrix is
   * overwritten.
   *
   * @return the root, or null if the matrix is not positive definite to working precision
   */
  static @Nullable Cholesky of(double[][] matrix) {
    int n = matrix.length;
    double[][] columns = new double[n][n];
    for (int k = 0; k < n; k++) {
      double pivot = matrix[k][k];
      if (!(pivot > 0)) {
        return null; // also for NaN
      }
      double root = Math.sqrt(pivot);
      matrix[k][k] = root;
      double[] column = columns[k];
      for (int i = k + 1; i < n; i++) {
        matrix[i][k] /= root;
        column[i] = matrix[i][k];
      }
      for (int i = k + 1; i < n; i++) {
        add(matrix[i], -column[i], column, k + 1, i + 1);
      }
    }
    return new Cholesky(matrix, columns);
  }

  /** Adds a multiple of one array to another, from one place to before another. */
  private static void add(double[] to, double factor, double[] what, int from, int before) {
    for (int i = from; i < before; i++) {
      to[i] += factor * what[i];
    }
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
    for (int k = 0; k < lower.length; k++) {
      b[k] /= lower[k][k];
      add(b, -b[k], columns[k], k + 1, lower.length);
    }
  }

  /** Solves {@code L L' x = b} in place. */
  void solve(double[] b) {
    solveLower(b);
    for (int i = lower.length - 1; i >= 0; i--) {
      b[i] /= lower[i][i];
      add(b, -b[i], lower[i], 0, i);
    }
  }

  /** The lower triangle of the inverse of the whole matrix. */
  double[][] inverse() {
    int n = lower.length;
    double[][] inverse = new double[n][];
    double[][] rows = new double[n][]; // of the inverse of L
    for (int k = 0; k < n; k++) {
      inverse[k] = new double[k + 1];
      double[] row = new double[k + 1];
      for (int j = 0; j < k; j++) {
        add(row, -lower[k][j], rows[j], 0, j + 1);
      }
      for (int j = 0; j < k; j++) {
        row[j] /= lower[k][k];
      }
      row[k] = 1 / lower[k][k];
      rows[k] = row;
      for (int i = 0; i <= k; i++) {
        add(inverse[i], row[i], row, 0, i + 1);
      }
    }
    return inverse;
  }
}
