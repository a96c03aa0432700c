package io.trimtab.sampler;

import io.trimtab.json.JsonException;
import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Proposes configurations that resemble good ones and not bad ones: the tree-structured Parzen
 * estimator, over all parameters jointly. The default of a study.
 *
 * <p>The first {@link #startupTrials} proposals spread evenly over the space. Pruned trials count
 * as bad, and so do trials that are still running (the constant liar), so that parallel trials do
 * not all try the same; failed ones are left out. Parameters that are inactive in an observation or
 * a candidate take no part in their comparison. With several losses per trial the good ones are the
 * first of the Pareto order.
 *
 * <p>Source: Bergstra et al., Algorithms for Hyper-Parameter Optimization, NIPS 2011, section 4;
 * multivariate kernels after Falkner et al., BOHB, ICML 2018, section 3; weights of good trials
 * after Song et al., A General Recipe for Likelihood-free Bayesian Optimization, ICML 2022.
 *
 * @see GpSampler
 * @see RandomSampler
 */
public final class TpeSampler implements Sampler {
  /*
   * Observations are ordered by loss; the best tenth, at most 25, are "good", the others "bad". Each side becomes a mixture of one
   * kernel per observation and one prior kernel; see Bandwidths for their widths. Good observations weigh by how much better they are
   * than the best bad one, bad ones less the longer ago they were. Candidates are drawn from the good mixture and ranked by
   * log good(x) - log bad(x); those that break a rule of the space are dropped, and if rules leave too few of them, random steps from
   * good observations take their place. One call costs O(n log n + candidates * n * dimensions) for n observations.
   */

  static final String NAME = "tpe";

  private static final int DEFAULT_STARTUP = 10;
  private static final int DEFAULT_CANDIDATES = 24;
  private static final int MOST_GOOD = 25;
  private static final double GOOD_SHARE = 0.1;
  private static final double LEAST_WEIGHT = 0.3;
  private static final double GOOD_STRETCH = 1.2;
  private static final int UNFADED = 25;
  private static final int ROUNDS = 20;

  private final int startupTrials;
  private final int candidates;
  private final Map<String, double[][]> distances;

  private TpeSampler(int startupTrials, int candidates, Map<String, double[][]> distances) {
    if (startupTrials < 1 || candidates < 1) {
      throw new IllegalArgumentException(
          "startupTrials and candidates must be at least 1, got %d and %d"
              .formatted(startupTrials, candidates));
    }
    this.startupTrials = startupTrials;
    this.candidates = candidates;
    this.distances = distances;
  }

  /**
   * Returns the sampler with 10 evenly spread trials to begin with and 24 candidates per proposal.
   *
   * @return a sampler
   */
  public static TpeSampler create() {
    return new TpeSampler(DEFAULT_STARTUP, DEFAULT_CANDIDATES, Map.of());
  }

  /**
   * Returns a sampler that differs in how many trials it spreads evenly at first.
   *
   * @param trials how many complete trials it takes before the estimator is used, at least 1
   * @return a new sampler
   */
  public TpeSampler withStartupTrials(int trials) {
    return new TpeSampler(trials, candidates, distances);
  }

  /**
   * Returns a sampler that differs in how many candidates it ranks.
   *
   * @param candidates how many candidates each proposal is chosen from, at least 1
   * @return a new sampler
   */
  public TpeSampler withCandidates(int candidates) {
    return new TpeSampler(startupTrials, candidates, distances);
  }

  /**
   * Returns a sampler that knows which options of a parameter resemble each other, so that what is
   * learnt of one is learnt of those close to it.
   *
   * @param parameter the name of a parameter without order, such as a choice
   * @param distances how far each option is from each other, in the order of the options: square,
   *     symmetric, 0 on the diagonal, finite and positive elsewhere
   * @return a new sampler
   */
  public TpeSampler withDistances(String parameter, double[][] distances) {
    requireDistances(parameter, distances);
    Map<String, double[][]> more = new TreeMap<>(this.distances);
    more.put(parameter, Arrays.stream(distances).map(double[]::clone).toArray(double[][]::new));
    return new TpeSampler(startupTrials, candidates, Collections.unmodifiableMap(more));
  }

  private static void requireDistances(String parameter, double[][] distances) {
    for (int i = 0; i < distances.length; i++) {
      if (distances[i].length != distances.length) {
        throw new IllegalArgumentException(
            "distances of %s: expected %d in row %d, got %d"
                .formatted(parameter, distances.length, i, distances[i].length));
      }
    }
    for (int i = 0; i < distances.length; i++) {
      for (int j = 0; j < distances.length; j++) {
        double distance = distances[i][j];
        boolean sound = i == j ? distance == 0 : distance > 0 && Double.isFinite(distance);
        if (!sound || distance != distances[j][i]) {
          throw new IllegalArgumentException(
              "distances of %s: expected a symmetric matrix, 0 on the diagonal and positive elsewhere, got %s at [%d][%d]"
                  .formatted(parameter, distance, i, j));
        }
      }
    }
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

  /**
   * Returns how many candidates each proposal is chosen from.
   *
   * @return at least 1
   */
  public int candidates() {
    return candidates;
  }

  @Override
  public int mostObjectives() {
    return Integer.MAX_VALUE;
  }

  @Override
  public Configuration propose(Search search) {
    ConfigurationSpace space = search.space();
    requireKnown(space);
    List<Observation> complete = search.complete();
    if (complete.size() < startupTrials || space.dimensions().isEmpty()) {
      return Startup.propose(search);
    }
    int count = Math.min(MOST_GOOD, (int) Math.ceil(GOOD_SHARE * complete.size()));
    List<Observation> ordered = ParetoOrder.first(complete, count + 1);
    List<Observation> good = ordered.subList(0, count);
    List<Observation> bad = bad(search.history(), good);
    double bound = ordered.get(Math.min(count, ordered.size() - 1)).loss();
    RandomGenerator random = search.random();
    return new Ranking(
            ParzenEstimator.of(space, good, weights(good, bound), GOOD_STRETCH, distances),
            ParzenEstimator.of(space, bad, fading(bad.size()), /* stretch= */ 1, distances),
            good,
            random)
        .best(space);
  }

  private void requireKnown(ConfigurationSpace space) {
    distances.forEach(
        (name, matrix) -> {
          Parameter parameter = space.parameter(name);
          if (parameter.ordered() || parameter.axis().cells() != matrix.length) {
            throw new IllegalArgumentException(
                "distances of %s: expected a parameter of %d options without order, got %s"
                    .formatted(name, matrix.length, parameter));
          }
        });
  }

  /** What is neither good nor failed, in the order it was asked for. */
  private static List<Observation> bad(List<Observation> history, List<Observation> good) {
    Set<Observation> isGood = Collections.newSetFromMap(new IdentityHashMap<>());
    isGood.addAll(good);
    List<Observation> bad = new ArrayList<>(history);
    bad.removeIf(o -> o.status() == Observation.Status.FAILED || isGood.contains(o));
    return bad;
  }

  /** By how much each is better than the best bad one; 1 on average, and so is the prior's. */
  private static double[] weights(List<Observation> good, double bound) {
    double[] weights = new double[good.size() + 1];
    Arrays.fill(weights, 1);
    double scale = bound / 2 - good.get(0).loss() / 2; // halved, so that no difference overflows
    if (good.get(0).objectives() > 1 || scale <= 0) {
      return weights;
    }
    double sum = 0;
    for (int i = 0; i < good.size(); i++) {
      weights[i] = (bound / 2 - good.get(i).loss() / 2) / scale;
      sum += weights[i];
    }
    for (int i = 0; i < good.size(); i++) {
      weights[i] = LEAST_WEIGHT + (1 - LEAST_WEIGHT) * weights[i] / sum * good.size();
    }
    return weights;
  }

  /** The latest and the prior weigh 1, those before less and less. */
  private static double[] fading(int observations) {
    double[] weights = new double[observations + 1];
    int faded = observations - UNFADED;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i < faded ? (i + 1.0) / faded : 1;
    }
    return weights;
  }

  /** Candidates and their order. */
  private final class Ranking {

    private final ParzenEstimator likely;
    private final ParzenEstimator unlikely;
    private final List<Observation> good;
    private final RandomGenerator random;
    private @Nullable Candidate best;
    private double bestScore = Double.NEGATIVE_INFINITY;

    Ranking(
        ParzenEstimator likely,
        ParzenEstimator unlikely,
        List<Observation> good,
        RandomGenerator random) {
      this.likely = likely;
      this.unlikely = unlikely;
      this.good = good;
      this.random = random;
    }

    Configuration best(ConfigurationSpace space) {
      int valid = 0;
      for (int draw = 0; draw < candidates * ROUNDS && valid < candidates; draw++) {
        Optional<Candidate> candidate = Candidate.at(space, likely.draw(random));
        if (candidate.isPresent()) {
          valid++;
          rank(candidate.get());
        }
      }
      for (; valid < candidates; valid++) {
        Observation parent = good.get(random.nextInt(good.size()));
        rank(Candidate.of(space.mutate(parent.configuration(), random)));
      }
      if (best == null) {
        throw new AssertionError("there is at least one candidate, and the first becomes the best");
      }
      return best.configuration();
    }

    private void rank(Candidate candidate) {
      double score = likely.logDensity(candidate.point()) - unlikely.logDensity(candidate.point());
      if (best == null || score > bestScore) {
        best = candidate;
        bestScore = score;
      }
    }
  }

  @Override
  public Map<String, Object> toTree() {
    Settings settings =
        Settings.of(NAME).with("startup_trials", startupTrials).with("candidates", candidates);
    if (!distances.isEmpty()) {
      Map<String, Object> matrices = new TreeMap<>();
      distances.forEach((name, matrix) -> matrices.put(name, rows(matrix)));
      settings.with("distances", matrices);
    }
    return settings.toTree();
  }

  private static List<List<Double>> rows(double[][] matrix) {
    return Arrays.stream(matrix).map(row -> Arrays.stream(row).boxed().toList()).toList();
  }

  static TpeSampler fromTree(JsonObject tree) {
    tree.allowOnly(Set.of(Settings.SAMPLER, "startup_trials", "candidates", "distances"));
    TpeSampler sampler =
        new TpeSampler(
            Settings.integer(tree, "startup_trials", DEFAULT_STARTUP),
            Settings.integer(tree, "candidates", DEFAULT_CANDIDATES),
            Map.of());
    JsonObject matrices = tree.objectOrEmpty("distances");
    for (String name : matrices.keys()) {
      sampler = sampler.withDistances(name, matrix(matrices, name));
    }
    return sampler;
  }

  private static double[][] matrix(JsonObject matrices, String name) {
    List<@Nullable Object> rows = matrices.list(name);
    double[][] matrix = new double[rows.size()][];
    for (int i = 0; i < matrix.length; i++) {
      if (!(rows.get(i) instanceof List<?> row)
          || !row.stream().allMatch(Number.class::isInstance)) {
        throw new JsonException(
            "%s.%s[%d]: expected an array of numbers, got %s"
                .formatted(matrices.path(), name, i, rows.get(i)));
      }
      matrix[i] = row.stream().mapToDouble(number -> ((Number) number).doubleValue()).toArray();
    }
    return matrix;
  }

  @Override
  public String toString() {
    String known = distances.isEmpty() ? "" : ", distances of " + distances.keySet();
    return "tpe(startupTrials=%d, candidates=%d%s)".formatted(startupTrials, candidates, known);
  }
}
