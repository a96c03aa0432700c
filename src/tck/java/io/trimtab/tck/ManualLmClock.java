package io.trimtab.tck;

import io.trimtab.lm.LmClock;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * A clock that moves when the test moves it. Tasks that become due run on the thread that calls
 * {@link #advance}, in order of their time.
 */
public final class ManualLmClock implements LmClock {

  private record Task(long due, long order, Runnable body) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::due).thenComparingLong(Task::order));
  private long now;
  private long order;

  /** Creates a clock at zero. */
  public ManualLmClock() {}

  @Override
  public synchronized long nanos() {
    return now;
  }

  @Override
  public synchronized Timer schedule(Duration delay, Runnable task) {
    Task waiting = new Task(now + Math.max(0, delay.toNanos()), order++, task);
    tasks.add(waiting);
    return () -> drop(waiting);
  }

  private synchronized void drop(Task task) {
    tasks.remove(task);
  }

  /**
   * Moves time on and runs what becomes due, including what those tasks schedule.
   *
   * @param time how far, not negative
   */
  public void advance(Duration time) {
    long target = nanos() + time.toNanos();
    for (Task task = next(target); task != null; task = next(target)) {
      task.body().run();
    }
  }

  private synchronized Task next(long target) {
    Task task = tasks.peek();
    if (task == null || task.due() > target) {
      now = target;
      return null;
    }
    tasks.poll();
    now = Math.max(now, task.due());
    return task;
  }

  /**
   * Returns how many tasks wait for their time.
   *
   * @return the number of tasks neither run nor cancelled
   */
  public synchronized int pending() {
    return tasks.size();
  }
}
