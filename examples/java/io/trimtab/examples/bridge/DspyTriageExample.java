package io.trimtab.examples.bridge;

import io.trimtab.bridge.Bridge;
import io.trimtab.bridge.BridgedProgram;
import io.trimtab.bridge.Sidecar;
import io.trimtab.evaluate.Dataset;
import io.trimtab.evaluate.Evaluator;
import io.trimtab.evaluate.Metric;
import io.trimtab.examples.triage.Tickets;
import io.trimtab.lm.LanguageModel;
import io.trimtab.session.RegisteredConfiguration;
import io.trimtab.session.Session;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.study.Budget;
import io.trimtab.study.Objective;
import io.trimtab.study.Study;
import java.io.PrintStream;
import java.util.Map;

/**
 * Java defines a space and tunes a DSPy program with it, whose model calls pass through this JVM.
 *
 * <p>The program is a DSPy chain of thought in {@code examples/python/ticket_triage.py}. Needs
 * Python 3.10 or newer; DSPy is installed on the first run. Runs on embedded models unless {@code
 * OPENAI_API_KEY} or {@code OPENAI_BASE_URL} is set.
 */
public final class DspyTriageExample {

  private final PrintStream out;
  private final int trials;
  private final int tickets;

  DspyTriageExample(PrintStream out, int trials, int tickets) {
    this.out = out;
    this.trials = trials;
    this.tickets = tickets;
  }

  /**
   * Runs the example.
   *
   * @param args none
   */
  public static void main(String[] args) {
    Map<String, LanguageModel> models = PythonExamples.models(System.getenv());
    try (Sidecar sidecar = PythonExamples.sidecar(Sidecar.launch(), "ticket_triage")) {
      new DspyTriageExample(System.out, /* trials= */ 20, /* tickets= */ 60).run(sidecar, models);
    } finally {
      models.values().forEach(LanguageModel::close);
    }
  }

  Study run(Sidecar sidecar, Map<String, LanguageModel> models) {
    ConfigurationSpace space =
        ConfigurationSpace.named("triage")
            .floating("temperature", 0.7, 0.0, 1.5)
            .choice("model", "small", "large")
            .integer("demonstrations_per_team", 1, 0, 6)
            .require("demonstrations_per_team <= 4 || model == 'large'", "small reads little")
            .build();
    try (Session session = Session.open();
        Bridge bridge =
            Bridge.between(session, sidecar)
                .model(models.get("small"))
                .model("small", models.get("small"))
                .model("large", models.get("large"))
                .open()) {
      RegisteredConfiguration live = session.register(space);
      BridgedProgram triage = bridge.program("ticket_triage");
      Dataset train = Tickets.load().train().take(tickets);
      Dataset test = Tickets.load().test().take(tickets);
      Evaluator evaluator = Evaluator.of(train, Metric.exactMatch("label"));

      Study study = Study.of("dspy triage", space).maximize().seed(5).build();
      study.enqueue(space.defaults().toMap());
      study.run(
          Objective.scored(t -> evaluator.evaluate(triage, t.configuration()).score()),
          Budget.trials(trials));

      double before = right(test, triage, session);
      study.applyBest(live);
      out.printf("the best of %d trials: %s%n", trials, live.current());
      out.printf(
          "on test tickets %.0f %% right before, %.0f %% now%n",
          before, right(test, triage, session));
      return study;
    }
  }

  private static double right(Dataset tickets, BridgedProgram triage, Session session) {
    return 100
        * Evaluator.of(tickets, Metric.exactMatch("label")).evaluate(triage, session).score();
  }
}
