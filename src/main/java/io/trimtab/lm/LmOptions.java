package io.trimtab.lm;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a model is to answer. Every option may be absent, and an absent option is not sent: nothing
 * here has a default, so that models which refuse an option never see it. {@code 0.0} is a value
 * like any other.
 *
 * <p>Options come from three places; {@code modelDefaults.overriddenBy(module).overriddenBy(call)}
 * is the whole rule of precedence.
 *
 * @param model overrides which model of the provider answers
 * @param temperature spread of the choice among words, finite and at least 0
 * @param topP share of the probability mass that is considered, in {@code (0, 1]}
 * @param maxTokens most tokens of the answer, at least 1
 * @param n how many completions are wanted, at least 1
 * @param stop texts that end the answer; copied. An empty list overrides one that is set
 * @param seed asks the provider for repeatable answers
 * @param presencePenalty penalty on words that were used at all, in {@code [-2, 2]}
 * @param frequencyPenalty penalty on words by how often they were used, in {@code [-2, 2]}
 * @param rolloutId tells otherwise equal requests apart in a cache; never sent
 * @param timeout deadline of the whole call, longer than zero; never sent
 * @param extra further fields of the request body, as a JSON tree; copied
 */
public record LmOptions(
    @Nullable String model,
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Integer maxTokens,
    @Nullable Integer n,
    @Nullable List<String> stop,
    @Nullable Long seed,
    @Nullable Double presencePenalty,
    @Nullable Double frequencyPenalty,
    @Nullable Long rolloutId,
    @Nullable Duration timeout,
    Map<String, ? extends @Nullable Object> extra) {

  /** No option at all. */
  public static final LmOptions NONE = builder().build();

  /**
   * Rejects values outside the documented ranges, and copies.
   *
   * @param model overrides which model of the provider answers
   * @param temperature spread of the choice among words, finite and at least 0
   * @param topP share of the probability mass that is considered, in {@code (0, 1]}
   * @param maxTokens most tokens of the answer, at least 1
   * @param n how many completions are wanted, at least 1
   * @param stop texts that end the answer; copied. An empty list overrides one that is set
   * @param seed asks the provider for repeatable answers
   * @param presencePenalty penalty on words that were used at all, in {@code [-2, 2]}
   * @param frequencyPenalty penalty on words by how often they were used, in {@code [-2, 2]}
   * @param rolloutId tells otherwise equal requests apart in a cache; never sent
   * @param timeout deadline of the whole call, longer than zero; never sent
   * @param extra further fields of the request body, as a JSON tree; copied
   */
  public LmOptions {
    check(model == null || !model.isBlank(), "model must not be blank", model);
    check(within(temperature, 0, Double.MAX_VALUE), "temperature must be at least 0", temperature);
    check(within(topP, Double.MIN_VALUE, 1), "topP must be in (0, 1]", topP);
    check(maxTokens == null || maxTokens >= 1, "maxTokens must be at least 1", maxTokens);
    check(n == null || n >= 1, "n must be at least 1", n);
    check(within(presencePenalty, -2, 2), "presencePenalty must be in [-2, 2]", presencePenalty);
    check(within(frequencyPenalty, -2, 2), "frequencyPenalty must be in [-2, 2]", frequencyPenalty);
    check(
        timeout == null || !(timeout.isNegative() || timeout.isZero()),
        "timeout must be longer than zero",
        timeout);
    stop = stop == null ? null : List.copyOf(stop);
    extra = JsonTrees.frozen(extra);
  }

  private static boolean within(@Nullable Double value, double min, double max) {
    return value == null || (value >= min && value <= max); // false for NaN
  }

  private static void check(boolean fits, String rule, @Nullable Object got) {
    if (!fits) {
      throw new IllegalArgumentException(rule + ", got " + got);
    }
  }

  /**
   * Starts with no option set.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns a builder that starts with these options.
   *
   * @return a builder whose later settings replace these
   */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.model = model;
    builder.temperature = temperature;
    builder.topP = topP;
    builder.maxTokens = maxTokens;
    builder.n = n;
    builder.stop = stop;
    builder.seed = seed;
    builder.presencePenalty = presencePenalty;
    builder.frequencyPenalty = frequencyPenalty;
    builder.rolloutId = rolloutId;
    builder.timeout = timeout;
    builder.extra.putAll(extra);
    return builder;
  }

  /**
   * Returns the same options with another deadline.
   *
   * @param other the deadline instead of this one, or null for the model's own
   * @return the options
   */
  public LmOptions withTimeout(@Nullable Duration other) {
    return new LmOptions(
        model,
        temperature,
        topP,
        maxTokens,
        n,
        stop,
        seed,
        presencePenalty,
        frequencyPenalty,
        rolloutId,
        other,
        extra);
  }

  /**
   * Lays stronger options over these: what the stronger ones set wins, what they leave open stays.
   * Extra fields are merged by name.
   *
   * @param stronger the options closer to the call
   * @return the options in force
   */
  public LmOptions overriddenBy(LmOptions stronger) {
    if (stronger.equals(NONE)) {
      return this;
    }
    Map<String, @Nullable Object> extras = new LinkedHashMap<>(extra);
    extras.putAll(stronger.extra);
    return new LmOptions(
        first(stronger.model, model),
        first(stronger.temperature, temperature),
        first(stronger.topP, topP),
        first(stronger.maxTokens, maxTokens),
        first(stronger.n, n),
        first(stronger.stop, stop),
        first(stronger.seed, seed),
        first(stronger.presencePenalty, presencePenalty),
        first(stronger.frequencyPenalty, frequencyPenalty),
        first(stronger.rolloutId, rolloutId),
        first(stronger.timeout, timeout),
        extras);
  }

  private static <T> @Nullable T first(@Nullable T strong, @Nullable T weak) {
    return strong != null ? strong : weak;
  }

  /** Names what is set; extra fields by name only, for their values may be private. */
  @Override
  public String toString() {
    Map<String, Object> set = new LinkedHashMap<>();
    put(set, "model", model);
    put(set, "temperature", temperature);
    put(set, "topP", topP);
    put(set, "maxTokens", maxTokens);
    put(set, "n", n);
    put(set, "stop", stop == null ? null : stop.size() + " texts");
    put(set, "seed", seed);
    put(set, "presencePenalty", presencePenalty);
    put(set, "frequencyPenalty", frequencyPenalty);
    put(set, "rolloutId", rolloutId);
    put(set, "timeout", timeout);
    put(set, "extra", extra.isEmpty() ? null : extra.keySet());
    return set.toString();
  }

  private static void put(Map<String, Object> set, String name, @Nullable Object value) {
    if (value != null) {
      set.put(name, value);
    }
  }

  /** Collects options; nothing is set at the start. Not safe for use by several threads. */
  public static final class Builder {

    private @Nullable String model;
    private @Nullable Double temperature;
    private @Nullable Double topP;
    private @Nullable Integer maxTokens;
    private @Nullable Integer n;
    private @Nullable List<String> stop;
    private @Nullable Long seed;
    private @Nullable Double presencePenalty;
    private @Nullable Double frequencyPenalty;
    private @Nullable Long rolloutId;
    private @Nullable Duration timeout;
    private final Map<String, @Nullable Object> extra = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Sets which model of the provider answers.
     *
     * @param model its name, or null to leave it to the provider's client
     * @return this builder
     */
    public Builder model(@Nullable String model) {
      this.model = model;
      return this;
    }

    /**
     * Sets the temperature.
     *
     * @param temperature at least 0, or null to leave it to the model
     * @return this builder
     */
    public Builder temperature(@Nullable Double temperature) {
      this.temperature = temperature;
      return this;
    }

    /**
     * Sets the share of probability mass considered.
     *
     * @param topP in {@code (0, 1]}, or null to leave it to the model
     * @return this builder
     */
    public Builder topP(@Nullable Double topP) {
      this.topP = topP;
      return this;
    }

    /**
     * Sets the most tokens of an answer.
     *
     * @param maxTokens at least 1, or null to leave it to the model
     * @return this builder
     */
    public Builder maxTokens(@Nullable Integer maxTokens) {
      this.maxTokens = maxTokens;
      return this;
    }

    /**
     * Sets how many completions are wanted.
     *
     * @param n at least 1, or null for the model's own, which is one
     * @return this builder
     */
    public Builder n(@Nullable Integer n) {
      this.n = n;
      return this;
    }

    /**
     * Sets the texts that end an answer.
     *
     * @param stop the texts, or null to leave it to the model
     * @return this builder
     */
    public Builder stop(@Nullable List<String> stop) {
      this.stop = stop;
      return this;
    }

    /**
     * Sets the provider's random seed.
     *
     * @param seed any number, or null for none
     * @return this builder
     */
    public Builder seed(@Nullable Long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * Sets the penalty on words used at all.
     *
     * @param presencePenalty in {@code [-2, 2]}, or null to leave it to the model
     * @return this builder
     */
    public Builder presencePenalty(@Nullable Double presencePenalty) {
      this.presencePenalty = presencePenalty;
      return this;
    }

    /**
     * Sets the penalty on words by frequency.
     *
     * @param frequencyPenalty in {@code [-2, 2]}, or null to leave it to the model
     * @return this builder
     */
    public Builder frequencyPenalty(@Nullable Double frequencyPenalty) {
      this.frequencyPenalty = frequencyPenalty;
      return this;
    }

    /**
     * Sets the number that tells equal requests apart in a cache.
     *
     * @param rolloutId any number, or null for none
     * @return this builder
     */
    public Builder rolloutId(@Nullable Long rolloutId) {
      this.rolloutId = rolloutId;
      return this;
    }

    /**
     * Sets the deadline of the whole call.
     *
     * @param timeout longer than zero, or null for the model's own
     * @return this builder
     */
    public Builder timeout(@Nullable Duration timeout) {
      this.timeout = timeout;
      return this;
    }

    /**
     * Adds a field to the request body.
     *
     * @param name the field
     * @param value a JSON tree
     * @return this builder
     */
    public Builder extra(String name, @Nullable Object value) {
      extra.put(name, value);
      return this;
    }

    /**
     * Returns the options.
     *
     * @return immutable options
     * @throws IllegalArgumentException if a value is outside its documented range
     */
    public LmOptions build() {
      return new LmOptions(
          model,
          temperature,
          topP,
          maxTokens,
          n,
          stop,
          seed,
          presencePenalty,
          frequencyPenalty,
          rolloutId,
          timeout,
          extra);
    }
  }
}
