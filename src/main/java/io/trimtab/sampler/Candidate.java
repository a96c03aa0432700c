package io.trimtab.sampler;

import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A valid configuration under consideration, and where it lies.
 *
 * @param configuration what might be proposed
 * @param point its coordinates in the unit cube, NaN where inactive; not to be written to
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier that is never compared
record Candidate(Configuration configuration, double[] point) {

  static Candidate of(Configuration configuration) {
    return new Candidate(configuration, configuration.space().encode(configuration));
  }

  static Candidate sample(ConfigurationSpace space, RandomGenerator random) {
    return of(space.sample(random));
  }

  /** The candidate at a place without NaN, or empty if a rule is broken there. */
  static Optional<Candidate> at(ConfigurationSpace space, double[] cube) {
    return space.decode(cube).map(Candidate::of);
  }

  /** The coordinates, with chance in place of NaN: what a step away may activate needs a value. */
  double[] cube(RandomGenerator random) {
    double[] cube = point.clone();
    for (int i = 0; i < cube.length; i++) {
      cube[i] = Double.isNaN(cube[i]) ? random.nextDouble() : cube[i];
    }
    return cube;
  }
}
