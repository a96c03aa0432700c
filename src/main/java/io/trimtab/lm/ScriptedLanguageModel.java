package io.trimtab.lm;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A language model for tests: it says what its script says, and remembers what it was asked.
 *
 * <p>Rules come first: a request that fits one, in the order they were given, gets its answer each
 * time. Otherwise the next line of the script is used up. When the script is at its end, {@link
 * Builder#otherwise} answers, and without it the call fails with an {@link IllegalStateException}
 * that says so: it never makes an answer up.
 *
 * <p>Keeps the whole contract of {@link LanguageModel}, deadlines and streaming included. Text is
 * streamed in deltas of at most eight characters.
 *
 * <p>Safe for use by many threads at once; concurrent calls take lines in an arbitrary order.
 */
public final class ScriptedLanguageModel implements LanguageModel {

  private static final int DELTA_LENGTH = 8;

  private record Rule(Predicate<LmRequest> fits, ScriptedAnswer answer) {}

  private final ModelKey key;
  private final LmClock clock;
  private final Set<LmCapability> capabilities;
  private final List<Rule> rules;
  private final int length;
  private final @Nullable ScriptedAnswer otherwise;
  private final Queue<ScriptedAnswer> script; // guarded by this
  private final List<LmRequest> requests = new ArrayList<>(); // guarded by this
  private final Set<CompletableFuture<Pieces>> unanswered = ConcurrentHashMap.newKeySet();
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicInteger cancelled = new AtomicInteger();
  private volatile boolean closed;

  private ScriptedLanguageModel(Builder builder) {
    key = builder.key;
    clock = builder.clock;
    capabilities = Set.copyOf(builder.capabilities);
    rules = List.copyOf(builder.rules);
    length = builder.script.size();
    otherwise = builder.otherwise;
    script = new ArrayDeque<>(builder.script);
  }

  /**
   * Creates a model that gives some texts in order.
   *
   * @param texts the answers
   * @return the model
   */
  public static ScriptedLanguageModel answering(String... texts) {
    Builder builder = builder();
    Arrays.stream(texts).forEach(builder::answer);
    return builder.build();
  }

  /**
   * Creates a model that works every answer out from the request.
   *
   * @param answer gives the text; it may throw
   * @return the model
   */
  public static ScriptedLanguageModel answeringWith(Function<LmRequest, String> answer) {
    return builder()
        .otherwise(ScriptedAnswer.from(r -> LmResponse.of("scripted", answer.apply(r))))
        .build();
  }

  /**
   * Starts an empty script.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns what the model was asked so far.
   *
   * @return a copy, in the order the calls began
   */
  public synchronized List<LmRequest> requests() {
    return List.copyOf(requests);
  }

  /**
   * Returns how many lines of the script are left.
   *
   * @return the number of unused lines
   */
  public synchronized int remaining() {
    return script.size();
  }

  /**
   * Returns how many calls have begun and not ended.
   *
   * @return the number of open calls and streams
   */
  public int active() {
    return active.get();
  }

  /**
   * Returns how many calls and streams were cancelled before their end.
   *
   * @return the number since the model was made
   */
  public int cancelled() {
    return cancelled.get();
  }

  @Override
  public LmResponse generate(LmRequest request) {
    requireOpen();
    LmFutures.requireNotInterrupted(key);
    return LmFutures.await(generateAsync(request), key);
  }

  @Override
  public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
    requireOpen();
    active.incrementAndGet();
    AtomicBoolean open = new AtomicBoolean(true);
    CompletableFuture<Pieces> pieces = pieces(request);
    CompletableFuture<LmResponse> result =
        LmFutures.map(
            // counted before the result is there: who has the answer sees the call as ended
            pieces.whenComplete((p, e) -> ended(open, pieces.isCancelled())), this::whole);
    LmFutures.cancelWith(result, pieces);
    return result;
  }

  @Override
  public Flow.Publisher<LmChunk> stream(LmRequest request) {
    requireOpen();
    return subscriber -> {
      AtomicBoolean open = new AtomicBoolean();
      subscriber.onSubscribe(
          new PieceSubscription(
              () -> {
                open.set(true);
                active.incrementAndGet();
                return pieces(request);
              },
              subscriber,
              ending -> ended(open, ending == PieceSubscription.Ending.CANCELLED)));
    };
  }

  private LmResponse whole(Pieces pieces) {
    Throwable failure = pieces.failure();
    if (failure instanceof RuntimeException broken) {
      throw broken;
    }
    LmChunk last = pieces.chunks().get(pieces.chunks().size() - 1);
    return ((LmChunk.End) last).response();
  }

  private void ended(AtomicBoolean open, boolean byCancellation) {
    if (open.compareAndSet(true, false)) {
      active.decrementAndGet();
      if (byCancellation) {
        cancelled.incrementAndGet();
      }
    }
  }

  @SuppressWarnings("CollectionUndefinedEquality") // a future equals itself only, as is meant here
  private CompletableFuture<Pieces> pieces(LmRequest request) {
    CompletableFuture<Pieces> result = new CompletableFuture<>();
    try {
      ScriptedAnswer answer = next(request);
      keepDeadline(request, result);
      CompletableFuture<?> gate = answer.gate();
      if (gate == null) {
        afterDelay(request, answer, result);
      } else {
        LmFutures.whenDone(gate, (opened, failure) -> afterDelay(request, answer, result));
      }
    } catch (RuntimeException e) {
      result.completeExceptionally(e);
    }
    if (!result.isDone()) {
      unanswered.add(result);
      LmFutures.whenDone(result, (pieces, failure) -> unanswered.remove(result));
      if (closed) {
        giveUp(result);
      }
    }
    return result;
  }

  private void giveUp(CompletableFuture<Pieces> result) {
    result.completeExceptionally(
        new LmCancelledException(
            "expected an answer, but the model was closed",
            /* interrupted= */ false,
            LmErrorOrigin.of(key),
            null));
  }

  private void keepDeadline(LmRequest request, CompletableFuture<Pieces> result) {
    Duration timeout = request.options().timeout();
    if (timeout != null) {
      LmClock.Timer timer =
          clock.schedule(
              timeout,
              () ->
                  result.completeExceptionally(
                      new LmTimeoutException(
                          LmTimeoutException.Deadline.OVERALL,
                          timeout,
                          LmErrorOrigin.of(key),
                          null)));
      LmFutures.whenDone(result, (pieces, failure) -> timer.cancel());
    }
  }

  private void afterDelay(
      LmRequest request, ScriptedAnswer answer, CompletableFuture<Pieces> result) {
    if (answer.delay().isZero()) {
      say(request, answer, result);
    } else {
      LmClock.Timer timer = clock.schedule(answer.delay(), () -> say(request, answer, result));
      LmFutures.whenDone(result, (pieces, failure) -> timer.cancel());
    }
  }

  private void say(LmRequest request, ScriptedAnswer answer, CompletableFuture<Pieces> result) {
    try {
      result.complete(Pieces.of(answer.answer(request), DELTA_LENGTH));
    } catch (ScriptedAnswer.BrokenStream broken) {
      result.complete(
          Pieces.of(broken.whole, DELTA_LENGTH)
              .brokenAfter(answer.deltasBeforeFailure(), broken.failure));
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }

  private synchronized ScriptedAnswer next(LmRequest request) {
    requests.add(request);
    for (Rule rule : rules) {
      if (rule.fits.test(request)) {
        return rule.answer;
      }
    }
    ScriptedAnswer line = script.poll();
    if (line == null) {
      line = otherwise;
    }
    if (line == null) {
      throw new IllegalStateException(
          "the script has %d answers, and all were used before call %d: %s"
              .formatted(length, requests.size(), request));
    }
    return line;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the scripted model is closed");
    }
  }

  @Override
  public ModelKey key() {
    return key;
  }

  @Override
  public Set<LmCapability> capabilities() {
    return capabilities;
  }

  @Override
  public void close() {
    closed = true;
    unanswered.forEach(this::giveUp);
  }

  @Override
  public String toString() {
    return "Scripted(" + key.model() + ")";
  }

  /**
   * Collects a script. Defaults: key {@code scripted/scripted}, every capability, the machine's
   * clock. Not safe for use by several threads.
   */
  public static final class Builder {

    private ModelKey key = ModelKey.local("scripted", "scripted");
    private LmClock clock = LmClock.system();
    private Set<LmCapability> capabilities = EnumSet.allOf(LmCapability.class);
    private final List<Rule> rules = new ArrayList<>();
    private final List<ScriptedAnswer> script = new ArrayList<>();
    private @Nullable ScriptedAnswer otherwise;

    private Builder() {}

    /**
     * Sets the model's key.
     *
     * @param key who it says it is
     * @return this builder
     */
    public Builder key(ModelKey key) {
      this.key = Objects.requireNonNull(key);
      return this;
    }

    /**
     * Sets the clock of delays and deadlines.
     *
     * @param clock such as one that the test moves
     * @return this builder
     */
    public Builder clock(LmClock clock) {
      this.clock = Objects.requireNonNull(clock);
      return this;
    }

    /**
     * Sets what the model says it can do.
     *
     * @param capabilities copied
     * @return this builder
     */
    public Builder capabilities(Set<LmCapability> capabilities) {
      this.capabilities = Set.copyOf(capabilities);
      return this;
    }

    /**
     * Adds a line that answers with a text.
     *
     * @param text the answer
     * @return this builder
     */
    public Builder answer(String text) {
      return then(ScriptedAnswer.text(text));
    }

    /**
     * Adds a line that fails.
     *
     * @param failure what the call fails with
     * @return this builder
     */
    public Builder fail(RuntimeException failure) {
      return then(ScriptedAnswer.failure(failure));
    }

    /**
     * Adds a line.
     *
     * @param answer any answer
     * @return this builder
     */
    public Builder then(ScriptedAnswer answer) {
      script.add(answer);
      return this;
    }

    /**
     * Adds a line several times.
     *
     * @param times how often, at least 1
     * @param answer any answer
     * @return this builder
     */
    public Builder then(int times, ScriptedAnswer answer) {
      if (times < 1) {
        throw new IllegalArgumentException("times must be at least 1, got " + times);
      }
      for (int i = 0; i < times; i++) {
        script.add(answer);
      }
      return this;
    }

    /**
     * Adds a rule: every request that fits gets this answer and uses up no line.
     *
     * @param fits which requests are meant
     * @param answer what they get
     * @return this builder
     */
    public Builder when(Predicate<LmRequest> fits, ScriptedAnswer answer) {
      rules.add(new Rule(fits, answer));
      return this;
    }

    /**
     * Sets what is answered for ever when the script is at its end.
     *
     * @param answer any answer
     * @return this builder
     */
    public Builder otherwise(ScriptedAnswer answer) {
      otherwise = Objects.requireNonNull(answer);
      return this;
    }

    /**
     * Returns the model.
     *
     * @return a model with the script as it stands now
     */
    public ScriptedLanguageModel build() {
      return new ScriptedLanguageModel(this);
    }
  }
}
