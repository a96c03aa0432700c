package io.trimtab.sampler;

import io.trimtab.space.ConfigurationSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A search as a {@link Sampler} sees it when it is asked for the configuration of the next trial:
 * the space, everything tried so far, and where chance comes from.
 *
 * <pre>{@code
 * Search search = Search.of(space, 42);
 * Configuration first = sampler.propose(search);
 * search = search.with(Observation.complete(first, loss(first)));
 * Configuration second = sampler.propose(search);
 * }</pre>
 *
 * <p>Immutable and safe for all threads.
 */
public final class Search {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final ConfigurationSpace space;
  private final long seed;
  private final int number;
  private final int redraws;
  private final Supplier<List<Observation>> source;

  /** Taken from the source when first asked for; two threads may both do so. */
  private volatile @Nullable List<Observation> history;

  private Search(
      ConfigurationSpace space,
      long seed,
      int number,
      int redraws,
      Supplier<List<Observation>> source) {
    if (number < 0 || redraws < 0) {
      throw new IllegalArgumentException(
          "number and redraws must be at least 0, got %d and %d".formatted(number, redraws));
    }
    this.space = space;
    this.seed = seed;
    this.number = number;
    this.redraws = redraws;
    this.source = source;
  }

  /**
   * Returns a search that has not begun.
   *
   * @param space what may vary and under which rules
   * @param seed of all chance in the search
   * @return a search without history
   */
  public static Search of(ConfigurationSpace space, long seed) {
    return new Search(space, seed, 0, 0, List::of);
  }

  /**
   * Returns a search that has tried something.
   *
   * @param space what may vary and under which rules
   * @param seed of all chance in the search
   * @param history every trial so far in the order in which they were asked for, running ones
   *     included; all of configurations of the space, the complete ones with equally many losses
   * @return a search that asks for the trial after the last
   */
  public static Search of(ConfigurationSpace space, long seed, List<Observation> history) {
    List<Observation> copy = List.copyOf(history);
    return new Search(space, seed, copy.size(), 0, () -> copy);
  }

  /**
   * Returns a search whose history is looked at only if the sampler does, since many trials make it
   * long.
   *
   * @param space what may vary and under which rules
   * @param seed of all chance in the search
   * @param number the number of the trial asked for, at least 0
   * @param history gives what {@link #of(ConfigurationSpace, long, List)} takes; while the search
   *     is in use it must give the same each time
   * @return a search
   */
  public static Search of(
      ConfigurationSpace space, long seed, int number, Supplier<List<Observation>> history) {
    return new Search(space, seed, number, 0, history);
  }

  private List<Observation> checked(List<Observation> given) {
    List<Observation> copy = List.copyOf(given);
    int objectives = 0;
    for (int i = 0; i < copy.size(); i++) {
      Observation observation = copy.get(i);
      if (!observation.configuration().space().equals(space)) {
        throw new IllegalArgumentException(
            "history[%d]: expected a configuration of space \"%s\", got %s"
                .formatted(i, space.name(), observation.configuration()));
      }
      if (objectives != 0 && observation.objectives() != 0) {
        requireEqual(objectives, observation.objectives(), i);
      }
      objectives = Math.max(objectives, observation.objectives());
    }
    return copy;
  }

  private static void requireEqual(int objectives, int found, int index) {
    if (objectives != found) {
      throw new IllegalArgumentException(
          "history[%d]: expected %d losses like those before, got %d"
              .formatted(index, objectives, found));
    }
  }

  /**
   * Returns the search after one more trial was asked for.
   *
   * @param observation what is known of it
   * @return a new search
   */
  public Search with(Observation observation) {
    List<Observation> longer = new ArrayList<>(history());
    longer.add(observation);
    return of(space, seed, longer);
  }

  /**
   * Returns the same search, asked for another trial: several trials may be asked for before any of
   * them is in the history.
   *
   * @param number the number of the trial asked for, at least 0
   * @return a new search
   */
  public Search asking(int number) {
    return new Search(space, seed, number, 0, this::history);
  }

  /**
   * Returns the same search, asked once more for the same trial because a proposal was not wanted:
   * it has other chance. A sampler that uses none may give the same proposal again.
   *
   * @param redraws how many proposals were refused, at least 0
   * @return a new search
   */
  public Search redrawn(int redraws) {
    return new Search(space, seed, number, redraws, this::history);
  }

  /**
   * Returns what may vary and under which rules.
   *
   * @return the space
   */
  public ConfigurationSpace space() {
    return space;
  }

  /**
   * Returns the seed of the whole search, the same for each trial.
   *
   * @return the seed
   */
  public long seed() {
    return seed;
  }

  /**
   * Returns every trial so far.
   *
   * @return an unmodifiable list in the order in which the trials were asked for
   * @throws IllegalArgumentException if it holds a configuration of another space, or complete
   *     trials with different numbers of losses
   */
  public List<Observation> history() {
    List<Observation> known = history;
    if (known == null) {
      known = checked(source.get());
      history = known;
    }
    return known;
  }

  /**
   * Returns the trials that ended with their losses.
   *
   * @return an unmodifiable list in the order in which the trials were asked for
   */
  public List<Observation> complete() {
    return history().stream().filter(o -> o.status() == Observation.Status.COMPLETE).toList();
  }

  /**
   * Returns the number of the trial that is asked for.
   *
   * @return 0 for the first trial, then +1; the size of the history unless said otherwise
   */
  public int number() {
    return number;
  }

  /**
   * Returns the chance of this trial, the same whenever and by whichever thread it is asked for.
   *
   * @return a new generator that depends on the seed, the number and the redraws only
   */
  public RandomGenerator random() {
    // One scrambling step apart, neighbouring seeds and numbers would give overlapping streams.
    return new SplittableRandom(
        new SplittableRandom(seed + GOLDEN * (number + 1L) + redraws).nextLong());
  }

  @Override
  public String toString() {
    return "trial %d of a search over %s with seed %d".formatted(number, space.name(), seed);
  }
}
