package io.trimtab.sampler;

import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Proposes a Latin hypercube: of {@link #size} trials each parameter has one in every stripe of
 * equal probability. Then it begins the next hypercube.
 *
 * <p>Choose the size to be the number of trials there will be. A point that breaks a rule is
 * replaced by a random configuration.
 *
 * <p>Source: McKay, Beckman and Conover, A Comparison of Three Methods for Selecting Values of
 * Input Variables in the Analysis of Output from a Computer Code, Technometrics 1979.
 *
 * @see SobolSampler
 */
public final class LatinHypercubeSampler implements Sampler {
  /*
   * Trial i of a hypercube takes stripe p_d(i) of dimension d, where p_d is a random permutation made from the search's seed, the
   * number of the hypercube and d; its place within the stripe is random.
   */

  static final String NAME = "latin-hypercube";

  /** Most trials of one hypercube. */
  public static final int MOST_TRIALS = 1_000_000;

  private static final int DEFAULT_SIZE = 100;

  private final int size;

  private LatinHypercubeSampler(int size) {
    if (size < 1 || size > MOST_TRIALS) {
      throw new IllegalArgumentException(
          "size must be in [1, %d], got %d".formatted(MOST_TRIALS, size));
    }
    this.size = size;
  }

  /**
   * Returns a sampler for so many trials.
   *
   * @param size how many trials make one hypercube, in {@code [1, MOST_TRIALS]}
   * @return a sampler
   */
  public static LatinHypercubeSampler of(int size) {
    return new LatinHypercubeSampler(size);
  }

  /**
   * Returns how many trials make one hypercube.
   *
   * @return at least 1
   */
  public int size() {
    return size;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int mostObjectives() {
    return Integer.MAX_VALUE;
  }

  @Override
  public Configuration propose(Search search) {
    int index = search.number() % size;
    RandomGenerator random = search.random();
    SplittableRandom permutations = new SplittableRandom(search.seed() + search.number() / size);
    double[] cube = new double[search.space().dimensions().size()];
    for (int d = 0; d < cube.length; d++) {
      int stripe = shuffled(permutations.split(), index);
      cube[d] = (stripe + random.nextDouble()) / size;
    }
    return search.space().decode(cube).orElseGet(() -> search.space().sample(random));
  }

  /** The element of a random permutation of the stripes at an index. */
  private int shuffled(SplittableRandom random, int index) {
    int[] permutation = new int[size];
    for (int i = 0; i < size; i++) {
      int j = random.nextInt(i + 1);
      permutation[i] = permutation[j];
      permutation[j] = i;
    }
    return permutation[index];
  }

  @Override
  public Map<String, Object> toTree() {
    return Settings.of(NAME).with("size", size).toTree();
  }

  static LatinHypercubeSampler fromTree(JsonObject tree) {
    tree.allowOnly(Set.of(Settings.SAMPLER, "size"));
    return new LatinHypercubeSampler(Settings.integer(tree, "size", DEFAULT_SIZE));
  }

  @Override
  public String toString() {
    return "latin-hypercube(size=%d)".formatted(size);
  }
}
