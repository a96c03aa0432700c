package io.trimtab.lm;

import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Delivers a stream whose pieces become known all at once, as far as the subscriber asks. */
final class PieceSubscription implements Flow.Subscription {

  /** How a subscription ended. */
  enum Ending {
    COMPLETED,
    FAILED,
    CANCELLED
  }

  /*
   * Signals must be serial while demand and the answer arrive on any threads: whoever raises
   * `work` from zero becomes the one drainer, and drains again for as long as others raised it
   * meanwhile. Only the drainer advances `rest`.
   */

  private final Supplier<CompletableFuture<Pieces>> call;
  private final Flow.Subscriber<? super LmChunk> subscriber;
  private final Consumer<Ending> onEnd;
  private final AtomicBoolean started = new AtomicBoolean();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicLong demand = new AtomicLong();
  private final AtomicInteger work = new AtomicInteger();
  private volatile @Nullable CompletableFuture<Pieces> answer;
  private volatile @Nullable Pieces pieces;
  private volatile @Nullable Throwable failure;
  private @Nullable Iterator<LmChunk> rest;

  /**
   * Creates a subscription.
   *
   * @param call starts the call, at the first demand; its future is cancelled with the subscription
   * @param subscriber who is signalled
   * @param onEnd told once how it ended, before the last signal
   */
  PieceSubscription(
      Supplier<CompletableFuture<Pieces>> call,
      Flow.Subscriber<? super LmChunk> subscriber,
      Consumer<Ending> onEnd) {
    this.call = call;
    this.subscriber = subscriber;
    this.onEnd = onEnd;
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      fail(new IllegalArgumentException("demand must be at least 1, got " + n));
      return;
    }
    demand.getAndAccumulate(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
    start();
    drain();
  }

  @Override
  public void cancel() {
    end(Ending.CANCELLED);
  }

  private void start() {
    if (ended.get() || !started.compareAndSet(false, true)) {
      return;
    }
    try {
      CompletableFuture<Pieces> running = call.get();
      answer = running;
      if (ended.get()) { // cancelled while the call was being started
        running.cancel(true);
      }
      LmFutures.whenDone(running, this::arrived);
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void arrived(@Nullable Pieces arrived, @Nullable Throwable error) {
    if (error != null) {
      fail(error);
    } else {
      pieces = arrived;
      drain();
    }
  }

  private void fail(Throwable error) {
    if (failure == null) {
      failure = error;
    }
    drain();
  }

  private void drain() {
    if (work.getAndIncrement() != 0) {
      return;
    }
    int raises = 1;
    do {
      deliver();
      raises = work.addAndGet(-raises);
    } while (raises != 0);
  }

  private void deliver() {
    Throwable error = failure;
    if (error != null) {
      endWith(error);
      return;
    }
    Pieces known = pieces;
    if (known == null) {
      return;
    }
    Iterator<LmChunk> left = rest == null ? known.chunks().iterator() : rest;
    rest = left;
    while (!ended.get() && left.hasNext() && demand.get() > 0) {
      if (demand.get() != Long.MAX_VALUE) {
        demand.decrementAndGet();
      }
      subscriber.onNext(left.next());
    }
    if (!left.hasNext()) {
      endWith(known.failure());
    }
  }

  private void endWith(@Nullable Throwable error) {
    if (error != null && end(Ending.FAILED)) {
      subscriber.onError(error);
    } else if (error == null && end(Ending.COMPLETED)) {
      subscriber.onComplete();
    }
  }

  private boolean end(Ending how) {
    if (!ended.compareAndSet(false, true)) {
      return false;
    }
    CompletableFuture<Pieces> running = answer;
    if (running != null) {
      running.cancel(true); // without effect if it is done
    }
    onEnd.accept(how);
    return true;
  }
}
