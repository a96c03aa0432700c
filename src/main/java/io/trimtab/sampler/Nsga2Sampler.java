package io.trimtab.sampler;

import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Proposes children of the configurations that are best in several respects at once and far from
 * each other: the genetic algorithm NSGA-II.
 *
 * <p>For searches with two or more losses per trial and some hundreds of trials. With a single loss
 * it is a plain genetic algorithm.
 *
 * <p>Source: Deb et al., A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II, IEEE
 * Transactions on Evolutionary Computation 2002.
 *
 * @see TpeSampler
 */
public final class Nsga2Sampler implements Sampler {
  /*
   * The parents are found by replaying the history: every so many complete trials make a generation, and the best of parents and
   * children, by front and crowding distance, are the next parents. A child takes each coordinate from either of two parents, which
   * are winners of tournaments between two, and then changes each with a probability of 1 / dimensions. Children that break a rule are
   * tried again, at last a parent takes a small step.
   */

  static final String NAME = "nsga2";

  private static final int DEFAULT_POPULATION = 50;
  private static final double CROSSOVER = 0.9;
  private static final double REACH = 0.1;
  private static final int ATTEMPTS = 50;

  private final int population;

  private Nsga2Sampler(int population) {
    if (population < 2) {
      throw new IllegalArgumentException("population must be at least 2, got " + population);
    }
    this.population = population;
  }

  /**
   * Returns the sampler with a population of 50.
   *
   * @return a sampler
   */
  public static Nsga2Sampler create() {
    return new Nsga2Sampler(DEFAULT_POPULATION);
  }

  /**
   * Returns a sampler with another population.
   *
   * @param population how many trials make a generation, at least 2
   * @return a new sampler
   */
  public Nsga2Sampler withPopulation(int population) {
    return new Nsga2Sampler(population);
  }

  /**
   * Returns how many trials make a generation.
   *
   * @return at least 2
   */
  public int population() {
    return population;
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
    List<Observation> complete = search.complete();
    ConfigurationSpace space = search.space();
    if (complete.size() < population || space.dimensions().isEmpty()) {
      return Startup.propose(search);
    }
    List<Observation> parents = parents(complete);
    RandomGenerator random = search.random();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<Configuration> child = space.decode(child(space, parents, random));
      if (child.isPresent() && parents.stream().noneMatch(p -> is(p, child.get()))) {
        return child.get();
      }
    }
    return space.mutate(winner(parents, random).configuration(), random);
  }

  private static boolean is(Observation parent, Configuration child) {
    return parent.configuration().equals(child);
  }

  /** The parents of the generation under way, best first. */
  private List<Observation> parents(List<Observation> complete) {
    List<Observation> parents = ParetoOrder.of(complete.subList(0, population));
    for (int from = population; from + population <= complete.size(); from += population) {
      List<Observation> all = new ArrayList<>(parents);
      all.addAll(complete.subList(from, from + population));
      parents = ParetoOrder.of(all).subList(0, population);
    }
    return parents;
  }

  private static double[] child(
      ConfigurationSpace space, List<Observation> parents, RandomGenerator random) {
    double[] child = cube(winner(parents, random), random);
    double[] other = cube(winner(parents, random), random);
    boolean crossed = random.nextDouble() < CROSSOVER;
    for (int d = 0; d < child.length; d++) {
      if (crossed && random.nextBoolean()) {
        child[d] = other[d];
      }
      if (random.nextDouble() * child.length < 1) {
        child[d] = Move.near(space.dimensions().get(d), child[d], REACH, random);
      }
    }
    return child;
  }

  private static double[] cube(Observation observation, RandomGenerator random) {
    return new Candidate(observation.configuration(), observation.point()).cube(random);
  }

  /** The better of two; the parents are in order. */
  private static Observation winner(List<Observation> parents, RandomGenerator random) {
    int a = random.nextInt(parents.size());
    int b = random.nextInt(parents.size());
    return parents.get(Math.min(a, b));
  }

  @Override
  public Map<String, Object> toTree() {
    return Settings.of(NAME).with("population", population).toTree();
  }

  static Nsga2Sampler fromTree(JsonObject tree) {
    tree.allowOnly(Set.of(Settings.SAMPLER, "population"));
    return new Nsga2Sampler(Settings.integer(tree, "population", DEFAULT_POPULATION));
  }

  @Override
  public String toString() {
    return "nsga2(population=%d)".formatted(population);
  }
}
