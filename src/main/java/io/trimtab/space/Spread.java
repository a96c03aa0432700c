package io.trimtab.space;

import io.trimtab.variable.Scale;
import org.jspecify.annotations.Nullable;

/** A distribution on the unit interval. */
abstract class Spread {
  /*
   * Subclasses know their distribution function in closed form; the quantile is found by Newton's method within a
   * bracket, which a table of quantiles starts narrow. Whatever the slope, each step halves the bracket at least.
   */

  private static final int TABLE = 256;
  private static final int STEPS = 100;

  private final double[] table = new double[TABLE + 1];

  /** Returns a prior between two bounds along a scale, or null for an even spread. */
  static @Nullable Spread of(@Nullable Prior prior, double min, double max, Scale scale) {
    if (prior instanceof Prior.Beta beta) {
      return new Beta(beta.alpha(), beta.beta());
    }
    if (prior instanceof Prior.Normal normal) {
      double low = scale == Scale.LOG ? Math.log(min) : min;
      double width = (scale == Scale.LOG ? Math.log(max) : max) - low;
      double mean = scale == Scale.LOG ? Math.log(normal.mean()) : normal.mean();
      return new Normal((mean - low) / width, normal.deviation() / width);
    }
    return null;
  }

  /** To be called at the end of a constructor. */
  final void tabulate() {
    table[TABLE] = 1;
    for (int i = 1; i < TABLE; i++) {
      table[i] = within(table[i - 1], 1, (double) i / TABLE);
    }
  }

  /** How much lies below t. */
  abstract double cdf(double t);

  abstract double density(double t);

  /** The t below which a share p lies. */
  final double quantile(double p) {
    if (p <= 0) {
      return 0;
    }
    if (p >= 1) {
      return 1;
    }
    int cell = (int) (p * TABLE);
    return within(table[cell], table[cell + 1], p);
  }

  private double within(double from, double to, double p) {
    double low = from;
    double high = to;
    double t = low + (high - low) / 2;
    for (int i = 0; i < STEPS && high - low > Math.ulp(high); i++) {
      double error = cdf(t) - p;
      if (error > 0) {
        high = t;
      } else {
        low = t;
      }
      double newton = t - error / density(t);
      double next = newton > low && newton < high ? newton : low + (high - low) / 2;
      if (Math.abs(next - t) <= Math.ulp(t)) {
        return next;
      }
      t = next;
    }
    return t;
  }

  /**
   * A normal distribution cut off at both ends; mean and deviation are fractions of the interval.
   */
  static final class Normal extends Spread {

    private static final double SQRT_2PI = 2.5066282746310002;

    private final double mean;
    private final double deviation;
    private final boolean mirrored;
    private final double below;
    private final double share;

    Normal(double mean, double deviation) {
      // Tails are exact on the left only: a mean to the left of the interval is looked at in a
      // mirror.
      this.mirrored = mean < 0;
      this.mean = mirrored ? 1 - mean : mean;
      this.deviation = deviation;
      this.below = phi((0 - this.mean) / deviation);
      this.share = phi((1 - this.mean) / deviation) - below;
      tabulate();
    }

    @Override
    double cdf(double t) {
      return mirrored ? 1 - straight(1 - t) : straight(t);
    }

    private double straight(double t) {
      return Math.max(0, Math.min(1, (phi((t - mean) / deviation) - below) / share));
    }

    @Override
    double density(double t) {
      double z = ((mirrored ? 1 - t : t) - mean) / deviation;
      return Math.exp(-z * z / 2) / (SQRT_2PI * deviation * share);
    }

    /** Marsaglia's series near the centre, Laplace's continued fraction in the tails. */
    static double phi(double z) {
      double density = Math.exp(-z * z / 2) / SQRT_2PI;
      if (Math.abs(z) > 5) {
        double x = Math.abs(z);
        double fraction = 0;
        for (int k = 40; k >= 1; k--) {
          fraction = k / (x + fraction);
        }
        double tail = density / (x + fraction);
        return z < 0 ? tail : 1 - tail;
      }
      double term = z;
      double sum = z;
      for (int k = 3; Math.abs(term) > Math.abs(sum) * 1e-17; k += 2) {
        term *= z * z / k;
        sum += term;
      }
      return 0.5 + density * sum;
    }
  }

  /** A beta distribution. */
  static final class Beta extends Spread {

    private static final double TINY = 1e-300;

    private final double a;
    private final double b;
    private final double logScale;

    Beta(double alpha, double beta) {
      this.a = alpha;
      this.b = beta;
      this.logScale = logGamma(a + b) - logGamma(a) - logGamma(b);
      tabulate();
    }

    @Override
    double cdf(double t) {
      if (t <= 0 || t >= 1) {
        return t <= 0 ? 0 : 1;
      }
      double front = Math.exp(logScale + a * Math.log(t) + b * Math.log1p(-t));
      return t < (a + 1) / (a + b + 2)
          ? front * fraction(t, a, b) / a
          : 1 - front * fraction(1 - t, b, a) / b;
    }

    @Override
    double density(double t) {
      return Math.exp(logScale + (a - 1) * Math.log(t) + (b - 1) * Math.log1p(-t));
    }

    /** The continued fraction of the incomplete beta function, by Lentz's method. */
    private static double fraction(double x, double a, double b) {
      double c = 1;
      double d = 1 / nonZero(1 - (a + b) * x / (a + 1));
      double h = d;
      for (int m = 1; m < 500; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / nonZero(1 + even * d);
        c = nonZero(1 + even / c);
        h *= d * c;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / nonZero(1 + odd * d);
        c = nonZero(1 + odd / c);
        h *= d * c;
        if (Math.abs(d * c - 1) < 1e-16) {
          break;
        }
      }
      return h;
    }

    private static double nonZero(double x) {
      return Math.abs(x) < TINY ? TINY : x;
    }

    /** Stirling's series, after the recurrence has moved the argument up to where it is exact. */
    private static double logGamma(double x) {
      double shift = 0;
      double y = x;
      while (y < 12) {
        shift -= Math.log(y);
        y++;
      }
      double r = 1 / (y * y);
      double series =
          (1 / 12.0 - r * (1 / 360.0 - r * (1 / 1260.0 - r * (1 / 1680.0 - r / 1188)))) / y;
      return shift + (y - 0.5) * Math.log(y) - y + 0.9189385332046727 + series;
    }
  }
}
