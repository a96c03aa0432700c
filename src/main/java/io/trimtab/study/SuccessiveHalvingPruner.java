package io.trimtab.study;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Lets only the best of each round go on, without waiting for a round to be full: asynchronous
 * successive halving (ASHA). A trial passes rung {@code k} at step {@code first * factor^k} if its
 * value is among the best {@code 1/factor} of all that have reached the rung.
 *
 * <p>Defaults: the first rung is a hundredth of the longest complete trial, factor 4. Immutable.
 */
public final class SuccessiveHalvingPruner implements Pruner {
  /*
   * Li et al., A System for Massively Parallel Hyperparameter Tuning, MLSys 2020, in the form without pausing that Optuna uses.
   * A trial's value at a rung is what it reported first at or after the rung's step, so the rungs follow from the reports and
   * nothing has to be kept. The first factor - 1 trials of a rung go on only if they are the best of it.
   */

  private static final int AUTOMATIC = 0;

  private final int first;
  private final int factor;
  private final int skipped;
  private final int bootstrap;

  private SuccessiveHalvingPruner(int first, int factor, int skipped, int bootstrap) {
    if (first < 0 || factor < 2 || skipped < 0 || bootstrap < 0) {
      throw new IllegalArgumentException(
          "the first rung must be at least 1, factor at least 2, skipped rungs and bootstrap at least 0, got %d, %d, %d and %d"
              .formatted(first, factor, skipped, bootstrap));
    }
    this.first = first;
    this.factor = factor;
    this.skipped = skipped;
    this.bootstrap = bootstrap;
  }

  /**
   * Returns a pruner that finds the first rung by itself: a hundredth of the longest complete
   * trial.
   *
   * @return a pruner with the default settings; it gives up nothing before the first trial is
   *     complete
   */
  public static SuccessiveHalvingPruner create() {
    return new SuccessiveHalvingPruner(AUTOMATIC, 4, 0, 0);
  }

  /**
   * Returns a pruner with a given first rung.
   *
   * @param step the first step at which a trial may be given up, at least 1
   * @return a pruner with the default factor
   */
  public static SuccessiveHalvingPruner from(int step) {
    if (step < 1) {
      throw new IllegalArgumentException("the first rung must be at least 1, got " + step);
    }
    return new SuccessiveHalvingPruner(step, 4, 0, 0);
  }

  /**
   * Returns a pruner that differs in how much each rung is thinned.
   *
   * @param factor one in so many goes on, at least 2
   * @return a new pruner
   */
  public SuccessiveHalvingPruner withFactor(int factor) {
    return new SuccessiveHalvingPruner(first, factor, skipped, bootstrap);
  }

  /**
   * Returns a pruner that begins later.
   *
   * @param rungs how many rungs are left out at the beginning, at least 0
   * @return a new pruner
   */
  public SuccessiveHalvingPruner skipping(int rungs) {
    return new SuccessiveHalvingPruner(first, factor, rungs, bootstrap);
  }

  /**
   * Returns a pruner that lets nobody pass a rung before it has been reached by some others.
   *
   * @param trials how many others, at least 0
   * @return a new pruner
   */
  public SuccessiveHalvingPruner withBootstrap(int trials) {
    return new SuccessiveHalvingPruner(first, factor, skipped, trials);
  }

  @Override
  public boolean shouldPrune(Trial trial, List<Trial> trials, Direction direction) {
    List<IntermediateValue> reports = trial.intermediateValues();
    int base = first == AUTOMATIC ? automatic(trials) : first;
    if (reports.isEmpty() || base == AUTOMATIC) {
      return false;
    }
    IntermediateValue last = reports.get(reports.size() - 1);
    int before = reports.size() < 2 ? -1 : reports.get(reports.size() - 2).step();
    for (int rung = 0; ; rung++) {
      double step = base * Math.pow(factor, skipped + rung);
      if (last.step() < step) {
        return false;
      }
      if (before >= step) {
        continue; // passed at an earlier report
      }
      if (Double.isNaN(last.value()) || !passes(trial, step, trials, direction)) {
        return true;
      }
    }
  }

  private static int automatic(List<Trial> trials) {
    int longest =
        trials.stream()
            .filter(trial -> trial.state() == TrialState.COMPLETE)
            .flatMap(trial -> trial.lastReport().stream())
            .mapToInt(IntermediateValue::step)
            .max()
            .orElse(-1);
    return longest < 0 ? AUTOMATIC : Math.max(longest / 100, 1);
  }

  private boolean passes(Trial trial, double step, List<Trial> trials, Direction direction) {
    double own = direction.loss(at(trial, step).orElseThrow());
    double[] others =
        trials.stream()
            .filter(other -> other.number() != trial.number())
            .map(other -> at(other, step))
            .flatMapToDouble(OptionalDouble::stream)
            .filter(value -> !Double.isNaN(value)) // given up at the rung
            .map(direction::loss)
            .toArray();
    if (others.length + 1 <= bootstrap) {
      return false;
    }
    double[] all = Arrays.copyOf(others, others.length + 1);
    all[others.length] = own;
    Arrays.sort(all);
    return own <= all[Math.max(all.length / factor - 1, 0)];
  }

  /** What a trial reported first at or after a rung's step. */
  private static OptionalDouble at(Trial trial, double step) {
    for (IntermediateValue report : trial.intermediateValues()) {
      if (report.step() >= step) {
        return OptionalDouble.of(report.value());
      }
    }
    return OptionalDouble.empty();
  }

  @Override
  public String toString() {
    return "successive halving(first=%s, factor=%d)"
        .formatted(first == AUTOMATIC ? "automatic" : Integer.toString(first), factor);
  }
}
