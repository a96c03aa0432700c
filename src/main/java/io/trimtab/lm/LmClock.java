package io.trimtab.lm;

import java.time.Duration;

/**
 * Time as waits and deadlines see it: a counter of nanoseconds and a way to be called later. Tests
 * hand in one that moves when they move it.
 *
 * <p>Safe for use by many threads at once.
 */
public interface LmClock {

  /**
   * Returns the time since an arbitrary origin; only differences mean something.
   *
   * @return nanoseconds, never running backwards
   */
  long nanos();

  /**
   * Runs a task later, once.
   *
   * @param delay how long from now; zero or less means as soon as possible
   * @param task what to run; it must neither block nor throw
   * @return a handle whose {@code cancel} drops the task if it has not started
   */
  Timer schedule(Duration delay, Runnable task);

  /** A task that waits for its time. */
  @FunctionalInterface
  interface Timer {
    /** Drops the task if it has not started; does nothing the second time. */
    void cancel();
  }

  /**
   * Returns the clock of this machine. It uses the JDK's own timer, and daemon threads for what is
   * due, which end when they are idle; so it needs no closing.
   *
   * @return the monotonic clock
   */
  static LmClock system() {
    return SystemTime.INSTANCE;
  }
}
