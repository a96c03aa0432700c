package io.trimtab.program;

import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** One daemon thread per task: virtual where the running JVM has them (21 and later). */
final class DaemonThreads {

  /** Made when the first asynchronous run asks; idle platform threads end after a minute. */
  private static final class Shared {
    static final ExecutorService EXECUTOR = create();
  }

  private DaemonThreads() {}

  static Executor shared() {
    return Shared.EXECUTOR;
  }

  private static ExecutorService create() {
    try {
      Method virtual = Executors.class.getMethod("newVirtualThreadPerTaskExecutor");
      return (ExecutorService) virtual.invoke(null);
    } catch (ReflectiveOperationException e) {
      return platform(); // a JVM before 21
    }
  }

  private static ExecutorService platform() {
    AtomicLong count = new AtomicLong();
    return Executors.newCachedThreadPool(
        task -> {
          Thread thread = new Thread(task, "trimtab-run-" + count.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }
}
