package io.trimtab.lm;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
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

  /** Passes a stream on and hands over its whole answer just before its end is delivered. */
  static Flow.Publisher<LmChunk> onEnd(
      Flow.Publisher<LmChunk> stream, Consumer<LmResponse> action) {
    return subscriber -> stream.subscribe(new EndListener(subscriber, action));
  }

  /** Publishes nothing but a failure. */
  static Flow.Publisher<LmChunk> failed(LmException failure) {
    return ofResponse(() -> CompletableFuture.failedFuture(failure));
  }

  private record EndListener(
      Flow.Subscriber<? super LmChunk> subscriber, Consumer<LmResponse> action)
      implements Flow.Subscriber<LmChunk> {

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscriber.onSubscribe(subscription);
    }

    @Override
    public void onNext(LmChunk chunk) {
      if (chunk instanceof LmChunk.End end) {
        action.accept(end.response());
      }
      subscriber.onNext(chunk);
    }

    @Override
    public void onError(Throwable failure) {
      subscriber.onError(failure);
    }

    @Override
    public void onComplete() {
      subscriber.onComplete();
    }
  }
}
