package io.trimtab.bridge;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The threads whose results came in one frame: each that wakes up wakes others. */
final class WakeUps {
  /*
   * To wake a thread costs more than all else that is done for an operation. If the thread that reads frames woke every
   * caller, it could do little else, and would spread them over processors that the sidecar needs. So it wakes a few, and
   * each caller wakes two more before it goes on. Nobody is forgotten: a thread that stops waiting passes on, whether it
   * was woken or found its result by itself, even before the first was woken (it is "owed" then); and who reads the next
   * frame, or looks after the link ten times a second, wakes those that are left.
   */

  private static final int EACH = 2;

  // Guarded by this.
  private final List<Thread> threads = new ArrayList<>();
  private int woken;
  private int owed = EACH;
  private boolean begun;

  synchronized void add(Thread waiting) {
    threads.add(waiting);
  }

  /** Wakes the first; no thread is added any more. */
  void begin() {
    int first;
    synchronized (this) {
      begun = true;
      first = owed;
    }
    wake(first);
  }

  /** Wakes the next, in place of one that has stopped waiting. */
  void passOn() {
    synchronized (this) {
      if (!begun) {
        owed += EACH;
        return;
      }
    }
    wake(EACH);
  }

  /** Wakes all that are left. */
  void finish() {
    wake(Integer.MAX_VALUE);
  }

  private void wake(int most) {
    for (int i = 0; i < most; i++) {
      Thread next = next();
      if (next == null) {
        return;
      }
      LockSupport.unpark(next);
    }
  }

  private synchronized @Nullable Thread next() {
    return woken < threads.size() ? threads.get(woken++) : null;
  }
}
