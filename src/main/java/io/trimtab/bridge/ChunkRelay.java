package io.trimtab.bridge;

import io.trimtab.bridge.wire.HostAnswer;
import io.trimtab.lm.LmChunk;
import io.trimtab.lm.LmResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Passes the pieces of one streamed answer on as they come. */
final class ChunkRelay implements Flow.Subscriber<LmChunk> {

  private final Consumer<HostAnswer> chunks;
  private final CompletableFuture<LmResponse> response = new CompletableFuture<>();
  private volatile Flow.@Nullable Subscription subscription;

  ChunkRelay(Consumer<HostAnswer> chunks) {
    this.chunks = chunks;
    CompletableFuture<?> unused =
        response.whenComplete(
            (value, failure) -> {
              if (response.isCancelled()) {
                cancel();
              }
            });
  }

  /** The whole answer at the end of the stream; cancelling it cancels the stream. */
  CompletableFuture<LmResponse> response() {
    return response;
  }

  private void cancel() {
    Flow.Subscription open = subscription;
    if (open != null) {
      open.cancel();
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription opened) {
    subscription = opened;
    if (response.isCancelled()) {
      opened.cancel();
    } else {
      opened.request(1);
    }
  }

  @Override
  public void onNext(LmChunk chunk) {
    if (chunk instanceof LmChunk.End end) {
      response.complete(end.response()); // whoever waits for it sends the last piece
    } else {
      chunks.accept(HostAnswer.newBuilder().setChunk(WireModel.chunk(chunk)).build());
    }
    Flow.Subscription open = subscription;
    if (open != null) {
      open.request(1);
    }
  }

  @Override
  public void onError(Throwable failure) {
    response.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    response.completeExceptionally(
        new IllegalStateException("the stream ended without its last piece")); // if it still can
  }
}
