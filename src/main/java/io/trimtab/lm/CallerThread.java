package io.trimtab.lm;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs the steps of a blocking call on the thread that waits for it, so that a blocking call never
 * moves to a thread of ours. Made for one call on the present thread.
 */
final class CallerThread implements Executor {

  private final Thread caller = Thread.currentThread();
  private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();

  @Override
  public void execute(Runnable step) {
    steps.add(step);
    LockSupport.unpark(caller);
  }

  /** Runs steps until the answer is there; an interrupt cancels it and keeps the flag. */
  <T> T await(CompletableFuture<T> answer, ModelKey key) {
    if (!answer.isDone()) {
      LmFutures.whenDone(answer, (value, failure) -> LockSupport.unpark(caller));
      while (!answer.isDone() && !Thread.currentThread().isInterrupted()) {
        Runnable step = steps.poll();
        if (step == null) {
          park(answer);
        } else {
          step.run();
        }
      }
    }
    return LmFutures.await(answer, key); // done, or interrupted
  }

  /**
   * Waits for something to happen, as {@link CompletableFuture#get} would: where the caller is a
   * thread of the common pool, the pool adds another one meanwhile, for it may be there that the
   * model answers.
   */
  private void park(CompletableFuture<?> answer) {
    try {
      ForkJoinPool.managedBlock(
          new ForkJoinPool.ManagedBlocker() {
            @Override
            public boolean isReleasable() {
              return !steps.isEmpty() || answer.isDone() || caller.isInterrupted();
            }

            @Override
            public boolean block() {
              LockSupport.park(this);
              return isReleasable();
            }
          });
    } catch (InterruptedException e) {
      throw new AssertionError("block() does not throw it", e);
    } catch (RejectedExecutionException e) { // the pool has as many threads as it may
      LockSupport.park(this);
    }
  }
}
