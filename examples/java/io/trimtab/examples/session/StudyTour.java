package io.trimtab.examples.session;

import io.trimtab.evaluate.Evaluator;
import io.trimtab.evaluate.Metric;
import io.trimtab.examples.triage.Tickets;
import io.trimtab.examples.triage.Triage;
import io.trimtab.lm.EmbeddedLanguageModel;
import io.trimtab.program.Models;
import io.trimtab.program.Program;
import io.trimtab.session.Session;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.study.Budget;
import io.trimtab.study.Objective;
import io.trimtab.study.StopReason;
import io.trimtab.study.Study;
import io.trimtab.study.StudyReport;
import io.trimtab.study.Trial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** What a study can do, in the order in which docs/studies.md tells it. */
public final class StudyTour {

  private StudyTour() {}

  /**
   * Takes the tour.
   *
   * @param args none
   * @throws IOException if the report cannot be written
   */
  public static void main(String[] args) throws IOException {
    Tickets tickets = Tickets.load();
    Program program =
        Triage.program(Models.of(EmbeddedLanguageModel.create()), tickets.demonstrations());
    Evaluator evaluator = Evaluator.of(tickets.train().take(20), Metric.exactMatch("label"));
    ConfigurationSpace space =
        ConfigurationSpace.named("triage")
            .module("module", "Predict", "ChainOfThought")
            .constant("model", EmbeddedLanguageModel.create().key().model())
            .choice("instructions", Triage.PLAIN, Triage.GLOSSARY, Triage.HANDBOOK)
            .integer("demonstrations", 4, 0, 24)
            .floating("temperature", 0.7, 0.0, 1.5)
            .build();
    try (Session session = Session.open()) {
      session.register(space);
      tour(session, space, evaluator, program);
    }
  }

  private static void tour(
      Session session, ConfigurationSpace space, Evaluator evaluator, Program program)
      throws IOException {
    // tag::run[]
    Study study = Study.of("triage", space).maximize().seed(7).build();
    StopReason reason =
        study.run(Objective.evaluating(evaluator, program), Budget.trials(40).patience(15));
    study.applyBest(session.configuration("triage"));
    StudyReport.of(study).writeHtml(Path.of("target/tour/report.html"));
    // end::run[]
    System.out.printf(
        "%s after %d trials, best %.2f%n", reason, study.trials().size(), study.best().score());
    // tag::ask[]
    study.enqueue(Map.of("temperature", 0.0)); // tried before the sampler is asked
    Trial trial = study.ask();
    study.tell(trial, 0.83);
    // end::ask[]
  }
}
