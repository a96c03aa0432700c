package io.trimtab.examples.bridge;

import io.trimtab.bridge.Bridge;
import io.trimtab.bridge.BridgedProgram;
import io.trimtab.bridge.Sidecar;
import io.trimtab.evaluate.Dataset;
import io.trimtab.evaluate.Evaluator;
import io.trimtab.evaluate.Metric;
import io.trimtab.examples.triage.Tickets;
import io.trimtab.examples.triage.Triage;
import io.trimtab.lm.LanguageModel;
import io.trimtab.program.FieldValues;
import io.trimtab.program.Prediction;
import io.trimtab.program.Tool;
import io.trimtab.session.RegisteredConfiguration;
import io.trimtab.session.Session;
import io.trimtab.study.Budget;
import io.trimtab.study.Objective;
import io.trimtab.study.Study;
import java.io.PrintStream;
import java.util.Map;

/**
 * Python brings an agent and a configuration space; Java tunes it and applies the best, and the
 * agent's next call uses it.
 *
 * <p>The agent is a DSPy ReAct module in {@code examples/python/react_agent.py}. Its model calls
 * and its tool come back to this JVM. Needs Python 3.10 or newer; DSPy is installed on the first
 * run. Runs on embedded models unless {@code OPENAI_API_KEY} or {@code OPENAI_BASE_URL} is set.
 */
public final class ReactAgentExample {

  private record NoArguments() {}

  private final PrintStream out;
  private final int trials;
  private final int tickets;

  ReactAgentExample(PrintStream out, int trials, int tickets) {
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
    try (Sidecar sidecar = PythonExamples.sidecar(Sidecar.launch(), "react_agent")) {
      new ReactAgentExample(System.out, /* trials= */ 20, /* tickets= */ 40).run(sidecar, models);
    } finally {
      models.values().forEach(LanguageModel::close);
    }
  }

  Study run(Sidecar sidecar, Map<String, LanguageModel> models) {
    // tag::tool[]
    Tool handbook =
        Tool.of(
            "handbook",
            "Says which team deals with what.",
            NoArguments.class,
            none -> Triage.instructions().get(Triage.GLOSSARY));
    // end::tool[]
    // tag::program[]
    try (Session session = Session.open();
        Bridge bridge =
            Bridge.between(session, sidecar)
                .model(models.get("small"))
                .model("small", models.get("small"))
                .model("large", models.get("large"))
                .tool(handbook)
                .open()) {
      BridgedProgram agent = bridge.program("react_agent"); // the state moves to Python here
      RegisteredConfiguration live = session.configuration("react_agent_config");
      // end::program[]
      out.printf("%s of %s, on %s state%n", agent.name(), agent.pythonType(), backend(session));
      out.printf("it begins with %s%n", live.current());

      Dataset train = Tickets.load().train().take(tickets);
      Evaluator evaluator = Evaluator.of(train, Metric.exactMatch("label"));
      Study study = Study.of("agent", live.space()).maximize().seed(3).build();
      study.enqueue(live.current().toMap());
      study.run(
          Objective.scored(t -> evaluator.evaluate(agent, t.configuration()).score()),
          Budget.trials(trials));
      study.applyBest(live);

      FieldValues ticket = Tickets.load().test().examples().get(0).inputs();
      Prediction answer = agent.run(ticket, session);
      out.printf(
          "%.0f %% right before, %.0f %% with %s%n",
          percent(study, 0), percent(study), live.current());
      out.printf("asked again, it answers %s after %s%n", answer.getString("label"), calls(answer));
      return study;
    }
  }

  private static String backend(Session session) {
    return session.backend().name();
  }

  private static double percent(Study study, int trial) {
    return 100 * study.trials().get(trial).score();
  }

  private static double percent(Study study) {
    return 100 * study.best().score();
  }

  /** Which models were asked, as this JVM saw it. */
  private static String calls(Prediction answer) {
    return answer.trace().get(answer.trace().size() - 1).attempts().stream()
        .map(
            attempt ->
                "%s at %s"
                    .formatted(
                        attempt.response().model(), attempt.request().options().temperature()))
        .toList()
        .toString();
  }
}
