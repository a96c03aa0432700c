package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.json.Json;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EmbeddedLanguageModelTest {

  private static final String WITHOUT_EXPLANATIONS = "Sort the ticket into its category.";
  private static final String WITH_EXPLANATIONS =
      """
      Sort the ticket into its category.
      billing: invoices, charges, refunds, payment
      outage: the service is down or unreachable, nothing loads
      how_to: asks how to do or where to find something
      cancellation: wants to cancel, end or not renew the contract""";

  /** A prompt in the marked-section format, as the chat adapter of a program writes it. */
  private static final class Prompt {
    private final String instructions;
    private final boolean reasoning;
    private final List<Message> turns = new ArrayList<>();
    private String type = "Literal['billing', 'outage', 'how_to', 'cancellation']";

    Prompt(String instructions, boolean reasoning) {
      this.instructions = instructions;
      this.reasoning = reasoning;
    }

    Prompt type(String type) {
      this.type = type;
      return this;
    }

    Prompt shows(String ticket, String label) {
      turns.add(Message.user("[[ ## ticket ## ]]\n" + ticket));
      turns.add(
          Message.assistant(
              (reasoning ? "[[ ## reasoning ## ]]\nBecause.\n\n" : "")
                  + "[[ ## label ## ]]\n%s\n\n[[ ## completed ## ]]\n".formatted(label)));
      return this;
    }

    LmRequest asks(String ticket) {
      return asks(ticket, LmOptions.NONE);
    }

    LmRequest asks(String ticket, LmOptions options) {
      String system =
          """
          Your input fields are:
          1. `ticket` (str): what the customer wrote
          Your output fields are:
          %s`label` (%s):
          All interactions will be structured in the following way, with the appropriate values filled in.

          [[ ## ticket ## ]]
          {ticket}

          [[ ## label ## ]]
          {label}

          [[ ## completed ## ]]
          In adhering to this structure, your objective is:\s
                  %s"""
              .formatted(
                  reasoning ? "1. `reasoning` (str):\n2. " : "1. ",
                  type,
                  instructions.replace("\n", "\n        "));
      String last =
          "[[ ## ticket ## ]]\n%s\n\nRespond with the corresponding output fields, starting with `[[ ## label ## ]]`."
              .formatted(ticket);
      return LmRequest.builder().system(system).messages(turns).user(last).options(options).build();
    }
  }

  private static Prompt prompt() {
    return new Prompt(WITHOUT_EXPLANATIONS, /* reasoning= */ false);
  }

  private final EmbeddedLanguageModel model = EmbeddedLanguageModel.create();

  private String label(LmRequest request) {
    return section(model.generate(request).text(), "label");
  }

  private static String section(String answer, String name) {
    String head = "[[ ## " + name + " ## ]]\n";
    int start = answer.indexOf(head);
    assertThat(start).as("section %s in: %s", name, answer).isNotNegative();
    return answer.substring(start + head.length(), answer.indexOf("\n\n[[", start)).strip();
  }

  // -- what it reads ----------------------------------------------------------------------------

  @Test
  void generate_withADemonstrationLikeTheQuestion_repeatsItsAnswer() {
    LmRequest request =
        prompt()
            .shows("my card was charged twice for one invoice", "billing")
            .shows("nothing loads, the page is down", "outage")
            .asks("why was my card charged two times");

    assertThat(label(request)).isEqualTo("billing");
  }

  @Test
  void generate_sameQuestionWithSwappedDemonstrations_followsTheDemonstrations() {
    LmRequest request =
        prompt()
            .shows("my card was charged twice for one invoice", "outage")
            .shows("nothing loads, the page is down", "billing")
            .asks("why was my card charged two times");

    assertThat(label(request)).isEqualTo("outage");
  }

  @Test
  void generate_withoutDemonstrations_goesByTheExplanationsInTheInstructions() {
    LmRequest request =
        new Prompt(WITH_EXPLANATIONS, false).asks("I want to end the contract, do not renew it");

    assertThat(label(request)).isEqualTo("cancellation");
  }

  @Test
  void generate_demonstrationOfAValueThatIsNotAllowed_isIgnored() {
    LmRequest request = prompt().shows("charged twice", "refunds").asks("charged twice");

    assertThat(label(request)).isIn("billing", "outage", "how_to", "cancellation");
  }

  @Test
  void generate_valuesInANoteInsteadOfTheType_areRespected() {
    LmRequest request =
        LmRequest.builder()
            .system(
                """
                Your input fields are:
                1. `text` (str):
                Your output fields are:
                1. `tone` (Tone):
                All interactions will be structured in the following way.

                [[ ## tone ## ]]
                {tone}        # note: the value you produce must be one of: RED; GREEN
                In adhering to this structure, your objective is: Pick.""")
            .user("[[ ## text ## ]]\nthe green one please")
            .build();

    assertThat(section(model.generate(request).text(), "tone")).isEqualTo("GREEN");
  }

  @Test
  void generate_literalWithQuotesAndCommas_readsEachValueWhole() {
    LmRequest request =
        prompt().type("Literal[\"it's, well, late\", 'on time']").asks("my parcel is late, well");

    assertThat(label(request)).isEqualTo("it's, well, late");
  }

  @Test
  void generate_freeTextFieldWhoseValuesRepeat_choosesAmongTheShownOnes() {
    LmRequest request =
        prompt()
            .type("str")
            .shows("card charged twice", "money")
            .shows("invoice is wrong", "money")
            .shows("page does not load", "tech")
            .asks("the page will not load");

    assertThat(label(request)).isEqualTo("tech");
  }

  @Test
  void generate_numberField_takesTheNearestDemonstrationsNumber() {
    LmRequest request =
        prompt()
            .type("int")
            .shows("everything is burning, all systems down", "9")
            .shows("a small typo on the page", "1")
            .asks("typo on the start page");

    assertThat(label(request)).isEqualTo("1");
  }

  @Test
  void generate_freeTextWithoutAnyDemonstration_saysItIsUnknown() {
    assertThat(label(prompt().type("str").asks("hello"))).isEqualTo("unknown");
  }

  @Test
  void generate_jsonPrompt_answersWithAJsonObject() {
    LmRequest request =
        LmRequest.builder()
            .system(
                """
                Your input fields are:
                1. `text` (str):
                Your output fields are:
                1. `urgent` (bool):
                2. `team` (Literal['money', 'tech']):
                All interactions will be structured in the following way, with the appropriate values filled in.

                Inputs will have the following structure:

                [[ ## text ## ]]
                {text}

                Outputs will be a JSON object with the following fields.

                {
                  "urgent": "{urgent}        # note: the value you produce must be True or False",
                  "team": "{team}        # note: the value you produce must exactly match (no extra characters) one of: money; tech"
                }
                In adhering to this structure, your objective is:\s
                        Sort.""")
            .user("[[ ## text ## ]]\nmy card was charged twice")
            .assistant("{\n  \"urgent\": false,\n  \"team\": \"money\"\n}")
            .user("[[ ## text ## ]]\nthe page does not load")
            .assistant("{\n  \"urgent\": true,\n  \"team\": \"tech\"\n}")
            .user(
                "[[ ## text ## ]]\ncharged my card again\n\nRespond with a JSON object in the following order of fields: `urgent`, then `team`.")
            .build();

    JsonObject answer = Json.parseObject(model.generate(request).text(), JsonLimits.DEFAULT);

    assertThat(answer.string("team")).isEqualTo("money");
    assertThat(answer.bool("urgent")).isFalse();
  }

  @Test
  void generate_withReasoning_saysWhichDemonstrationWasNearest() {
    LmRequest request =
        new Prompt(WITHOUT_EXPLANATIONS, /* reasoning= */ true)
            .shows("my card was charged twice", "billing")
            .shows("nothing loads", "outage")
            .asks("card charged twice");

    String answer = model.generate(request).text();

    assertThat(section(answer, "reasoning"))
        .contains("nearest of 2 demonstrations", "says billing", "billing is ahead");
    assertThat(section(answer, "label")).isEqualTo("billing");
  }

  @Test
  void generate_withReasoning_letsAllDemonstrationsVote() {
    Prompt outright = new Prompt(WITHOUT_EXPLANATIONS, /* reasoning= */ false);
    Prompt reasoned = new Prompt(WITHOUT_EXPLANATIONS, /* reasoning= */ true);
    for (Prompt prompt : List.of(outright, reasoned)) {
      prompt.shows("blue door key dog", "outage"); // similarity 0.75, against 0.5 for each below
      prompt.shows("blue", "billing").shows("door", "billing");
      prompt.shows("key", "billing").shows("lamp", "billing");
    }
    EmbeddedLanguageModel words = EmbeddedLanguageModel.create(EmbeddedLanguageModel.SMALL);

    assertThat(section(words.generate(outright.asks("blue door key lamp")).text(), "label"))
        .isEqualTo("outage");
    assertThat(section(words.generate(reasoned.asks("blue door key lamp")).text(), "label"))
        .isEqualTo("billing");
  }

  @Test
  void generate_promptInAnUnknownForm_saysThatItCannotReadIt() {
    String answer = model.generate(LmRequest.of("What is the capital of France?")).text();

    assertThat(answer).startsWith("I am embedded-similarity-large").contains("no answer");
  }

  @Test
  void generate_emptyQuestion_stillAnswersWithinTheAllowedValues() {
    assertThat(label(prompt().asks("?"))).isEqualTo("billing");
    assertThat(model.generate(LmRequest.of("")).text()).contains("no answer");
  }

  // -- options ----------------------------------------------------------------------------------

  private static LmOptions temperature(double temperature) {
    return LmOptions.builder().temperature(temperature).build();
  }

  @Test
  void generate_temperatureZero_isTheSameForEveryRollout() {
    Prompt prompt = prompt().shows("card charged", "billing").shows("page down", "outage");

    for (long rollout = 0; rollout < 20; rollout++) {
      LmOptions options = LmOptions.builder().temperature(0.0).rolloutId(rollout).build();
      assertThat(label(prompt.asks("card page", options)))
          .isEqualTo(label(prompt.asks("card page")));
    }
  }

  @Test
  void generate_highTemperature_variesWithTheRolloutAndRepeatsForTheSameOne() {
    Prompt prompt = prompt().shows("card charged", "billing").shows("page down", "outage");
    List<String> labels = new ArrayList<>();
    for (long rollout = 0; rollout < 20; rollout++) {
      LmOptions options = LmOptions.builder().temperature(1.5).rolloutId(rollout).build();
      labels.add(label(prompt.asks("card page", options)));

      assertThat(label(prompt.asks("card page", options))).isEqualTo(labels.get((int) rollout));
    }

    assertThat(labels).contains("billing", "outage");
  }

  @Test
  void generate_severalCompletions_areDrawnOneByOne() {
    LmOptions options = LmOptions.builder().temperature(1.5).n(12).build();

    LmResponse response = model.generate(prompt().shows("card", "billing").asks("hello", options));

    assertThat(response.completions())
        .hasSize(12)
        .extracting(completion -> section(completion.text(), "label"))
        .contains("billing")
        .anyMatch(label -> !label.equals("billing"));
  }

  @Test
  void generate_maxTokensTooFew_cutsTheAnswerAndSaysSo() {
    LmOptions options = LmOptions.builder().maxTokens(3).build();

    Completion cut = model.generate(prompt().asks("card", options)).completions().get(0);

    assertThat(cut.text()).hasSize(12);
    assertThat(cut.finishReason()).isEqualTo(FinishReason.LENGTH);
  }

  @Test
  void generate_stopText_endsTheAnswerBeforeIt() {
    LmOptions options = LmOptions.builder().stop(List.of("[[ ## completed")).build();

    assertThat(model.generate(prompt().asks("card", options)).text()).doesNotContain("completed");
  }

  @Test
  void generate_anotherVariantInTheOptions_answersAsThatVariant() {
    LmOptions options = LmOptions.builder().model(EmbeddedLanguageModel.SMALL).build();

    assertThat(model.generate(prompt().asks("card", options)).model())
        .isEqualTo("embedded-similarity-small");
  }

  @Test
  void generate_foreignModelInTheOptions_isRefusedWithTheNames() {
    LmOptions options = LmOptions.builder().model("gpt-4o").build();

    assertThatThrownBy(() -> model.generate(prompt().asks("card", options)))
        .isInstanceOf(LmInvalidRequestException.class)
        .hasMessageContaining("embedded-similarity-small")
        .hasMessageContaining("gpt-4o");
  }

  @Test
  void generate_promptBeyondTheSmallVariantsContext_isRefused() {
    LmRequest request = prompt().asks("word ".repeat(4_000));

    assertThat(model.generate(request).text()).contains("label");
    assertThatThrownBy(
            () -> EmbeddedLanguageModel.create(EmbeddedLanguageModel.SMALL).generate(request))
        .isInstanceOf(LmContextLengthException.class)
        .hasMessageContaining("4096");
  }

  @Test
  void generate_anyPrompt_countsTokensOfAboutFourCharacters() {
    LmRequest request = prompt().asks("card");
    int characters = request.messages().stream().mapToInt(m -> m.text().length()).sum();

    Usage usage = model.generate(request).usage();

    assertThat(usage.inputTokens()).isBetween(characters / 4L, characters / 4L + 12);
    assertThat(usage.outputTokens()).isBetween(5L, 30L);
  }

  // -- forms ------------------------------------------------------------------------------------

  @Test
  void generateAsync_andStream_answerLikeGenerate() throws Exception {
    LmRequest request = prompt().shows("card charged", "billing").asks("charged");
    String blocking = model.generate(request).text();

    assertThat(model.generateAsync(request).get(10, TimeUnit.SECONDS).text()).isEqualTo(blocking);
    assertThat(LmStreams.collect(model.stream(request)).get(10, TimeUnit.SECONDS).text())
        .isEqualTo(blocking);
  }

  @Test
  void generateAsync_cancelledBeforeAThreadIsFree_doesNotAnswer() {
    List<Runnable> waiting = new ArrayList<>();
    EmbeddedLanguageModel queued =
        EmbeddedLanguageModel.create(EmbeddedLanguageModel.LARGE, waiting::add, LmClock.system());

    CompletableFuture<LmResponse> call = queued.generateAsync(prompt().asks("card"));
    call.cancel(true);
    waiting.forEach(Runnable::run);

    assertThat(call).isCancelled();
  }

  @Test
  void generateAsync_noThreadBeforeTheDeadline_failsWithTheTimeout() {
    EmbeddedLanguageModel queued =
        EmbeddedLanguageModel.create(EmbeddedLanguageModel.LARGE, task -> {}, LmClock.system());
    LmOptions options = LmOptions.builder().timeout(Duration.ofMillis(1)).build();

    assertThat(queued.generateAsync(prompt().asks("card", options)))
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableThat()
        .withCauseInstanceOf(LmTimeoutException.class);
  }

  @Test
  void calls_afterClose_areRefused() {
    EmbeddedLanguageModel closed = EmbeddedLanguageModel.create();
    closed.close();
    closed.close();

    assertThatThrownBy(() -> closed.generate(prompt().asks("card")))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> closed.generateAsync(prompt().asks("card")))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> closed.stream(prompt().asks("card")))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void create_unknownVariant_isRefusedWithTheNames() {
    assertThatThrownBy(() -> EmbeddedLanguageModel.create("medium"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("embedded-similarity-large")
        .hasMessageContaining("medium");
  }

  @Test
  void key_andToString_nameItForWhatItIs() {
    assertThat(model.key()).hasToString("embedded/embedded-similarity-large");
    assertThat(model).hasToString("EmbeddedLanguageModel(embedded-similarity-large)");
  }

  // -- on real tickets --------------------------------------------------------------------------

  private record Ticket(String text, String label) {}

  private static Map<String, List<Ticket>> tickets(String split) {
    Map<String, List<Ticket>> byLabel = new LinkedHashMap<>();
    try {
      for (String line : Files.readAllLines(Path.of("examples/data/tickets.jsonl"))) {
        JsonObject row = Json.parseObject(line, JsonLimits.DEFAULT);
        if (row.string("split").equals(split)) {
          byLabel
              .computeIfAbsent(row.string("label"), label -> new ArrayList<>())
              .add(new Ticket(row.string("text"), row.string("label")));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return byLabel;
  }

  private static double accuracy(
      String variant, boolean reasoning, int perLabel, double temperature) {
    Map<String, List<Ticket>> train = tickets("train");
    Prompt prompt =
        new Prompt(WITHOUT_EXPLANATIONS, reasoning)
            .type(
                "Literal["
                    + String.join(", ", train.keySet().stream().map(l -> "'" + l + "'").toList())
                    + "]");
    for (int i = 0; i < perLabel; i++) {
      for (List<Ticket> ofLabel : train.values()) {
        prompt.shows(ofLabel.get(i).text(), ofLabel.get(i).label());
      }
    }
    EmbeddedLanguageModel model = EmbeddedLanguageModel.create(variant);
    int right = 0;
    int all = 0;
    for (List<Ticket> ofLabel : tickets("test").values()) {
      for (Ticket ticket : ofLabel) {
        String answer = model.generate(prompt.asks(ticket.text(), temperature(temperature))).text();
        right += section(answer, "label").equals(ticket.label()) ? 1 : 0;
        all++;
      }
    }
    return (double) right / all;
  }

  @Test
  void accuracy_moreDemonstrations_rises() {
    double none = accuracy(EmbeddedLanguageModel.LARGE, true, 0, 0);
    double few = accuracy(EmbeddedLanguageModel.LARGE, true, 2, 0);
    double many = accuracy(EmbeddedLanguageModel.LARGE, true, 6, 0);

    assertThat(few).isGreaterThan(none + 0.05);
    assertThat(many).isGreaterThan(none + 0.1);
  }

  @Test
  void accuracy_highTemperature_falls() {
    double cold = accuracy(EmbeddedLanguageModel.LARGE, true, 4, 0);
    double hot = accuracy(EmbeddedLanguageModel.LARGE, true, 4, 1.5);

    assertThat(hot).isLessThan(cold - 0.05);
  }

  @Test
  void accuracy_variants_differ() {
    double small = accuracy(EmbeddedLanguageModel.SMALL, true, 4, 0);
    double large = accuracy(EmbeddedLanguageModel.LARGE, true, 4, 0);

    assertThat(large).isGreaterThan(small);
  }
}
