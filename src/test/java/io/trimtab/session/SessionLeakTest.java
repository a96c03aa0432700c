package io.trimtab.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.space.ConfigurationSpace;
import io.trimtab.state.LocalStateFactory;
import io.trimtab.state.WatchRequest;
import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Sessions that are opened, used, moved and closed leave nothing behind; row 13 of the reliability
 * table.
 */
@Timeout(120)
class SessionLeakTest {

  private static final int CYCLES =
      "long".equals(System.getProperty("trimtab.profile")) ? 1_000 : 100;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final ConfigurationSpace SPACE =
      ConfigurationSpace.named("agent")
          .floating("temperature", 0.7, 0.0, 2.0)
          .integer("shots", 2, 0, 8)
          .build();

  private static void useOnce() throws InterruptedException {
    try (Session session = Session.open()) {
      RegisteredConfiguration agent = session.register(SPACE);
      CountDownLatch told = new CountDownLatch(1);
      session.watch(
          WatchRequest.matching("*").debounce(Duration.ofMillis(1)).build(),
          changes -> told.countDown());
      SessionLease lease = session.lease("leak", List.of("shots"), Duration.ofMinutes(1));
      session.set("shots", 3, lease.context());
      session.switchTo(new LocalStateFactory());
      agent.apply(Map.of("temperature", 0.1));
      told.await();
    }
  }

  /**
   * Other tests of this JVM have threads of programs and models, which are not a session's
   * business.
   */
  private static boolean isOfASession(Thread thread) {
    return thread.getName().startsWith("trimtab-watch")
        || thread.getName().startsWith("trimtab-leases");
  }

  private static List<String> trimtabThreads() {
    List<String> names = new ArrayList<>();
    Thread.getAllStackTraces()
        .keySet()
        .forEach(
            thread -> {
              if (isOfASession(thread) && thread.isAlive()) {
                names.add(thread.getName());
              }
            });
    return names;
  }

  private static int openFiles() {
    String[] files = new File("/proc/self/fd").list();
    return files == null ? 0 : files.length;
  }

  /**
   * Idle daemon threads end by themselves within a second; whatever is left after the patience is a
   * leak.
   */
  private static List<String> threadsLeft() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    List<String> left = trimtabThreads();
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      for (Thread thread : Thread.getAllStackTraces().keySet()) {
        if (isOfASession(thread)) {
          thread.join(100);
        }
      }
      left = trimtabThreads();
    }
    return left;
  }

  @Test
  void sessions_openedUsedMovedAndClosed_leaveNoThreadAndNoFile() throws InterruptedException {
    useOnce();
    threadsLeft();
    int filesBefore = openFiles();

    for (int i = 0; i < CYCLES; i++) {
      useOnce();
    }

    assertThat(threadsLeft()).isEmpty();
    assertThat(openFiles()).isLessThanOrEqualTo(filesBefore + 2);
  }

  /** Planted: a session that is never closed is seen by the same check. */
  @Test
  void aSessionThatIsNotClosed_isCaught() throws InterruptedException {
    Session forgotten = Session.open();
    forgotten.register(SPACE);
    SessionLease lease = forgotten.lease("leak", List.of("shots"), Duration.ofMinutes(1));

    assertThat(trimtabThreads()).contains("trimtab-leases");

    lease.close();
    forgotten.close();
    assertThat(threadsLeft()).isEmpty();
  }
}
