package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.trimtab.bridge.wire.ConfigurationServiceGrpc;
import io.trimtab.bridge.wire.HostServiceGrpc;
import io.trimtab.bridge.wire.ProgramServiceGrpc;
import io.trimtab.bridge.wire.StateServiceGrpc;
import io.trimtab.variable.Variable;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a sidecar's process begins and ends, and who may speak to it. */
@RequiresPython
@Timeout(120)
class SidecarLifecycleTest {

  private static final Pattern SECRET = Pattern.compile("[0-9a-f]{64}");

  /** Linux's parent-death signal would kill it here. */
  @Test
  void startingThreadEnds_sidecarLives() throws Exception {
    Sidecar[] launched = {null};
    Thread thread = new Thread(() -> launched[0] = TestSidecars.launch().start());
    thread.start();
    thread.join();

    try (Sidecar sidecar = launched[0];
        BridgedState state = BridgedState.builder("thread", sidecar).open()) {
      state.register(Variable.bool("alive", true));
      assertThat(state.get("alive").value()).isEqualTo(true);
      assertThat(sidecar.restarts()).isZero();
    }
  }

  @Test
  void close_leavesNoProcessAndNoSocket() throws Exception {
    Sidecar sidecar = TestSidecars.launch().start();
    ProcessHandle process = sidecar.process();
    Path socket = socketOf(sidecar);

    sidecar.close();
    sidecar.close();

    assertThat(process.isAlive()).isFalse();
    assertThat(socket.getParent()).doesNotExist();
  }

  @Test
  void loopback_worksWhereSocketsDoNot() {
    try (Sidecar sidecar = TestSidecars.launch().loopback().start();
        BridgedState state = BridgedState.builder("tcp", sidecar).open()) {
      state.register(Variable.integer("counter", 0, 0, 9));
      assertThat(state.set("counter", 1).version()).isEqualTo(2);
    }
  }

  @Test
  void dataDirectory_keepsTheStateAcrossSidecars() throws Exception {
    Path data = Files.createTempDirectory("trimtab-data");
    try (Sidecar sidecar = TestSidecars.launch().dataDirectory(data).start();
        BridgedState state = BridgedState.builder("kept", sidecar).open()) {
      assertThat(state.capabilities()).contains(io.trimtab.state.Capability.PERSISTENCE);
      state.register(Variable.integer("counter", 0, 0, 9));
      state.set("counter", 5);
    }

    try (Sidecar sidecar = TestSidecars.launch().dataDirectory(data).start();
        BridgedState state = BridgedState.builder("kept", sidecar).open()) {
      assertThat(state.get("counter").value()).isEqualTo(5L);
    }
    CacheDirectory.deleteAll(data);
  }

  @Test
  void cannotStart_saysWhy() {
    assertThatThrownBy(
            () ->
                TestSidecars.launch()
                    .environment("TRIMTAB_FAULT", "nonsense")
                    .pythonPath(OperatedSidecar.faults())
                    .programModules("no_such_module")
                    .start())
        .isInstanceOf(SidecarException.class)
        .hasMessageContaining("exited");
    assertThatThrownBy(() -> TestSidecars.launch().python(Path.of("/nowhere/python")).start())
        .isInstanceOf(SidecarException.class)
        .hasMessageContaining("/nowhere/python")
        .hasMessageContaining("3.10");
  }

  // Exposure

  @Test
  void token_isNeitherInTheCommandNorInTheEnvironment() throws Exception {
    ProcessHandle process = TestSidecars.shared().process();
    Path proc = Path.of("/proc", Long.toString(process.pid()));
    assumeTrue(Files.isReadable(proc.resolve("environ")));

    assertThat(Files.readString(proc.resolve("cmdline"))).doesNotContainPattern(SECRET);
    assertThat(Files.readString(proc.resolve("environ"))).doesNotContainPattern(SECRET);
    assertThat(TestSidecars.shared().toString()).doesNotContainPattern(SECRET);
  }

  @Test
  void socket_isOutOfReachForOtherUsers() throws Exception {
    Path socket = socketOf(TestSidecars.shared());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())))
        .isEqualTo("rwx------");
    assumeTrue(
        Files.isExecutable(Path.of("/usr/sbin/runuser"))
            && System.getProperty("user.name").equals("root"));

    Process probe =
        new ProcessBuilder(
                "/usr/sbin/runuser",
                "-u",
                "nobody",
                "--",
                "python3",
                "-c",
                "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])",
                socket.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(probe.waitFor()).isNotZero();
    assertThat(output).contains("PermissionError");
  }

  /**
   * Every method there is, health included, over a port that every user of the machine can reach.
   */
  @Test
  void everyMethod_withoutToken_isRefused() throws Exception {
    try (OperatedSidecar operated = OperatedSidecar.start(0, Map.of())) {
      ManagedChannel channel =
          Grpc.newChannelBuilder(
                  "127.0.0.1:" + operated.port(), InsecureChannelCredentials.create())
              .build();
      try {
        for (ServiceDescriptor service :
            List.of(
                StateServiceGrpc.getServiceDescriptor(),
                ConfigurationServiceGrpc.getServiceDescriptor(),
                ProgramServiceGrpc.getServiceDescriptor(),
                HostServiceGrpc.getServiceDescriptor())) {
          for (MethodDescriptor<?, ?> method : service.getMethods()) {
            assertRefused(channel, method.getFullMethodName());
          }
        }
        assertRefused(channel, "grpc.health.v1.Health/Check");
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private static void assertRefused(ManagedChannel channel, String method) {
    MethodDescriptor<byte[], byte[]> call =
        MethodDescriptor.newBuilder(new Bytes(), new Bytes())
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(method)
            .build();
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS);
    assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(channel, call, options, new byte[0]))
        .as(method)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (java.io.IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void connect_remoteWithoutTls_isRefused() {
    assertThatThrownBy(() -> Sidecar.connect("192.0.2.1:50051").token("t".repeat(64)).open())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("in the clear");
    assertThatThrownBy(() -> Sidecar.connect("127.0.0.1:50051").open())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token");
  }

  private static Path socketOf(Sidecar sidecar) {
    return socketOf(sidecar.toString());
  }

  /** Returns the socket that a sidecar's description names. */
  static Path socketOf(String text) {
    assumeTrue(text.contains("unix:"), "Unix sockets work here");
    return Path.of(text.substring(text.indexOf("unix:") + 5, text.length() - 1));
  }
}
