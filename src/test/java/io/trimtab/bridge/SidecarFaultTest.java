package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.state.StateProvider;
import io.trimtab.state.VariableState;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchRequest;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What happens to acknowledged writes, watchers and deadlines when the sidecar dies, stops or is
 * busy; the long profile kills it 500 times.
 */
@RequiresPython
@Timeout(3600)
class SidecarFaultTest {

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));
  private static final int KILLS = LONG ? 500 : 12;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  static Hammer.Store storeOf(StateProvider state) {
    return new Hammer.Store() {
      @Override
      public VariableState register(Variable<?> variable) {
        return state.register(variable);
      }

      @Override
      public VariableState set(String name, Object value) {
        return state.set(name, value);
      }

      @Override
      public VariableState find(String name) {
        return state.find(name);
      }

      @Override
      public Watch watch(WatchRequest request, WatchListener listener) {
        return state.watch(request, listener);
      }
    };
  }

  static BridgedState open(Sidecar sidecar, Duration deadline) {
    return BridgedState.builder("faults-" + UUID.randomUUID(), sidecar).deadline(deadline).open();
  }

  static void signal(Sidecar sidecar, String signal) throws Exception {
    ProcessHandle process = sidecar.process();
    if (process != null) {
      new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
    }
  }

  @Test
  void kill_atRandomPoints_losesNothingAcknowledged() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Duration deadline = Duration.ofSeconds(60);
    try (Sidecar sidecar = TestSidecars.launch().forgivenDeaths(Integer.MAX_VALUE).start();
        BridgedState state = open(sidecar, deadline)) {
      Hammer hammer = new Hammer(storeOf(state), deadline, 4, 2, 2).start();

      for (int round = 0; round < KILLS; round++) {
        hammer.awaitWrites(1 + random.nextInt(400), PATIENCE);
        signal(sidecar, "KILL");
      }
      hammer.awaitWrites(100, PATIENCE);

      List<String> faults = hammer.stop();
      System.out.printf("%d kills, seed %d: %s%n", KILLS, seed, hammer.summary());
      assertThat(faults).as("seed %d", seed).isEmpty();
      assertThat(sidecar.restarts()).isPositive();
    }
  }

  @Test
  void stopAndContinue_callsEndWithinTheirDeadline_andNothingIsLost() throws Exception {
    Duration deadline = Duration.ofMillis(700);
    try (Sidecar sidecar = TestSidecars.launch().start();
        BridgedState state = open(sidecar, deadline)) {
      Hammer hammer = new Hammer(storeOf(state), deadline, 4, 2, 2).start();

      for (int round = 0; round < (LONG ? 50 : 3); round++) {
        hammer.awaitWrites(50, PATIENCE);
        signal(sidecar, "STOP");
        hammer.awaitRefusals(round % 2 == 0 ? 4 : 16, PATIENCE);
        signal(sidecar, "CONT");
      }
      hammer.awaitWrites(50, PATIENCE);

      List<String> faults = hammer.stop();
      System.out.printf("stopped and continued: %s%n", hammer.summary());
      assertThat(faults).isEmpty();
      assertThat(sidecar.restarts()).isZero();
    }
  }
}
