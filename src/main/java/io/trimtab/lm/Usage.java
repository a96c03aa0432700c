package io.trimtab.lm;

import org.jspecify.annotations.Nullable;

/**
 * How many tokens an answer took, as far as the provider says. A count that is missing is null,
 * which is not the same as zero.
 *
 * @param inputTokens tokens of the request, cached ones included
 * @param outputTokens tokens of the answer, reasoning included
 * @param totalTokens the provider's total; see {@link #total()}
 * @param cachedTokens those input tokens that the provider had cached
 * @param reasoningTokens those output tokens that were spent on reasoning
 */
public record Usage(
    @Nullable Long inputTokens,
    @Nullable Long outputTokens,
    @Nullable Long totalTokens,
    @Nullable Long cachedTokens,
    @Nullable Long reasoningTokens) {

  /** Nothing is known. */
  public static final Usage UNKNOWN = new Usage(null, null, null, null, null);

  /**
   * Rejects negative counts.
   *
   * @param inputTokens tokens of the request, cached ones included
   * @param outputTokens tokens of the answer, reasoning included
   * @param totalTokens the provider's total; see {@link #total()}
   * @param cachedTokens those input tokens that the provider had cached
   * @param reasoningTokens those output tokens that were spent on reasoning
   */
  public Usage {
    notNegative("inputTokens", inputTokens);
    notNegative("outputTokens", outputTokens);
    notNegative("totalTokens", totalTokens);
    notNegative("cachedTokens", cachedTokens);
    notNegative("reasoningTokens", reasoningTokens);
  }

  private static void notNegative(String name, @Nullable Long count) {
    if (count != null && count < 0) {
      throw new IllegalArgumentException(name + " must be at least 0, got " + count);
    }
  }

  /**
   * Creates a usage of input and output tokens.
   *
   * @param inputTokens at least 0
   * @param outputTokens at least 0
   * @return the usage, with their sum as total
   */
  public static Usage of(long inputTokens, long outputTokens) {
    return new Usage(inputTokens, outputTokens, inputTokens + outputTokens, null, null);
  }

  /**
   * Returns the total: the provider's own, or the sum of input and output if both are known.
   *
   * @return the total, or null if it cannot be known
   */
  public @Nullable Long total() {
    if (totalTokens != null) {
      return totalTokens;
    }
    return inputTokens == null || outputTokens == null ? null : inputTokens + outputTokens;
  }

  /**
   * Adds two usages count by count. A count that is missing on one side is taken from the other, so
   * the sum is then a lower bound; missing on both sides it stays missing.
   *
   * @param other the usage to add
   * @return the sum; {@link #UNKNOWN} is neutral
   */
  public Usage plus(Usage other) {
    return new Usage(
        sum(inputTokens, other.inputTokens),
        sum(outputTokens, other.outputTokens),
        sum(total(), other.total()),
        sum(cachedTokens, other.cachedTokens),
        sum(reasoningTokens, other.reasoningTokens));
  }

  private static @Nullable Long sum(@Nullable Long a, @Nullable Long b) {
    if (a == null) {
      return b;
    }
    return b == null ? a : Long.valueOf(a + b);
  }
}
