package io.trimtab.examples.quickstart;

import io.trimtab.evaluate.Dataset;
import io.trimtab.evaluate.Evaluation;
import io.trimtab.program.Attempt;
import io.trimtab.program.Example;
import io.trimtab.program.Prediction;
import io.trimtab.session.ConfigurationVersion;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.Parameter;
import io.trimtab.study.Study;
import io.trimtab.study.StudyListener;
import io.trimtab.study.Trial;
import io.trimtab.study.TrialState;
import io.trimtab.variable.VariableSource;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;

/** What the quickstart tells the person at the terminal. */
final class Printout {

  private static final int SHOWN = 5;
  private static final int TICKET_WIDTH = 84;

  private final PrintStream out;
  private final boolean terminal;

  /** Writes to {@code out}; on a terminal, progress stays on one line. */
  Printout(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  void opening(
      Contenders contenders,
      ConfigurationSpace space,
      int demonstrations,
      Dataset train,
      Dataset test) {
    out.println("Tuning a support-ticket triage program");
    out.println();
    out.println("  models    " + contenders.description().replace("\n", "\n            "));
    out.printf(
        "  tickets   %d to show as demonstrations, %d to score on, %d put aside for the final test%n",
        demonstrations, train.size(), test.size());
    String label = "space";
    for (Parameter parameter : space.parameters()) {
      out.printf("  %-8s  %-14s  %s%n", label, parameter.name(), parameter.variable().domain());
      label = "";
    }
    out.println("  rule      " + contenders.reason());
    out.println();
  }

  StudyListener progress(int trials) {
    return new StudyListener() {
      @Override
      public void onTold(Study study, Trial trial) {
        int done = trial.number() + 1;
        String best = study.findBest().map(found -> percent(found.score())).orElse("none");
        String line = "  %3d of %d trials done, best so far %s".formatted(done, trials, best);
        if (terminal) {
          out.print("\r" + line + (done == trials ? System.lineSeparator() : ""));
        } else if (done % 10 == 0 || done == trials) {
          out.println(line);
        }
      }
    };
  }

  void best(Study study, Dataset train) {
    out.println();
    out.printf(
        "The best %d of %d trials, scored on %d training tickets%n",
        SHOWN, study.trials().size(), train.size());
    out.println();
    out.println("  trial    right  configuration");
    for (Trial trial : study.best(SHOWN)) {
      row(trial);
    }
    out.println("  ...");
    row(study.trials().get(0));
    long failed = study.trials().stream().filter(t -> t.state() == TrialState.FAILED).count();
    if (failed > 0) {
      out.printf("  %d trials failed; the report says why%n", failed);
    }
  }

  private void row(Trial trial) {
    out.printf(
        "  %5d  %7s  %s%s%n",
        trial.number(),
        percent(trial.score()),
        Printout.line(trial.configuration()),
        trial.number() == 0 ? "  (the default)" : "");
  }

  private static String line(VariableSource values) {
    return String.format(
        Locale.ROOT,
        "%-14s  %-25s  %-8s  %2d demonstrations  temperature %.2f",
        values.getString("module"),
        values.getString("model"),
        values.getString("instructions"),
        values.getLong("demonstrations"),
        values.getDouble("temperature"));
  }

  void testScores(Evaluation before, Evaluation after) {
    out.println();
    out.printf("On the %d test tickets%n", after.rows().size());
    out.println();
    out.println("  default configuration   " + withError(before));
    out.println("  best configuration      " + withError(after));
  }

  private static String withError(Evaluation evaluation) {
    return String.format(
        Locale.ROOT,
        "%5.1f %% right, give or take %.1f",
        100 * evaluation.score(),
        100 * evaluation.standardError());
  }

  void oneTicket(Example ticket, Prediction before, Prediction after) {
    String text = ticket.inputs().getString("text").replaceAll("\\s+", " ");
    out.println();
    out.println("The running program, the same object, asked before and after");
    out.println();
    out.println("  ticket  " + shortened(text));
    out.println("  before  " + answer(before));
    out.println("  after   " + answer(after));
  }

  private static String shortened(String text) {
    return text.length() <= TICKET_WIDTH ? text : text.substring(0, TICKET_WIDTH - 3) + "...";
  }

  /** Says the answer, and what was really sent for it. */
  private static String answer(Prediction prediction) {
    Attempt attempt = prediction.attempts().get(0);
    return String.format(
        Locale.ROOT,
        "%-15s  asked %s at temperature %.2f in %d tokens",
        prediction.getString("label"),
        attempt.response().model(),
        attempt.request().options().temperature(),
        prediction.usage().inputTokens());
  }

  void applied(ConfigurationVersion applied) {
    out.println();
    out.printf("Applied to the session while it is in use, as version %d%n", applied.version());
    out.println();
    out.println("  " + line(applied.configuration()));
  }

  void report(Path report) {
    out.println();
    out.println("Report  " + report.toAbsolutePath());
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
