package io.trimtab.bridge;

import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import io.trimtab.variable.Variable;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A JVM that opens and closes sidecars and says what is left of them; given {@code forget} it
 * forgets to close some.
 */
final class SidecarCycles {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final List<AutoCloseable> FORGOTTEN = new ArrayList<>();

  private SidecarCycles() {}

  public static void main(String[] args) throws Exception {
    int cycles = Integer.parseInt(args[0]);
    boolean forgets = args.length > 2;
    Path temporary = Path.of(args[1]);
    for (int i = 0; i < 3; i++) {
      cycle(temporary, false); // what is made once per JVM
    }
    System.out.println(
        "before "
            + left(new int[] {0, Integer.MAX_VALUE, 0, Integer.MAX_VALUE}, PATIENCE, temporary));
    int[] before = counts(temporary);
    for (int i = 0; i < cycles; i++) {
      cycle(temporary, forgets);
    }
    Duration patience = forgets ? Duration.ofSeconds(1) : PATIENCE;
    System.out.println("after " + left(before, patience, temporary));
    System.exit(0);
  }

  private static void cycle(Path temporary, boolean forget) throws Exception {
    Sidecar sidecar =
        TestSidecars.launch().environment("XDG_RUNTIME_DIR", temporary.toString()).start();
    BridgedState state = BridgedState.builder("cycle", sidecar).open();
    state.register(Variable.integer("counter", 0, 0, 100));
    Watch watch = state.watch(WatchRequest.matching("*").build(), set -> {});
    state.set("counter", 1);
    if (!watch.await(state.revision(), PATIENCE)) {
      throw new AssertionError("the watch was not told");
    }
    if (forget) {
      FORGOTTEN.add(sidecar);
      return;
    }
    state.close();
    sidecar.close();
  }

  /** Threads, open files and sockets, child processes, temporary files. */
  private static int[] counts(Path temporary) {
    return new int[] {
      (int) Thread.getAllStackTraces().keySet().stream().filter(SidecarCycles::isOurs).count(),
      list(new File("/proc/self/fd")),
      (int) ProcessHandle.current().descendants().count(),
      list(temporary.toFile()) + list(new File(System.getProperty("java.io.tmpdir")))
    };
  }

  /** The JVM's own compiler and collector threads come and go as they like. */
  private static boolean isOurs(Thread thread) {
    return thread.getName().startsWith("trimtab") || thread.getName().startsWith("grpc");
  }

  private static int list(File directory) {
    String[] entries = directory.list();
    return entries == null ? 0 : entries.length;
  }

  /** Idle threads end by themselves soon; what is more than before after the patience is a leak. */
  private static String left(int[] before, Duration patience, Path temporary)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    int[] now = counts(temporary);
    while (!fits(now, before) && System.nanoTime() < deadline) {
      System.gc();
      for (Thread thread : idlest()) {
        thread.join(200);
      }
      now = counts(temporary);
    }
    return "threads %d files %d children %d temporary %d".formatted(now[0], now[1], now[2], now[3]);
  }

  private static List<Thread> idlest() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(SidecarCycles::isOurs)
        .sorted(Comparator.comparing(Thread::getName))
        .limit(3)
        .toList();
  }

  private static boolean fits(int[] now, int[] before) {
    for (int i = 0; i < now.length; i++) {
      if (now[i] > before[i]) {
        return false;
      }
    }
    return true;
  }
}
