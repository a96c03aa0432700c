package io.trimtab.study;

import java.util.List;

/**
 * Runs several {@linkplain SuccessiveHalvingPruner successive halvings} side by side, from one that
 * gives up early to one that gives up nothing, because nobody knows beforehand how telling early
 * values are. Each trial belongs to one of them and is compared with its own kind only.
 *
 * <p>Default: factor 3. Immutable.
 */
public final class HyperbandPruner implements Pruner {
  /*
   * Li et al., Hyperband, JMLR 18, 2018. There are floor(log_factor(most / least)) + 1 brackets; bracket b leaves out its first b
   * rungs and gets the share of trials the paper gives it, ceil(brackets * factor^s / (s + 1)) with s = brackets - 1 - b. Trials
   * are dealt to brackets by their number along the golden-ratio sequence, which keeps the shares even from the first trials
   * on, where a hash of the number would need many.
   */

  private static final double GOLDEN = 0.6180339887498949;

  private final int least;
  private final int most;
  private final int factor;

  private HyperbandPruner(int least, int most, int factor) {
    if (least < 1 || most < least || factor < 2) {
      throw new IllegalArgumentException(
          "steps must satisfy 1 <= least <= most and factor must be at least 2, got least=%d, most=%d, factor=%d"
              .formatted(least, most, factor));
    }
    this.least = least;
    this.most = most;
    this.factor = factor;
  }

  /**
   * Returns a pruner.
   *
   * @param least the first step at which a trial may be given up, at least 1
   * @param most the last step of a complete trial, at least {@code least}
   * @return a pruner with factor 3
   */
  public static HyperbandPruner between(int least, int most) {
    return new HyperbandPruner(least, most, 3);
  }

  /**
   * Returns a pruner that differs in how much each rung is thinned.
   *
   * @param factor one in so many goes on, at least 2
   * @return a new pruner
   */
  public HyperbandPruner withFactor(int factor) {
    return new HyperbandPruner(least, most, factor);
  }

  /**
   * Returns how many successive halvings run side by side.
   *
   * @return at least 1
   */
  public int brackets() {
    int brackets = 1;
    for (long step = (long) least * factor; step <= most; step *= factor) {
      brackets++;
    }
    return brackets;
  }

  /**
   * Returns which successive halving a trial belongs to.
   *
   * @param number the trial's number
   * @return in {@code [0, brackets())}; 0 gives up earliest
   */
  public int bracket(int number) {
    int brackets = brackets();
    double[] ends = new double[brackets];
    double total = 0;
    for (int bracket = 0; bracket < brackets; bracket++) {
      int s = brackets - 1 - bracket;
      total += Math.ceil(brackets * Math.pow(factor, s) / (s + 1));
      ends[bracket] = total;
    }
    double at = (number * GOLDEN % 1) * total;
    int bracket = 0;
    while (bracket < brackets - 1 && at >= ends[bracket]) {
      bracket++;
    }
    return bracket;
  }

  @Override
  public boolean shouldPrune(Trial trial, List<Trial> trials, Direction direction) {
    int bracket = bracket(trial.number());
    List<Trial> kin = trials.stream().filter(other -> bracket(other.number()) == bracket).toList();
    return SuccessiveHalvingPruner.from(least)
        .withFactor(factor)
        .skipping(bracket)
        .shouldPrune(trial, kin, direction);
  }

  @Override
  public String toString() {
    return "hyperband(least=%d, most=%d, factor=%d)".formatted(least, most, factor);
  }
}
