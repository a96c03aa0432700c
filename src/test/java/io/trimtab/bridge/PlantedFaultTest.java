package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.state.VariableState;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchRequest;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The harness itself is held to account: a sidecar that breaks one promise is found out by it. */
@RequiresPython
@Timeout(300)
class PlantedFaultTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private static List<String> cutting(String fault) throws Exception {
    Random random = new Random(7);
    try (OperatedSidecar operated =
            OperatedSidecar.start(0, fault.isEmpty() ? Map.of() : Map.of("TRIMTAB_FAULT", fault));
        ChaosProxy proxy = new ChaosProxy(operated.port());
        Sidecar sidecar = Sidecar.connect(proxy.address()).token(OperatedSidecar.TOKEN).open();
        BridgedState state = SidecarFaultTest.open(sidecar, DEADLINE)) {
      Hammer hammer = new Hammer(SidecarFaultTest.storeOf(state), DEADLINE, 4, 1, 1).start();
      for (int round = 0; round < 6; round++) {
        hammer.awaitWrites(1 + random.nextInt(100), PATIENCE);
        proxy.swallowAnswers(true);
        hammer.awaitRefusals(1, Duration.ofMillis(50));
        proxy.cut();
        proxy.swallowAnswers(false);
      }
      hammer.awaitWrites(20, PATIENCE);
      return hammer.stop();
    }
  }

  @Test
  void soundSidecar_hasNoFaults() throws Exception {
    assertThat(cutting("")).isEmpty();
  }

  /**
   * Two things keep a write from being applied twice: the events a client has seen, and the table.
   */
  @Test
  void noIdempotencyTable_isFound() throws Exception {
    assertThat(cutting("forget_events")).noneMatch(fault -> fault.contains("asked for"));
    assertThat(cutting("forget_requests")).anyMatch(fault -> fault.contains("asked for"));
  }

  @Test
  void acknowledgedBeforeApplied_isFound() throws Exception {
    assertThat(cutting("acknowledge_first")).anyMatch(fault -> fault.contains("is lost"));
  }

  @Test
  void watcherNotResumed_isFound() throws Exception {
    assertThat(watchingFromElsewhere("")).isEmpty();
    assertThat(watchingFromElsewhere("resume_nothing"))
        .anyMatch(fault -> fault.contains("told version"));
  }

  /** Writes over one connection and watches over another one that is cut. */
  private static List<String> watchingFromElsewhere(String fault) throws Exception {
    try (OperatedSidecar operated =
            OperatedSidecar.start(0, fault.isEmpty() ? Map.of() : Map.of("TRIMTAB_FAULT", fault));
        ChaosProxy proxy = new ChaosProxy(operated.port());
        Sidecar near =
            Sidecar.connect("127.0.0.1:" + operated.port()).token(OperatedSidecar.TOKEN).open();
        Sidecar far = Sidecar.connect(proxy.address()).token(OperatedSidecar.TOKEN).open();
        BridgedState writing = SidecarFaultTest.open(near, DEADLINE);
        BridgedState watching = BridgedState.builder(writing.sessionId(), far).open()) {
      Hammer.Store there = SidecarFaultTest.storeOf(watching);
      Hammer hammer =
          new Hammer(
                  new Hammer.Store() {
                    private final Hammer.Store here = SidecarFaultTest.storeOf(writing);

                    @Override
                    public VariableState register(Variable<?> variable) {
                      return here.register(variable);
                    }

                    @Override
                    public VariableState set(String name, Object value) {
                      return here.set(name, value);
                    }

                    @Override
                    public VariableState find(String name) {
                      return here.find(name);
                    }

                    @Override
                    public Watch watch(WatchRequest request, WatchListener listener) {
                      return there.watch(request, listener);
                    }
                  },
                  DEADLINE,
                  2,
                  1,
                  1)
              .start();
      for (int round = 0; round < 4; round++) {
        proxy.swallowAnswers(true);
        hammer.awaitWrites(50, PATIENCE);
        proxy.cut();
        proxy.swallowAnswers(false);
        hammer.awaitWrites(20, PATIENCE);
      }
      return hammer.stop();
    }
  }

  @Test
  void restoreForgotten_isFound() throws Exception {
    Map<String, String> fault = Map.of("TRIMTAB_FAULT", "forget_to_restore");
    OperatedSidecar first = OperatedSidecar.start(0, fault);
    try (Sidecar sidecar =
            Sidecar.connect("127.0.0.1:" + first.port()).token(OperatedSidecar.TOKEN).open();
        BridgedState state = SidecarFaultTest.open(sidecar, DEADLINE)) {
      Hammer hammer = new Hammer(SidecarFaultTest.storeOf(state), DEADLINE, 2, 1, 1).start();
      hammer.awaitWrites(20, PATIENCE);
      first.kill();
      try (OperatedSidecar second = OperatedSidecar.start(first.port(), fault)) {
        hammer.awaitWrites(20, PATIENCE);

        assertThat(second.port()).isEqualTo(first.port());
        assertThat(state.replica().revision()).isPositive();
        assertThat(hammerFaults(hammer)).isNotEmpty();
      }
    } finally {
      first.close();
    }
  }

  /** Ends the hammer, which may find the state unreachable. */
  private static List<String> hammerFaults(Hammer hammer) {
    try {
      return hammer.stop();
    } catch (Exception e) {
      return List.of(e.toString());
    }
  }
}
