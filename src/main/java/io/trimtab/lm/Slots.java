package io.trimtab.lm;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A bulkhead: lets a number of calls run at once, first come, first served. */
final class Slots {

  /*
   * A fair semaphore that never blocks: who finds no slot leaves a callback in a queue. A released
   * slot goes straight to the first waiter, so late arrivals cannot barge in and a waiter that gave
   * up cannot swallow it. Resilience4j's bulkhead can only wait by blocking the caller's thread.
   */

  /** A caller in the queue, or past it. */
  final class Waiter {
    private final Runnable onGranted;
    private boolean granted; // guarded by lock
    private boolean gone; // guarded by lock

    private Waiter(Runnable onGranted) {
      this.onGranted = onGranted;
    }

    /** Leaves the queue, or gives the slot back; does nothing the second time. */
    void leave() {
      Waiter next = null;
      lock.lock();
      try {
        if (gone) {
          return;
        }
        gone = true;
        if (granted) {
          next = handOver();
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

  private final int size;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Waiter> queue = new ArrayDeque<>(); // guarded by lock
  private int free; // guarded by lock

  Slots(int size) {
    this.size = size;
    this.free = size;
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
      if (free > 0) {
        free--;
        waiter.granted = true;
      } else if (wait) {
        queue.add(waiter);
      } else {
        return null;
      }
      return waiter;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Waiter handOver() {
    Waiter next = queue.poll();
    if (next == null) {
      free++;
    } else {
      next.granted = true;
    }
    return next;
  }

  int size() {
    return size;
  }

  int free() {
    lock.lock();
    try {
      return free;
    } finally {
      lock.unlock();
    }
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
