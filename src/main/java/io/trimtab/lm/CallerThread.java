package io.trimtab.lm;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
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
          LockSupport.park(this);
        } else {
          step.run();
        }
      }
    }
    return LmFutures.await(answer, key); // done, or interrupted
  }
}
