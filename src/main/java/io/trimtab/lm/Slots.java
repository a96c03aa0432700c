package io.trimtab.lm;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A bulkhead with a waiting line: lets a number of calls run at once, first come, first served. */
final class Slots {

  /*
   * Resilience4j's bulkhead owns the permits; the line in front of it is ours, because its own can
   * only block the caller's thread. Who finds no permit leaves a callback in the queue, and a permit
   * given back goes straight to the first of the queue: the lock is held from giving back to taking
   * again, so late arrivals cannot barge in and a waiter that gave up cannot swallow it. Hence, with
   * the lock free, nobody waits while a permit is free.
   *
   * The bulkhead is asked only when its answer will be final, so that its metrics and events tell the
   * truth: "permitted" when a call may run, "rejected" when a call was turned away for lack of a
   * permit, "finished" when one that was sent has ended.
   */

  /** A caller in the queue, or past it. */
  final class Waiter {
    private final Runnable onGranted;
    private boolean granted; // guarded by lock
    private boolean gone; // guarded by lock

    private Waiter(Runnable onGranted) {
      this.onGranted = onGranted;
    }

    /** Leaves the queue, or gives the slot back unused; does nothing after the first end. */
    void leave() {
      end(bulkhead::releasePermission);
    }

    /** Gives the slot back after a call; does nothing after the first end. */
    void finish() {
      end(bulkhead::onComplete);
    }

    private void end(Runnable giveBack) {
      Waiter next = null;
      lock.lock();
      try {
        if (gone) {
          return;
        }
        gone = true;
        if (granted) {
          giveBack.run();
          next = admitNext();
        } else {
          queue.remove(this);
        }
      } finally {
        lock.unlock();
      }
      if (next != null) {
        next.onGranted.run();
      }
    }

    /** Tells whether the slot is this caller's. */
    boolean granted() {
      lock.lock();
      try {
        return granted && !gone;
      } finally {
        lock.unlock();
      }
    }
  }

  private final Bulkhead bulkhead;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Waiter> queue = new ArrayDeque<>(); // guarded by lock

  Slots(String name, int size) {
    BulkheadConfig config =
        BulkheadConfig.custom()
            .maxConcurrentCalls(size)
            .maxWaitDuration(Duration.ZERO) // waiting is our part
            .build();
    this.bulkhead = Bulkhead.of(name, config);
  }

  /**
   * Takes a slot or a place in the queue.
   *
   * @param wait whether a place in the queue will do
   * @param onGranted run once, by whoever gives the slot up, if it was not free at once; must not
   *     block
   * @return the place, or null if there is no slot and {@code wait} is false
   */
  @Nullable Waiter enter(boolean wait, Runnable onGranted) {
    Waiter waiter = new Waiter(onGranted);
    lock.lock();
    try {
      if (wait && free() == 0) {
        queue.add(waiter);
        return waiter;
      }
      waiter.granted = permitted();
      return waiter.granted ? waiter : null;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Waiter admitNext() {
    Waiter next = queue.poll();
    if (next != null) {
      next.granted = permitted();
      if (!next.granted) {
        throw new AssertionError("the permit given back under this lock is still there");
      }
    }
    return next;
  }

  /**
   * Asks the bulkhead for a permit. It refuses an interrupted thread even when one is free, so the
   * interrupt is put aside while it is asked; one that comes meanwhile is a reason to ask again.
   */
  private boolean permitted() {
    boolean interrupted = false;
    boolean permitted;
    do {
      interrupted |= Thread.interrupted();
      permitted = bulkhead.tryAcquirePermission();
    } while (!permitted && Thread.currentThread().isInterrupted());
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return permitted;
  }

  /** Returns the bulkhead, for its metrics and events; permits are taken and given back here. */
  Bulkhead bulkhead() {
    return bulkhead;
  }

  int size() {
    return bulkhead.getMetrics().getMaxAllowedConcurrentCalls();
  }

  int free() {
    return bulkhead.getMetrics().getAvailableConcurrentCalls();
  }

  int waiting() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }
}
