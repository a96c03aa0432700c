package io.trimtab.tck;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads that start together and whose failures are the test's. */
final class Crew {

  private static final long DEADLINE_SECONDS = 90;

  /** What one of the threads does. */
  interface Task<T> {
    T run(int thread) throws Exception;
  }

  private Crew() {}

  /** Runs a task on so many threads at once and returns what they returned, by thread. */
  static <T> List<T> run(int threads, Task<T> task) {
    List<Callable<T>> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int thread = i;
      tasks.add(() -> task.run(thread));
    }
    return runAll(tasks);
  }

  /** Runs each task on its own thread and returns what they returned, in order. */
  static <T> List<T> runAll(List<? extends Callable<T>> tasks) {
    ExecutorService executor =
        Executors.newFixedThreadPool(
            tasks.size(),
            runnable -> {
              Thread thread = new Thread(runnable, "tck-crew");
              thread.setDaemon(true);
              return thread;
            });
    CyclicBarrier start = new CyclicBarrier(tasks.size());
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (Callable<T> task : tasks) {
        futures.add(
            executor.submit(
                () -> {
                  start.await(DEADLINE_SECONDS, TimeUnit.SECONDS);
                  return task.call();
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get(DEADLINE_SECONDS, TimeUnit.SECONDS));
      }
      return results;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AssertionError failure) {
        throw failure;
      }
      throw new AssertionError("an operation failed that must not: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("the threads did not finish within " + DEADLINE_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for the threads", e);
    } finally {
      executor.shutdownNow();
    }
  }

  /** Waits until a condition holds; false if it does not within the given time. */
  static boolean eventually(Duration patience, Callable<Boolean> condition) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      while (!condition.call()) {
        if (System.nanoTime() > end) {
          return false;
        }
        Thread.yield();
      }
      return true;
    } catch (Exception e) {
      throw new AssertionError("the condition could not be evaluated", e);
    }
  }
}
