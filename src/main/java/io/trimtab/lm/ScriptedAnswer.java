package io.trimtab.lm;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One line of a {@link ScriptedLanguageModel}'s script. Immutable.
 *
 * <p>Without a delay or a gate the answer is there when the call returns.
 */
public final class ScriptedAnswer {

  private final Function<LmRequest, LmResponse> answer;
  private final Duration delay;
  private final @Nullable CompletableFuture<?> gate;
  private final int deltasBeforeFailure;

  private ScriptedAnswer(
      Function<LmRequest, LmResponse> answer,
      Duration delay,
      @Nullable CompletableFuture<?> gate,
      int deltasBeforeFailure) {
    this.answer = answer;
    this.delay = delay;
    this.gate = gate;
    this.deltasBeforeFailure = deltasBeforeFailure;
  }

  /**
   * Answers with texts.
   *
   * @param texts one completion each, at least one
   * @return the answer
   */
  public static ScriptedAnswer text(String... texts) {
    return response(LmResponse.of("scripted", texts));
  }

  /**
   * Answers with a response as it is.
   *
   * @param response the response
   * @return the answer
   */
  public static ScriptedAnswer response(LmResponse response) {
    return from(request -> response);
  }

  /**
   * Works the answer out from the request.
   *
   * @param answer runs on the calling thread, or on the one that ends a delay; what it throws is
   *     the call's failure
   * @return the answer
   */
  public static ScriptedAnswer from(Function<LmRequest, LmResponse> answer) {
    return new ScriptedAnswer(answer, Duration.ZERO, null, 0);
  }

  /**
   * Fails.
   *
   * @param failure what the call fails with
   * @return the answer
   */
  public static ScriptedAnswer failure(RuntimeException failure) {
    return from(
        request -> {
          throw failure;
        });
  }

  /**
   * Never answers; the call ends by its deadline or by cancellation.
   *
   * @return the answer
   */
  public static ScriptedAnswer never() {
    return text("").awaiting(new CompletableFuture<Void>());
  }

  /**
   * Lets this answer take time.
   *
   * @param time how long, on the model's clock
   * @return the same answer, later
   */
  public ScriptedAnswer after(Duration time) {
    return new ScriptedAnswer(answer, time, gate, deltasBeforeFailure);
  }

  /**
   * Holds this answer back until a gate opens; its delay begins then.
   *
   * @param opened a future that the test completes
   * @return the same answer, held back
   */
  public ScriptedAnswer awaiting(CompletableFuture<?> opened) {
    return new ScriptedAnswer(answer, delay, opened, deltasBeforeFailure);
  }

  /**
   * Delivers the first deltas of a text and then fails, as a connection does that breaks in the
   * middle of a stream. A call that is not streamed just fails.
   *
   * @param text what would have been said
   * @param deltas how many deltas come before the failure, at least 1
   * @param failure what the stream fails with
   * @return the answer
   */
  public static ScriptedAnswer brokenStream(String text, int deltas, LmException failure) {
    if (deltas < 1) {
      throw new IllegalArgumentException("deltas must be at least 1, got " + deltas);
    }
    LmResponse whole = LmResponse.of("scripted", text);
    return new ScriptedAnswer(
        request -> {
          throw new BrokenStream(whole, failure);
        },
        Duration.ZERO,
        null,
        deltas);
  }

  LmResponse answer(LmRequest request) {
    return answer.apply(request);
  }

  Duration delay() {
    return delay;
  }

  @Nullable CompletableFuture<?> gate() {
    return gate;
  }

  int deltasBeforeFailure() {
    return deltasBeforeFailure;
  }

  /** Carries what a broken stream still delivers; never leaves the scripted model. */
  static final class BrokenStream extends RuntimeException {

    private static final long serialVersionUID = 1L;

    final transient LmResponse whole;
    final LmException failure;

    BrokenStream(LmResponse whole, LmException failure) {
      super(failure);
      this.whole = whole;
      this.failure = failure;
    }
  }
}
