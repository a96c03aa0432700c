package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.session.Session;
import io.trimtab.state.ChangeSet;
import io.trimtab.state.StateUnavailableException;
import io.trimtab.state.VariableState;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import io.trimtab.variable.Variable;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What happens when the network between this JVM and a sidecar misbehaves, or the sidecar is
 * broken.
 */
@RequiresPython
@Timeout(600)
class ConnectionFaultTest {

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));

  /** How a line of gRPC's native core begins, such as one about a frame that was cut in two. */
  private static final Pattern GRPC_CORE = Pattern.compile("[IWE]\\d{4} [\\d:.]+ +\\d+ \\S+\\.cc:");

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private static Sidecar connect(String address) {
    return Sidecar.connect(address).token(OperatedSidecar.TOKEN).open();
  }

  @Test
  void cuts_whileWriting_loseNothingAndApplyNothingTwice() throws Exception {
    Random random = new Random(42);
    try (OperatedSidecar operated = OperatedSidecar.start(0, Map.of());
        ChaosProxy proxy = new ChaosProxy(operated.port());
        Sidecar sidecar = connect(proxy.address());
        BridgedState state = SidecarFaultTest.open(sidecar, DEADLINE)) {
      Hammer hammer = new Hammer(SidecarFaultTest.storeOf(state), DEADLINE, 4, 2, 2).start();

      for (int round = 0; round < (LONG ? 200 : 15); round++) {
        hammer.awaitWrites(1 + random.nextInt(200), PATIENCE);
        if (round % 3 == 0) {
          proxy.swallowAnswers(true); // applied, and nobody is told
          hammer.awaitRefusals(1, Duration.ofMillis(20 + random.nextInt(50)));
        }
        proxy.cut();
        proxy.swallowAnswers(false);
      }
      hammer.awaitWrites(50, PATIENCE);

      List<String> faults = hammer.stop();
      System.out.println("connections cut: " + hammer.summary());
      assertThat(faults).isEmpty();
    }
  }

  /**
   * An hour has 7,200 heartbeats of the usual period; here they come as fast as they can, and
   * nothing else does.
   */
  @Test
  void quietHour_thenOneChange_isToldOnce_overTheSameConnection() throws Exception {
    try (OperatedSidecar operated = OperatedSidecar.start(0, Map.of(), "--heartbeat-ms", "1");
        ChaosProxy proxy = new ChaosProxy(operated.port());
        Sidecar far = connect(proxy.address());
        Sidecar near = connect("127.0.0.1:" + operated.port());
        BridgedState watching = SidecarFaultTest.open(far, DEADLINE);
        BridgedState writing =
            BridgedState.builder(watching.sessionId(), near).deadline(DEADLINE).open()) {
      writing.register(Variable.integer("counter", 0, 0, 100));
      watching.get("counter"); // so it has been told
      List<ChangeSet> told = new CopyOnWriteArrayList<>();
      Watch watch = watching.watch(WatchRequest.of("counter").build(), told::add);

      proxy.awaitAnswers(LONG ? 7_200 : 500, Duration.ofMinutes(8));
      assertThat(told).isEmpty();
      long revision = writing.set("counter", 7).revision();

      assertThat(watch.await(revision, PATIENCE)).isTrue();
      proxy.awaitAnswers(10, PATIENCE); // what came twice would have come by now
      assertThat(told).hasSize(1);
      assertThat(told.get(0).changes().get(0).state().value()).isEqualTo(7L);
      assertThat(proxy.accepted()).isEqualTo(1);
    }
  }

  /** What was under way when a connection is cut ends there quietly. */
  @Test
  void cuts_leaveNoNoiseInTheLogOfTheSidecar() throws Exception {
    String path =
        Path.of("src", "python").toAbsolutePath()
            + File.pathSeparator
            + Path.of("src", "test", "python").toAbsolutePath();
    List<CompletableFuture<?>> runs = new ArrayList<>();
    try (OperatedSidecar operated =
            OperatedSidecar.start(
                0, Map.of("PYTHONPATH", path), "--program-module", "bridge_programs");
        ChaosProxy proxy = new ChaosProxy(operated.port());
        Sidecar sidecar = connect(proxy.address());
        Session session = Session.builder().bridge(new BridgedStateFactory(sidecar)).open();
        Bridge bridge = Bridge.between(session, sidecar).open()) {
      BridgedProgram echo = bridge.program("echo");
      Hammer hammer = new Hammer(BridgedSessionTest.storeOf(session), DEADLINE, 4, 2, 2).start();
      for (int round = 0; round < (LONG ? 200 : 25); round++) {
        hammer.awaitWrites(20, PATIENCE);
        runs.add(
            CompletableFuture.runAsync(() -> echo.run(Map.of("text", "?"), session))
                .handle((result, failure) -> null)); // which may be cut as well
        proxy.swallowAnswers(round % 3 == 0);
        hammer.awaitRefusals(1, Duration.ofMillis(5));
        proxy.cut();
        proxy.swallowAnswers(false);
      }
      hammer.awaitWrites(50, PATIENCE);
      assertThat(hammer.stop()).isEmpty();
      CompletableFuture.allOf(runs.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
      operated.terminate();

      assertThat(operated.log().lines().filter(line -> !GRPC_CORE.matcher(line).lookingAt()))
          .as("lines beside gRPC's own")
          .isEmpty();
    }
  }

  @Test
  void halfOpenConnection_isFoundByHeartbeats_andMended() throws Exception {
    try (OperatedSidecar operated = OperatedSidecar.start(0, Map.of());
        ChaosProxy proxy = new ChaosProxy(operated.port());
        Sidecar sidecar = connect(proxy.address());
        BridgedState state = SidecarFaultTest.open(sidecar, Duration.ofMillis(600))) {
      state.register(Variable.integer("counter", 0, 0, 100));

      proxy.swallowAll(true);
      assertThatThrownBy(() -> state.set("counter", 1))
          .isInstanceOf(StateUnavailableException.class)
          .hasMessageContaining("not known");
      assertThatThrownBy(() -> state.get("counter")).isInstanceOf(StateUnavailableException.class);
      assertThat(state.replica().getLong("counter")).isZero();
      proxy.swallowAll(false); // new connections work again, the old one stays dead

      VariableState mended = eventually(state);
      assertThat(mended.version()).isLessThanOrEqualTo(3);
    }
  }

  /** gRPC would wait for ever for the first answer of a connection that was accepted. */
  @Test
  void connectionAcceptedButNeverAnswered_isGivenUpForAnother() throws Exception {
    try (OperatedSidecar operated = OperatedSidecar.start(0, Map.of());
        ChaosProxy proxy = new ChaosProxy(operated.port());
        Sidecar sidecar = connect(proxy.address());
        BridgedState state = SidecarFaultTest.open(sidecar, Duration.ofSeconds(60))) {
      state.register(Variable.integer("counter", 0, 0, 100));

      proxy.acceptMutely(true);
      proxy.cut();
      proxy.awaitMuteConnection(PATIENCE);
      proxy.acceptMutely(false);

      assertThat(state.set("counter", 1).version()).isEqualTo(2);
    }
  }

  private static VariableState eventually(BridgedState state) {
    while (true) { // bounded by the test's timeout
      try {
        return state.set("counter", 2);
      } catch (StateUnavailableException e) {
        assertThat(e.applied()).isFalse();
      }
    }
  }

  @Test
  void slowNetwork_isOnlySlow() throws Exception {
    try (OperatedSidecar operated = OperatedSidecar.start(0, Map.of());
        ChaosProxy proxy = new ChaosProxy(operated.port());
        Sidecar sidecar = connect(proxy.address());
        BridgedState state = SidecarFaultTest.open(sidecar, DEADLINE)) {
      proxy.delay(Duration.ofMillis(15));
      Hammer hammer = new Hammer(SidecarFaultTest.storeOf(state), DEADLINE, 8, 2, 1).start();

      hammer.awaitWrites(200, PATIENCE);

      assertThat(hammer.stop()).isEmpty();
      System.out.println("slow network: " + hammer.summary());
    }
  }

  @Test
  void restartOnTheSameAddress_restoresFromTheReplica() throws Exception {
    OperatedSidecar first = OperatedSidecar.start(0, Map.of());
    try (Sidecar sidecar = connect("127.0.0.1:" + first.port());
        BridgedState state = SidecarFaultTest.open(sidecar, DEADLINE)) {
      Hammer hammer = new Hammer(SidecarFaultTest.storeOf(state), DEADLINE, 4, 2, 2).start();
      hammer.awaitWrites(100, PATIENCE);

      first.kill();
      try (OperatedSidecar second = OperatedSidecar.start(first.port(), Map.of())) {
        hammer.awaitWrites(100, PATIENCE);

        List<String> faults = hammer.stop();
        System.out.println("restarted by hand: " + hammer.summary());
        assertThat(faults).isEmpty();
        assertThat(second.port()).isEqualTo(first.port());
      }
    } finally {
      first.close();
    }
  }

  @Test
  void busyPythonThread_delaysButDoesNotBreak() throws Exception {
    try (OperatedSidecar operated = OperatedSidecar.start(0, Map.of("TRIMTAB_FAULT", "busy:600"));
        Sidecar sidecar = connect("127.0.0.1:" + operated.port());
        BridgedState state = SidecarFaultTest.open(sidecar, DEADLINE)) {
      Hammer hammer = new Hammer(SidecarFaultTest.storeOf(state), DEADLINE, 4, 2, 2).start();

      hammer.awaitWrites(500, PATIENCE);

      assertThat(hammer.stop()).isEmpty();
      System.out.println("busy Python: " + hammer.summary());
    }
  }

  @Test
  void wrongToken_isRefusedWhenOpening() throws Exception {
    try (OperatedSidecar operated = OperatedSidecar.start(0, Map.of());
        Sidecar sidecar =
            Sidecar.connect("127.0.0.1:" + operated.port()).token("f".repeat(64)).open()) {
      assertThatThrownBy(() -> SidecarFaultTest.open(sidecar, DEADLINE))
          .isInstanceOf(StateUnavailableException.class)
          .hasMessageContaining("does not accept the token");
    }
  }

  @Test
  void nobodyListens_failsWithinTheDeadline() {
    try (Sidecar sidecar = connect("127.0.0.1:1")) {
      long startedAt = System.nanoTime();

      assertThatThrownBy(
              () -> BridgedState.builder("s", sidecar).openTimeout(Duration.ofMillis(500)).open())
          .isInstanceOf(StateUnavailableException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - startedAt))
          .isLessThan(Duration.ofMillis(1500));
    }
  }
}
