package io.trimtab.lm;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Asks a stream for everything and keeps its end. */
final class ResponseCollector implements Flow.Subscriber<LmChunk> {

  private final CompletableFuture<LmResponse> response = new CompletableFuture<>();
  private volatile @Nullable LmResponse last;

  CompletableFuture<LmResponse> response() {
    return response;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    LmFutures.whenDone(response, (done, failure) -> cancelIfAbandoned(subscription));
    subscription.request(Long.MAX_VALUE);
  }

  private void cancelIfAbandoned(Flow.Subscription subscription) {
    if (response.isCancelled()) {
      subscription.cancel();
    }
  }

  @Override
  public void onNext(LmChunk chunk) {
    if (chunk instanceof LmChunk.End end) {
      last = end.response();
    }
  }

  @Override
  public void onError(Throwable failure) {
    response.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    LmResponse whole = last;
    if (whole == null) {
      response.completeExceptionally(
          new IllegalStateException("a stream must deliver its End before it completes"));
    } else {
      response.complete(whole);
    }
  }
}
