package io.trimtab.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.GuidePage;
import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.variable.VariableSource;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The code of {@code docs/signatures.md}, run; and that page, compared with this code. */
class SignatureGuideTest {

  @Test
  void page_showsThisCode() throws IOException {
    GuidePage.assertBlocksAreRegionsOf("signatures.md", SignatureGuideTest.class);
  }

  @Test
  void text_isASignature() {
    // tag::text[]
    Signature signature =
        Signature.parse(
                "ticket, history: list[str] -> label: Literal['bug', 'billing'], urgency: float")
            .withInstructions("Sort the ticket of a customer.");
    // end::text[]

    assertThat(signature.outputs()).hasSize(2);
  }

  @Test
  void builder_describesFields() {
    // tag::builder[]
    Signature signature =
        Signature.builder()
            .input("ticket", "str", "what the customer wrote")
            .output("label", "Literal['bug', 'billing']", "who should answer")
            .outputs(
                Field.of("urgency", "float")
                    .describedAs("how long it can wait, 1 is not at all")
                    .with(Constraint.Kind.GE, 0)
                    .with(Constraint.Kind.LE, 1))
            .instructions("Sort the ticket of a customer.")
            .build();
    // end::builder[]

    assertThat(signature.field("urgency").orElseThrow().constraints()).hasSize(2);
  }

  // tag::records[]
  record Ticket(@Description("what the customer wrote") String ticket, List<String> history) {}

  enum Team {
    BUG,
    BILLING
  }

  @Description("Sort the ticket of a customer.")
  record Triage(
      @Description("who should answer") Team label,
      @Range(ge = 0, le = 1) double urgency,
      @Length(max = 3) List<String> keywords,
      Optional<String> orderNumber) {}

  // end::records[]

  @Test
  void records_areASignature() {
    LanguageModel model =
        ScriptedLanguageModel.answering(
            """
            [[ ## label ## ]]
            BILLING
            [[ ## urgency ## ]]
            0.5
            [[ ## keywords ## ]]
            ["charged", "twice"]
            [[ ## orderNumber ## ]]
            null
            """);

    // tag::recordsRun[]
    Predict sort = Predict.of(Signature.of(Ticket.class, Triage.class), model);
    Triage triage =
        sort.run(new Ticket("I was charged twice", List.of()), VariableSource.empty())
            .as(Triage.class);
    // end::recordsRun[]

    assertThat(triage)
        .isEqualTo(new Triage(Team.BILLING, 0.5, List.of("charged", "twice"), Optional.empty()));
  }

  @Test
  void operations_giveNewSignatures() {
    Signature signature = Signature.parse("ticket -> label");

    // tag::operations[]
    Signature reasoned =
        signature
            .prependOutput(Field.of("reasoning", "str"))
            .appendInput(Field.of("tone", "Optional[str]").describedAs("how to sound"))
            .withInstructions("Think first.");
    // end::operations[]

    assertThat(reasoned)
        .hasToString("ticket: str, tone: Union[str, NoneType] -> reasoning: str, label: str");
  }

  @Test
  void error_saysWhere() {
    String message = "";

    // tag::error[]
    try {
      Signature.parse("ticket -> label: Literal['bug'");
    } catch (SignatureException e) {
      message = e.getMessage();
    }
    // end::error[]

    assertThat(message)
        .isEqualTo("expected ']', got the end at column 31 of \"ticket -> label: Literal['bug'\"");
  }

  @Test
  void demonstrations_areShown() {
    LanguageModel model = ScriptedLanguageModel.answering("[[ ## label ## ]]\nbug");
    Predict sort = Predict.of("ticket -> label", model);

    // tag::demonstrations[]
    Predict taught =
        sort.withDemonstrations(
            List.of(
                Demonstration.of(Map.of("ticket", "It crashes", "label", "bug")),
                Demonstration.of(Map.of("ticket", "Wrong sum", "label", "billing"))));
    // end::demonstrations[]

    assertThat(taught.demonstrations()).hasSize(2);
  }
}
