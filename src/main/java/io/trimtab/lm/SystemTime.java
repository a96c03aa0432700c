package io.trimtab.lm;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The monotonic clock of the JVM. */
enum SystemTime implements LmClock {
  /** The only one. */
  INSTANCE;

  private static final long IDLE_SECONDS = 5;

  /**
   * Runs what is due. Not the timer's one thread, which must not be held up; and not the common
   * pool, whose threads may all be waiting for calls that nothing but these tasks can end.
   */
  private static final Executor DUE =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          SystemTime::daemon);

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "trimtab-lm-clock");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    // completeOnTimeout is the JDK's timer with a cancel that leaves nothing in its queue
    CompletableFuture<Boolean> waiting =
        new CompletableFuture<Boolean>()
            .completeOnTimeout(true, Math.max(0, Nanos.of(delay)), TimeUnit.NANOSECONDS);
    CompletableFuture<Void> unused =
        waiting.thenAcceptAsync(
            run -> {
              if (run) {
                task.run();
              }
            },
            DUE);
    return () -> waiting.complete(false);
  }
}
