package io.trimtab.examples.backends;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.lm.LmRequest;
import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.session.Session;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableSource;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Unit tests of a service: neither a session nor a server is needed. */
class ReplyDeskTest {

  private static final String ANSWER = "[[ ## answer ## ]]\nYes.\n\n[[ ## completed ## ]]";

  // tag::constants[]
  @Test
  void reply_constantValues_reachTheModel() {
    ScriptedLanguageModel model = ScriptedLanguageModel.answering(ANSWER);
    VariableSource values = VariableSource.of(Map.of("temperature", 0.3, "tone", "Be brief."));

    String reply = new ReplyDesk(model, values).reply("Are you there?");

    LmRequest asked = model.requests().get(0);
    assertThat(reply).isEqualTo("Yes.");
    assertThat(asked.options().temperature()).isEqualTo(0.3);
    assertThat(asked.messages().get(0).text()).contains("Be brief.");
  }

  // end::constants[]

  @Test
  void reply_valueChangedBetweenTwoQuestions_countsFromTheNextOneOn() {
    ScriptedLanguageModel model = ScriptedLanguageModel.answering(ANSWER, ANSWER);
    try (Session session = Session.open()) {
      session.register(Variable.floating("temperature", 0.7, 0.0, 2.0));
      session.register(Variable.string("tone", "Answer politely."));
      ReplyDesk desk = new ReplyDesk(model, session);

      desk.reply("Are you there?");
      session.set("temperature", 0.0);
      desk.reply("And now?");
    }

    assertThat(model.requests())
        .extracting(request -> request.options().temperature())
        .containsExactly(0.7, 0.0);
  }

  @Test
  void example_sessionMovedUnderTheService_keepsValuesAndVersions() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    BackendsExample.run(new PrintStream(bytes, true, StandardCharsets.UTF_8));

    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "on local: Yes, at temperature 0.7.",
            "on second-home: Yes, at temperature 0.0.",
            "moved 2 variables at revision 3",
            "temperature is at version 2 still");
  }
}
