package io.trimtab.lm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Asks models in order until one answers.
 *
 * <p>Goes on to the next after every {@link LmException} but three: an invalid request and filtered
 * content would be refused elsewhere too, and a cancellation is meant. The deadline of the request
 * bounds all models together. A stream goes on only as long as nothing of it was delivered. If none
 * answers, the last failure is thrown, with the earlier ones suppressed in it.
 *
 * <p>{@link LmOptions#model()} is meant for the first model; the others do not get it. Place
 * retries and breakers around each model, not around the chain: an open breaker then hands over at
 * once.
 *
 * <p>Safe for use by many threads at once. {@link #close} closes all models.
 */
public final class FallbackLanguageModel implements LanguageModel {

  private static final Duration SHORTEST = Duration.ofNanos(1);

  private final List<LanguageModel> models;
  private final Predicate<? super LmException> goesOn;
  private final LmClock clock;
  private final ModelKey key;
  private volatile boolean closed;

  private FallbackLanguageModel(
      List<LanguageModel> models, Predicate<? super LmException> goesOn, LmClock clock) {
    if (models.isEmpty()) {
      throw new IllegalArgumentException("a fallback chain needs at least one model, got none");
    }
    this.models = List.copyOf(models);
    this.goesOn = Objects.requireNonNull(goesOn);
    this.clock = Objects.requireNonNull(clock);
    this.key =
        ModelKey.local(
            "fallback", models.stream().map(m -> m.key().model()).collect(Collectors.joining("|")));
  }

  /**
   * Chains models.
   *
   * @param first asked first
   * @param others asked in order when those before failed
   * @return the chain
   */
  public static FallbackLanguageModel of(LanguageModel first, LanguageModel... others) {
    List<LanguageModel> models = new ArrayList<>();
    models.add(first);
    models.addAll(List.of(others));
    return of(models, FallbackLanguageModel::mayDoBetterElsewhere, LmClock.system());
  }

  /**
   * Chains models with a rule of one's own.
   *
   * @param models at least one, in order
   * @param goesOn tells after which failures the next model is asked
   * @param clock measures the deadline
   * @return the chain
   */
  public static FallbackLanguageModel of(
      List<LanguageModel> models, Predicate<? super LmException> goesOn, LmClock clock) {
    return new FallbackLanguageModel(models, goesOn, clock);
  }

  private static boolean mayDoBetterElsewhere(LmException failure) {
    return !(failure instanceof LmInvalidRequestException
        || failure instanceof LmContentFilteredException
        || failure instanceof LmCancelledException);
  }

  @Override
  public LmResponse generate(LmRequest request) {
    requireOpen();
    Walk walk = new Walk(request);
    while (true) {
      try {
        return models.get(walk.index).generate(walk.request());
      } catch (LmException e) {
        if (!walk.goOn(e)) {
          throw e;
        }
      }
    }
  }

  @Override
  public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
    requireOpen();
    return new Chain(new Walk(request)).begin();
  }

  @Override
  public Flow.Publisher<LmChunk> stream(LmRequest request) {
    requireOpen();
    return subscriber -> {
      Walk walk = new Walk(request);
      SwitchingStream stream =
          new SwitchingStream(
              () -> models.get(walk.index).stream(walk.request()),
              failure -> failure instanceof LmException e && walk.goOn(e),
              subscriber);
      subscriber.onSubscribe(stream);
    };
  }

  /** Where in the chain a call is; used by one step at a time. */
  private final class Walk {
    private final LmRequest request;
    private final long begun = clock.nanos();
    private final List<Throwable> failures = new ArrayList<>();
    private int index;

    Walk(LmRequest request) {
      this.request = request;
    }

    LmRequest request() {
      LmOptions.Builder options = request.options().toBuilder();
      Duration timeout = request.options().timeout();
      if (timeout != null) {
        Duration left = timeout.minusNanos(clock.nanos() - begun);
        options.timeout(left.compareTo(SHORTEST) < 0 ? SHORTEST : left);
      }
      return index == 0 ? request : request.withOptions(options.model(null).build());
    }

    boolean goOn(LmException failure) {
      Duration timeout = request.options().timeout();
      boolean timeLeft =
          timeout == null || timeout.minusNanos(clock.nanos() - begun).compareTo(Duration.ZERO) > 0;
      boolean more = timeLeft && index + 1 < models.size() && goesOn.test(failure);
      if (more) {
        failures.add(failure);
        index++;
      } else {
        failures.stream().filter(f -> f != failure).forEach(failure::addSuppressed);
      }
      return more;
    }
  }

  /** Asks one model after another without blocking. */
  private final class Chain {
    private final Walk walk;
    private final CompletableFuture<LmResponse> result = new CompletableFuture<>();

    Chain(Walk walk) {
      this.walk = walk;
    }

    CompletableFuture<LmResponse> begin() {
      ask();
      return result;
    }

    private void ask() {
      CompletableFuture<LmResponse> answer;
      try {
        answer = models.get(walk.index).generateAsync(walk.request());
      } catch (RuntimeException | Error e) {
        result.completeExceptionally(e);
        return;
      }
      LmFutures.cancelWith(result, answer);
      LmFutures.whenDone(
          answer,
          (response, failure) -> {
            if (failure == null) {
              result.complete(response);
            } else {
              failed(LmFutures.cause(failure));
            }
          });
    }

    private void failed(Throwable failure) {
      try {
        if (!result.isDone() && failure instanceof LmException e && walk.goOn(e)) {
          ask();
        } else {
          result.completeExceptionally(failure);
        }
      } catch (RuntimeException | Error e) { // from the caller's own rule
        result.completeExceptionally(e);
      }
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the model is closed: " + this);
    }
  }

  @Override
  public ModelKey key() {
    return key;
  }

  /** Returns what all models can do. */
  @Override
  public Set<LmCapability> capabilities() {
    Set<LmCapability> common = EnumSet.allOf(LmCapability.class);
    models.forEach(model -> common.retainAll(model.capabilities()));
    return Set.copyOf(common);
  }

  @Override
  public void close() {
    closed = true;
    models.forEach(LanguageModel::close);
  }

  /** Prints the chain, such as {@code OpenAi(a).orElse(OpenAi(b))}. */
  @Override
  public String toString() {
    return models.get(0)
        + models.stream().skip(1).map(m -> ".orElse(" + m + ")").collect(Collectors.joining());
  }
}
