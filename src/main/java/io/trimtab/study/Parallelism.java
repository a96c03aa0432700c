package io.trimtab.study;

import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many trials run at once, and on which threads.
 *
 * <p>By default on virtual threads where the running JVM has them (21 and later), otherwise on
 * daemon threads. Immutable.
 */
public final class Parallelism {

  /** Most trials at once. */
  public static final int MOST = 1024;

  private final int trials;
  private final @Nullable Executor executor;
  private final boolean platform;
  private final boolean reproducible;

  private Parallelism(
      int trials, @Nullable Executor executor, boolean platform, boolean reproducible) {
    if (trials < 1 || trials > MOST) {
      throw new IllegalArgumentException(
          "parallelism must be in [1, %d], got %d".formatted(MOST, trials));
    }
    this.trials = trials;
    this.executor = executor;
    this.platform = platform;
    this.reproducible = reproducible;
  }

  /**
   * Returns a parallelism.
   *
   * @param trials most trials at the same time, in {@code [1, 1024]}; a single one runs in the
   *     caller's thread
   * @return a parallelism with the default threads
   */
  public static Parallelism of(int trials) {
    return new Parallelism(trials, null, /* platform= */ false, /* reproducible= */ false);
  }

  /**
   * Returns a parallelism whose trials run on platform threads, as suits objectives that compute or
   * that block while holding monitors.
   *
   * @return a new parallelism
   */
  public Parallelism onPlatformThreads() {
    return new Parallelism(trials, null, /* platform= */ true, reproducible);
  }

  /**
   * Returns a parallelism whose trials run on an executor.
   *
   * @param executor runs as many tasks as trials at once, each until the run ends; not shut down
   * @return a new parallelism
   */
  public Parallelism on(Executor executor) {
    return new Parallelism(trials, executor, platform, reproducible);
  }

  /**
   * Returns a parallelism in which the proposals do not depend on which trial is faster: trial
   * {@code n} is proposed from the outcomes of the trials up to {@code n - trials} and takes those
   * after it as running, whether they still are or not. A slow trial therefore holds up the others.
   *
   * @return a new parallelism
   */
  public Parallelism reproducible() {
    return new Parallelism(trials, executor, platform, /* reproducible= */ true);
  }

  /**
   * Returns how many trials run at once.
   *
   * @return in {@code [1, 1024]}
   */
  public int trials() {
    return trials;
  }

  boolean isReproducible() {
    return reproducible;
  }

  /** Where the workers of a run are started. */
  Executor threads(String study) {
    if (executor != null) {
      return executor;
    }
    ThreadFactory factory = platform ? daemons(study) : virtualOr(daemons(study));
    return task -> factory.newThread(task).start();
  }

  private static ThreadFactory daemons(String study) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "trimtab-study-" + study + "-" + count.getAndIncrement());
      thread.setDaemon(true);
      return thread;
    };
  }

  private static ThreadFactory virtualOr(ThreadFactory fallback) {
    try {
      Method ofVirtual = Thread.class.getMethod("ofVirtual");
      Object builder = ofVirtual.invoke(null);
      Method factory = Class.forName("java.lang.Thread$Builder").getMethod("factory");
      return (ThreadFactory) factory.invoke(builder);
    } catch (ReflectiveOperationException e) {
      return fallback; // a JVM before 21
    }
  }

  @Override
  public String toString() {
    return trials + " at once" + (reproducible ? ", reproducible" : "");
  }
}
