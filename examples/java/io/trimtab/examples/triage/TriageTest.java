package io.trimtab.examples.triage;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.lm.EmbeddedLanguageModel;
import io.trimtab.program.Example;
import io.trimtab.program.FieldValues;
import io.trimtab.program.Models;
import io.trimtab.program.Prediction;
import io.trimtab.program.Program;
import io.trimtab.variable.VariableSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TriageTest {

  private static final Tickets TICKETS = Tickets.load();
  private static final Models MODELS = Models.of(EmbeddedLanguageModel.create());

  private static VariableSource configuration(String module, int demonstrations) {
    return VariableSource.of(
        Map.of(
            "module",
            module,
            "model",
            EmbeddedLanguageModel.LARGE,
            "instructions",
            Triage.GLOSSARY,
            "demonstrations",
            (long) demonstrations,
            "temperature",
            0.0));
  }

  private static double accuracy(Program program, VariableSource source) {
    int right = 0;
    for (Example ticket : TICKETS.test()) {
      String team = program.run(ticket.inputs(), source).getString("label");
      right += team.equals(ticket.labels().getString("label")) ? 1 : 0;
    }
    return (double) right / TICKETS.test().size();
  }

  @Test
  void tickets_demonstrationsTrainAndTest_shareNoTicket() {
    List<FieldValues> all = new ArrayList<>();
    TICKETS.demonstrations().forEach(shown -> all.add(shown.values().only(Set.of("text"))));
    TICKETS.train().examples().forEach(ticket -> all.add(ticket.inputs()));
    TICKETS.test().examples().forEach(ticket -> all.add(ticket.inputs()));

    assertThat(all).hasSize(272).doesNotHaveDuplicates();
    assertThat(TICKETS.demonstrations()).hasSize(48);
    assertThat(TICKETS.test().examples()).hasSize(112);
  }

  @Test
  void tickets_everyPart_holdsEveryTeam() {
    assertThat(
            new HashSet<>(
                TICKETS.train().examples().stream()
                    .map(t -> t.labels().getString("label"))
                    .toList()))
        .containsExactlyInAnyOrderElementsOf(Tickets.TEAMS);
    assertThat(TICKETS.demonstrations().subList(0, 8))
        .extracting(shown -> shown.values().getString("label"))
        .isEqualTo(Tickets.TEAMS);
  }

  @Test
  void program_withDemonstrations_isBetterThanWithout() {
    Program program = Triage.program(MODELS, TICKETS.demonstrations());

    double without = accuracy(program, configuration("ChainOfThought", 0));
    double with = accuracy(program, configuration("ChainOfThought", 16));

    assertThat(with).isGreaterThan(without + 0.05);
  }

  @Test
  void program_askedToReason_saysWhyAndStaysWithinTheTeams() {
    Program program = Triage.program(MODELS, TICKETS.demonstrations());

    Prediction answer =
        program.run(
            Map.of("text", "I was charged twice on my invoice"),
            configuration("ChainOfThought", 16));

    assertThat(answer.getString("label")).isEqualTo("billing");
    assertThat(answer.getString("reasoning")).contains("nearest of 16 demonstrations");
  }

  @Test
  void program_withTheJsonAdapter_answersAsWithTheChatAdapter() {
    Program chat = Triage.program(MODELS, TICKETS.demonstrations());
    Program json = chat.with("adapter", "json");
    VariableSource source = configuration("Predict", 8);

    for (Example ticket : TICKETS.test().examples().subList(0, 20)) {
      assertThat(json.run(ticket.inputs(), source).getString("label"))
          .isEqualTo(chat.run(ticket.inputs(), source).getString("label"));
    }
  }
}
