package io.trimtab.space;

import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/** Two goodness-of-fit tests, as probabilities that a correct sampler does this badly or worse. */
final class Statistics {

  private Statistics() {}

  /** Pearson's chi-square over categories; those expected less than five times are pooled. */
  static <K> double chiSquare(Map<K, Integer> observed, Map<K, Double> probabilities, int n) {
    double statistic = 0;
    double pooledExpected = 0;
    double pooledObserved = 0;
    int bins = 0;
    for (K key : observed.keySet()) {
      if (!probabilities.containsKey(key)) {
        return 0; // impossible, yet drawn
      }
    }
    for (Map.Entry<K, Double> entry : probabilities.entrySet()) {
      double expected = n * entry.getValue();
      double seen = observed.getOrDefault(entry.getKey(), 0);
      if (expected < 5) {
        pooledExpected += expected;
        pooledObserved += seen;
      } else {
        statistic += (seen - expected) * (seen - expected) / expected;
        bins++;
      }
    }
    if (pooledExpected > 0) {
      double difference = pooledObserved - pooledExpected;
      statistic += difference * difference / Math.max(pooledExpected, 1);
      bins++;
    }
    return bins < 2 ? 1 : upperGamma((bins - 1) / 2.0, statistic / 2);
  }

  /** Kolmogorov-Smirnov against a continuous distribution function. */
  static double kolmogorovSmirnov(double[] values, DoubleUnaryOperator cdf) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    double distance = 0;
    for (int i = 0; i < n; i++) {
      double p = cdf.applyAsDouble(sorted[i]);
      distance = Math.max(distance, Math.max((i + 1.0) / n - p, p - (double) i / n));
    }
    double t = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * distance;
    double sum = 0;
    for (int k = 1; k <= 100; k++) {
      sum += (k % 2 == 1 ? 2 : -2) * Math.exp(-2.0 * k * k * t * t);
    }
    return Math.max(0, Math.min(1, sum));
  }

  /** The regularised upper incomplete gamma function Q(a, x): series below a + 1, else Lentz. */
  static double upperGamma(double a, double x) {
    if (x <= 0) {
      return 1;
    }
    double scale = Math.exp(-x + a * Math.log(x) - logGamma(a));
    if (x < a + 1) {
      double term = 1 / a;
      double sum = term;
      for (int i = 1; i < 10_000 && term > sum * 1e-16; i++) {
        term *= x / (a + i);
        sum += term;
      }
      return 1 - sum * scale;
    }
    double b = x + 1 - a;
    double c = 1e300;
    double d = 1 / b;
    double h = d;
    for (int i = 1; i < 10_000; i++) {
      double an = -i * (i - a);
      b += 2;
      d = 1 / (an * d + b);
      c = b + an / c;
      h *= d * c;
      if (Math.abs(d * c - 1) < 1e-15) {
        break;
      }
    }
    return scale * h;
  }

  private static double logGamma(double x) {
    double[] g = {
      76.18009172947146, -86.50532032941677, 24.01409824083091,
      -1.231739572450155, 0.1208650973866179e-2, -0.5395239384953e-5
    };
    double t = x + 5.5;
    t -= (x + 0.5) * Math.log(t);
    double sum = 1.000000000190015;
    for (int i = 0; i < g.length; i++) {
      sum += g[i] / (x + 1 + i);
    }
    return -t + Math.log(2.5066282746310005 * sum / x);
  }
}
