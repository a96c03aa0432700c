package io.trimtab.lm;

import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Guards another model: deadlines, retries, a circuit breaker, rate limits and a bound on calls at
 * a time.
 *
 * <p><b>Order</b>, from the outside: deadline of the whole call, which includes every wait; retry;
 * the cool-down a provider asked for; permission of the breaker; requests and tokens per minute; a
 * free slot; deadline of the attempt; the model. The breaker hears of the model only: what is
 * refused or given up before sending is returned to it unused.
 *
 * <p><b>What counts as a failure</b> for the breaker: server errors, broken connections, time-outs,
 * answers that are none. What does not: everything the provider refuses with a reason (400, 401,
 * 403, 404, 422, 429, too long, filtered), our own limits, cancellation. A refusal proves that the
 * provider lives, so it closes a half-open breaker.
 *
 * <p><b>Retries.</b> Failures that are {@link LmException#retryable()} are tried again after a wait
 * that doubles and is spread at random, or as long as the provider asks for. If the wait does not
 * fit the deadline the call fails at once, with the provider's wish in the exception. A provider's
 * wish after 429 holds back all callers of the same {@link LmLimits}. Streams are tried again only
 * as long as nothing of them was delivered.
 *
 * <p><b>Time.</b> The deadline is {@link LmOptions#timeout()} or else the client's; it is kept to
 * within about 20 milliseconds, even if the guarded model does not keep its own.
 *
 * <p>A blocking call never leaves its caller's thread by our doing. Safe for use by many threads at
 * once. {@link #close} gives up what is under way, with {@link LmCancelledException}, and closes
 * the guarded model; it leaves the {@link LmLimits} alone.
 */
public final class ResilientLanguageModel implements LanguageModel {

  record Settings(
      int attempts,
      Duration firstBackoff,
      Duration maxBackoff,
      Duration timeout,
      Duration attemptTimeout) {}

  private final LanguageModel model;
  private final LmLimits limits;
  private final ModelLimits own;
  private final Settings settings;
  private final RandomGenerator random;
  private final Executor executor;
  private final Deadlines deadlines;
  private final Listeners listeners = new Listeners();
  private final LmListener breakerChanges = listeners::tell;
  private final AtomicBoolean closed = new AtomicBoolean();

  private ResilientLanguageModel(Builder builder) {
    model = builder.model;
    limits = builder.limits == null ? LmLimits.lm() : builder.limits;
    own = limits.hold(model.key());
    settings =
        new Settings(
            builder.attempts,
            builder.firstBackoff,
            builder.maxBackoff,
            builder.timeout,
            builder.attemptTimeout);
    random = builder.random;
    executor = builder.executor;
    deadlines = new Deadlines(clock());
    own.listeners.add(breakerChanges);
    if (builder.listener != null) {
      listeners.add(builder.listener);
    }
  }

  /**
   * Guards a model with the defaults of {@link #builder}.
   *
   * @param model the model to guard
   * @return the guarded model, with limits of its own
   */
  public static ResilientLanguageModel lm(LanguageModel model) {
    return builder(model).build();
  }

  /**
   * Starts with the defaults: 3 attempts with waits from 500 ms to 8 s, 2 minutes per attempt, 5
   * minutes in all, and {@link LmLimits#lm()}.
   *
   * @param model the model to guard
   * @return a builder
   */
  public static Builder builder(LanguageModel model) {
    return new Builder(model);
  }

  @Override
  public LmResponse generate(LmRequest request) {
    requireOpen();
    LmFutures.requireNotInterrupted(key());
    CallerThread caller = new CallerThread();
    return caller.await(call(request, caller), key());
  }

  @Override
  public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
    requireOpen();
    return call(request, executor);
  }

  @Override
  public Flow.Publisher<LmChunk> stream(LmRequest request) {
    requireOpen();
    return subscriber -> {
      ResilientStream stream = new ResilientStream(model, subscriber);
      stream.begin(
          new ResilientCall(this, limitsOf(request), request, executor, stream, stream::ended));
    };
  }

  private CompletableFuture<LmResponse> call(LmRequest request, Executor steps) {
    WholeAnswer answer = new WholeAnswer(model);
    ResilientCall call =
        new ResilientCall(this, limitsOf(request), request, steps, answer, answer::ended);
    call.start();
    return answer.future(call);
  }

  private ModelLimits limitsOf(LmRequest request) {
    String other = request.options().model();
    if (other == null || other.equals(own.key.model())) {
      return own;
    }
    ModelLimits others = limits.of(own.key.withModel(other));
    others.listeners.add(breakerChanges);
    return others;
  }

  LmClock clock() {
    return limits.settings().clock();
  }

  LmLimits limits() {
    return limits;
  }

  Settings settings() {
    return settings;
  }

  Deadlines deadlines() {
    return deadlines;
  }

  boolean isListening() {
    return !listeners.isEmpty();
  }

  void tell(LmEvent event) {
    listeners.tell(event);
  }

  /** Returns a random number of nanoseconds from zero to below a bound. */
  long jitter(long bound) {
    return bound <= 0 ? 0 : (long) (draw() * bound);
  }

  /** Returns the wait after an attempt: doubled each time, then between half and all of it. */
  long backoff(int attempt) {
    double doubled = Nanos.of(settings.firstBackoff()) * Math.pow(2, attempt - 1);
    double capped = Math.min(doubled, (double) Nanos.of(settings.maxBackoff()));
    return (long) (capped * (0.5 + 0.5 * draw()));
  }

  private double draw() {
    synchronized (random) { // a seeded generator need not be safe for several threads
      return random.nextDouble();
    }
  }

  private void requireOpen() {
    if (closed.get()) {
      throw new IllegalStateException("the model is closed: " + this);
    }
  }

  @Override
  public ModelKey key() {
    return model.key();
  }

  @Override
  public Set<LmCapability> capabilities() {
    return model.capabilities();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      deadlines.abortAll();
      limits.release(own, breakerChanges);
      model.close();
    }
  }

  /** Prints what it guards and how, such as {@code OpenAi(gpt-x).retrying(3).breaking(5)}. */
  @Override
  public String toString() {
    return model + ".retrying(" + settings.attempts() + ")." + limits;
  }

  /**
   * Collects how a model is to be guarded; {@link ResilientLanguageModel#builder} lists the
   * defaults. Not safe for use by several threads.
   */
  public static final class Builder {

    private final LanguageModel model;
    private @Nullable LmLimits limits;
    private int attempts = 3;
    private Duration firstBackoff = Duration.ofMillis(500);
    private Duration maxBackoff = Duration.ofSeconds(8);
    private Duration timeout = Duration.ofMinutes(5);
    private Duration attemptTimeout = Duration.ofMinutes(2);
    private RandomGenerator random = new Random();
    private Executor executor = new CompletableFuture<Void>().defaultExecutor();
    private @Nullable LmListener listener;

    private Builder(LanguageModel model) {
      this.model = Objects.requireNonNull(model);
    }

    /**
     * Sets the limits, which others may share.
     *
     * @param limits instead of {@link LmLimits#lm()}; its clock becomes this client's
     * @return this builder
     */
    public Builder limits(LmLimits limits) {
      this.limits = Objects.requireNonNull(limits);
      return this;
    }

    /**
     * Sets how often a request is sent at most.
     *
     * @param attempts at least 1, which means never again
     * @return this builder
     */
    public Builder retrying(int attempts) {
      if (attempts < 1) {
        throw new IllegalArgumentException("attempts must be at least 1, got " + attempts);
      }
      this.attempts = attempts;
      return this;
    }

    /**
     * Sets the waits between attempts: the first, doubled each time up to the longest, each cut at
     * random by up to a half.
     *
     * @param first the first wait, not negative
     * @param longest the longest wait, at least the first
     * @return this builder
     */
    public Builder backoff(Duration first, Duration longest) {
      if (first.isNegative() || longest.compareTo(first) < 0) {
        throw new IllegalArgumentException(
            "waits must satisfy 0 <= first <= longest, got %s and %s".formatted(first, longest));
      }
      this.firstBackoff = first;
      this.maxBackoff = longest;
      return this;
    }

    /**
     * Sets the deadline of calls that bring none.
     *
     * @param timeout longer than zero
     * @return this builder
     */
    public Builder timeout(Duration timeout) {
      this.timeout = positive(timeout);
      return this;
    }

    /**
     * Sets the deadline of one attempt; for a stream, of its first piece.
     *
     * @param timeout longer than zero
     * @return this builder
     */
    public Builder attemptTimeout(Duration timeout) {
      this.attemptTimeout = positive(timeout);
      return this;
    }

    /**
     * Sets the source of the waits' randomness.
     *
     * @param random used by one thread at a time
     * @return this builder
     */
    public Builder random(RandomGenerator random) {
      this.random = Objects.requireNonNull(random);
      return this;
    }

    /**
     * Sets where asynchronous and streamed calls go on after a wait.
     *
     * @param executor instead of the JDK's common pool; steps are short and never block
     * @return this builder
     */
    public Builder executor(Executor executor) {
      this.executor = Objects.requireNonNull(executor);
      return this;
    }

    /**
     * Sets who hears what happens.
     *
     * @param listener told of every event
     * @return this builder
     */
    public Builder listener(LmListener listener) {
      this.listener = Objects.requireNonNull(listener);
      return this;
    }

    /**
     * Returns the guarded model.
     *
     * @return the model
     */
    public ResilientLanguageModel build() {
      return new ResilientLanguageModel(this);
    }

    private static Duration positive(Duration timeout) {
      if (timeout.isNegative() || timeout.isZero()) {
        throw new IllegalArgumentException("a timeout must be longer than zero, got " + timeout);
      }
      return timeout;
    }
  }
}
