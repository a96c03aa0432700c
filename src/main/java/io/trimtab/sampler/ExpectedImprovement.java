package io.trimtab.sampler;

/** How much lower than the best so far a loss is expected to be, on a logarithmic scale. */
final class ExpectedImprovement {
  /*
   * log EI after [1]: far from the best, EI itself underflows and is flat, its logarithm is not. For z below -1 the form with the
   * scaled complementary error function avoids cancellation; it is computed by the same continued fraction as the tail of the normal
   * distribution, whose relative error there is below 1e-9.
   *
   * [1] Ament et al., Unexpected Improvements to Expected Improvement for Bayesian Optimization, NeurIPS 2023.
   */

  private ExpectedImprovement() {}

  /** Returns the logarithm of the expected improvement of a normal loss over the best so far. */
  static double log(double best, double mean, double deviation) {
    return logUnit((best - mean) / deviation) + Math.log(deviation);
  }

  /** The logarithm of {@code pdf(z) + z cdf(z)}. */
  static double logUnit(double z) {
    if (z > -1) {
      return Math.log(Math.exp(Normal.logPdf(z)) + z * Normal.cdf(z));
    }
    double x = -z;
    if (x > 1e4) {
      return Normal.logPdf(z) - 2 * Math.log(x); // 1 - x m(x) tends to 1 / x^2
    }
    return Normal.logPdf(z) + Math.log1p(-x * mills(x));
  }

  /** The tail of the normal distribution over its density. */
  private static double mills(double x) {
    if (x < 3) {
      return Normal.cdf(-x) / Math.exp(Normal.logPdf(x));
    }
    double fraction = x;
    for (int k = 60; k >= 1; k--) {
      fraction = x + k / fraction;
    }
    return 1 / fraction;
  }
}
