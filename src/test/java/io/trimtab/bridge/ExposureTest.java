package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trimtab.variable.Variable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What others on the machine can do to a sidecar on a loopback port: row 16 of the reliability
 * table, the probes of its section 2.1. Those of another user run where this one is root.
 */
@RequiresPython
@Timeout(900)
class ExposureTest {

  private static final int FRAMES =
      "long".equals(System.getProperty("trimtab.profile")) ? 100_000 : 2_000;
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

  private static OperatedSidecar operated;

  @BeforeAll
  static void start() throws Exception {
    operated = OperatedSidecar.start(0, Map.of());
  }

  @AfterAll
  static void end() {
    operated.close();
  }

  private static void assertServes() {
    try (Sidecar sidecar =
            Sidecar.connect("127.0.0.1:" + operated.port()).token(OperatedSidecar.TOKEN).open();
        BridgedState state = BridgedState.builder("exposed-" + UUID.randomUUID(), sidecar).open()) {
      state.register(Variable.integer("counter", 0, 0, 9));
      assertThat(state.set("counter", 1).version()).isEqualTo(2);
    }
  }

  private static Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), operated.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** A browser speaks HTTP/1.1, whatever name it was made to believe the address has. */
  @Test
  void browser_getsNoHttpAnswer() throws Exception {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write(
              """
              POST /trimtab.bridge.v1.StateService/Execute HTTP/1.1\r
              Host: attacker.example\r
              Content-Type: application/grpc-web\r
              Content-Length: 0\r
              \r
              """
                  .getBytes(StandardCharsets.US_ASCII));

      byte[] answer = readAll(socket.getInputStream());

      assertThat(new String(answer, StandardCharsets.ISO_8859_1)).doesNotContain("HTTP/1");
    }
    assertServes();
  }

  private static byte[] readAll(InputStream in) {
    try {
      return in.readAllBytes();
    } catch (IOException e) {
      return new byte[0]; // reset, which is no answer either
    }
  }

  /** Random frames of every type, valid and broken, some resets and farewells among them. */
  @Test
  void randomFrames_breakNothing_andFillNoMemory() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int sent = 0;
    while (sent < FRAMES) {
      try (Socket socket = connect()) {
        OutputStream out = socket.getOutputStream();
        out.write(PREFACE);
        out.write(SETTINGS);
        for (int i = 0; i < 100; i++) {
          out.write(frame(random));
          sent++;
        }
      } catch (IOException e) {
        sent++; // it hangs up, as it should
      }
    }

    assertServes();
    System.out.printf(
        "%d random frames, seed %d: resident %d MB%n", sent, seed, residentKilobytes() >> 10);
    assertThat(residentKilobytes()).as("seed %d", seed).isLessThan(200L << 10);
  }

  private static long residentKilobytes() throws IOException {
    Path status = Path.of("/proc", Long.toString(operated.pid()), "status");
    assumeTrue(Files.isReadable(status), "there is no /proc");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  private static byte[] frame(Random random) {
    byte[] frame = new byte[9 + random.nextInt(64)];
    random.nextBytes(frame);
    int claimed = random.nextInt(4) == 0 ? random.nextInt(1 << 24) : frame.length - 9;
    frame[0] = (byte) (claimed >> 16);
    frame[1] = (byte) (claimed >> 8);
    frame[2] = (byte) claimed;
    frame[3] = (byte) random.nextInt(11); // DATA to a type there is not
    frame[5] = 0;
    frame[6] = 0;
    return frame;
  }

  // As another user of the machine

  private static String asNobody(String... command) throws Exception {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/sbin/runuser"))
            && System.getProperty("user.name").equals("root"),
        "only root can become another user");
    List<String> all = new ArrayList<>(List.of("/usr/sbin/runuser", "-u", "nobody", "--"));
    all.addAll(List.of(command));
    Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }

  @Test
  void otherUser_seesNoToken() throws Exception {
    String pid = Long.toString(operated.pid());

    assertThat(asNobody("ps", "-ww", "-o", "args=", "-p", pid))
        .contains("trimtab")
        .doesNotContain(OperatedSidecar.TOKEN);
    assertThat(asNobody("cat", "/proc/" + pid + "/environ")).contains("Permission denied");
    assertThat(asNobody("cat", "/proc/" + pid + "/mem")).contains("Permission denied");
  }

  /** The port is open to every user, so the token is all that stands there. */
  @Test
  void otherUser_withoutToken_getsNoValue() throws Exception {
    String probe =
        """
        import socket, sys
        s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
        path = b"/trimtab.bridge.v1.StateService/Execute"
        fields = [(b":method", b"POST"), (b":scheme", b"http"), (b":path", path), (b":authority", b"x"),
                  (b"te", b"trailers"), (b"content-type", b"application/grpc")]
        block = b"".join(b"\\x00" + bytes([len(n)]) + n + bytes([len(v)]) + v for n, v in fields)
        def frame(kind, flags, stream, body):
            return len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body
        s.sendall(b"PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n" + frame(4, 0, 0, b"") + frame(1, 4, 1, block)
                  + frame(0, 1, 1, b"\\x00" * 5))
        s.settimeout(10)
        seen = b""
        while b"grpc-status" not in seen:
            seen += s.recv(65536) or sys.exit("closed")
        print("status", seen[seen.index(b"grpc-status") + 11:][:4])
        """;
    assertThat(asNobody("python3", "-c", probe, Integer.toString(operated.port())))
        .contains("16"); // UNAUTHENTICATED
  }
}
