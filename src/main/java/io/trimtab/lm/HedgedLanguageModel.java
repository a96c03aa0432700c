package io.trimtab.lm;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks a second time when the first answer is late, and takes whichever comes first.
 *
 * <p>Cuts the slowest answers at the price of some requests twice; choose a delay that few answers
 * exceed. The others are cancelled as soon as one has answered. If an asked model fails before the
 * delay, the next is asked at once; if all fail, the first failure is thrown, with the others
 * suppressed in it.
 *
 * <p>A stream is not hedged: it comes from the first model. {@link LmOptions#model()} is meant for
 * the first model; another one gets it only if it is the same object.
 *
 * <p>Safe for use by many threads at once. {@link #close} closes all models.
 */
public final class HedgedLanguageModel implements LanguageModel {

  private final List<LanguageModel> models;
  private final Duration delay;
  private final LmClock clock;
  private volatile boolean closed;

  private HedgedLanguageModel(List<LanguageModel> models, Duration delay, LmClock clock) {
    if (models.size() < 2) {
      throw new IllegalArgumentException(
          "hedging needs at least two models, got %d".formatted(models.size()));
    }
    if (delay.isNegative()) {
      throw new IllegalArgumentException("delay must not be negative, got " + delay);
    }
    this.models = List.copyOf(models);
    this.delay = delay;
    this.clock = clock;
  }

  /**
   * Asks one model twice.
   *
   * @param model the model
   * @param delay how long to wait for its first answer, not negative
   * @return the hedged model
   */
  public static HedgedLanguageModel of(LanguageModel model, Duration delay) {
    return of(List.of(model, model), delay, LmClock.system());
  }

  /**
   * Asks several models, each when all before it are late.
   *
   * @param models at least two; the same one may stand several times
   * @param delay how long to wait before the next is asked, not negative
   * @param clock measures the delay
   * @return the hedged model
   */
  public static HedgedLanguageModel of(List<LanguageModel> models, Duration delay, LmClock clock) {
    return new HedgedLanguageModel(models, delay, clock);
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
    Race race = new Race(request);
    race.enterNext();
    return race.result;
  }

  @Override
  public Flow.Publisher<LmChunk> stream(LmRequest request) {
    requireOpen();
    return models.get(0).stream(request);
  }

  private final class Race {
    private final LmRequest request;
    private final long begun = clock.nanos();
    private final CompletableFuture<LmResponse> result = new CompletableFuture<>();
    private int entered; // guarded by this
    private int failed; // guarded by this
    private @Nullable Throwable firstFailure; // guarded by this

    Race(LmRequest request) {
      this.request = request;
    }

    void enterNext() {
      int index;
      synchronized (this) {
        if (entered == models.size() || result.isDone()) {
          return;
        }
        index = entered++;
      }
      enter(index);
      if (index + 1 < models.size() && !result.isDone()) {
        LmClock.Timer timer = clock.schedule(delay, () -> enterIfLate(index + 1));
        LmFutures.whenDone(result, (response, failure) -> timer.cancel());
      }
    }

    private void enterIfLate(int index) {
      boolean late;
      synchronized (this) {
        late = entered == index; // else a failure has let it in already
      }
      if (late) {
        enterNext();
      }
    }

    private void enter(int index) {
      LanguageModel model = models.get(index);
      CompletableFuture<LmResponse> answer;
      try {
        answer = model.generateAsync(requestFor(index));
      } catch (RuntimeException | Error e) {
        lost(e);
        return;
      }
      LmFutures.whenDone(result, (response, failure) -> answer.cancel(true));
      LmFutures.whenDone(
          answer,
          (response, failure) -> {
            if (failure == null) {
              result.complete(response);
            } else {
              lost(LmFutures.cause(failure));
            }
          });
    }

    private LmRequest requestFor(int index) {
      if (index == 0) {
        return request;
      }
      LmOptions.Builder options = request.options().toBuilder();
      Duration timeout = request.options().timeout();
      if (timeout != null) {
        Duration left = timeout.minusNanos(clock.nanos() - begun);
        options.timeout(left.compareTo(Duration.ofNanos(1)) < 0 ? Duration.ofNanos(1) : left);
      }
      if (models.get(index) != models.get(0)) {
        options.model(null);
      }
      return request.withOptions(options.build());
    }

    private void lost(Throwable failure) {
      if (result.isDone()) {
        return; // cancelled because another has won
      }
      Throwable verdict = null;
      boolean othersRun;
      synchronized (this) {
        failed++;
        if (firstFailure == null) {
          firstFailure = failure;
        } else if (firstFailure != failure) {
          firstFailure.addSuppressed(failure);
        }
        othersRun = failed < entered;
        if (failed == models.size()) {
          verdict = firstFailure;
        }
      }
      if (verdict != null) {
        result.completeExceptionally(verdict);
      } else if (!othersRun) {
        enterNext();
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
    return models.get(0).key();
  }

  @Override
  public Set<LmCapability> capabilities() {
    return models.get(0).capabilities();
  }

  @Override
  public void close() {
    closed = true;
    models.forEach(LanguageModel::close);
  }

  /** Prints what is raced, such as {@code Hedged(OpenAi(a), OpenAi(b) after PT2S)}. */
  @Override
  public String toString() {
    return "Hedged(%s after %s)"
        .formatted(models.stream().map(Object::toString).collect(Collectors.joining(", ")), delay);
  }
}
