package io.trimtab.study;

import org.jspecify.annotations.Nullable;

/** What the trials of one run add up to, against the limits of its budget. Safe for all threads. */
final class Tally {

  private final Study study;

  // guarded by this
  private Cost cost = Cost.NONE;
  private int failures;
  private int withoutImprovement;
  private long improvements;

  Tally(Study study) {
    this.study = study;
    this.improvements = study.improvements();
  }

  synchronized void add(Trial told) {
    cost = cost.plus(told.cost());
    failures += told.state() == TrialState.FAILED ? 1 : 0;
    long now = study.improvements();
    withoutImprovement = now == improvements ? withoutImprovement + 1 : 0;
    improvements = now;
  }

  synchronized @Nullable StopReason limitMet(Budget budget) {
    if (cost.tokens() >= budget.tokens()) {
      return StopReason.TOKENS;
    }
    if (cost.money() >= budget.money()) {
      return StopReason.MONEY;
    }
    if (failures > budget.failures()) {
      return StopReason.FAILURES;
    }
    if (budget.target().isPresent() && isReached(budget.target().getAsDouble())) {
      return StopReason.TARGET;
    }
    return improvements > 0 && withoutImprovement >= budget.patience() ? StopReason.PATIENCE : null;
  }

  private boolean isReached(double target) {
    return study
        .findBest()
        .map(best -> !study.direction().isBetter(target, best.score()))
        .orElse(false);
  }
}
