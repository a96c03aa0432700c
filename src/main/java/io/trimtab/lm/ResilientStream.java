package io.trimtab.lm;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Makes attempts for one answer in pieces, and passes the pieces on. */
final class ResilientStream implements ResilientCall.Exchange, Flow.Subscription {

  /*
   * Between the subscriber and one model stream after another. A next stream begins only while
   * nothing was delivered, so it is asked for all that was ever demanded. Signals come from two sides, the model's thread and our deadlines, and
   * must not overlap: they go through `signals`, which whoever finds `emitting` false empties.
   *
   * The call ends (slot, permission, tokens given back) before the subscriber hears of the end, so
   * that who has heard of it sees everything free.
   */

  private final LanguageModel model;
  private final Flow.Subscriber<? super LmChunk> subscriber;
  private final AtomicBoolean started = new AtomicBoolean();
  private final Queue<Runnable> signals = new ArrayDeque<>(); // guarded by signals
  private boolean emitting; // guarded by signals
  private long demand; // all there ever was; guarded by this
  private Flow.@Nullable Subscription upstream; // guarded by this
  private volatile @Nullable ResilientCall call;
  private volatile boolean delivered;
  private volatile boolean finished; // nothing may be signalled any more

  ResilientStream(LanguageModel model, Flow.Subscriber<? super LmChunk> subscriber) {
    this.model = model;
    this.subscriber = subscriber;
  }

  void begin(ResilientCall resilient) {
    call = resilient;
    subscriber.onSubscribe(this);
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      refuseDemand(n);
      return;
    }
    Flow.Subscription target;
    synchronized (this) {
      target = upstream;
      demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
    }
    if (target != null) {
      target.request(n);
    }
    ResilientCall mine = call;
    if (mine != null && !finished && started.compareAndSet(false, true)) {
      mine.start();
    }
  }

  private void refuseDemand(long n) {
    signal(
        () -> {
          finished = true;
          subscriber.onError(new IllegalArgumentException("demand must be at least 1, got " + n));
        });
    cancelCall();
  }

  @Override
  public void cancel() {
    finished = true;
    cancelCall();
  }

  private void cancelCall() {
    ResilientCall mine = call;
    if (mine != null && !started.compareAndSet(false, true)) {
      mine.cancel(); // a call that never started has nothing to cancel
    }
  }

  @Override
  public Attempt.Running start(LmRequest request, Attempt attempt, ResilientCall resilient) {
    Relay relay = new Relay(attempt, resilient);
    model.stream(request).subscribe(relay);
    return relay::cancel;
  }

  @Override
  public boolean streamed() {
    return true;
  }

  @Override
  public boolean repeatable() {
    return !delivered;
  }

  void ended(@Nullable LmResponse response, @Nullable Throwable failure) {
    signal(
        () -> {
          finished = true;
          if (failure != null) {
            subscriber.onError(failure);
          } else if (response != null) {
            subscriber.onNext(new LmChunk.End(response));
            subscriber.onComplete();
          }
        });
  }

  private void signal(Runnable signal) {
    synchronized (signals) {
      signals.add(signal);
      if (emitting) {
        return;
      }
      emitting = true;
    }
    while (true) {
      Runnable next;
      synchronized (signals) {
        next = signals.poll();
        if (next == null) {
          emitting = false;
          return;
        }
      }
      emit(next);
    }
  }

  private void emit(Runnable signal) {
    if (finished) {
      return;
    }
    try {
      signal.run();
    } catch (RuntimeException | Error e) { // a subscriber that throws has given up
      synchronized (signals) {
        emitting = false;
      }
      cancel();
      throw e;
    }
  }

  /** Hears one model stream. */
  private final class Relay implements Flow.Subscriber<LmChunk> {

    private final Attempt attempt;
    private final ResilientCall resilient;
    private Flow.@Nullable Subscription mine; // guarded by the stream
    private boolean cancelled; // guarded by the stream
    private @Nullable LmResponse whole; // signals of one model stream are serial

    Relay(Attempt attempt, ResilientCall resilient) {
      this.attempt = attempt;
      this.resilient = resilient;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      long open;
      synchronized (ResilientStream.this) {
        if (cancelled) {
          open = -1;
        } else {
          mine = subscription;
          upstream = subscription;
          open = demand;
        }
      }
      if (open < 0) {
        subscription.cancel();
      } else if (open > 0) {
        subscription.request(open);
      }
    }

    private void cancel() {
      Flow.Subscription subscription;
      synchronized (ResilientStream.this) {
        cancelled = true;
        subscription = mine;
      }
      if (subscription != null) {
        subscription.cancel();
      }
    }

    @Override
    public void onNext(LmChunk chunk) {
      if (chunk instanceof LmChunk.End end) {
        whole = end.response();
        return;
      }
      if (!attempt.isClosed()) {
        delivered = true;
        resilient.flowing(attempt);
        signal(() -> subscriber.onNext(chunk));
      }
    }

    @Override
    public void onError(Throwable failure) {
      resilient.failed(attempt, failure);
    }

    @Override
    public void onComplete() {
      LmResponse answer = whole;
      if (answer == null) {
        onError(
            new LmMalformedResponseException(
                "expected a stream to end with its whole answer, it just ended",
                LmErrorOrigin.of(model.key()),
                null));
      } else {
        resilient.answered(attempt, answer);
      }
    }
  }
}
