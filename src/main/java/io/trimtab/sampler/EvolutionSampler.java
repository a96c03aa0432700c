package io.trimtab.sampler;

import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Proposes small changes of good configurations among the latest: regularised evolution.
 *
 * <p>The population is the last {@link #population} complete trials, whatever their loss, so that a
 * lucky score does not live for ever, which suits noisy objectives. Of {@link #tournament} of them,
 * drawn by chance, the best is changed in one parameter. Copes with any space whose configurations
 * have neighbours, and costs next to nothing.
 *
 * <p>Source: Real et al., Regularized Evolution for Image Classifier Architecture Search, AAAI
 * 2019.
 *
 * @see Nsga2Sampler
 */
public final class EvolutionSampler implements Sampler {

  static final String NAME = "evolution";

  private static final int DEFAULT_POPULATION = 20;
  private static final int DEFAULT_TOURNAMENT = 6;

  private final int population;
  private final int tournament;

  private EvolutionSampler(int population, int tournament) {
    if (population < 1 || tournament < 1 || tournament > population) {
      throw new IllegalArgumentException(
          "population and tournament: expected 1 <= tournament <= population, got %d and %d"
              .formatted(population, tournament));
    }
    this.population = population;
    this.tournament = tournament;
  }

  /**
   * Returns the sampler with a population of 20 and tournaments of 6.
   *
   * @return a sampler
   */
  public static EvolutionSampler create() {
    return new EvolutionSampler(DEFAULT_POPULATION, DEFAULT_TOURNAMENT);
  }

  /**
   * Returns a sampler with another population.
   *
   * @param population how many of the latest complete trials may have children, at least 1
   * @param tournament how many of them compete for each child, in {@code [1, population]}
   * @return a new sampler
   */
  public EvolutionSampler withPopulation(int population, int tournament) {
    return new EvolutionSampler(population, tournament);
  }

  /**
   * Returns how many trials may have children.
   *
   * @return at least 1
   */
  public int population() {
    return population;
  }

  /**
   * Returns how many trials compete for each child.
   *
   * @return at least 1
   */
  public int tournament() {
    return tournament;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Configuration propose(Search search) {
    List<Observation> complete = search.complete();
    if (complete.size() < population || search.space().dimensions().isEmpty()) {
      return Startup.propose(search);
    }
    List<Observation> alive = complete.subList(complete.size() - population, complete.size());
    RandomGenerator random = search.random();
    Observation parent = alive.get(random.nextInt(population));
    for (int i = 1; i < tournament; i++) {
      Observation rival = alive.get(random.nextInt(population));
      parent = rival.loss() < parent.loss() ? rival : parent;
    }
    return search.space().mutate(parent.configuration(), random);
  }

  @Override
  public Map<String, Object> toTree() {
    return Settings.of(NAME).with("population", population).with("tournament", tournament).toTree();
  }

  static EvolutionSampler fromTree(JsonObject tree) {
    tree.allowOnly(Set.of(Settings.SAMPLER, "population", "tournament"));
    return new EvolutionSampler(
        Settings.integer(tree, "population", DEFAULT_POPULATION),
        Settings.integer(tree, "tournament", DEFAULT_TOURNAMENT));
  }

  @Override
  public String toString() {
    return "evolution(population=%d, tournament=%d)".formatted(population, tournament);
  }
}
