package io.trimtab.lm;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One attempt of a call and everything it holds, which it gives back exactly once. */
final class Attempt {

  /** Something under way that can be given up. */
  interface Running {
    void cancel();
  }

  private final ModelLimits limits;
  private final AtomicBoolean closed = new AtomicBoolean();
  private Breaker.@Nullable Permission permission; // guarded by this
  private RateWindow.@Nullable Entry place; // guarded by this
  private Slots.@Nullable Waiter slot; // guarded by this
  private @Nullable Running running; // guarded by this
  private final AtomicBoolean claimed = new AtomicBoolean();
  private volatile boolean sent;
  private volatile long deadline;

  Attempt(ModelLimits limits) {
    this.limits = limits;
  }

  /** Asks the breaker; false if it refuses. */
  boolean enterBreaker() {
    Breaker breaker = limits.breaker;
    if (breaker == null) {
      return true;
    }
    Breaker.Permission given = breaker.tryAcquire();
    if (given == null) {
      return false;
    }
    boolean late;
    synchronized (this) {
      permission = given;
      late = closed.get();
    }
    if (late) {
      breaker.report(given, Breaker.Report.NOTHING);
    }
    return true;
  }

  /** Asks the breaker again if it changed its state while this attempt waited. */
  boolean stillPermitted() {
    Breaker.Permission given;
    synchronized (this) {
      given = permission;
    }
    if (given == null || limits.breaker == null || limits.breaker.isCurrent(given)) {
      return true;
    }
    return enterBreaker();
  }

  /** Takes a place in the minute. */
  RateWindow.Reservation enterRate(RateWindow rate, long estimate, long maxWait) {
    RateWindow.Reservation reservation = rate.reserve(estimate, maxWait);
    RateWindow.Entry entry = reservation.entry();
    boolean late;
    synchronized (this) {
      place = entry;
      late = closed.get();
    }
    if (late && entry != null) {
      rate.giveBack(entry);
    }
    return reservation;
  }

  /** Takes a slot or queues for one; false if it must not queue and there is none. */
  boolean enterSlots(Slots slots, boolean wait, Runnable onGranted) {
    Slots.Waiter waiter;
    boolean late;
    synchronized (this) {
      waiter = slots.enter(wait, onGranted);
      slot = waiter;
      late = closed.get();
    }
    if (late && waiter != null) {
      waiter.leave();
    }
    return waiter != null;
  }

  /** Tells whether the attempt may run as far as concurrency goes. */
  boolean hasSlot() {
    Slots.Waiter waiter;
    synchronized (this) {
      waiter = slot;
    }
    return waiter == null || waiter.granted();
  }

  /** Claims the right to send; only one of several grants of one slot gets it. */
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  /** Marks the moment from which the model is responsible. */
  void sending(long until) {
    deadline = until;
    sent = true;
    RateWindow.Entry entry;
    synchronized (this) {
      entry = place;
    }
    if (limits.rate != null && entry != null) {
      limits.rate.use(entry);
    }
  }

  /** Keeps what was started, or gives it up at once if the attempt has ended meanwhile. */
  void started(Running exchange) {
    boolean late;
    synchronized (this) {
      running = exchange;
      late = closed.get();
    }
    if (late) {
      exchange.cancel();
    }
  }

  /** Moves the deadline, as a stream does once it flows. */
  void extend(long until) {
    deadline = until;
  }

  boolean wasSent() {
    return sent;
  }

  boolean overdue(long now) {
    return sent && deadline - now <= 0;
  }

  boolean isClosed() {
    return closed.get();
  }

  /**
   * Gives everything back; only the first call has an effect.
   *
   * @param report what the breaker learns
   * @param usage the true token count, if known
   * @return whether this was the first call
   */
  boolean close(Breaker.Report report, @Nullable Usage usage) {
    if (!closed.compareAndSet(false, true)) {
      return false;
    }
    Breaker.Permission given;
    RateWindow.Entry entry;
    Slots.Waiter waiter;
    Running exchange;
    synchronized (this) {
      given = permission;
      entry = place;
      waiter = slot;
      exchange = running;
    }
    if (exchange != null) {
      exchange.cancel(); // without effect if it has ended
    }
    if (limits.breaker != null && given != null) {
      limits.breaker.report(given, report);
    }
    if (limits.rate != null && entry != null) {
      settle(limits.rate, entry, usage);
    }
    if (waiter != null) {
      giveBack(waiter);
    }
    return true;
  }

  private void giveBack(Slots.Waiter waiter) {
    if (sent) {
      waiter.finish();
    } else {
      waiter.leave();
    }
  }

  private void settle(RateWindow rate, RateWindow.Entry entry, @Nullable Usage usage) {
    Long actual = usage == null ? null : usage.total();
    if (!sent) {
      rate.giveBack(entry);
    } else if (actual != null) {
      rate.correct(entry, actual);
    }
  }
}
