package io.trimtab.variable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fixed list of named options, optionally weighted for sampling or ordered.
 *
 * <p>JSON keys: {@code options}, {@code weights}, {@code ordinal}.
 *
 * @param options the names, at least one, distinct, each 1 to 1,000 characters
 * @param weights how likely each option is when sampled, positive and finite, in the order of the
 *     options; empty for equal weights
 * @param ordinal whether the order of the options means something, as in small, medium, large
 */
public record ChoiceDomain(List<String> options, List<Double> weights, boolean ordinal)
    implements Domain<String> {

  /**
   * Rejects empty and duplicate options and weights that do not fit them.
   *
   * @param options the names, at least one, distinct, each 1 to 1,000 characters
   * @param weights how likely each option is when sampled, positive and finite, in the order of the
   *     options; empty for equal weights
   * @param ordinal whether the order of the options means something, as in small, medium, large
   */
  public ChoiceDomain {
    Definition definition =
        new Definition()
            .require(!options.isEmpty(), "options", "at least one option", options)
            .require(
                new HashSet<>(options).size() == options.size(),
                "options",
                "distinct options",
                options)
            .require(
                weights.isEmpty() || weights.size() == options.size(),
                "weights",
                "one weight for each of the %d options".formatted(options.size()),
                weights);
    for (String option : options) {
      String rule = StorableText.brokenRule(option);
      definition
          .require(
              !option.isEmpty() && option.length() <= 1000,
              "options",
              "1 to 1000 characters each",
              option)
          .require(rule == null, "options", String.valueOf(rule), option);
    }
    for (Double weight : weights) {
      definition.require(
          weight > 0 && Double.isFinite(weight), "weights", "positive finite numbers", weight);
    }
    double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
    definition
        .require(
            !weights.stream().allMatch(Double::isFinite) || Double.isFinite(sum),
            "weights",
            "a finite sum",
            sum)
        .check();
    options = List.copyOf(options);
    weights = List.copyOf(weights);
  }

  /**
   * Returns equally likely, unordered options.
   *
   * @param options the names, at least one, distinct
   * @return the domain
   */
  public static ChoiceDomain of(String... options) {
    return of(List.of(options));
  }

  /**
   * Returns equally likely, unordered options.
   *
   * @param options the names, at least one, distinct
   * @return the domain
   */
  public static ChoiceDomain of(List<String> options) {
    return new ChoiceDomain(options, List.of(), /* ordinal= */ false);
  }

  @Override
  public VariableType type() {
    return VariableType.CHOICE;
  }

  @Override
  public Class<String> valueClass() {
    return String.class;
  }

  @Override
  public @Nullable String cast(@Nullable Object value) {
    return value instanceof String text ? text : null;
  }

  @Override
  public @Nullable String brokenRule(String value) {
    return options.contains(value) ? null : description();
  }

  @Override
  public String description() {
    return "one of " + options;
  }

  @Override
  public Map<String, Object> constraints() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("options", options);
    if (!weights.isEmpty()) {
      map.put("weights", new ArrayList<Object>(weights));
    }
    if (ordinal) {
      map.put("ordinal", true);
    }
    return Collections.unmodifiableMap(map);
  }

  @Override
  public Object encode(String value) {
    return value;
  }

  @Override
  public @Nullable String decode(@Nullable Object tree) {
    return cast(tree);
  }

  @Override
  public String toString() {
    return description();
  }
}
