package io.trimtab.openai;

import io.trimtab.lm.LmException;
import io.trimtab.lm.LmTimeoutException.Deadline;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One exchange under its deadlines, ending in exactly one outcome. */
final class Attempt implements Transport.Receiver {
  /*
   * The transport's signals come serially on threads of its own; the watchdog, a cancellation and
   * an interrupt come from others at any time. `over` decides who ends the attempt: the winner
   * closes the exchange, publishes `failure` and tells `done`; the losers do nothing. Signals
   * after the end are ignored.
   */

  /** Takes the response's parts, serially. */
  interface Body {

    /** How many data signals to ask for at the start. */
    long firstDemand();

    /** Takes status and headers; may throw to refuse the response. */
    void head(int status, HttpHeaders headers) throws IOException;

    /** Takes bytes; returns false if it wants no more. May throw to refuse the response. */
    boolean data(List<ByteBuffer> bytes) throws IOException;

    /** Takes the end; may throw if too little has come. */
    void end() throws IOException;

    /** Tells whether what has come is a whole answer, so that running out of time does no harm. */
    boolean isWhole();
  }

  private static final long SETTLE_NANOS = Duration.ofSeconds(2).toNanos();

  private final Body body;
  private final Failures failures;
  private final Watchdog watchdog;
  private final TimeLimits limits;
  private final Consumer<@Nullable LmException> done;
  private final AtomicBoolean over = new AtomicBoolean();
  private final Thread starter = Thread.currentThread();
  private volatile Flow.@Nullable Subscription exchange;
  private volatile @Nullable LmException failure;
  private volatile boolean told;
  private volatile boolean headed;
  private volatile boolean idleAllowed;
  private volatile long lastByte;
  private volatile long settleBy = Long.MAX_VALUE;

  Attempt(
      Body body,
      Failures failures,
      Watchdog watchdog,
      TimeLimits limits,
      Consumer<@Nullable LmException> done) {
    this.body = body;
    this.failures = failures;
    this.watchdog = watchdog;
    this.limits = limits;
    this.done = done;
  }

  void start(Transport transport, HttpCall call) {
    watchdog.watch(this);
    transport.start(call, this);
  }

  /**
   * Runs the exchange and waits for its end.
   *
   * @throws LmException if it fails, or the thread is interrupted, whose flag is then set again
   */
  void run(Transport transport, HttpCall call) {
    try {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted before the request was sent");
      }
      watchdog.watch(this);
      transport.run(call, this);
      while (!told) {
        park();
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while waiting for the answer");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(failures.interrupted(e));
      if (failure != null) {
        // The transport may have been first, with the broken connection the interrupt left behind.
        throw failures.interrupted(e);
      }
    }
    LmException failed = failure;
    if (failed != null) {
      throw failed;
    }
  }

  /**
   * Waits for the end, as a future's {@code get} would: where this is a thread of the common pool,
   * the pool adds another one meanwhile, for it is there that the JDK's client tells of failures.
   */
  private void park() throws InterruptedException {
    try {
      ForkJoinPool.managedBlock(
          new ForkJoinPool.ManagedBlocker() {
            @Override
            public boolean isReleasable() {
              return told || starter.isInterrupted();
            }

            @Override
            public boolean block() {
              LockSupport.park(this);
              return isReleasable();
            }
          });
    } catch (RejectedExecutionException e) { // the pool has as many threads as it may
      LockSupport.park(this);
    }
  }

  @Override
  public void started(Flow.Subscription subscription) {
    exchange = subscription;
    if (over.get()) {
      subscription.cancel();
    } else {
      subscription.request(body.firstDemand());
    }
  }

  @Override
  public void head(int status, HttpHeaders headers) {
    lastByte = watchdog.nanos();
    headed = true;
    guarded(
        () -> {
          body.head(status, headers);
          return true;
        });
  }

  @Override
  public void data(List<ByteBuffer> bytes) {
    lastByte = watchdog.nanos();
    guarded(() -> body.data(bytes));
  }

  @Override
  public void end() {
    guarded(
        () -> {
          body.end();
          return false;
        });
  }

  @Override
  public void failed(IOException cause) {
    end(body.isWhole() ? null : failures.transport(cause, limits));
  }

  private interface Step {
    /** Returns whether the attempt goes on. */
    boolean run() throws IOException;
  }

  private void guarded(Step step) {
    if (over.get()) {
      return;
    }
    try {
      if (!step.run()) {
        end(null);
      }
    } catch (LmException e) {
      end(e);
    } catch (IOException | RuntimeException e) {
      // What a body throws is about what came. Nothing may escape into the transport's threads.
      end(failures.malformed(e));
    }
  }

  /** Asks for more of the body and lets the idle deadline run, or stop while the reader is busy. */
  void demand(boolean more) {
    Flow.Subscription running = exchange;
    idleAllowed = !more;
    if (more && running != null) {
      lastByte = watchdog.nanos();
      running.request(1);
    }
  }

  /** Tells that the answer is whole and only the framing's end is awaited, for a short time. */
  void settle() {
    if (settleBy == Long.MAX_VALUE) {
      settleBy = watchdog.nanos() + SETTLE_NANOS;
    }
  }

  void check(long now) {
    if (now - limits.totalBy() >= 0) {
      expire(limits.totalKind(), limits.total());
    } else if (!headed && now - limits.headBy() >= 0) {
      expire(Deadline.FIRST_BYTE, limits.firstHeader());
    } else if (headed && !idleAllowed && now - lastByte >= limits.idle().toNanos()) {
      expire(Deadline.IDLE, limits.idle());
    } else if (settleBy != Long.MAX_VALUE && now - settleBy >= 0) {
      end(null);
    }
  }

  private void expire(Deadline deadline, Duration limit) {
    end(body.isWhole() ? null : failures.timeout(deadline, limit));
  }

  void cancel() {
    end(failures.cancelled());
  }

  void closed() {
    end(failures.closed());
  }

  private void end(@Nullable LmException outcome) {
    if (!over.compareAndSet(false, true)) {
      return;
    }
    failure = outcome;
    watchdog.forget(this);
    Flow.Subscription running = exchange;
    if (running != null) {
      running.cancel(); // no effect on an exchange that has ended by itself
    }
    told = true;
    LockSupport.unpark(starter);
    done.accept(outcome);
  }
}
