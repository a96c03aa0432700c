package io.trimtab.sampler;

import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Proposes every point of a grid once, in an order shuffled by the seed of the search, so that a
 * search cut short has still seen all regions.
 *
 * <p>Options are on the grid with all their values, numbers with {@link #points} values that divide
 * their scale evenly; points that break a rule are left out. When every point has been proposed,
 * the sampler begins again with the first. A failed trial counts as proposed.
 *
 * @see SobolSampler
 */
public final class GridSampler implements Sampler {
  /*
   * The order is that of a shuffled list of the whole grid, kept for the last space and seed asked for; it is a function of both. The
   * next point is the first that occurs least often in the history, which keeps a resumed search from repeating itself.
   */

  static final String NAME = "grid";

  /** Most points of a whole grid. */
  public static final int MOST_CELLS = 1_000_000;

  private static final int DEFAULT_POINTS = 5;

  private record Plan(ConfigurationSpace space, long seed, List<Configuration> order) {}

  private final int points;

  /** The plan used last; another thread may replace it by an equal one. */
  private volatile @Nullable Plan last;

  private GridSampler(int points) {
    if (points < 1) {
      throw new IllegalArgumentException("points must be at least 1, got " + points);
    }
    this.points = points;
  }

  /**
   * Returns the sampler with 5 values for each number.
   *
   * @return a sampler
   */
  public static GridSampler create() {
    return new GridSampler(DEFAULT_POINTS);
  }

  /**
   * Returns a sampler with a finer or coarser grid.
   *
   * @param points most values of each number, at least 1
   * @return a new sampler
   */
  public GridSampler withPoints(int points) {
    return new GridSampler(points);
  }

  /**
   * Returns how fine the grid is.
   *
   * @return most values of each number, at least 1
   */
  public int points() {
    return points;
  }

  /**
   * Returns how many trials it takes to see the whole grid.
   *
   * @param space what may vary and under which rules
   * @return the number of valid points, at most {@link #MOST_CELLS}
   * @throws IllegalStateException if there are more
   */
  public int size(ConfigurationSpace space) {
    return list(space).size();
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
    List<Configuration> order = plan(search).order();
    if (order.isEmpty()) {
      return search.space().sample(search.random()); // the rules leave no point of this grid
    }
    Set<Configuration> proposed = new HashSet<>();
    int rounds = 0;
    for (Observation observation : search.history()) {
      proposed.add(observation.configuration());
      rounds++;
    }
    for (Configuration configuration : order) {
      if (!proposed.contains(configuration)) {
        return configuration;
      }
    }
    return order.get(rounds % order.size());
  }

  private Plan plan(Search search) {
    Plan plan = last;
    if (plan == null || plan.seed != search.seed() || !plan.space.equals(search.space())) {
      List<Configuration> order = list(search.space());
      shuffle(order, search.seed());
      plan = new Plan(search.space(), search.seed(), order);
      last = plan;
    }
    return plan;
  }

  private List<Configuration> list(ConfigurationSpace space) {
    List<Configuration> all = new ArrayList<>();
    try (Stream<Configuration> grid = space.grid(points)) {
      grid.limit(MOST_CELLS + 1L).forEach(all::add);
    }
    if (all.size() > MOST_CELLS) {
      throw new IllegalStateException(
          "grid with %d points for each number: expected at most %d configurations of space \"%s\""
              .formatted(points, MOST_CELLS, space.name()));
    }
    return all;
  }

  private static void shuffle(List<Configuration> list, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = list.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      Configuration moved = list.get(i);
      list.set(i, list.get(j));
      list.set(j, moved);
    }
  }

  @Override
  public Map<String, Object> toTree() {
    return Settings.of(NAME).with("points", points).toTree();
  }

  static GridSampler fromTree(JsonObject tree) {
    tree.allowOnly(Set.of(Settings.SAMPLER, "points"));
    return new GridSampler(Settings.integer(tree, "points", DEFAULT_POINTS));
  }

  @Override
  public String toString() {
    return "grid(points=%d)".formatted(points);
  }
}
