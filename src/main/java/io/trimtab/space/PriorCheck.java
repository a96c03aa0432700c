package io.trimtab.space;

import io.trimtab.variable.Domain;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.IntegerDomain;
import io.trimtab.variable.Scale;
import org.jspecify.annotations.Nullable;

/** Judges whether a prior suits a domain. */
final class PriorCheck {

  /** Farther away than this many deviations, doubles see no mass between the bounds. */
  private static final double FARTHEST = 30;

  private PriorCheck() {}

  /** Returns what was expected instead, or null if the prior suits. */
  static @Nullable String expected(Domain<?> domain, Prior prior) {
    if (domain instanceof FloatDomain floats) {
      return Double.isFinite(floats.min()) && Double.isFinite(floats.max())
          ? expected(floats.min(), floats.max(), floats.scale(), prior)
          : "a number with both bounds";
    }
    if (domain instanceof IntegerDomain integers) {
      return integers.min() != Long.MIN_VALUE && integers.max() != Long.MAX_VALUE
          ? expected((double) integers.min(), (double) integers.max(), integers.scale(), prior)
          : "a number with both bounds";
    }
    return "a prior of a FLOAT or INTEGER; options have weights";
  }

  private static @Nullable String expected(double min, double max, Scale scale, Prior prior) {
    if (!(prior instanceof Prior.Normal normal)) {
      return null;
    }
    if (scale == Scale.LOG && !(normal.mean() > 0)) {
      return "a positive mean on a logarithmic scale";
    }
    boolean log = scale == Scale.LOG;
    double mean = log ? Math.log(normal.mean()) : normal.mean();
    double low = log ? Math.log(min) : min;
    double high = log ? Math.log(max) : max;
    double outside = Math.max(0, Math.max(low - mean, mean - high));
    return outside <= FARTHEST * normal.deviation()
        ? null
        : "a mean at most " + FARTHEST + " deviations outside the bounds";
  }
}
