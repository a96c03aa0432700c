package io.trimtab.study;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Gives up a trial whose best intermediate value so far is worse than a percentile of what complete
 * trials had reported at the same step; with 50 %, the median rule of Google Vizier.
 *
 * <p>Defaults: 5 complete trials before anything is given up, no warm-up steps, checked at every
 * step, 1 value at the step is enough. Immutable.
 */
public final class PercentilePruner implements Pruner {
  /*
   * Golovin et al., Google Vizier, KDD 2017, section 3.2.2, with the details of Optuna's PercentilePruner: the percentile is
   * interpolated linearly, NaN among the others' values is left out, and a trial that has skipped the step at which a check was
   * due is checked at its next report.
   */

  private final double kept;
  private final int startupTrials;
  private final int warmupSteps;
  private final int interval;
  private final int leastValues;

  private PercentilePruner(
      double kept, int startupTrials, int warmupSteps, int interval, int leastValues) {
    if (!(kept >= 0 && kept <= 100)) {
      throw new IllegalArgumentException(
          "the percentage of trials to keep must be in [0, 100], got " + kept);
    }
    if (startupTrials < 0 || warmupSteps < 0 || interval < 1 || leastValues < 1) {
      throw new IllegalArgumentException(
          "startupTrials and warmupSteps must be at least 0, interval and leastValues at least 1, got %d, %d, %d and %d"
              .formatted(startupTrials, warmupSteps, interval, leastValues));
    }
    this.kept = kept;
    this.startupTrials = startupTrials;
    this.warmupSteps = warmupSteps;
    this.interval = interval;
    this.leastValues = leastValues;
  }

  /**
   * Returns a pruner that gives up what is worse than the median.
   *
   * @return a pruner with the default settings
   */
  public static PercentilePruner median() {
    return keeping(50);
  }

  /**
   * Returns a pruner that keeps a share of the trials.
   *
   * @param percent how many of 100 trials to keep, in {@code [0, 100]}; 25 keeps the best quarter
   * @return a pruner with the default settings
   */
  public static PercentilePruner keeping(double percent) {
    return new PercentilePruner(percent, 5, 0, 1, 1);
  }

  /**
   * Returns a pruner that differs in when it begins.
   *
   * @param trials how many complete trials it takes before anything is given up, at least 0
   * @return a new pruner
   */
  public PercentilePruner withStartupTrials(int trials) {
    return new PercentilePruner(kept, trials, warmupSteps, interval, leastValues);
  }

  /**
   * Returns a pruner that differs in the first step at which a trial may be given up.
   *
   * @param steps the first such step, at least 0
   * @return a new pruner
   */
  public PercentilePruner withWarmupSteps(int steps) {
    return new PercentilePruner(kept, startupTrials, steps, interval, leastValues);
  }

  /**
   * Returns a pruner that checks less often.
   *
   * @param steps from one check to the next, counted from the end of the warm-up, at least 1
   * @return a new pruner
   */
  public PercentilePruner withInterval(int steps) {
    return new PercentilePruner(kept, startupTrials, warmupSteps, steps, leastValues);
  }

  /**
   * Returns a pruner that differs in how many values it compares with.
   *
   * @param values how many complete trials must have reported at the step, at least 1
   * @return a new pruner
   */
  public PercentilePruner withLeastValues(int values) {
    return new PercentilePruner(kept, startupTrials, warmupSteps, interval, values);
  }

  @Override
  public boolean shouldPrune(Trial trial, List<Trial> trials, Direction direction) {
    List<IntermediateValue> reports = trial.intermediateValues();
    if (reports.isEmpty()) {
      return false;
    }
    int step = reports.get(reports.size() - 1).step();
    int before = reports.size() < 2 ? -1 : reports.get(reports.size() - 2).step();
    if (step < warmupSteps || before >= lastCheck(step)) {
      return false;
    }
    List<Trial> complete =
        trials.stream().filter(other -> other.state() == TrialState.COMPLETE).toList();
    if (complete.isEmpty() || complete.size() < startupTrials) {
      return false;
    }
    double best = leastLoss(reports, direction);
    if (Double.isNaN(best)) {
      return true;
    }
    double[] others = lossesAt(step, complete, direction);
    if (others.length < leastValues) {
      return false;
    }
    return best > percentile(others, kept); // false if every other value is NaN
  }

  /** The last step at or before the given one at which a check was due. */
  private int lastCheck(int step) {
    return (step - warmupSteps) / interval * interval + warmupSteps;
  }

  private static double leastLoss(List<IntermediateValue> reports, Direction direction) {
    double least = Double.NaN;
    for (IntermediateValue report : reports) {
      double loss = direction.loss(report.value());
      least = Double.isNaN(least) || loss < least ? loss : least;
    }
    return least;
  }

  private static double[] lossesAt(int step, List<Trial> trials, Direction direction) {
    return trials.stream()
        .map(trial -> trial.valueAt(step))
        .flatMapToDouble(OptionalDouble::stream)
        .map(direction::loss)
        .toArray();
  }

  /** Linear interpolation between the order statistics, NaN left out; NaN if nothing is left. */
  static double percentile(double[] values, double percent) {
    double[] sorted =
        Arrays.stream(values).filter(value -> !Double.isNaN(value)).sorted().toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double rank = percent / 100 * (sorted.length - 1);
    int below = (int) rank;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
  }

  @Override
  public String toString() {
    return "percentile(keeping=%s, startupTrials=%d, warmupSteps=%d, interval=%d)"
        .formatted(kept, startupTrials, warmupSteps, interval);
  }
}
