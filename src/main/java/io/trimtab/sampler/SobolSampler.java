package io.trimtab.sampler;

import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.hipparchus.random.SobolSequenceGenerator;

/**
 * Proposes Sobol's low-discrepancy sequence, scrambled by the seed of the search: more even than
 * random points, and at powers of two trials the most even.
 *
 * <p>A point that breaks a rule is replaced by a random configuration. Needs {@code
 * org.hipparchus:hipparchus-core} on the class path, for the direction numbers.
 *
 * <p>Source: Joe and Kuo, Constructing Sobol Sequences with Better Two-Dimensional Projections,
 * SIAM Journal on Scientific Computing 2008; scrambled after Owen, Randomly Permuted (t,m,s)-Nets
 * and (t,s)-Sequences, 1995.
 *
 * @see LatinHypercubeSampler
 */
public final class SobolSampler implements Sampler {
  /*
   * Nested uniform scrambling by a hash [1]: with the bits of a coordinate reversed, each bit may only depend on lower ones, which
   * multiplications by even numbers and additions respect. Dimensions have different seeds. 32 bits of each coordinate are scrambled,
   * what lies below is filled from the trial's own chance.
   *
   * [1] B. Burley, Practical Hash-based Owen Scrambling, Journal of Computer Graphics Techniques 2020.
   */

  static final String NAME = "sobol";

  private static final double TWO_32 = 4294967296.0;

  private SobolSampler() {}

  /**
   * Returns the sampler.
   *
   * @return a sampler without settings
   * @throws IllegalStateException if Hipparchus is not on the class path
   */
  public static SobolSampler create() {
    Hipparchus.require("SobolSampler");
    return new SobolSampler();
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
    ConfigurationSpace space = search.space();
    int dimensions = space.dimensions().size();
    if (dimensions == 0) {
      return space.defaults();
    }
    double[] cube = new SobolSequenceGenerator(dimensions).skipTo(search.number());
    var random = search.random();
    for (int d = 0; d < dimensions; d++) {
      int bits = (int) (long) (cube[d] * TWO_32);
      long scrambled = Integer.toUnsignedLong(scramble(bits, hash(search.seed(), d)));
      cube[d] = (scrambled + random.nextDouble()) / TWO_32;
    }
    return space.decode(cube).orElseGet(() -> space.sample(random));
  }

  private static int hash(long seed, int dimension) {
    return (int) new SplittableRandom(seed ^ (0x632BE59BD9B4E019L * (dimension + 1))).nextLong();
  }

  /** Owen's scrambling of a 32-bit fraction. */
  private static int scramble(int bits, int seed) {
    int x = Integer.reverse(bits);
    x += seed;
    x ^= x * 0x6c50b47c;
    x ^= x * 0xb82f1e52;
    x ^= x * 0xc7afe638;
    x ^= x * 0x8d22f6e6;
    return Integer.reverse(x);
  }

  @Override
  public Map<String, Object> toTree() {
    return Settings.of(NAME).toTree();
  }

  static SobolSampler fromTree(JsonObject tree) {
    tree.allowOnly(Set.of(Settings.SAMPLER));
    return create();
  }

  @Override
  public String toString() {
    return NAME;
  }
}
