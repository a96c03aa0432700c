package io.trimtab.sampler;

import java.util.Arrays;
import java.util.List;

/** Makes losses fit for a model that assumes them to be normal. */
final class Losses {

  private static final double FENCE = 1.5;

  private Losses() {}

  /**
   * Returns the losses with mean 0 and deviation 1, after each above Tukey's upper fence (the upper
   * quartile and one and a half times the distance between the quartiles) is lowered to it.
   */
  static double[] standardised(List<Observation> observations) {
    double[] losses = observations.stream().mapToDouble(Observation::loss).toArray();
    double[] sorted = losses.clone();
    Arrays.sort(sorted);
    double least = sorted[0];
    double scale = Math.max(Math.abs(least), Math.abs(sorted[sorted.length - 1]));
    if (least == sorted[sorted.length - 1]) {
      return new double[losses.length];
    }
    double lower = quantile(sorted, 0.25) / scale;
    double upper = quantile(sorted, 0.75) / scale;
    double fence = upper > lower ? upper + FENCE * (upper - lower) : Double.POSITIVE_INFINITY;
    double sum = 0;
    for (int i = 0; i < losses.length; i++) {
      losses[i] = Math.min(losses[i] / scale, fence); // scaled, so that no square overflows
      sum += losses[i];
    }
    double mean = sum / losses.length;
    double squares = 0;
    for (int i = 0; i < losses.length; i++) {
      losses[i] -= mean;
      squares += losses[i] * losses[i];
    }
    double deviation = Math.sqrt(squares / losses.length);
    for (int i = 0; i < losses.length && deviation > 0; i++) {
      losses[i] /= deviation;
    }
    return losses;
  }

  private static double quantile(double[] sorted, double share) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
