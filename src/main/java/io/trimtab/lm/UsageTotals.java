package io.trimtab.lm;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link UsageMeter} has seen so far.
 *
 * @param responses answers, cached ones excluded
 * @param cachedResponses answers that came from a cache of ours and cost nothing
 * @param withoutUsage those of {@code responses} whose token count is not known
 * @param withoutPrice those of {@code responses} whose cost is not known
 * @param usage the tokens of all {@code responses} together
 * @param cost the cost of all {@code responses} together, as far as known
 */
public record UsageTotals(
    long responses,
    long cachedResponses,
    long withoutUsage,
    long withoutPrice,
    Usage usage,
    BigDecimal cost) {

  static final UsageTotals NONE = new UsageTotals(0, 0, 0, 0, Usage.UNKNOWN, BigDecimal.ZERO);

  UsageTotals plusCached() {
    return new UsageTotals(responses, cachedResponses + 1, withoutUsage, withoutPrice, usage, cost);
  }

  UsageTotals plus(Usage more, @Nullable BigDecimal price) {
    return new UsageTotals(
        responses + 1,
        cachedResponses,
        withoutUsage + (more.total() == null ? 1 : 0),
        withoutPrice + (price == null ? 1 : 0),
        usage.plus(more),
        price == null ? cost : cost.add(price));
  }
}
