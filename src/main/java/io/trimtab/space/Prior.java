package io.trimtab.space;

/**
 * How likely the values of a number are, on top of its scale: evenly along the scale unless a prior
 * says otherwise. Cut off at the bounds of the domain.
 *
 * <pre>{@code
 * builder.floating("temperature", 0.7, 0, 2).prior("temperature", new Prior.Normal(0.7, 0.2));
 * builder.integer("tokens", 512, 64, 8192, Scale.LOG).prior("tokens", new Prior.Beta(2, 3));
 * }</pre>
 */
public sealed interface Prior {

  /**
   * A normal distribution of the values; on a logarithmic scale, of their natural logarithms.
   *
   * @param mean the likeliest value, in the units of the domain; positive on a logarithmic scale
   * @param deviation the standard deviation, positive: in the units of the domain, on a logarithmic
   *     scale of the natural logarithm
   */
  record Normal(double mean, double deviation) implements Prior {
    /**
     * Rejects what is not a distribution.
     *
     * @param mean the likeliest value, in the units of the domain; positive on a logarithmic scale
     * @param deviation the standard deviation, positive: in the units of the domain, on a
     *     logarithmic scale of the natural logarithm
     */
    public Normal {
      if (!Double.isFinite(mean)) {
        throw new IllegalArgumentException("mean must be finite, got " + mean);
      }
      if (!(deviation > 0 && Double.isFinite(deviation))) {
        throw new IllegalArgumentException(
            "deviation must be positive and finite, got " + deviation);
      }
    }
  }

  /**
   * A beta distribution over the domain, with 0 at its lower and 1 at its upper end, measured along
   * the scale.
   *
   * @param alpha weight of the upper end, in {@code [0.01, 10,000]}
   * @param beta weight of the lower end, in {@code [0.01, 10,000]}
   */
  record Beta(double alpha, double beta) implements Prior {
    /**
     * Rejects what is not a distribution, or too extreme for doubles.
     *
     * @param alpha weight of the upper end, in {@code [0.01, 10,000]}
     * @param beta weight of the lower end, in {@code [0.01, 10,000]}
     */
    public Beta {
      if (!(alpha >= 0.01 && alpha <= 10_000 && beta >= 0.01 && beta <= 10_000)) {
        throw new IllegalArgumentException(
            "alpha and beta must be in [0.01, 10000], got " + alpha + " and " + beta);
      }
    }
  }
}
