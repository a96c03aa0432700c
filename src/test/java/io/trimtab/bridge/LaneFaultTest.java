package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.state.StateUnavailableException;
import io.trimtab.variable.Variable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens when the direct lane to a sidecar on this machine misbehaves. */
@RequiresPython
@Timeout(600)
class LaneFaultTest {

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createTempDirectory("lane"); // a socket's path must be short
  }

  @AfterEach
  void deleteDirectory() throws IOException {
    CacheDirectory.deleteAll(directory);
  }

  private Path socket(String name) {
    return directory.resolve(name);
  }

  private ChaosProxy grpc() throws IOException {
    return new ChaosProxy(socket("p"), socket("s"));
  }

  private ChaosProxy lane() throws IOException {
    return new ChaosProxy(socket("p" + DirectLane.SUFFIX), socket("s" + DirectLane.SUFFIX));
  }

  private Sidecar connect() {
    return Sidecar.connect(Handshake.UNIX + socket("p")).token(OperatedSidecar.TOKEN).open();
  }

  private List<String> cutting(String fault) throws Exception {
    Random random = new Random(42);
    Map<String, String> environment = fault.isEmpty() ? Map.of() : Map.of("TRIMTAB_FAULT", fault);
    try (OperatedSidecar operated = OperatedSidecar.start(socket("s"), environment);
        ChaosProxy grpc = grpc();
        ChaosProxy lane = lane();
        Sidecar sidecar = connect();
        BridgedState state = SidecarFaultTest.open(sidecar, DEADLINE)) {
      assertThat(lane.connections()).isPositive();
      Hammer hammer = new Hammer(SidecarFaultTest.storeOf(state), DEADLINE, 4, 2, 2).start();

      for (int round = 0; round < (LONG ? 200 : 15); round++) {
        hammer.awaitWrites(1 + random.nextInt(200), PATIENCE);
        if (round % 3 == 0) {
          lane.swallowAnswers(true); // applied, and nobody is told
          hammer.awaitRefusals(1, Duration.ofMillis(20 + random.nextInt(50)));
        }
        lane.cut();
        lane.swallowAnswers(false);
      }
      hammer.awaitWrites(50, PATIENCE);

      List<String> faults = hammer.stop();
      System.out.println("lane cut: " + hammer.summary());
      return faults;
    }
  }

  @Test
  void cuts_whileWriting_loseNothingAndApplyNothingTwice() throws Exception {
    assertThat(cutting("")).isEmpty();
  }

  @Test
  void noIdempotencyTable_isFoundOnTheLane() throws Exception {
    assertThat(cutting("forget_requests")).anyMatch(fault -> fault.contains("asked for"));
  }

  @Test
  void laneGone_grpcCarriesOn() throws Exception {
    try (OperatedSidecar operated = OperatedSidecar.start(socket("s"), Map.of());
        ChaosProxy grpc = grpc();
        ChaosProxy lane = lane();
        Sidecar sidecar = connect();
        BridgedState state = SidecarFaultTest.open(sidecar, DEADLINE)) {
      state.register(Variable.integer("counter", 0, 0, 1_000));
      assertThat(lane.connections()).isPositive();

      lane.close();
      Files.delete(socket("p" + DirectLane.SUFFIX));

      for (int i = 1; i <= 100; i++) {
        assertThat(state.set("counter", i).version()).isEqualTo(i + 1);
      }
      assertThat(grpc.connections()).isPositive();
      assertThat(lane.connections()).isZero();
    }
  }

  @Test
  void laneThatTakesButNeverAnswers_isGivenUpForGrpc() throws Exception {
    try (OperatedSidecar operated = OperatedSidecar.start(socket("s"), Map.of());
        ChaosProxy grpc = grpc();
        ChaosProxy lane = lane();
        Sidecar sidecar = connect()) {
      lane.swallowAll(true);

      try (BridgedState state = SidecarFaultTest.open(sidecar, DEADLINE)) {
        state.register(Variable.integer("counter", 0, 0, 1_000));
        assertThat(state.set("counter", 7).value()).isEqualTo(7L);
      }
    }
  }

  @Test
  void wrongToken_isRefusedWhenOpening() throws Exception {
    try (OperatedSidecar operated = OperatedSidecar.start(socket("s"), Map.of());
        Sidecar sidecar =
            Sidecar.connect(Handshake.UNIX + socket("s")).token("f".repeat(64)).open()) {
      assertThatThrownBy(() -> SidecarFaultTest.open(sidecar, DEADLINE))
          .isInstanceOf(StateUnavailableException.class)
          .hasMessageContaining("does not accept the token");
    }
  }

  /**
   * Far more is sent to a stopped process than its socket takes: nobody may be stuck in a write.
   */
  @Test
  void stoppedSidecar_largeWrites_endWithinTheirDeadline() throws Exception {
    String large = "x".repeat(300_000);
    try (Sidecar sidecar = TestSidecars.launch().start();
        BridgedState state = SidecarFaultTest.open(sidecar, Duration.ofMillis(200))) {
      state.register(Variable.string("note", ""));
      SidecarFaultTest.signal(sidecar, "STOP");
      try {
        for (int i = 0; i < 20; i++) {
          String value = i % 2 == 0 ? large : "small";
          assertThatThrownBy(() -> state.set("note", value))
              .isInstanceOf(StateUnavailableException.class);
        }
      } finally {
        SidecarFaultTest.signal(sidecar, "CONT");
      }

      assertThat(setPatiently(state, "end")).isEqualTo("end");
      assertThat(state.get("note").value()).isEqualTo("end");
      assertThat(sidecar.restarts()).isZero();
    }
  }

  private static Object setPatiently(BridgedState state, String value) {
    while (true) { // bounded by the test's timeout
      try {
        return state.set("note", value).value();
      } catch (StateUnavailableException e) {
        assertThat(e.applied()).isFalse();
      }
    }
  }
}
