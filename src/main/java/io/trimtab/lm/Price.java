package io.trimtab.lm;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What a model costs, in any one currency.
 *
 * @param inputPerMillion price of a million input tokens, not negative
 * @param outputPerMillion price of a million output tokens, not negative
 * @param cachedPerMillion price of a million input tokens the provider had cached, or null if it is
 *     that of other input
 */
public record Price(
    BigDecimal inputPerMillion,
    BigDecimal outputPerMillion,
    @Nullable BigDecimal cachedPerMillion) {

  private static final int MILLION = 6;

  /**
   * Rejects negative prices.
   *
   * @param inputPerMillion price of a million input tokens
   * @param outputPerMillion price of a million output tokens
   * @param cachedPerMillion price of a million cached input tokens, or null
   */
  public Price {
    if (inputPerMillion.signum() < 0
        || outputPerMillion.signum() < 0
        || (cachedPerMillion != null && cachedPerMillion.signum() < 0)) {
      throw new IllegalArgumentException(
          "prices must not be negative, got %s, %s and %s"
              .formatted(inputPerMillion, outputPerMillion, cachedPerMillion));
    }
  }

  /**
   * Creates a price from decimal texts.
   *
   * @param inputPerMillion such as {@code "0.15"}
   * @param outputPerMillion such as {@code "0.60"}
   * @return the price, cached input at the price of other input
   */
  public static Price of(String inputPerMillion, String outputPerMillion) {
    return new Price(new BigDecimal(inputPerMillion), new BigDecimal(outputPerMillion), null);
  }

  /**
   * Returns what an answer cost.
   *
   * @param usage the tokens it took
   * @return the exact cost, or null if input or output tokens are not known
   */
  public @Nullable BigDecimal of(Usage usage) {
    Long input = usage.inputTokens();
    Long output = usage.outputTokens();
    if (input == null || output == null) {
      return null;
    }
    long cached = usage.cachedTokens() == null ? 0 : Math.min(usage.cachedTokens(), input);
    BigDecimal cachedPrice = cachedPerMillion == null ? inputPerMillion : cachedPerMillion;
    return times(inputPerMillion, input - cached)
        .add(times(cachedPrice, cached))
        .add(times(outputPerMillion, output));
  }

  private static BigDecimal times(BigDecimal perMillion, long tokens) {
    return perMillion.multiply(BigDecimal.valueOf(tokens)).movePointLeft(MILLION);
  }
}
