package io.trimtab.lm;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * Answers requests with text: one {@link LmRequest} in, one {@link LmResponse} out.
 *
 * <p><b>Threads.</b> Safe for use by many threads at once. Requests and responses are immutable.
 *
 * <p><b>Three forms.</b> {@link #generate} blocks, {@link #generateAsync} returns at once, {@link
 * #stream} delivers pieces as they arrive. All three answer the same request alike.
 *
 * <p><b>Errors.</b> Whatever goes wrong with an answer is an {@link LmException}: thrown by {@link
 * #generate}, the direct cause in the future of {@link #generateAsync}, and the argument of {@code
 * onError} of a stream. A missing or unusable answer is an error, never an empty response.
 *
 * <p><b>Deadline.</b> {@link LmOptions#timeout()} bounds the whole call: queues, connection, every
 * attempt and the last byte. When it passes, the call fails with {@link LmTimeoutException} and
 * nothing of it goes on.
 *
 * <p><b>Cancellation.</b> An interrupted {@link #generate} returns promptly with {@link
 * LmCancelledException} and the thread's interrupt flag set. Cancelling the future of {@link
 * #generateAsync}, or the subscription of a stream, ends the exchange with the server and frees
 * whatever it held. Futures derived with {@code thenApply} and the like do not pass a cancellation
 * on; cancel the one that was returned.
 *
 * <p><b>Streams.</b> A publisher of {@link #stream} is cold: each subscription is one call. It
 * honours demand, signals one subscriber serially, and ends in exactly one of three ways: {@code
 * onError}; or an {@link LmChunk.End} holding the whole response followed by {@code onComplete};
 * or, after a cancellation, silence. There is no {@code onComplete} after {@code onError}. The text
 * deltas of one completion, joined, are its text. A model without {@link LmCapability#STREAMING}
 * delivers the finished answer as one delta.
 *
 * <p><b>Callbacks.</b> Futures complete and subscribers are signalled on a thread of the model's
 * choosing, which may be the caller's; code hung on them must not block.
 *
 * <p><b>Closing.</b> {@link #close} is idempotent; calls after it throw {@link
 * IllegalStateException} from the method itself. A wrapper closes what it wraps.
 */
public interface LanguageModel extends AutoCloseable {

  /**
   * Answers a request and waits for the answer.
   *
   * @param request what to ask
   * @return the whole answer, with at least one completion
   * @throws LmException if there is no usable answer; the subtype says what can be done
   * @throws IllegalStateException if the model is closed
   */
  LmResponse generate(LmRequest request);

  /**
   * Answers a request without blocking the caller.
   *
   * @param request what to ask
   * @return a future that fails with an {@link LmException}; cancelling it cancels the exchange
   * @throws IllegalStateException if the model is closed
   */
  CompletableFuture<LmResponse> generateAsync(LmRequest request);

  /**
   * Answers a request piece by piece.
   *
   * <p>The default delivers the answer of {@link #generateAsync} when it is complete.
   *
   * @param request what to ask
   * @return a cold publisher; nothing is sent before the first subscription
   * @throws IllegalStateException if the model is closed
   */
  default Flow.Publisher<LmChunk> stream(LmRequest request) {
    return LmStreams.ofResponse(() -> generateAsync(request));
  }

  /**
   * Returns who answers: limits, breakers and caches are kept per key.
   *
   * @return provider, model and base URL, without secrets
   */
  ModelKey key();

  /**
   * Returns what the model can do beyond plain text.
   *
   * @return an unmodifiable set
   */
  Set<LmCapability> capabilities();

  /** Ends open exchanges and frees connections and threads; does nothing the second time. */
  @Override
  void close();
}
