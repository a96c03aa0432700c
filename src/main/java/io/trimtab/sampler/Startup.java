package io.trimtab.sampler;

import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Spreads the first trials of a search evenly, for samplers that learn from then on. */
final class Startup {
  /*
   * The additive recurrence of the d-dimensional golden ratio [1], shifted by the search's seed: trial i is at the fractional part of
   * shift + i * (1/g, 1/g^2, ...), where g is the positive root of g^(d+1) = g + 1. It needs no table and no length in advance, and
   * each prefix is about as even as one of Sobol's sequence. A point that breaks a rule is replaced by a random configuration.
   *
   * [1] M. Roberts, The unreasonable effectiveness of quasirandom sequences, 2018.
   */

  private static final int ITERATIONS = 60;

  private Startup() {}

  static Configuration propose(Search search) {
    ConfigurationSpace space = search.space();
    int dimensions = space.dimensions().size();
    double ratio = 2;
    for (int i = 0; i < ITERATIONS; i++) {
      ratio = Math.pow(1 + ratio, 1.0 / (dimensions + 1));
    }
    RandomGenerator shifts = new SplittableRandom(search.seed());
    double[] cube = new double[dimensions];
    double step = 1;
    for (int d = 0; d < dimensions; d++) {
      step /= ratio;
      double place = shifts.nextDouble() + search.number() * step;
      cube[d] = place - Math.floor(place);
    }
    return space.decode(cube).orElseGet(() -> space.sample(search.random()));
  }
}
