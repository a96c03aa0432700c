package io.trimtab.study;

/**
 * What an evaluation used up.
 *
 * @param tokens tokens of language models, at least 0
 * @param money in the currency of the price table that was used, at least 0
 */
public record Cost(long tokens, double money) {

  /** Nothing. */
  public static final Cost NONE = new Cost(0, 0);

  /** Rejects negative amounts. */
  public Cost {
    if (tokens < 0 || !(money >= 0)) {
      throw new IllegalArgumentException(
          "a cost is at least 0, got %d tokens and %s".formatted(tokens, money));
    }
  }

  /**
   * Returns the sum of two costs.
   *
   * @param other another cost
   * @return the sum
   */
  public Cost plus(Cost other) {
    return new Cost(tokens + other.tokens, money + other.money);
  }
}
