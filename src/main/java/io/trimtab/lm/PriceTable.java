package io.trimtab.lm;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Prices of models by name. Holds no prices of its own: they change, so they are the user's to
 * state. Immutable.
 */
public final class PriceTable {

  /** No prices. */
  public static final PriceTable EMPTY = new PriceTable(Map.of());

  private final Map<String, Price> prices;

  private PriceTable(Map<String, Price> prices) {
    this.prices = prices;
  }

  /**
   * Returns this table with one more price.
   *
   * @param model the model's name, or its beginning: {@code gpt-4o} also prices {@code
   *     gpt-4o-2024-08-06}, unless a longer entry fits better
   * @param price what it costs
   * @return the new table
   */
  public PriceTable with(String model, Price price) {
    Map<String, Price> more = new LinkedHashMap<>(prices);
    more.put(model, price);
    return new PriceTable(Map.copyOf(more));
  }

  /**
   * Returns the price of a model.
   *
   * @param model its full name
   * @return the price under that name, or under the longest name followed by {@code -} or {@code :}
   *     or {@code @} it begins with, or null
   */
  public @Nullable Price find(String model) {
    for (int end = model.length(); end > 0; end--) {
      if (end == model.length() || "-:@".indexOf(model.charAt(end)) >= 0) {
        Price price = prices.get(model.substring(0, end));
        if (price != null) {
          return price;
        }
      }
    }
    return null;
  }
}
