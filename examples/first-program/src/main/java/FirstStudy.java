import io.trimtab.evaluate.Dataset;
import io.trimtab.evaluate.Evaluator;
import io.trimtab.evaluate.Metric;
import io.trimtab.lm.EmbeddedLanguageModel;
import io.trimtab.program.Predict;
import io.trimtab.session.Session;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.study.Budget;
import io.trimtab.study.Objective;
import io.trimtab.study.Study;
import java.util.Map;

public class FirstStudy {
  static final String TICKETS =
      """
      ticket,team
      My card was charged twice,billing
      The invoice shows the wrong sum,billing
      Nothing loads since this morning,outage
      The whole office gets error 503,outage
      How do I export a board?,how_to
      Where can I change my name?,how_to
      """;
  static final String HINT = "billing: card, sum. outage: error, loads. how_to: how, where.";

  public static void main(String[] args) {
    var tickets = Evaluator.of(Dataset.csvText(TICKETS, "ticket"), Metric.exactMatch("team"));
    var model = EmbeddedLanguageModel.create(); // offline; OpenAiModel.fromEnvironment() is real
    var ask = Predict.of("ticket -> team: Literal['billing', 'outage', 'how_to']", model);
    var triage = ask.bind("instructions", "hint").bind("temperature", "temperature");
    var knobs = ConfigurationSpace.named("triage").floating("temperature", 1.0, 0.0, 1.5, 0.1);
    var space = knobs.choice("hint", "Pick a team.", HINT).build();
    try (Session session = Session.open()) {
      var live = session.register(space);
      var study = Study.of("first", space).seed(1).build();
      var score = Objective.scored(t -> tickets.evaluate(triage, t.configuration()).score());
      study.run(score, Budget.trials(20));
      study.applyBest(live); // the program below reads its values from the session
      System.out.println(study.best().score() + " right with " + live.current());
      System.out.println(triage.run(Map.of("ticket", "Why error 503?"), session).get("team"));
    }
  }
}
