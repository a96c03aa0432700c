package io.trimtab.sampler;

import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.Parameter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Proposes configurations where a Gaussian process, fitted to what was observed, expects the
 * largest improvement.
 *
 * <p>Of all samplers it gets the most out of a few dozen trials, and each proposal takes it the
 * longest: some milliseconds at 50 trials, some tens at 200; beyond {@value #MOST_POINTS} complete
 * trials it learns from a selection. The first {@link #startupTrials} proposals spread evenly over
 * the space. Trials that are still running count as if they had ended with the expected loss, so
 * that parallel trials differ; failed and pruned ones are left out.
 *
 * <p>Source: Jones et al., Efficient Global Optimization of Expensive Black-Box Functions, Journal
 * of Global Optimization 1998; logarithmic improvement after Ament et al., NeurIPS 2023.
 *
 * @see TpeSampler
 */
public final class GpSampler implements Sampler {
  /*
   * Losses are standardised after those far above the middle are pulled in (see Losses): a few terrible trials must not hide the
   * differences between good ones. Trials that run are added with their expected loss before candidates are ranked ("Kriging
   * believer").
   *
   * The improvement is maximised over random candidates and the neighbourhood of the best observations, then from the best few of
   * these by local search: steps in one or a few coordinates, whose length adapts so that a fifth of them succeed. Only valid
   * configurations that were not observed are considered.
   */

  static final String NAME = "gp";

  /** Most complete trials the process is fitted to. */
  static final int MOST_POINTS = 400;

  private static final int DEFAULT_STARTUP = 10;
  private static final int DRAWN = 400;
  private static final int AROUND = 100;
  private static final int CLIMBS = 4;
  private static final int STEPS_PER_DIMENSION = 25;
  private static final int EVALUATIONS = 40;

  private final int startupTrials;

  private GpSampler(int startupTrials) {
    if (startupTrials < 1) {
      throw new IllegalArgumentException("startupTrials must be at least 1, got " + startupTrials);
    }
    this.startupTrials = startupTrials;
  }

  /**
   * Returns the sampler with 10 evenly spread trials to begin with.
   *
   * @return a sampler
   */
  public static GpSampler create() {
    return new GpSampler(DEFAULT_STARTUP);
  }

  /**
   * Returns a sampler that differs in how many trials it spreads evenly at first.
   *
   * @param trials how many complete trials it takes before the process is used, at least 1
   * @return a new sampler
   */
  public GpSampler withStartupTrials(int trials) {
    return new GpSampler(trials);
  }

  /**
   * Returns how many complete trials it takes before the process is used.
   *
   * @return at least 1
   */
  public int startupTrials() {
    return startupTrials;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Configuration propose(Search search) {
    ConfigurationSpace space = search.space();
    List<Observation> complete = search.complete();
    if (complete.size() < startupTrials || space.dimensions().isEmpty()) {
      return Startup.propose(search);
    }
    List<Observation> kept = selection(complete);
    double[] losses = Losses.standardised(kept);
    List<double[]> points = new ArrayList<>(kept.stream().map(Observation::point).toList());
    boolean[] unordered = unordered(space);
    GaussianProcess process = GaussianProcess.fit(unordered, points, losses, EVALUATIONS);
    double best = Double.POSITIVE_INFINITY;
    for (double[] point : points) {
      best = Math.min(best, process.mean(point));
    }
    GaussianProcess believed = process.believing(running(search));
    return new Climb(search, believed, best, kept).best();
  }

  private static List<double[]> running(Search search) {
    return search.history().stream()
        .filter(o -> o.status() == Observation.Status.RUNNING)
        .map(Observation::point)
        .toList();
  }

  private static boolean[] unordered(ConfigurationSpace space) {
    List<Parameter> dimensions = space.dimensions();
    boolean[] unordered = new boolean[dimensions.size()];
    for (int d = 0; d < unordered.length; d++) {
      unordered[d] = !dimensions.get(d).ordered();
    }
    return unordered;
  }

  /** All observations, or of too many the best half and the latest of the rest. */
  private static List<Observation> selection(List<Observation> complete) {
    if (complete.size() <= MOST_POINTS) {
      return complete;
    }
    List<Observation> byLoss = new ArrayList<>(complete);
    byLoss.sort(Comparator.comparingDouble(Observation::loss));
    Set<Observation> best = new HashSet<>(byLoss.subList(0, MOST_POINTS / 2));
    List<Observation> kept = new ArrayList<>(best);
    for (int i = complete.size() - 1; kept.size() < MOST_POINTS && i >= 0; i--) {
      if (!best.contains(complete.get(i))) {
        kept.add(complete.get(i));
      }
    }
    return kept;
  }

  /** The search for the largest expected improvement. */
  private static final class Climb {

    private record Ranked(Candidate candidate, double score) {}

    private final ConfigurationSpace space;
    private final RandomGenerator random;
    private final GaussianProcess process;
    private final double bestLoss;
    private final List<Observation> observed;
    private final Set<Configuration> known = new HashSet<>();

    Climb(Search search, GaussianProcess process, double bestLoss, List<Observation> observed) {
      this.space = search.space();
      this.random = search.random();
      this.process = process;
      this.bestLoss = bestLoss;
      this.observed = observed;
      search.history().forEach(observation -> known.add(observation.configuration()));
    }

    Configuration best() {
      List<Ranked> ranked = new ArrayList<>();
      for (int i = 0; i < DRAWN; i++) {
        consider(Candidate.sample(space, random), ranked);
      }
      List<Observation> byLoss = new ArrayList<>(observed);
      byLoss.sort(Comparator.comparingDouble(Observation::loss));
      for (int i = 0; i < AROUND; i++) {
        Observation near = byLoss.get(i % Math.min(5, byLoss.size()));
        Candidate start = new Candidate(near.configuration(), near.point());
        double reach = Math.exp(-5 * random.nextDouble());
        Candidate.at(space, step(start, reach)).ifPresent(c -> consider(c, ranked));
      }
      if (ranked.isEmpty()) {
        return space.sample(random); // everything near was tried already
      }
      ranked.sort(Comparator.comparingDouble(r -> -r.score));
      Ranked winner = ranked.get(0);
      for (Ranked start : List.copyOf(ranked.subList(0, Math.min(CLIMBS, ranked.size())))) {
        Ranked top = climb(start);
        winner = top.score > winner.score ? top : winner;
      }
      return winner.candidate.configuration();
    }

    private void consider(Candidate candidate, List<Ranked> ranked) {
      if (!known.contains(candidate.configuration())) {
        ranked.add(new Ranked(candidate, score(candidate)));
      }
    }

    private double score(Candidate candidate) {
      GaussianProcess.Prediction p = process.predict(candidate.point());
      return ExpectedImprovement.log(bestLoss, p.mean(), p.deviation());
    }

    private Ranked climb(Ranked start) {
      Ranked at = start;
      double reach = 0.1;
      for (int i = 0; i < STEPS_PER_DIMENSION * space.dimensions().size(); i++) {
        Candidate next = Candidate.at(space, step(at.candidate, reach)).orElse(null);
        double score =
            next == null || known.contains(next.configuration())
                ? Double.NEGATIVE_INFINITY
                : score(next);
        if (next != null && score > at.score) {
          at = new Ranked(next, score);
          reach = Math.min(0.5, reach * 1.5);
        } else {
          reach = Math.max(1e-6, reach * 0.9);
        }
      }
      return at;
    }

    /** Moves one coordinate, or all of them a little; now and then an option to another one. */
    private double[] step(Candidate from, double reach) {
      double[] cube = from.cube(random);
      boolean all = random.nextBoolean();
      int only = random.nextInt(cube.length);
      for (int d = 0; d < cube.length; d++) {
        Parameter parameter = space.dimensions().get(d);
        if (d == only || (all && parameter.ordered())) {
          cube[d] = Move.near(parameter, cube[d], reach, random);
        }
      }
      return cube;
    }
  }

  @Override
  public Map<String, Object> toTree() {
    return Settings.of(NAME).with("startup_trials", startupTrials).toTree();
  }

  static GpSampler fromTree(JsonObject tree) {
    tree.allowOnly(Set.of(Settings.SAMPLER, "startup_trials"));
    return new GpSampler(Settings.integer(tree, "startup_trials", DEFAULT_STARTUP));
  }

  @Override
  public String toString() {
    return "gp(startupTrials=%d)".formatted(startupTrials);
  }
}
