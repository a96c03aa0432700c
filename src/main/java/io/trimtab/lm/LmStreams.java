package io.trimtab.lm;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Supplier;

/** Bridges between the streamed and the asynchronous form of an answer, for writers of models. */
public final class LmStreams {

  private LmStreams() {}

  /**
   * Publishes a whole answer as the deltas it would have had: reasoning, text and tool calls of
   * each completion in one piece each, then the end.
   *
   * @param call starts the call; run once per subscription, at the first demand. Its future is
   *     cancelled when the subscription is
   * @return a cold publisher that keeps the contract of {@link LanguageModel}
   */
  public static Flow.Publisher<LmChunk> ofResponse(Supplier<CompletableFuture<LmResponse>> call) {
    return subscriber ->
        subscriber.onSubscribe(
            new PieceSubscription(
                () -> LmFutures.map(call.get(), r -> Pieces.of(r, Integer.MAX_VALUE)),
                subscriber,
                ending -> {}));
  }

  /**
   * Subscribes to a stream and gathers, without blocking, its whole answer.
   *
   * @param stream a stream of a model
   * @return a future of the answer at its end; it fails as the stream fails, and cancelling it
   *     cancels the subscription
   */
  public static CompletableFuture<LmResponse> collect(Flow.Publisher<LmChunk> stream) {
    ResponseCollector collector = new ResponseCollector();
    stream.subscribe(collector);
    return collector.response();
  }
}
