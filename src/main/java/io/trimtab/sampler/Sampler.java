package io.trimtab.sampler;

import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Proposes the configuration to try next.
 *
 * <p><b>Valid.</b> Every proposal satisfies all rules of the space. <b>Reproducible.</b> The same
 * space, history and random generator state give the same proposal: a sampler keeps nothing between
 * calls. <b>Threads.</b> Safe for use by many threads at once, each with its own random generator.
 *
 * <pre>{@code
 * Sampler sampler = TpeSampler.create();
 * Configuration next = sampler.propose(space, history, new SplittableRandom(42));
 * }</pre>
 */
public interface Sampler {

  /**
   * Returns what to call the sampler in reports.
   *
   * @return a short lower-case word such as {@code tpe}
   */
  String name();

  /**
   * Proposes a configuration.
   *
   * @param space what may vary and under which rules
   * @param history all trials so far in the order in which they were asked, running ones included
   * @param random the only source of chance
   * @return a valid configuration of the space
   * @throws io.trimtab.space.SamplingException if no valid configuration could be found within
   *     bounds
   * @throws io.trimtab.space.InfeasibleSpaceException if there is none
   */
  Configuration propose(
      ConfigurationSpace space, List<Observation> history, RandomGenerator random);
}
