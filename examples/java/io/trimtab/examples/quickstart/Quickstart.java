package io.trimtab.examples.quickstart;

import io.trimtab.evaluate.Dataset;
import io.trimtab.evaluate.Evaluation;
import io.trimtab.evaluate.EvaluationStoppedException;
import io.trimtab.evaluate.Evaluator;
import io.trimtab.evaluate.Metric;
import io.trimtab.examples.triage.Tickets;
import io.trimtab.examples.triage.Triage;
import io.trimtab.lm.LmException;
import io.trimtab.program.Prediction;
import io.trimtab.program.Program;
import io.trimtab.program.UnreadableAnswerException;
import io.trimtab.session.ConfigurationVersion;
import io.trimtab.session.RegisteredConfiguration;
import io.trimtab.session.Session;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.study.Budget;
import io.trimtab.study.Cost;
import io.trimtab.study.NoCompleteTrialException;
import io.trimtab.study.Objective;
import io.trimtab.study.Outcome;
import io.trimtab.study.Study;
import io.trimtab.study.StudyReport;
import io.trimtab.variable.VariableSource;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Tunes a support-ticket triage program from end to end: a space, a session, a study, the best
 * configuration applied while the program runs.
 *
 * <p>Runs on the embedded offline model, or on the server that {@code OPENAI_API_KEY}, {@code
 * OPENAI_BASE_URL} and {@code OPENAI_MODEL} name (several models separated by commas).
 */
public final class Quickstart {

  private static final int TRIALS = 40;
  private static final long SEED = 7;

  private final Contenders contenders;
  private final int trials;
  private final Path report;
  private final Printout out;

  Quickstart(Contenders contenders, int trials, Path report, Printout out) {
    this.contenders = contenders;
    this.trials = trials;
    this.report = report;
    this.out = out;
  }

  /**
   * Runs the quickstart.
   *
   * @param args none
   * @throws IOException if the report cannot be written
   */
  public static void main(String[] args) throws IOException {
    PrintStream out = new PrintStream(System.out, /* autoFlush= */ true, StandardCharsets.UTF_8);
    Path report = Path.of("target", "quickstart", "report.html");
    boolean terminal = System.console() != null;
    try (Contenders contenders = Contenders.from(System.getenv())) {
      new Quickstart(contenders, TRIALS, report, new Printout(out, terminal)).run();
    } catch (LmException e) {
      out.println("The language model did not answer: " + e.getMessage());
    } catch (EvaluationStoppedException | NoCompleteTrialException e) {
      out.println("Too few answers to go on: " + e.getMessage());
    }
  }

  void run() throws IOException {
    Tickets tickets = Tickets.load();
    Dataset train = tickets.train().take(contenders.ticketsPerScore());
    Dataset test = tickets.test().take(contenders.ticketsPerScore());
    Program triage = Triage.program(contenders.byName(), tickets.demonstrations());
    ConfigurationSpace space = space();
    out.opening(contenders, space, tickets.demonstrations().size(), train, test);

    try (Session session = Session.open()) {
      RegisteredConfiguration live = session.register(space);
      requireAnAnswer(triage, session, test);

      Study study = study(space, triage, train);
      out.best(study, train);

      Evaluation before = evaluate(triage, session, test);
      ConfigurationVersion applied = study.applyBest(live);
      Evaluation after = evaluate(triage, session, test);
      out.testScores(before, after);
      out.applied(applied);
      showTheRunningProgram(triage, session, before);
      out.report(StudyReport.of(study).writeHtml(report));
    }
  }

  /** Fails now, rather than once per trial, if the model is out of reach. */
  private static void requireAnAnswer(Program triage, Session session, Dataset tickets) {
    try {
      triage.run(tickets.examples().get(0).inputs(), session);
    } catch (UnreadableAnswerException e) {
      // A weak model at the default configuration: such tickets count as wrong, which is what
      // tuning is for.
    }
  }

  private ConfigurationSpace space() {
    return ConfigurationSpace.named("triage")
        .module("module", "Predict", "ChainOfThought")
        .choice("model", contenders.byName().names().toArray(String[]::new))
        .choice("instructions", Triage.instructions().keySet().toArray(String[]::new))
        .integer("demonstrations", 4, 0, 48, /* step= */ 4)
        .floating("temperature", 0.7, 0.0, 1.5)
        .require(contenders.rule(), contenders.reason())
        .build();
  }

  private Study study(ConfigurationSpace space, Program triage, Dataset train) {
    Study study =
        Study.of("triage", space).maximize().seed(SEED).listener(out.progress(trials)).build();
    study.enqueue(space.defaults().toMap());
    study.run(objective(triage, train), Budget.trials(trials));
    return study;
  }

  private static Objective objective(Program triage, Dataset train) {
    return trial -> {
      Evaluation evaluation = evaluate(triage, trial.configuration(), train);
      Long tokens = evaluation.usage().total();
      return Outcome.of(evaluation.score(), new Cost(tokens == null ? 0 : tokens, /* money= */ 0));
    };
  }

  private static Evaluation evaluate(Program triage, VariableSource source, Dataset tickets) {
    return Evaluator.of(tickets, Metric.exactMatch("label"))
        .withCommonRandomNumbers(SEED)
        .withMaxErrors(tickets.size() / 2) // a ticket without a readable answer counts as wrong
        .evaluate(triage, source);
  }

  /** Asks the same program again, with the same session, about a ticket it had got wrong. */
  private void showTheRunningProgram(Program triage, Session session, Evaluation before) {
    for (Evaluation.Row row : before.rows()) {
      Prediction old = row.prediction();
      if (old != null && row.score() == 0) {
        Prediction now = triage.run(row.example().inputs(), session);
        if (now.getString("label").equals(row.example().labels().getString("label"))) {
          out.oneTicket(row.example(), old, now);
          return;
        }
      }
    }
  }
}
