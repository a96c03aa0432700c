package io.trimtab.sampler;

import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Proposes valid configurations uniformly under the declared scales and weights, whatever was
 * observed.
 */
public final class RandomSampler implements Sampler {

  private RandomSampler() {}

  /**
   * Returns the sampler.
   *
   * @return a sampler without options
   */
  public static RandomSampler create() {
    return new RandomSampler();
  }

  @Override
  public String name() {
    return "random";
  }

  @Override
  public Configuration propose(
      ConfigurationSpace space, List<Observation> history, RandomGenerator random) {
    return space.sample(random);
  }

  @Override
  public String toString() {
    return name();
  }
}
