package io.trimtab.study;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads of any kind that do the same work side by side, and can be interrupted together. */
final class Workers {
  /*
   * An Executor gives no handle on what it runs, so each worker notes its own thread while it works. Interrupting happens under
   * the same lock as noting, so that a pool's thread is never interrupted after it has gone on to somebody else's task.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final int count;
  private final CountDownLatch ended;
  private final Set<Thread> threads = new HashSet<>(); // guarded by itself
  private boolean interrupted; // guarded by threads

  Workers(int count) {
    this.count = count;
    this.ended = new CountDownLatch(count);
  }

  void start(Executor executor, Runnable work) {
    int started = 0;
    try {
      while (started < count) {
        executor.execute(() -> run(work));
        started++;
      }
    } catch (RuntimeException e) { // the executor takes no more
      for (int i = started; i < count; i++) {
        ended.countDown();
      }
      interrupt();
      throw e;
    }
  }

  private void run(Runnable work) {
    Thread thread = Thread.currentThread();
    try {
      synchronized (threads) {
        if (interrupted) {
          return;
        }
        threads.add(thread);
      }
      work.run();
    } finally {
      synchronized (threads) {
        threads.remove(thread);
      }
      ended.countDown();
    }
  }

  void await() throws InterruptedException {
    ended.await();
  }

  /**
   * Interrupts the workers and gives them a moment to end, so that none is left running; one that
   * ignores the interrupt is given up.
   */
  void interrupt() {
    synchronized (threads) {
      interrupted = true;
      threads.forEach(Thread::interrupt);
    }
    try {
      if (!ended.await(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{} trials ignore that they were interrupted and are given up", ended.getCount());
      }
    } catch (InterruptedException again) {
      return; // a second interrupt asks not to wait at all; the caller restores the flag
    }
  }
}
