package io.trimtab.lm;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What all callers of one model share: circuit breaker, requests and tokens per minute, calls at a
 * time, and the cool-down a provider asked for.
 *
 * <p>Give one object to several {@link ResilientLanguageModel}s and those with the same {@link
 * ModelKey} share one set of limits; models with different keys never disturb each other. There is
 * no hidden registry: two objects know nothing of one another.
 *
 * <p>Safe for use by many threads at once. Holds no thread and needs no closing. Remembers at most
 * 1,000 keys beyond those in use by open clients; idle ones are forgotten first.
 */
public final class LmLimits {

  private static final int MAX_KEYS = 1_000;

  record Settings(
      LmClock clock,
      int failures,
      Duration openFor,
      int probes,
      Duration halfOpenLimit,
      int concurrency,
      @Nullable Duration concurrencyWait,
      long requestsPerMinute,
      long tokensPerMinute,
      @Nullable Duration rateWait,
      ToLongFunction<LmRequest> tokenEstimate,
      Duration maxCoolDown,
      double retryRatio,
      int retryReserve) {}

  private final Settings settings;
  private final Map<ModelKey, ModelLimits> byKey = new LinkedHashMap<>(); // guarded by this

  private LmLimits(Settings settings) {
    this.settings = settings;
  }

  /**
   * Returns limits that suit most providers: the breaker opens for 30 seconds after 5 consecutive
   * failures, one probe decides whether it closes, and no rate or concurrency is limited.
   *
   * @return limits of their own
   */
  public static LmLimits lm() {
    return builder().build();
  }

  /**
   * Returns limits that limit nothing, not even with a breaker.
   *
   * @return limits of their own
   */
  public static LmLimits none() {
    return builder().noBreaker().build();
  }

  /**
   * Starts with the values of {@link #lm()}.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  Settings settings() {
    return settings;
  }

  synchronized ModelLimits of(ModelKey key) {
    ModelLimits limits = byKey.get(key);
    if (limits == null) {
      if (byKey.size() >= MAX_KEYS) {
        byKey.values().removeIf(ModelLimits::idle);
      }
      limits = new ModelLimits(settings, key);
      byKey.put(key, limits);
    }
    return limits;
  }

  synchronized ModelLimits hold(ModelKey key) {
    ModelLimits limits = of(key);
    limits.holders.incrementAndGet();
    return limits;
  }

  /** Lets go of a model and of the listener that may have been added to those of others, too. */
  synchronized void release(ModelLimits limits, LmListener listener) {
    limits.holders.decrementAndGet();
    byKey.values().forEach(each -> each.listeners.remove(listener));
  }

  /**
   * Returns how things stand for a model.
   *
   * @param key whose limits
   * @return a snapshot; a key never used looks like a fresh one
   */
  public LmLimitsState state(ModelKey key) {
    ModelLimits limits = of(key);
    return new LmLimitsState(
        limits.breaker == null ? BreakerState.CLOSED : limits.breaker.state(),
        limits.slots == null ? Integer.MAX_VALUE : limits.slots.free(),
        limits.slots == null ? 0 : limits.slots.waiting(),
        limits.rate == null ? 0 : limits.rate.requests(),
        limits.rate == null ? 0 : limits.rate.tokens(),
        Duration.ofNanos(limits.coolDown.remaining()));
  }

  /** Prints what is limited, such as {@code breaking(5).atMost(10)}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (settings.failures() > 0) {
      text.append(".breaking(").append(settings.failures()).append(')');
    }
    if (settings.requestsPerMinute() < Long.MAX_VALUE) {
      text.append(".requestsPerMinute(").append(settings.requestsPerMinute()).append(')');
    }
    if (settings.tokensPerMinute() < Long.MAX_VALUE) {
      text.append(".tokensPerMinute(").append(settings.tokensPerMinute()).append(')');
    }
    if (settings.concurrency() < Integer.MAX_VALUE) {
      text.append(".atMost(").append(settings.concurrency()).append(')');
    }
    return text.isEmpty() ? "unlimited" : text.substring(1);
  }

  /**
   * Collects limits. Defaults: breaker opens for 30 s after 5 consecutive failures, 1 probe, a
   * half-open state without a verdict ends after 5 minutes; no limit on rate and concurrency, waits
   * as long as the deadline allows; a cool-down of at most 5 minutes; retries at most a fifth of
   * all calls with a reserve of 10. Not safe for use by several threads.
   */
  public static final class Builder {

    private LmClock clock = LmClock.system();
    private int failures = 5;
    private Duration openFor = Duration.ofSeconds(30);
    private int probes = 1;
    private Duration halfOpenLimit = Duration.ofMinutes(5);
    private int concurrency = Integer.MAX_VALUE;
    private @Nullable Duration concurrencyWait;
    private long requestsPerMinute = Long.MAX_VALUE;
    private long tokensPerMinute = Long.MAX_VALUE;
    private @Nullable Duration rateWait;
    private ToLongFunction<LmRequest> tokenEstimate = TokenEstimate::of;
    private Duration maxCoolDown = Duration.ofMinutes(5);
    private double retryRatio = 0.2;
    private int retryReserve = 10;

    private Builder() {}

    /**
     * Sets the clock of breaker, limits and cool-down, and of the clients that use these limits.
     *
     * @param clock such as one that a test moves
     * @return this builder
     */
    public Builder clock(LmClock clock) {
      this.clock = Objects.requireNonNull(clock);
      return this;
    }

    /**
     * Sets when the breaker opens and for how long.
     *
     * @param consecutiveFailures how many failures in a row open it, at least 1
     * @param openFor how long it refuses calls before it lets a probe through, longer than zero
     * @return this builder
     */
    public Builder breaker(int consecutiveFailures, Duration openFor) {
      this.failures = atLeastOne("consecutiveFailures", consecutiveFailures);
      this.openFor = positive("openFor", openFor);
      return this;
    }

    /**
     * Sets how a half-open breaker decides. It closes when at least one of its probes succeeds and
     * opens again when all of them fail, or when they report nothing for too long.
     *
     * @param probes how many calls it lets through, at least 1
     * @param limit how long it waits for their verdict, longer than zero; choose it longer than
     *     your slowest answer, for a verdict that comes later is void
     * @return this builder
     */
    public Builder probing(int probes, Duration limit) {
      this.probes = atLeastOne("probes", probes);
      this.halfOpenLimit = positive("limit", limit);
      return this;
    }

    /**
     * Does without a breaker.
     *
     * @return this builder
     */
    public Builder noBreaker() {
      this.failures = 0;
      return this;
    }

    /**
     * Limits the calls that run at the same time; a stream runs until its end.
     *
     * @param calls how many, at least 1
     * @return this builder
     */
    public Builder concurrency(int calls) {
      this.concurrency = atLeastOne("calls", calls);
      return this;
    }

    /**
     * Sets how long a call may wait for its turn to run; without it, until its deadline.
     *
     * @param wait zero refuses at once
     * @return this builder
     */
    public Builder concurrencyWait(Duration wait) {
      this.concurrencyWait = notNegative("wait", wait);
      return this;
    }

    /**
     * Limits the requests in every minute.
     *
     * @param requests how many, at least 1
     * @return this builder
     */
    public Builder requestsPerMinute(long requests) {
      this.requestsPerMinute = atLeastOne("requests", requests);
      return this;
    }

    /**
     * Limits the tokens in every minute. A call is let in on an estimate, which is replaced by the
     * true count when the answer tells it.
     *
     * @param tokens how many, at least 1
     * @return this builder
     */
    public Builder tokensPerMinute(long tokens) {
      this.tokensPerMinute = atLeastOne("tokens", tokens);
      return this;
    }

    /**
     * Sets how long a call may wait for its place in the minute; without it, until its deadline.
     *
     * @param wait zero refuses at once
     * @return this builder
     */
    public Builder rateWait(Duration wait) {
      this.rateWait = notNegative("wait", wait);
      return this;
    }

    /**
     * Sets how the tokens of a call are estimated. Without it: a quarter of the request's
     * characters, plus {@link LmOptions#maxTokens()} or else 256, for each completion.
     *
     * @param estimate tokens of request and answer, at least 0
     * @return this builder
     */
    public Builder tokenEstimate(ToLongFunction<LmRequest> estimate) {
      this.tokenEstimate = Objects.requireNonNull(estimate);
      return this;
    }

    /**
     * Sets how long a provider's wish to be left alone is heeded at most; a caller's deadline
     * limits it further.
     *
     * @param limit longer than zero
     * @return this builder
     */
    public Builder maxCoolDown(Duration limit) {
      this.maxCoolDown = positive("limit", limit);
      return this;
    }

    /**
     * Sets how many retries the callers of a model may make together.
     *
     * @param ratio retries per call, in {@code [0, 10]}
     * @param reserve retries that are available at the start and after quiet times, at least 0
     * @return this builder
     */
    public Builder retryBudget(double ratio, int reserve) {
      if (!(ratio >= 0 && ratio <= 10) || reserve < 0) {
        throw new IllegalArgumentException(
            "ratio must be in [0, 10] and reserve at least 0, got %s and %d"
                .formatted(ratio, reserve));
      }
      this.retryRatio = ratio;
      this.retryReserve = reserve;
      return this;
    }

    /**
     * Returns the limits.
     *
     * @return limits without any history
     */
    public LmLimits build() {
      return new LmLimits(
          new Settings(
              clock,
              failures,
              openFor,
              probes,
              halfOpenLimit,
              concurrency,
              concurrencyWait,
              requestsPerMinute,
              tokensPerMinute,
              rateWait,
              tokenEstimate,
              maxCoolDown,
              retryRatio,
              retryReserve));
    }

    private static int atLeastOne(String name, int value) {
      return (int) atLeastOne(name, (long) value);
    }

    private static long atLeastOne(String name, long value) {
      if (value < 1) {
        throw new IllegalArgumentException(name + " must be at least 1, got " + value);
      }
      return value;
    }

    private static Duration positive(String name, Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException(name + " must be longer than zero, got " + value);
      }
      return value;
    }

    private static Duration notNegative(String name, Duration value) {
      if (value.isNegative()) {
        throw new IllegalArgumentException(name + " must not be negative, got " + value);
      }
      return value;
    }
  }
}
