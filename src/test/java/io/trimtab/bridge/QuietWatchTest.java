package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.state.ChangeSet;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A watch to which nothing is told for as many heartbeats as an hour has. {@code test_quiet.py}
 * does the same with the pings of gRPC's keepalive, and plants the server that hangs up on them.
 */
@RequiresPython
@Timeout(600)
class QuietWatchTest {

  private static final int BEATS_OF_AN_HOUR = 7_200;
  private static final int BEATS =
      "long".equals(System.getProperty("trimtab.profile")) ? BEATS_OF_AN_HOUR : 720;
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  @Test
  void quietHour_thenAChange_isToldOnce_onTheSameConnection() throws Exception {
    try (OperatedSidecar operated = OperatedSidecar.start(0, Map.of(), "--heartbeat-ms", "5");
        ChaosProxy proxy = new ChaosProxy(operated.port());
        Sidecar sidecar = Sidecar.connect(proxy.address()).token(OperatedSidecar.TOKEN).open();
        BridgedState state =
            BridgedState.builder("quiet-" + UUID.randomUUID(), sidecar).deadline(DEADLINE).open()) {
      state.register(Variable.integer("counter", 0, 0, 100));
      List<ChangeSet> told = new CopyOnWriteArrayList<>();
      Watch watch = state.watch(WatchRequest.of("counter").build(), told::add);

      awaitHeartbeats(state);
      assertThat(told).isEmpty();
      state.set("counter", 1);

      assertThat(watch.await(state.revision(), DEADLINE)).isTrue();
      assertThat(told)
          .singleElement()
          .satisfies(set -> assertThat(set.changes().get(0).newValue()).isEqualTo(1L));
      assertThat(proxy.connections()).isEqualTo(1);
    }
  }

  /** Each heartbeat makes the replica younger; bounded by the test's timeout. */
  private static void awaitHeartbeats(BridgedState state) {
    BridgedState.Replica replica = state.replica();
    Duration age = replica.age();
    for (int beats = 0; beats < BEATS; ) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      Duration now = replica.age();
      if (now.compareTo(age) < 0) {
        beats++;
      }
      age = now;
    }
  }
}
