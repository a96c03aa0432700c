package io.trimtab.lm;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Remembers answers, so that an equal request is answered at once and for nothing.
 *
 * <p><b>Equal</b> are requests to the same {@link ModelKey} with the same messages, tools, format
 * and options, {@link LmOptions#rolloutId()} included and {@link LmOptions#timeout()} excluded. No
 * key or header is part of it. Failures are never remembered.
 *
 * <p><b>Single flight.</b> Equal requests at the same time ask the model once. Each caller keeps
 * its own deadline and may give up alone; the exchange ends when the last one has. Streams answer
 * from the cache and fill it, but do not join.
 *
 * <p><b>Bounds.</b> The least recently used answers are dropped beyond a number of entries or of
 * characters, and every answer after its time to live.
 *
 * <p>Answers from the cache have {@link LmResponse#cached()} set. Safe for use by many threads at
 * once. {@link #close} closes the model.
 */
public final class CachingLanguageModel implements LanguageModel {

  /** What makes requests equal. */
  private record Question(
      ModelKey key,
      List<Message> messages,
      List<ToolSpec> tools,
      ResponseFormat format,
      LmOptions options) {}

  private record Stored(LmResponse response, long at, long characters) {}

  private final LanguageModel model;
  private final int maxEntries;
  private final long maxCharacters;
  private final @Nullable Duration timeToLive;
  private final LmClock clock;
  private final Object lock = new Object();
  private final LinkedHashMap<Question, Stored> stored; // least recent first; guarded by lock
  private final Map<Question, Flight> flights = new LinkedHashMap<>(); // guarded by lock
  private long characters; // guarded by lock
  private long hits; // guarded by lock
  private long joined; // guarded by lock
  private long misses; // guarded by lock
  private long evictions; // guarded by lock
  private volatile boolean closed;

  private CachingLanguageModel(Builder builder) {
    model = builder.model;
    maxEntries = builder.maxEntries;
    maxCharacters = builder.maxCharacters;
    timeToLive = builder.timeToLive;
    clock = builder.clock;
    stored = new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true);
  }

  /**
   * Caches with the defaults of {@link #builder}.
   *
   * @param model the model to ask for what is not known
   * @return the caching model
   */
  public static CachingLanguageModel of(LanguageModel model) {
    return builder(model).build();
  }

  /**
   * Starts with the defaults: 10,000 answers, 64 Mi characters of requests and answers, no time to
   * live.
   *
   * @param model the model to ask for what is not known
   * @return a builder
   */
  public static Builder builder(LanguageModel model) {
    return new Builder(model);
  }

  @Override
  public LmResponse generate(LmRequest request) {
    requireOpen();
    LmFutures.requireNotInterrupted(key());
    return LmFutures.await(generateAsync(request), key());
  }

  @Override
  public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
    requireOpen();
    Question question = question(request);
    Flight flight;
    boolean first = false;
    synchronized (lock) {
      LmResponse known = find(question);
      if (known != null) {
        return CompletableFuture.completedFuture(known);
      }
      flight = flights.get(question);
      if (flight == null || !flight.join()) {
        first = true;
        misses++;
        flight = new Flight(question);
        flights.put(question, flight);
      } else {
        joined++;
      }
    }
    if (first) {
      flight.depart(request);
    }
    return seat(flight, request, first);
  }

  /** Gives a caller a future of its own, with its own deadline. */
  private CompletableFuture<LmResponse> seat(Flight flight, LmRequest request, boolean first) {
    CompletableFuture<LmResponse> seat = first ? flight.payer : new CompletableFuture<>();
    LmFutures.whenDone(
        flight.landing,
        (response, failure) -> {
          if (response != null) {
            seat.complete(first || flight.takesTheBill() ? response : response.asCached());
          } else if (failure != null) {
            seat.completeExceptionally(LmFutures.cause(failure));
          }
        });
    Duration timeout = request.options().timeout();
    if (timeout != null && !seat.isDone()) {
      LmClock.Timer timer =
          clock.schedule(
              timeout,
              () ->
                  seat.completeExceptionally(
                      new LmTimeoutException(
                          LmTimeoutException.Deadline.OVERALL,
                          timeout,
                          LmErrorOrigin.of(key()),
                          null)));
      LmFutures.whenDone(seat, (response, failure) -> timer.cancel());
    }
    LmFutures.whenDone(seat, (response, failure) -> flight.leave());
    return seat;
  }

  @Override
  public Flow.Publisher<LmChunk> stream(LmRequest request) {
    requireOpen();
    Flow.Publisher<LmChunk> fresh =
        LmStreams.onEnd(model.stream(request), response -> remember(question(request), response));
    return subscriber -> {
      LmResponse known;
      synchronized (lock) {
        known = find(question(request));
        if (known == null) {
          misses++;
        }
      }
      LmResponse answer = known;
      (answer == null
              ? fresh
              : LmStreams.ofResponse(() -> CompletableFuture.completedFuture(answer)))
          .subscribe(subscriber);
    };
  }

  /** A call of the model that several callers wait for. */
  private final class Flight {
    private final Question question;
    private final CompletableFuture<LmResponse> landing = new CompletableFuture<>();
    private final CompletableFuture<LmResponse> payer = new CompletableFuture<>();
    private final AtomicBoolean billTaken = new AtomicBoolean();
    private int seats = 1; // guarded by lock
    private boolean abandoned; // guarded by lock

    Flight(Question question) {
      this.question = question;
    }

    boolean join() { // under lock
      if (abandoned) {
        return false;
      }
      seats++;
      return true;
    }

    /** Tells one of those who joined that its answer cost something, if the first has given up. */
    boolean takesTheBill() {
      return payer.isCompletedExceptionally() && billTaken.compareAndSet(false, true);
    }

    void depart(LmRequest request) {
      CompletableFuture<LmResponse> answer;
      try {
        // each caller keeps its own deadline, so that nobody fails by that of another
        LmOptions options = request.options().withTimeout(null);
        answer = model.generateAsync(request.withOptions(options));
        LmFutures.cancelWith(landing, answer);
      } catch (RuntimeException | Error e) { // else whoever joins would wait for ever
        land(null, e);
        return;
      }
      LmFutures.whenDone(answer, this::land);
    }

    private void land(@Nullable LmResponse response, @Nullable Throwable failure) {
      if (response != null) {
        remember(question, response);
      }
      synchronized (lock) {
        flights.remove(question, this); // only now: who looks meanwhile finds one or the other
      }
      if (response != null) {
        landing.complete(response);
      } else {
        landing.completeExceptionally(
            failure == null
                ? new IllegalStateException("the model answered null: " + model)
                : LmFutures.cause(failure));
      }
    }

    void leave() {
      synchronized (lock) {
        seats--;
        if (seats > 0) {
          return;
        }
        abandoned = true;
        flights.remove(question, this);
      }
      boolean unused = landing.cancel(true); // false once it has landed
    }
  }

  private Question question(LmRequest request) {
    LmOptions options = request.options();
    return new Question(
        key(),
        request.messages(),
        request.tools(),
        request.responseFormat(),
        options.timeout() == null ? options : options.withTimeout(null));
  }

  private @Nullable LmResponse find(Question question) { // under lock
    Stored entry = stored.get(question);
    if (entry == null) {
      return null;
    }
    if (timeToLive != null && clock.nanos() - entry.at >= Nanos.of(timeToLive)) {
      stored.remove(question);
      characters -= entry.characters;
      evictions++;
      return null;
    }
    hits++;
    return entry.response.asCached();
  }

  private void remember(Question question, LmResponse response) {
    long size = size(question, response);
    if (size > maxCharacters) {
      return;
    }
    synchronized (lock) {
      Stored before = stored.put(question, new Stored(response, clock.nanos(), size));
      characters += size - (before == null ? 0 : before.characters);
      Iterator<Stored> oldest = stored.values().iterator();
      while (stored.size() > maxEntries || characters > maxCharacters) {
        characters -= oldest.next().characters;
        oldest.remove();
        evictions++;
      }
    }
  }

  private static long size(Question question, LmResponse response) {
    long size = 0;
    for (Message message : question.messages()) {
      size += message.text().length();
    }
    for (Completion completion : response.completions()) {
      size += completion.text().length();
      size += completion.reasoning() == null ? 0 : completion.reasoning().length();
      for (ToolCall call : completion.toolCalls()) {
        size += call.arguments().length();
      }
    }
    return size;
  }

  /**
   * Returns how the cache has fared.
   *
   * @return a snapshot
   */
  public CacheStats stats() {
    synchronized (lock) {
      return new CacheStats(hits, joined, misses, evictions, stored.size());
    }
  }

  /** Forgets all answers; calls under way go on. */
  public void clear() {
    synchronized (lock) {
      stored.clear();
      characters = 0;
    }
  }

  private void requireOpen() {
    if (closed) {
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
    closed = true;
    clear();
    model.close();
  }

  /** Prints what it caches, such as {@code OpenAi(gpt-x).caching(10000)}. */
  @Override
  public String toString() {
    return model + ".caching(" + maxEntries + ")";
  }

  /** Collects the bounds of a cache. Not safe for use by several threads. */
  public static final class Builder {

    private final LanguageModel model;
    private int maxEntries = 10_000;
    private long maxCharacters = 64L << 20;
    private @Nullable Duration timeToLive;
    private LmClock clock = LmClock.system();

    private Builder(LanguageModel model) {
      this.model = Objects.requireNonNull(model);
    }

    /**
     * Sets how many answers are held at most.
     *
     * @param entries at least 1
     * @return this builder
     */
    public Builder maxEntries(int entries) {
      if (entries < 1) {
        throw new IllegalArgumentException("entries must be at least 1, got " + entries);
      }
      this.maxEntries = entries;
      return this;
    }

    /**
     * Sets how many characters of requests and answers are held at most; an answer beyond that is
     * not remembered.
     *
     * @param characters at least 1
     * @return this builder
     */
    public Builder maxCharacters(long characters) {
      if (characters < 1) {
        throw new IllegalArgumentException("characters must be at least 1, got " + characters);
      }
      this.maxCharacters = characters;
      return this;
    }

    /**
     * Sets how long an answer is good.
     *
     * @param time longer than zero
     * @return this builder
     */
    public Builder timeToLive(Duration time) {
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException("time must be longer than zero, got " + time);
      }
      this.timeToLive = time;
      return this;
    }

    /**
     * Sets the clock of time to live and deadlines.
     *
     * @param clock such as one that a test moves
     * @return this builder
     */
    public Builder clock(LmClock clock) {
      this.clock = Objects.requireNonNull(clock);
      return this;
    }

    /**
     * Returns the caching model.
     *
     * @return a model with an empty cache
     */
    public CachingLanguageModel build() {
      return new CachingLanguageModel(this);
    }
  }
}
