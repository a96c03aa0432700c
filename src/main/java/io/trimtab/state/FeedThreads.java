package io.trimtab.state;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The daemon threads of one feed; none exist until there is something to deliver. */
final class FeedThreads implements AutoCloseable {
  /*
   * A thread per listener that is running right now, not a fixed number: a few blocked listeners would otherwise
   * starve all others. Threads that have nothing to do end after a second.
   */

  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final Executor runner;
  private final @Nullable ExecutorService workers;
  private final boolean ownsScheduler;
  private @Nullable ScheduledExecutorService scheduler; // guarded by this
  private boolean closed; // guarded by this

  FeedThreads(@Nullable ScheduledExecutorService scheduler) {
    this.scheduler = scheduler;
    this.ownsScheduler = scheduler == null;
    ExecutorService pool =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new SynchronousQueue<>(),
            new Daemons("trimtab-watch-"));
    this.workers = pool;
    this.runner = pool;
  }

  /** Runs everything on an executor of a test, which decides when and where. */
  FeedThreads(Executor runner) {
    this.scheduler = null;
    this.ownsScheduler = true;
    this.workers = null;
    this.runner = runner;
  }

  /** Runs a task soon, or not at all once this is closed. */
  void run(Runnable task) {
    try {
      runner.execute(task);
    } catch (RejectedExecutionException e) {
      // closed: there is nobody left to deliver to
    }
  }

  /** Runs a task after a delay, or not at all once this is closed. */
  @Nullable Future<?> runAfter(Duration delay, Runnable task) {
    try {
      ScheduledExecutorService timer = scheduler();
      return timer == null
          ? null
          : timer.schedule(() -> run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      return null; // closed meanwhile
    }
  }

  private synchronized @Nullable ScheduledExecutorService scheduler() {
    if (scheduler == null && !closed) {
      ScheduledThreadPoolExecutor timer =
          new ScheduledThreadPoolExecutor(1, new Daemons("trimtab-watch-timer-"));
      timer.setRemoveOnCancelPolicy(true);
      scheduler = timer;
    }
    return closed ? null : scheduler;
  }

  /** Ends the threads, waits a moment for listeners still running, then interrupts them. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (ownsScheduler && scheduler != null) {
        scheduler.shutdownNow();
      }
    }
    if (workers != null) {
      close(workers);
    }
  }

  private void close(ExecutorService workers) {
    workers.shutdown();
    if (Thread.currentThread() instanceof Worker worker && worker.isOf(this)) {
      return; // a listener closes its own provider; waiting for it to end would be waiting for us
    }
    try {
      if (!workers.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        workers.shutdownNow();
      }
    } catch (InterruptedException e) {
      workers.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private final class Daemons implements ThreadFactory {

    private final String prefix;
    private final AtomicInteger count = new AtomicInteger();

    Daemons(String prefix) {
      this.prefix = prefix;
    }

    @Override
    public Thread newThread(Runnable task) {
      return new Worker(FeedThreads.this, task, prefix + count.incrementAndGet());
    }
  }

  private static final class Worker extends Thread {

    private final FeedThreads owner;

    Worker(FeedThreads owner, Runnable task, String name) {
      super(task, name);
      this.owner = owner;
      setDaemon(true);
    }

    boolean isOf(FeedThreads threads) {
      return owner == threads;
    }
  }
}
