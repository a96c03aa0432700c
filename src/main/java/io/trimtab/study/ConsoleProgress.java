package io.trimtab.study;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Prints a line for each trial that ends: its scores, the best so far (for several goals, how many
 * compromises there are), and what was new about it.
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
    boolean isBest = study.paretoFront().stream().anyMatch(best -> best.number() == trial.number());
    String result =
        trial.state() == TrialState.COMPLETE
            ? Figure.of(trial.scores())
            : trial.state().name().toLowerCase(Locale.ROOT);
    out.printf(
        Locale.ROOT,
        "trial %3d/%d  %8s  best %s%s%n",
        trial.number() + 1,
        total,
        result,
        best(study),
        isBest ? "  * " + trial.configuration().toMap() : "");
    if (trial.failure() != null) {
      out.printf("             %s%n", trial.failure());
    }
  }

  private static String best(Study study) {
    return study.goals().size() == 1
        ? study.findBest().map(best -> Figure.of(best.score())).orElse("none")
        : study.paretoFront().size() + " compromises";
  }
}
