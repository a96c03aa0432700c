package io.trimtab.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

/** Counting tokens and money. */
class UsageMeterTest {

  private static final LmRequest ASK = LmRequest.of("?");
  private static final PriceTable PRICES =
      PriceTable.EMPTY
          .with("gpt-x", Price.of("2", "10"))
          .with("gpt-x-mini", new Price(BigDecimal.ONE, BigDecimal.TEN, new BigDecimal("0.5")));

  private static LanguageModel answering(String model, Usage usage) {
    return ScriptedLanguageModel.builder()
        .otherwise(ScriptedAnswer.response(LmResponse.of(model, "text").withUsage(usage)))
        .build();
  }

  @Test
  void answersOfEveryForm_areCounted() {
    UsageMeter meter = UsageMeter.builder().prices(PRICES).build();
    LanguageModel model = meter.metering(answering("gpt-x", Usage.of(1_000, 100)));

    model.generate(ASK);
    model.generateAsync(ASK).join();
    LmStreams.collect(model.stream(ASK)).join();

    assertThat(meter.totals().responses()).isEqualTo(3);
    assertThat(meter.totals().usage().total()).isEqualTo(3_300);
    assertThat(meter.totals().cost()).isEqualByComparingTo("0.009");
    assertThat(meter.totalsByModel()).containsOnlyKeys("gpt-x");
  }

  @Test
  void answersFromTheCache_costNothing() {
    UsageMeter meter = UsageMeter.builder().prices(PRICES).build();
    LanguageModel model =
        meter.metering(CachingLanguageModel.of(answering("gpt-x", Usage.of(10, 10))));

    model.generate(ASK);
    model.generate(ASK);

    assertThat(meter.totals().responses()).isEqualTo(1);
    assertThat(meter.totals().cachedResponses()).isEqualTo(1);
    assertThat(meter.totals().usage().total()).isEqualTo(20);
  }

  @Test
  void missingUsage_isMissingAndNotZero() {
    UsageMeter meter = UsageMeter.builder().prices(PRICES).build();

    meter.metering(answering("gpt-x", Usage.UNKNOWN)).generate(ASK);

    assertThat(meter.totals().withoutUsage()).isEqualTo(1);
    assertThat(meter.totals().withoutPrice()).isEqualTo(1);
    assertThat(meter.totals().usage().total()).isNull();
  }

  @Test
  void cachedInput_hasItsOwnPrice() {
    Price price = PRICES.find("gpt-x-mini-2024");

    assertThat(price.of(new Usage(1_000_000L, 0L, null, 400_000L, null)))
        .isEqualByComparingTo("0.8");
  }

  @Test
  void theLongestFittingName_givesThePrice() {
    assertThat(PRICES.find("gpt-x-2024-08-06")).isEqualTo(PRICES.find("gpt-x"));
    assertThat(PRICES.find("gpt-x-mini-2024")).isEqualTo(PRICES.find("gpt-x-mini"));
    assertThat(PRICES.find("gpt-xl")).isNull();
  }

  @Test
  void aSpentBudget_refusesBeforeAnythingIsSent() {
    ScriptedLanguageModel scripted =
        ScriptedLanguageModel.builder()
            .otherwise(
                ScriptedAnswer.response(LmResponse.of("gpt-x", "text").withUsage(Usage.of(60, 40))))
            .build();
    UsageMeter tokens = UsageMeter.builder().maxTokens(150).build();
    UsageMeter money = UsageMeter.builder().prices(PRICES).maxCost(new BigDecimal("0.001")).build();
    LanguageModel model = money.metering(tokens.metering(scripted));

    model.generate(ASK);
    model.generate(ASK);

    assertThatThrownBy(() -> model.generate(ASK)).isInstanceOf(LmQuotaExhaustedException.class);
    assertThat(model.generateAsync(ASK)).isCompletedExceptionally();
    assertThat(LmStreams.collect(model.stream(ASK))).isCompletedExceptionally();
    assertThat(scripted.requests()).hasSize(2);
  }

  @Test
  void usages_addUpCountByCount() {
    Usage sum = Usage.of(1, 2).plus(Usage.UNKNOWN).plus(new Usage(10L, null, null, 5L, null));

    assertThat(sum).isEqualTo(new Usage(11L, 2L, 3L, 5L, null));
  }
}
