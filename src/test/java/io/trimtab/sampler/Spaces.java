package io.trimtab.sampler;

import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Spaces and searches that the tests of several samplers share. */
final class Spaces {

  static final ConfigurationSpace PLANE =
      ConfigurationSpace.named("plane")
          .floating("x", 0.5, 0.0, 1.0)
          .floating("y", 0.5, 0.0, 1.0)
          .build();

  static final ConfigurationSpace MIXED =
      ConfigurationSpace.named("mixed")
          .floating("x", 0.0, -5.0, 5.0)
          .integer("k", 0, -10, 10)
          .choice("model", "small", "large", "huge")
          .build();

  private Spaces() {}

  /** A bowl in all three coordinates of {@link #MIXED}; least 0. */
  static double bowl(Configuration c) {
    double dx = c.getDouble("x") - 2;
    double dk = (c.getLong("k") + 4) / 2.0;
    return dx * dx + dk * dk + (c.getString("model").equals("large") ? 0 : 3);
  }

  /** A search from nothing on, sequentially. */
  static List<Observation> search(
      Sampler sampler,
      ConfigurationSpace space,
      ToDoubleFunction<Configuration> loss,
      long seed,
      int trials) {
    List<Observation> history = new ArrayList<>();
    for (int trial = 0; trial < trials; trial++) {
      Configuration next = sampler.propose(Search.of(space, seed, history));
      history.add(Observation.complete(next, loss.applyAsDouble(next)));
    }
    return history;
  }

  /** The median over seeds of the best loss. */
  static double medianBest(
      Sampler sampler,
      ConfigurationSpace space,
      ToDoubleFunction<Configuration> loss,
      int seeds,
      int trials) {
    double[] best = new double[seeds];
    for (int seed = 0; seed < seeds; seed++) {
      best[seed] =
          search(sampler, space, loss, seed, trials).stream()
              .mapToDouble(Observation::loss)
              .min()
              .orElseThrow();
    }
    Arrays.sort(best);
    return best[seeds / 2];
  }
}
