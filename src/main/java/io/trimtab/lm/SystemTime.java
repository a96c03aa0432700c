package io.trimtab.lm;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The monotonic clock of the JVM. */
enum SystemTime implements LmClock {
  /** The only one: it has no state. */
  INSTANCE;

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    // completeOnTimeout is the JDK's timer with a cancel that leaves nothing in its queue; the
    // task itself runs on the common pool because the timer's one thread must not be held up
    CompletableFuture<Boolean> due =
        new CompletableFuture<Boolean>()
            .completeOnTimeout(true, Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS);
    CompletableFuture<Void> unused =
        due.thenAcceptAsync(
            run -> {
              if (run) {
                task.run();
              }
            });
    return () -> due.complete(false);
  }
}
