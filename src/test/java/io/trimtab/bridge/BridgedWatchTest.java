package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.state.CheckedWatcher;
import io.trimtab.state.StateProvider;
import io.trimtab.state.WatchCheck;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Sixty-four watchers of a bridged state, of all habits, over a connection that is cut again and
 * again, while this JVM and another write; row 4 of the reliability table. Run with {@code -Dseed=}
 * to repeat.
 */
@RequiresPython
@Timeout(3600)
class BridgedWatchTest {

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));
  private static final int ROUNDS = LONG ? 750 : 1;
  private static final int VARIABLES = 8;
  private static final int WATCHERS = 64;
  private static final int RESUMES = 200;
  private static final int COMMITS = 300;
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final long seed = Long.getLong("seed", System.nanoTime());

  private WatchCheck.Ledger ledger = new WatchCheck.Ledger();

  @Test
  void watchersOfAllHabits_overABrokenConnection_areToldEverythingOnceInOrder() throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    long events = 0;
    try (OperatedSidecar operated = OperatedSidecar.start(0, Map.of());
        ChaosProxy proxy = new ChaosProxy(operated.port());
        Sidecar here = Sidecar.connect(proxy.address()).token(OperatedSidecar.TOKEN).open();
        Sidecar there =
            Sidecar.connect("127.0.0.1:" + operated.port()).token(OperatedSidecar.TOKEN).open()) {
      for (int round = 0; round < ROUNDS; round++) {
        events += round(here, there, proxy, random.split());
      }
    }
    System.out.printf(
        "bridged watches, seed %d: %d change sets told to %d watchers, %d resumes, %d cuts%n",
        seed, events, ROUNDS * WATCHERS, ROUNDS * RESUMES, ROUNDS * RESUMES / 20);
    assertThat(events).isPositive();
  }

  private static BridgedState open(String session, Sidecar sidecar) {
    return BridgedState.builder(session, sidecar).deadline(DEADLINE).openTimeout(DEADLINE).open();
  }

  private long round(Sidecar here, Sidecar there, ChaosProxy proxy, SplittableRandom random)
      throws Exception {
    ledger = new WatchCheck.Ledger();
    String session = "watched-" + UUID.randomUUID();
    ExecutorService writers = Executors.newFixedThreadPool(3);
    try (BridgedState watched = open(session, here);
        BridgedState other = open(session, there)) {
      for (int i = 0; i < VARIABLES; i++) {
        String name = (i % 2 == 0 ? "even_" : "odd_") + i;
        ledger.add(
            other.register(Variable.integer(name, 0, 0, Long.MAX_VALUE)).revision(),
            Map.of(name, 0L));
      }
      write(other, random.split(), 100);
      List<Future<?>> running = new ArrayList<>();
      for (StateProvider state : List.of(watched, other, other)) {
        SplittableRandom own = random.split();
        running.add(writers.submit(() -> write(state, own, COMMITS)));
      }
      List<CheckedWatcher> watchers = new ArrayList<>();
      for (int i = 0; i < WATCHERS; i++) {
        watchers.add(new CheckedWatcher(watched, random.split(), VARIABLES));
      }
      for (int i = 0; i < RESUMES; i++) {
        if (i % 20 == 0) {
          proxy.cut();
        }
        watchers.get(random.nextInt(WATCHERS)).stopAndResume();
        long now = other.revision(); // a round trip, so that there is something new
        assertThat(now).isPositive();
      }
      for (Future<?> writer : running) {
        writer.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
      }
      return check(watchers);
    } finally {
      writers.shutdownNow();
    }
  }

  private long check(List<CheckedWatcher> watchers) throws InterruptedException {
    long events = 0;
    for (CheckedWatcher watcher : watchers) {
      WatchCheck.Record record = watcher.finish();
      events += record.told().size();
      assertThat(WatchCheck.violations(ledger, record)).as("seed %d, %s", seed, watcher).isEmpty();
    }
    return events;
  }

  private void write(StateProvider state, SplittableRandom random, int commits) {
    for (int i = 0; i < commits; i++) {
      Map<String, Object> values = new LinkedHashMap<>();
      int size = 1 + random.nextInt(4);
      for (int j = 0; j < size; j++) {
        int variable = random.nextInt(VARIABLES);
        values.put((variable % 2 == 0 ? "even_" : "odd_") + variable, (long) random.nextInt(3));
      }
      ledger.add(state.setAll(values).revision(), values);
    }
  }
}
