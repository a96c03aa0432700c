package io.trimtab.openai;

import io.trimtab.lm.LmChunk;
import io.trimtab.lm.LmException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One subscription to a stream: a call that starts with the first demand and delivers pieces as
 * they arrive.
 */
final class ChatStream implements Flow.Subscription {
  /*
   * Two sides meet in `queue`. The transport's thread puts pieces in and stops asking the server
   * for bytes while many are waiting, so a slow subscriber slows the server down and costs no
   * memory; its own slowness is not the server's silence, so the idle deadline rests meanwhile.
   * The executor's side takes pieces out as demand allows: whoever raises `work` from zero
   * becomes the one drainer and goes on for as long as others raised it, which keeps signals
   * serial.
   */

  private static final int FULL = 256;
  private static final int ROOM = 64;

  private final ChatClient client;
  private final ChatCall call;
  private final Flow.Subscriber<? super LmChunk> subscriber;
  private final Queue<LmChunk> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong demand = new AtomicLong();
  private final AtomicInteger work = new AtomicInteger();
  private final AtomicBoolean started = new AtomicBoolean();
  private final AtomicBoolean completed = new AtomicBoolean();
  private final AtomicBoolean paused = new AtomicBoolean();
  private volatile @Nullable Attempt attempt;
  private volatile @Nullable StreamBody body;
  private volatile @Nullable Throwable failure;
  private volatile boolean over;

  ChatStream(ChatClient client, ChatCall call, Flow.Subscriber<? super LmChunk> subscriber) {
    this.client = client;
    this.call = call;
    this.subscriber = subscriber;
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      fail(new IllegalArgumentException("demand must be at least 1, got " + n));
      cancelAttempt();
      return;
    }
    demand.getAndAccumulate(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
    if (started.compareAndSet(false, true)) {
      launch();
    } else {
      drain();
    }
  }

  @Override
  public void cancel() {
    over = true;
    cancelAttempt();
  }

  private void cancelAttempt() {
    Attempt running = attempt;
    if (running != null) {
      running.cancel();
    }
  }

  private void launch() {
    TimeLimits limits = call.limits();
    HttpCall http;
    try {
      http = call.encoded(limits);
    } catch (LmException e) {
      fail(e);
      return;
    }
    StreamBody reading =
        new StreamBody(call.newAnswer(this::put), call.failures(), call.maxBytes(), this::arrived);
    Attempt running =
        new Attempt(
            reading,
            call.failures(),
            client.watchdog(),
            limits,
            failed -> client.callBack(() -> ended(http, reading, failed)));
    body = reading;
    attempt = running;
    if (over) { // cancelled meanwhile
      running.cancel();
    } else {
      running.start(client.transport(), http);
    }
  }

  private void put(LmChunk piece) {
    if (!completed.get()) {
      waiting.incrementAndGet();
      queue.add(piece);
    }
  }

  /** Runs on the transport's thread after each batch of bytes. */
  private void arrived() {
    StreamBody reading = body;
    Attempt running = attempt;
    if (reading == null || running == null) {
      throw new AssertionError("bytes arrive only after launch()");
    }
    if (reading.isDone()) {
      complete(reading);
    }
    if (reading.isWhole()) {
      running.settle();
    }
    boolean more = reading.isDone() || waiting.get() < FULL;
    running.demand(more);
    paused.set(!more); // after demand(), which must not undo what resume() does
    drain();
  }

  private void ended(HttpCall http, StreamBody reading, @Nullable LmException failed) {
    if (failed != null) {
      call.log(http, failed.getClass().getSimpleName());
      fail(failed);
      return;
    }
    Refusal refusal = reading.refusal();
    call.log(http, refusal == null ? "streamed" : "status " + refusal.status());
    if (refusal == null) {
      complete(reading);
      drain();
    } else if (call.adaptsTo(refusal)) {
      launch();
    } else {
      fail(call.failures().refused(refusal));
    }
  }

  private void complete(StreamBody reading) {
    if (completed.get()) {
      return;
    }
    try {
      LmChunk end = new LmChunk.End(reading.response(call.model(), call.latency()));
      if (completed.compareAndSet(false, true)) {
        queue.add(end);
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void fail(Throwable error) {
    if (failure == null) {
      failure = error;
    }
    drain();
  }

  private void drain() {
    if (work.getAndIncrement() == 0) {
      client.callBack(this::drainAll);
    }
  }

  private void drainAll() {
    int seen = 1; // how many raises this round answers
    do {
      deliver();
      seen = work.addAndGet(-seen);
    } while (seen != 0);
  }

  private void deliver() {
    while (!over && demand.get() > 0) {
      LmChunk next = queue.poll();
      if (next == null) {
        break;
      }
      if (demand.get() != Long.MAX_VALUE) {
        demand.decrementAndGet();
      }
      signal(next);
    }
    Throwable error = failure;
    if (error != null && !over) {
      over = true;
      subscriber.onError(error);
    }
    resume();
  }

  private void signal(LmChunk next) {
    waiting.decrementAndGet();
    try {
      subscriber.onNext(next);
    } catch (RuntimeException | Error e) {
      cancel(); // it can take no more signals; let its thread's handler show what happened
      throw e;
    }
    if (next instanceof LmChunk.End && !over) {
      over = true;
      subscriber.onComplete();
    }
  }

  private void resume() {
    Attempt running = attempt;
    if (running != null && waiting.get() < ROOM && paused.compareAndSet(true, false)) {
      running.demand(true);
    }
  }
}
