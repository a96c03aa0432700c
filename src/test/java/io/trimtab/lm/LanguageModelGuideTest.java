package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.tck.ManualLmClock;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * The code of {@code docs/language-models.md} and {@code docs/resilience.md}, run; and those pages,
 * compared with this code.
 */
final class LanguageModelGuideTest {

  @Test
  void ask_aModel_answers() {
    LanguageModel model = ScriptedLanguageModel.answering("Four.");
    List<String> shown = new ArrayList<>();

    // tag::ask[]
    LmRequest request =
        LmRequest.builder()
            .system("Answer with one word.")
            .user("What is two plus two?")
            .options(LmOptions.builder().temperature(0.0).maxTokens(16).build())
            .build();

    LmResponse response = model.generate(request);
    shown.add(response.text());
    shown.add("tokens: " + response.usage().total()); // null if the provider does not say
    // end::ask[]

    assertThat(shown).containsExactly("Four.", "tokens: null");
  }

  @Test
  void askLater_andInPieces_answers() {
    LanguageModel model = ScriptedLanguageModel.answering("one", "one two three");
    LmRequest request = LmRequest.of("count");
    StringBuilder out = new StringBuilder();

    // tag::async[]
    CompletableFuture<LmResponse> later = model.generateAsync(request);
    later.thenAccept(answer -> out.append(answer.text()));
    // later.cancel(true) ends the exchange; cancelling the future of thenAccept does not
    // end::async[]

    // tag::stream[]
    CompletableFuture<LmResponse> whole = LmStreams.collect(model.stream(request));
    // end::stream[]

    assertThat(out).hasToString("one");
    assertThat(whole.join().text()).isEqualTo("one two three");
  }

  @Test
  void options_areMergedFromWeakToStrong() {
    LmOptions modelDefaults = LmOptions.builder().temperature(1.0).maxTokens(500).build();
    LmOptions module = LmOptions.builder().temperature(0.7).build();
    LmOptions call = LmOptions.builder().temperature(0.0).build();

    // tag::options[]
    LmOptions inForce = modelDefaults.overriddenBy(module).overriddenBy(call);
    // end::options[]

    assertThat(inForce.temperature()).isZero();
    assertThat(inForce.maxTokens()).isEqualTo(500);
  }

  @Test
  void errors_areTypedByDecision() {
    LanguageModel model =
        ScriptedLanguageModel.builder().fail(Failures.rateLimited(Duration.ofSeconds(7))).build();
    LmRequest request = LmRequest.of("?");
    List<String> shown = new ArrayList<>();

    // tag::errors[]
    try {
      model.generate(request);
    } catch (LmRateLimitedException e) {
      shown.add("come back in " + e.retryAfter());
    } catch (LmContextLengthException e) {
      shown.add("shorten the prompt");
    } catch (LmException e) {
      shown.add(e.retryable() ? "worth another try" : "give up");
    }
    // end::errors[]

    assertThat(shown).containsExactly("come back in PT7S");
  }

  @Test
  void scripted_model_servesTests() {
    // tag::scripted[]
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder()
            .answer("billing")
            .fail(
                new LmServerException(
                    "down", LmErrorOrigin.of(ModelKey.local("test", "model"), 503), null))
            .when(r -> r.tools().size() > 0, ScriptedAnswer.text("no tools today"))
            .otherwise(ScriptedAnswer.never())
            .build();

    assertThat(model.generate(LmRequest.of("My invoice is wrong.")).text()).isEqualTo("billing");
    assertThat(model.requests().get(0).options().temperature()).isNull();
    // end::scripted[]

    assertThat(model.remaining()).isEqualTo(1);
  }

  @Test
  void meter_countsAndStops() {
    LanguageModel model =
        ScriptedLanguageModel.builder()
            .otherwise(
                ScriptedAnswer.response(
                    LmResponse.of("gpt-x-2026-01-01", "text").withUsage(Usage.of(2_000_000, 0))))
            .build();
    LmRequest request = LmRequest.of("?");

    // tag::meter[]
    UsageMeter meter =
        UsageMeter.builder()
            .prices(PriceTable.EMPTY.with("gpt-x", Price.of("0.50", "2.00")))
            .maxCost(new BigDecimal("1.00"))
            .build();
    LanguageModel metered = meter.metering(model);

    metered.generate(request);
    BigDecimal spent = meter.totals().cost(); // 1.00: the next call fails before it is sent
    // end::meter[]

    assertThat(spent).isEqualByComparingTo("1");
    assertThatThrownBy(() -> metered.generate(request))
        .isInstanceOf(LmQuotaExhaustedException.class);
  }

  @Test
  void cache_answersForNothing() {
    LanguageModel model = ScriptedLanguageModel.answering("once");
    LmRequest request = LmRequest.of("?");

    // tag::cache[]
    CachingLanguageModel cached =
        CachingLanguageModel.builder(model)
            .maxEntries(1_000)
            .timeToLive(Duration.ofHours(12))
            .build();

    cached.generate(request);
    boolean forNothing = cached.generate(request).cached();
    // end::cache[]

    assertThat(forNothing).isTrue();
  }

  @Test
  void guard_oneModel() {
    LanguageModel model = ScriptedLanguageModel.answering("x");

    // tag::guard[]
    LanguageModel guarded = ResilientLanguageModel.lm(model);
    // end::guard[]

    assertThat(guarded).hasToString("Scripted(scripted).retrying(3).breaking(5)");
  }

  @Test
  void guard_severalClientsWithSharedLimits() {
    LanguageModel chatModel = ScriptedLanguageModel.answering("x");
    LanguageModel batchModel = ScriptedLanguageModel.answering("x");
    List<LmEvent> heard = new ArrayList<>();

    // tag::shared[]
    LmLimits limits =
        LmLimits.builder()
            .breaker(5, Duration.ofSeconds(30))
            .concurrency(10)
            .concurrencyWait(Duration.ofSeconds(2))
            .requestsPerMinute(600)
            .tokensPerMinute(200_000)
            .build();

    LanguageModel chat =
        ResilientLanguageModel.builder(chatModel)
            .limits(limits)
            .timeout(Duration.ofSeconds(20))
            .build();
    LanguageModel batch =
        ResilientLanguageModel.builder(batchModel)
            .limits(limits)
            .retrying(6)
            .timeout(Duration.ofMinutes(10))
            .listener(heard::add)
            .build();
    // end::shared[]

    chat.generate(LmRequest.of("?"));
    batch.generate(LmRequest.of("?"));
    assertThat(limits.state(chat.key()).requestsInMinute()).isEqualTo(2);
    assertThat(heard).hasSize(2);
  }

  @Test
  void chain_modelsBehindOne() {
    LanguageModel large = ScriptedLanguageModel.builder().fail(Failures.server()).build();
    LanguageModel small = ScriptedLanguageModel.answering("small", "small");

    // tag::chain[]
    LanguageModel model =
        FallbackLanguageModel.of(
            ResilientLanguageModel.builder(large).retrying(1).build(),
            ResilientLanguageModel.lm(small));
    LanguageModel hedged = HedgedLanguageModel.of(model, Duration.ofSeconds(3));
    // end::chain[]

    assertThat(hedged.generate(LmRequest.of("?")).text()).isEqualTo("small");
  }

  @Test
  void clock_movesWhenTheTestMovesIt() {
    // tag::clock[]
    ManualLmClock clock = new ManualLmClock(); // in the test kit
    ScriptedLanguageModel model =
        ScriptedLanguageModel.builder()
            .clock(clock)
            .fail(
                new LmRateLimitedException(
                    "slow down",
                    Duration.ofSeconds(7),
                    LmErrorOrigin.of(ModelKey.local("test", "model"), 429),
                    null))
            .answer("later")
            .build();
    LanguageModel guarded =
        ResilientLanguageModel.builder(model)
            .limits(LmLimits.builder().clock(clock).build())
            .executor(Runnable::run)
            .build();

    CompletableFuture<LmResponse> answer = guarded.generateAsync(LmRequest.of("?"));
    clock.advance(Duration.ofSeconds(8));

    assertThat(answer.join().text()).isEqualTo("later");
    // end::clock[]
  }

  @Test
  void pages_everyJavaBlock_isARegionOfThisFile() throws IOException {
    Path source = Path.of("src/test/java/io/trimtab/lm/LanguageModelGuideTest.java");
    String code = plain(Files.readString(source));

    Map<String, Integer> expected = Map.of("language-models", 7, "resilience", 5);
    for (Map.Entry<String, Integer> page : expected.entrySet()) {
      String[] parts = Files.readString(Path.of("docs/" + page.getKey() + ".md")).split("```");
      int blocks = 0;
      for (int i = 1; i < parts.length; i += 2) {
        if (parts[i].startsWith("java\n")) {
          assertThat(code).contains(plain(parts[i].substring(5)));
          blocks++;
        }
      }
      assertThat(blocks).as(page.getKey()).isEqualTo(page.getValue());
    }
  }

  private static String plain(String code) {
    return code.lines().map(String::strip).reduce("", (a, b) -> a + "\n" + b).strip();
  }
}
