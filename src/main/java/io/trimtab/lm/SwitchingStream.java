package io.trimtab.lm;

import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Passes a stream on and begins another one if it fails before its first piece. */
final class SwitchingStream implements Flow.Subscription, Flow.Subscriber<LmChunk> {

  /*
   * Streams follow one another: a next one begins only in the onError of the last, when nothing
   * was delivered. So signals stay serial without a queue, and all demand so far is still open.
   */

  private final Supplier<Flow.Publisher<LmChunk>> next;
  private final Predicate<Throwable> switches;
  private final Flow.Subscriber<? super LmChunk> subscriber;
  private final AtomicBoolean started = new AtomicBoolean();
  private long demand; // guarded by this
  private Flow.@Nullable Subscription upstream; // guarded by this
  private boolean cancelled; // guarded by this
  private volatile boolean delivered;

  SwitchingStream(
      Supplier<Flow.Publisher<LmChunk>> next,
      Predicate<Throwable> switches,
      Flow.Subscriber<? super LmChunk> subscriber) {
    this.next = next;
    this.switches = switches;
    this.subscriber = subscriber;
  }

  @Override
  public void request(long n) {
    Flow.Subscription target;
    synchronized (this) {
      demand = n > 0 && demand + n < 0 ? Long.MAX_VALUE : demand + Math.max(0, n);
      target = upstream;
    }
    if (target != null) {
      target.request(n);
    } else if (n <= 0) {
      subscriber.onError(new IllegalArgumentException("demand must be at least 1, got " + n));
      cancel();
    } else if (started.compareAndSet(false, true)) {
      begin();
    }
  }

  @Override
  public void cancel() {
    Flow.Subscription target;
    synchronized (this) {
      cancelled = true;
      target = upstream;
    }
    if (target != null) {
      target.cancel();
    }
  }

  private void begin() {
    synchronized (this) {
      if (cancelled) {
        return;
      }
    }
    try {
      next.get().subscribe(this);
    } catch (RuntimeException | Error e) { // nobody above would hear of it
      subscriber.onError(e);
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    long open;
    synchronized (this) {
      upstream = subscription;
      open = cancelled ? 0 : demand;
    }
    if (open > 0) {
      subscription.request(open);
    } else {
      subscription.cancel();
    }
  }

  @Override
  public void onNext(LmChunk chunk) {
    delivered = true;
    subscriber.onNext(chunk);
  }

  @Override
  public void onError(Throwable failure) {
    boolean again;
    try {
      again = !delivered && switches.test(failure);
    } catch (RuntimeException | Error e) { // from the caller's own rule
      subscriber.onError(e);
      return;
    }
    if (again) {
      begin();
    } else {
      subscriber.onError(failure);
    }
  }

  @Override
  public void onComplete() {
    subscriber.onComplete();
  }
}
