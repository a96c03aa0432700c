package io.trimtab.study;

import io.trimtab.space.Parameter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * How much of the variation in a study's scores each parameter explains by itself.
 *
 * <pre>{@code
 * ParameterImportance.of(study).shares();   // {demonstrations=0.61, module=0.22, ...}
 * }</pre>
 *
 * <p>The method is fANOVA: a random forest learns the scores, and the variance of its prediction is
 * divided among the parameters, each averaged over all values of the others. A conditional
 * parameter is credited only with what it changes where it is active; whether it is active is
 * credited to its parents. Reproducible: the same trials give the same shares.
 *
 * @param goal the goal whose scores were explained
 * @param shares shares in {@code [0, 1]} by name of the parameters that vary, the greatest first;
 *     they add up to 1, or are all 0 if there are fewer than {@value #LEAST_TRIALS} complete trials
 *     or all scores are equal
 */
public record ParameterImportance(Goal goal, Map<String, Double> shares) {

  /** How many complete trials it takes to say anything. */
  static final int LEAST_TRIALS = 4;

  /**
   * Copies the shares and keeps their order.
   *
   * @param goal the goal whose scores were explained
   * @param shares shares in {@code [0, 1]} by name of the parameters that vary
   */
  public ParameterImportance {
    shares = Collections.unmodifiableMap(new LinkedHashMap<>(shares));
  }

  /**
   * Explains the scores of the first goal.
   *
   * @param study a study
   * @return the importance of its parameters
   */
  public static ParameterImportance of(Study study) {
    return of(study, 0);
  }

  /**
   * Explains the scores of one goal.
   *
   * @param study a study
   * @param goal the index of the goal
   * @return the importance of its parameters for that goal
   * @throws IndexOutOfBoundsException if there is no such goal
   */
  public static ParameterImportance of(Study study, int goal) {
    Goal wanted = study.goals().get(goal);
    List<Trial> complete =
        study.trials().stream().filter(trial -> trial.state() == TrialState.COMPLETE).toList();
    List<Parameter> dimensions = study.space().dimensions();
    double[] shares =
        complete.size() < LEAST_TRIALS
            ? new double[dimensions.size()]
            : shares(study, complete, goal, dimensions);
    Map<String, Double> byName = new LinkedHashMap<>();
    IntStream.range(0, shares.length)
        .boxed()
        .sorted((a, b) -> Double.compare(shares[b], shares[a]))
        .forEach(d -> byName.put(dimensions.get(d).name(), shares[d]));
    return new ParameterImportance(wanted, byName);
  }

  private static double[] shares(
      Study study, List<Trial> trials, int goal, List<Parameter> dimensions) {
    List<Cells> cells = dimensions.stream().map(Cells::of).toList();
    int[][] points = new int[trials.size()][cells.size()];
    double[] scores = new double[trials.size()];
    for (int i = 0; i < points.length; i++) {
      scores[i] = trials.get(i).scores().get(goal);
      for (int d = 0; d < cells.size(); d++) {
        Object value = trials.get(i).configuration().lookup(dimensions.get(d).name());
        points[i][d] = value == null ? Cells.INACTIVE : cells.get(d).of(value);
      }
    }
    return new VarianceForest(cells, points, scores, new SplittableRandom(study.seed()))
        .mainEffects();
  }
}
