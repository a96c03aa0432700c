package io.trimtab.lm;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Counts tokens and money over any number of models, and stops at a budget.
 *
 * <p>{@link #metering} wraps a model; every answer through any wrapped model is counted. Once the
 * budget is spent, further calls fail with {@link LmQuotaExhaustedException} before anything is
 * sent. Calls already under way finish and are counted, so the total may exceed the budget by them.
 *
 * <p>Safe for use by many threads at once.
 */
public final class UsageMeter {

  private final PriceTable prices;
  private final long maxTokens;
  private final @Nullable BigDecimal maxCost;
  private final Map<String, UsageTotals> byModel = new LinkedHashMap<>(); // guarded by this
  private UsageTotals all = UsageTotals.NONE; // guarded by this

  private UsageMeter(Builder builder) {
    prices = builder.prices;
    maxTokens = builder.maxTokens;
    maxCost = builder.maxCost;
  }

  /**
   * Creates a meter that only counts tokens.
   *
   * @return a meter without prices and budget
   */
  public static UsageMeter create() {
    return builder().build();
  }

  /**
   * Starts without prices and budget.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Wraps a model so that its answers are counted here.
   *
   * @param model the model
   * @return the same model, counted
   */
  public LanguageModel metering(LanguageModel model) {
    return new MeteredLanguageModel(model, this);
  }

  /**
   * Returns what was counted over all models.
   *
   * @return a snapshot
   */
  public synchronized UsageTotals totals() {
    return all;
  }

  /**
   * Returns what was counted, by the name of the answering model.
   *
   * @return a copy
   */
  public synchronized Map<String, UsageTotals> totalsByModel() {
    return Map.copyOf(byModel);
  }

  synchronized void count(LmResponse response) {
    all = plus(all, response);
    UsageTotals before = byModel.getOrDefault(response.model(), UsageTotals.NONE);
    byModel.put(response.model(), plus(before, response));
  }

  private UsageTotals plus(UsageTotals totals, LmResponse response) {
    if (response.cached()) {
      return totals.plusCached();
    }
    Price price = prices.find(response.model());
    return totals.plus(response.usage(), price == null ? null : price.of(response.usage()));
  }

  void requireBudget(ModelKey key) {
    UsageTotals spent = totals();
    Long tokens = spent.usage().total();
    if (tokens != null && tokens >= maxTokens) {
      throw new LmQuotaExhaustedException(
          "expected tokens left in a budget of %d, %d were taken".formatted(maxTokens, tokens),
          LmErrorOrigin.of(key),
          null);
    }
    if (maxCost != null && spent.cost().compareTo(maxCost) >= 0) {
      throw new LmQuotaExhaustedException(
          "expected money left in a budget of %s, %s was spent"
              .formatted(maxCost.toPlainString(), spent.cost().toPlainString()),
          LmErrorOrigin.of(key),
          null);
    }
  }

  /** Collects prices and a budget. Not safe for use by several threads. */
  public static final class Builder {

    private PriceTable prices = PriceTable.EMPTY;
    private long maxTokens = Long.MAX_VALUE;
    private @Nullable BigDecimal maxCost;

    private Builder() {}

    /**
     * Sets the prices.
     *
     * @param prices by model
     * @return this builder
     */
    public Builder prices(PriceTable prices) {
      this.prices = Objects.requireNonNull(prices);
      return this;
    }

    /**
     * Sets the most tokens.
     *
     * @param tokens at least 1
     * @return this builder
     */
    public Builder maxTokens(long tokens) {
      if (tokens < 1) {
        throw new IllegalArgumentException("tokens must be at least 1, got " + tokens);
      }
      this.maxTokens = tokens;
      return this;
    }

    /**
     * Sets the most money, in the currency of the prices.
     *
     * @param cost more than zero
     * @return this builder
     */
    public Builder maxCost(BigDecimal cost) {
      if (cost.signum() <= 0) {
        throw new IllegalArgumentException("cost must be more than zero, got " + cost);
      }
      this.maxCost = cost;
      return this;
    }

    /**
     * Returns the meter.
     *
     * @return a meter that has counted nothing
     */
    public UsageMeter build() {
      return new UsageMeter(this);
    }
  }
}
