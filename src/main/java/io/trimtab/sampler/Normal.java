package io.trimtab.sampler;

import java.util.random.RandomGenerator;

/** The standard normal distribution. */
final class Normal {
  /*
   * The distribution function is West's double-precision form of Hart's rational approximation [1], absolute error below 1e-15.
   * The quantile is Acklam's rational approximation [2] with one Halley step, which brings its relative error of 1e-9 down to
   * that of the distribution function.
   *
   * [1] G. West, Better approximations to cumulative normal functions, Wilmott 2005.
   * [2] P. Acklam, An algorithm for computing the inverse normal cumulative distribution function, 2003.
   */

  private static final double LOG_SQRT_2PI = 0.9189385332046727;
  private static final double SQRT_2PI = 2.5066282746310002;

  private Normal() {}

  static double logPdf(double z) {
    return -0.5 * z * z - LOG_SQRT_2PI;
  }

  static double cdf(double z) {
    double x = Math.abs(z);
    double tail = x > 37 ? 0 : upperTail(x);
    return z > 0 ? 1 - tail : tail;
  }

  /** The mass of a normal distribution within the unit interval. */
  static double massWithinUnit(double centre, double deviation) {
    return cdf((1 - centre) / deviation) - cdf(-centre / deviation);
  }

  /** Draws from a normal distribution cut off at the ends of the unit interval. */
  static double drawWithinUnit(
      double centre, double deviation, double massWithin, RandomGenerator random) {
    double z = quantile(cdf(-centre / deviation) + random.nextDouble() * massWithin);
    return Math.max(0, Math.min(1, centre + deviation * z));
  }

  private static double upperTail(double x) {
    double density = Math.exp(-x * x / 2);
    if (x >= 7.07106781186547) {
      double continued = x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65))));
      return density / continued / SQRT_2PI;
    }
    double above = 3.52624965998911e-02 * x + 0.700383064443688;
    above = above * x + 6.37396220353165;
    above = above * x + 33.912866078383;
    above = above * x + 112.079291497871;
    above = above * x + 221.213596169931;
    above = above * x + 220.206867912376;
    double below = 8.83883476483184e-02 * x + 1.75566716318264;
    below = below * x + 16.064177579207;
    below = below * x + 86.7807322029461;
    below = below * x + 296.564248779674;
    below = below * x + 637.333633378831;
    below = below * x + 793.826512519948;
    below = below * x + 440.413735824752;
    return density * above / below;
  }

  /**
   * The z below which a share {@code p} lies; the ends give -38 and 38, beyond which doubles know
   * no mass.
   */
  static double quantile(double p) {
    if (p <= 0) {
      return -38;
    }
    if (p >= 1) {
      return 38;
    }
    double z = p < 0.02425 ? tail(p) : p > 1 - 0.02425 ? -tail(1 - p) : centre(p - 0.5);
    double error = (cdf(z) - p) * SQRT_2PI * Math.exp(z * z / 2);
    return z - error / (1 + z * error / 2);
  }

  private static double tail(double p) {
    double q = Math.sqrt(-2 * Math.log(p));
    double above = -7.784894002430293e-03 * q - 3.223964580411365e-01;
    above = above * q - 2.400758277161838;
    above = above * q - 2.549732539343734;
    above = above * q + 4.374664141464968;
    above = above * q + 2.938163982698783;
    double below = 7.784695709041462e-03 * q + 3.224671290700398e-01;
    below = below * q + 2.445134137142996;
    below = below * q + 3.754408661907416;
    return above / (below * q + 1);
  }

  private static double centre(double q) {
    double r = q * q;
    double above = -3.969683028665376e+01 * r + 2.209460984245205e+02;
    above = above * r - 2.759285104469687e+02;
    above = above * r + 1.383577518672690e+02;
    above = above * r - 3.066479806614716e+01;
    above = above * r + 2.506628277459239;
    double below = -5.447609879822406e+01 * r + 1.615858368580409e+02;
    below = below * r - 1.556989798598866e+02;
    below = below * r + 6.680131188771972e+01;
    below = below * r - 1.328068155288572e+01;
    return above * q / (below * r + 1);
  }
}
