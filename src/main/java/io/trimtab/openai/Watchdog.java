package io.trimtab.openai;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Looks at every running attempt now and then, and ends those whose time is up. */
final class Watchdog {
  /*
   * One timer per deadline would wake the timer's thread with every call that starts, which costs
   * more than the rest of our work on a call. So there is one tick for all, which runs while
   * there are attempts and for a while after; starting and ending an attempt is an entry in a
   * set. A deadline is late by at most one tick.
   */

  private static final long TICK_MILLIS = 20;
  private static final int IDLE_TICKS = 50;

  private final LongSupplier nanos;
  private final ScheduledThreadPoolExecutor timer = Threads.timer("trimtab-openai-watchdog");
  private final Set<Attempt> running = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean ticking = new AtomicBoolean();
  private int idleTicks; // touched by the timer's one thread only
  private volatile boolean closed;

  Watchdog(LongSupplier nanos) {
    this.nanos = nanos;
  }

  long nanos() {
    return nanos.getAsLong();
  }

  void watch(Attempt attempt) {
    running.add(attempt);
    if (!ticking.get() && ticking.compareAndSet(false, true)) {
      schedule();
    }
    if (closed) {
      attempt.closed();
    }
  }

  void forget(Attempt attempt) {
    running.remove(attempt);
  }

  private void schedule() {
    if (!closed) {
      var unused = timer.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void tick() {
    long now = nanos();
    each(attempt -> attempt.check(now));
    idleTicks = running.isEmpty() ? idleTicks + 1 : 0;
    if (idleTicks >= IDLE_TICKS) {
      idleTicks = 0;
      ticking.set(false);
      // An attempt may have come in between; whoever sees the flag down puts it up again.
      if (running.isEmpty() || !ticking.compareAndSet(false, true)) {
        return;
      }
    }
    schedule();
  }

  /** Ends what is running; does nothing the second time. */
  void close() {
    closed = true;
    timer.shutdownNow();
    each(Attempt::closed);
  }

  private void each(Consumer<Attempt> action) {
    for (Attempt attempt : running) {
      try {
        action.accept(attempt);
      } catch (RuntimeException | Error e) {
        // From a caller's executor, or a subscriber that it runs here; the other attempts need us
        // still.
        ChatClient.LOG.warn("the executor of callbacks threw {}", e.getClass().getName());
      }
    }
  }
}
