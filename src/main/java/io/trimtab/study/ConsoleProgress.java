package io.trimtab.study;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Prints a line for each trial that ends: its score, the best so far, and what was new about it.
 */
public final class ConsoleProgress implements StudyListener {

  private final PrintStream out;
  private final int total;

  /**
   * Prints to a stream.
   *
   * @param out where the lines go
   * @param total how many trials are expected, for the counter
   */
  public ConsoleProgress(PrintStream out, int total) {
    this.out = out;
    this.total = total;
  }

  @Override
  public void onTold(Study study, Trial trial) {
    boolean isBest = study.findBest().map(best -> best.number() == trial.number()).orElse(false);
    String result =
        trial.state() == TrialState.COMPLETE
            ? String.format(Locale.ROOT, "%8s", HistoryPlot.shown(trial.score()))
            : "  failed";
    String best = study.findBest().map(found -> HistoryPlot.shown(found.score())).orElse("none");
    out.printf(
        Locale.ROOT,
        "trial %3d/%d  %s  best %s%s%n",
        trial.number() + 1,
        total,
        result,
        best,
        isBest ? "  * " + trial.configuration().toMap() : "");
    if (trial.failure() != null) {
      out.printf("             %s%n", trial.failure());
    }
  }
}
