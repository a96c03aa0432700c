package io.trimtab.state;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The daemon threads of one feed; none exist until there is something to deliver. */
final class FeedThreads implements AutoCloseable {
  /*
   * A few threads serve every listener, for waking one up for each of a thousand listeners costs more than the listeners
   * do. So that a few that block cannot starve all others, a timer looks after tasks that wait: when none has ended
   * between two looks, one more thread is added. The threads added end when nothing waits any more; all of them when there
   * was nothing to do for a second.
   */

  private static final int FEW =
      Math.max(2, Math.min(4, Runtime.getRuntime().availableProcessors()));
  private static final Duration PATIENCE = Duration.ofMillis(5);
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final Executor runner;
  private final @Nullable ThreadPoolExecutor workers;
  private final boolean ownsScheduler;
  private final AtomicBoolean overseen = new AtomicBoolean();
  private @Nullable ScheduledExecutorService scheduler; // guarded by this
  private @Nullable ScheduledExecutorService overseer; // guarded by this
  private boolean closed; // guarded by this

  FeedThreads(@Nullable ScheduledExecutorService scheduler) {
    this.scheduler = scheduler;
    this.ownsScheduler = scheduler == null;
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            FEW,
            Integer.MAX_VALUE,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            new Daemons("trimtab-watch-"));
    pool.allowCoreThreadTimeOut(true);
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
      return; // closed: there is nobody left to deliver to
    }
    if (workers != null && !workers.getQueue().isEmpty()) {
      oversee(workers);
    }
  }

  private void oversee(ThreadPoolExecutor workers) {
    if (overseen.compareAndSet(false, true)) {
      lookLater(workers, workers.getCompletedTaskCount());
    }
  }

  private void lookLater(ThreadPoolExecutor workers, long ended) {
    ScheduledExecutorService timer = overseer();
    if (timer == null) {
      return;
    }
    try {
      Future<?> unused =
          timer.schedule(() -> look(workers, ended), PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // closed meanwhile
    }
  }

  private void look(ThreadPoolExecutor workers, long endedBefore) {
    if (workers.getQueue().isEmpty()) {
      workers.setCorePoolSize(FEW);
      overseen.set(false);
      if (!workers.getQueue().isEmpty()) {
        oversee(workers); // it came in between
      }
      return;
    }
    long ended = workers.getCompletedTaskCount();
    if (ended == endedBefore) {
      workers.setCorePoolSize(workers.getCorePoolSize() + 1);
    }
    lookLater(workers, ended);
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
      scheduler = timer();
    }
    return closed ? null : scheduler;
  }

  /** Never one that a caller brought, which may run by a clock of its own. */
  private synchronized @Nullable ScheduledExecutorService overseer() {
    if (overseer == null && !closed) {
      overseer = ownsScheduler ? scheduler() : timer();
    }
    return closed ? null : overseer;
  }

  private ScheduledExecutorService timer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(1, new Daemons("trimtab-watch-timer-"));
    timer.setRemoveOnCancelPolicy(true);
    timer.setKeepAliveTime(IDLE.toMillis(), TimeUnit.MILLISECONDS);
    timer.allowCoreThreadTimeOut(true);
    return timer;
  }

  /** Ends the threads, waits a moment for listeners still running, then interrupts them. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (ownsScheduler && scheduler != null) {
        scheduler.shutdownNow();
      }
      if (overseer != null) {
        overseer.shutdownNow();
      }
    }
    if (workers != null) {
      close(workers);
    }
  }

  private void close(ThreadPoolExecutor workers) {
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
