package io.trimtab.sampler;

import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Proposes configurations that resemble good ones and not bad ones: the tree-structured Parzen
 * estimator, over all parameters jointly.
 *
 * <p>The first {@link #startupTrials} proposals are random. Failed trials are left out; trials that
 * are still running count as bad (the constant liar), so that parallel trials do not all try the
 * same. Parameters that are inactive in an observation or a candidate take no part in their
 * comparison.
 *
 * <p>Source: Bergstra et al., Algorithms for Hyper-Parameter Optimization, NIPS 2011, section 4;
 * multivariate kernels after Falkner et al., BOHB, ICML 2018, section 3.
 *
 * @see RandomSampler
 */
public final class TpeSampler implements Sampler {
  /*
   * Observations are ordered by loss; the best tenth, at most 25, are "good", the others "bad". Each side becomes a mixture of one
   * kernel per observation and one prior kernel. Candidates are drawn from the good mixture and ranked by
   * log good(x) - log bad(x); those that break a rule of the space are dropped. One call costs
   * O(candidates * observations * dimensions).
   *
   * Kernel widths alternate with the number of observations between the distance to the farther neighbour, which is sharp late
   * in a study, and Scott's rule over the unit interval, which is not: alone, the first gets stuck on choices and integers and the
   * second stays coarse on smooth functions.
   */

  static final String NAME = "tpe";

  private static final int MOST_GOOD = 25;
  private static final double GOOD_SHARE = 0.1;
  private static final int ROUNDS = 20;

  private final int startupTrials;
  private final int candidates;

  private TpeSampler(int startupTrials, int candidates) {
    if (startupTrials < 1 || candidates < 1) {
      throw new IllegalArgumentException(
          "startupTrials and candidates must be at least 1, got %d and %d"
              .formatted(startupTrials, candidates));
    }
    this.startupTrials = startupTrials;
    this.candidates = candidates;
  }

  /**
   * Returns the sampler with 10 random trials to begin with and 24 candidates per proposal.
   *
   * @return a sampler
   */
  public static TpeSampler create() {
    return new TpeSampler(10, 24);
  }

  /**
   * Returns a sampler that differs in how many trials are random at first.
   *
   * @param trials how many complete trials it takes before the estimator is used, at least 1
   * @return a new sampler
   */
  public TpeSampler withStartupTrials(int trials) {
    return new TpeSampler(trials, candidates);
  }

  /**
   * Returns a sampler that differs in how many candidates it ranks.
   *
   * @param candidates how many candidates each proposal is chosen from, at least 1
   * @return a new sampler
   */
  public TpeSampler withCandidates(int candidates) {
    return new TpeSampler(startupTrials, candidates);
  }

  @Override
  public String name() {
    return NAME;
  }

  /**
   * Returns how many complete trials it takes before the estimator is used.
   *
   * @return at least 1
   */
  public int startupTrials() {
    return startupTrials;
  }

  @Override
  public Configuration propose(Search search) {
    ConfigurationSpace space = search.space();
    RandomGenerator random = search.random();
    List<Observation> complete = new ArrayList<>();
    List<Observation> running = new ArrayList<>();
    for (Observation observation : search.history()) {
      switch (observation.status()) {
        case COMPLETE -> complete.add(observation);
        case RUNNING -> running.add(observation);
        case PRUNED, FAILED -> {}
      }
    }
    if (complete.size() < startupTrials || space.dimensions().isEmpty()) {
      return space.sample(random);
    }
    complete.sort(Comparator.comparingDouble(Observation::loss));
    int good = Math.min(MOST_GOOD, (int) Math.ceil(GOOD_SHARE * complete.size()));
    boolean sharp = complete.size() % 2 == 0;
    List<Observation> bad = new ArrayList<>(complete.subList(good, complete.size()));
    bad.addAll(running);
    ParzenEstimator likely = ParzenEstimator.of(space, complete.subList(0, good), sharp);
    ParzenEstimator unlikely = ParzenEstimator.of(space, bad, sharp);
    return best(space, likely, unlikely, random).orElseGet(() -> space.sample(random));
  }

  /** The best of the valid candidates, or empty if the rules leave none of the good mixture. */
  private Optional<Configuration> best(
      ConfigurationSpace space,
      ParzenEstimator likely,
      ParzenEstimator unlikely,
      RandomGenerator random) {
    Configuration best = null;
    double bestScore = Double.NEGATIVE_INFINITY;
    int valid = 0;
    for (int draw = 0; draw < candidates * ROUNDS && valid < candidates; draw++) {
      Optional<Configuration> candidate = space.decode(likely.draw(random));
      if (candidate.isPresent()) {
        valid++;
        double[] cube = space.encode(candidate.get());
        double score = likely.logDensity(cube) - unlikely.logDensity(cube);
        if (best == null || score > bestScore) {
          best = candidate.get();
          bestScore = score;
        }
      }
    }
    return Optional.ofNullable(best);
  }

  @Override
  public Map<String, Object> toTree() {
    return Settings.of(NAME)
        .with("startup_trials", startupTrials)
        .with("candidates", candidates)
        .toTree();
  }

  static TpeSampler fromTree(JsonObject tree) {
    tree.allowOnly(Set.of(Settings.SAMPLER, "startup_trials", "candidates"));
    return new TpeSampler(
        Settings.integer(tree, "startup_trials"), Settings.integer(tree, "candidates"));
  }

  @Override
  public String toString() {
    return "tpe(startupTrials=%d, candidates=%d)".formatted(startupTrials, candidates);
  }
}
