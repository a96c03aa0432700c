package io.trimtab.openai;

import io.trimtab.lm.LmChunk;
import io.trimtab.lm.LmResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** A subscriber that keeps what it is told, and counts how often it was told that it was over. */
final class Collected implements Flow.Subscriber<LmChunk> {

  final List<LmChunk> chunks = new CopyOnWriteArrayList<>();
  final CountDownLatch first = new CountDownLatch(1);
  final AtomicInteger endings = new AtomicInteger();
  final CompletableFuture<Void> over = new CompletableFuture<>();
  final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private final long demand;

  Collected() {
    this(Long.MAX_VALUE);
  }

  Collected(long demand) {
    this.demand = demand;
  }

  static Collected of(Flow.Publisher<LmChunk> stream) {
    Collected collected = new Collected();
    stream.subscribe(collected);
    return collected;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription.complete(subscription);
    if (demand > 0) {
      subscription.request(demand);
    }
  }

  @Override
  public void onNext(LmChunk chunk) {
    if (over.isDone()) {
      endings.addAndGet(1000); // a signal after the end
    }
    chunks.add(chunk);
    first.countDown();
  }

  @Override
  public void onError(Throwable failure) {
    endings.incrementAndGet();
    over.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    endings.incrementAndGet();
    over.complete(null);
  }

  /** Waits for the end and returns the answer. */
  LmResponse response() throws Throwable {
    try {
      over.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause();
    } catch (TimeoutException e) {
      throw new AssertionError("the stream did not end within 20 s; it said " + chunks, e);
    }
    return ((LmChunk.End) chunks.get(chunks.size() - 1)).response();
  }

  String text() {
    StringBuilder text = new StringBuilder();
    for (LmChunk chunk : chunks) {
      if (chunk instanceof LmChunk.TextDelta delta) {
        text.append(delta.text());
      }
    }
    return text.toString();
  }
}
