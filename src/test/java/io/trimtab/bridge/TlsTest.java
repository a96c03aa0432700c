package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.state.StateUnavailableException;
import io.trimtab.variable.Variable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may speak to a sidecar over TLS, from Java and from Python, and what the others are told. */
@RequiresPython
@Timeout(300)
class TlsTest {

  private static final Duration OPEN = Duration.ofSeconds(20);

  @TempDir static Path directory;

  private static TestCertificates certificates;
  private static OperatedSidecar encrypted;
  private static OperatedSidecar mutual;
  private static OperatedSidecar elsewhere;
  private static PythonPeer python;

  @BeforeAll
  static void start() throws Exception {
    certificates = TestCertificates.in(directory);
    encrypted = start("server");
    mutual = start("server", "--tls-client-ca", certificates.certificate("authority").toString());
    elsewhere = start("elsewhere");
    python = PythonPeer.start();
    python.run(
        "def read(path):", "    with open(path, 'rb') as file:", "        return file.read()");
  }

  private static OperatedSidecar start(String name, String... more) throws Exception {
    String[] options = new String[4 + more.length];
    options[0] = "--tls-cert";
    options[1] = certificates.certificate(name).toString();
    options[2] = "--tls-key";
    options[3] = certificates.key(name).toString();
    System.arraycopy(more, 0, options, 4, more.length);
    return OperatedSidecar.start(0, Map.of("GRPC_VERBOSITY", "NONE"), options);
  }

  @AfterAll
  static void end() {
    python.close();
    encrypted.close();
    mutual.close();
    elsewhere.close();
  }

  private static SidecarConnection to(OperatedSidecar operated, String authority) {
    return Sidecar.connect("127.0.0.1:" + operated.port())
        .token(OperatedSidecar.TOKEN)
        .tls(certificates.certificate(authority));
  }

  private static SidecarConnection as(String name, SidecarConnection connection) {
    return connection.clientCertificate(certificates.certificate(name), certificates.key(name));
  }

  private static BridgedState open(Sidecar sidecar, Duration timeout) {
    return BridgedState.builder("tls-" + UUID.randomUUID(), sidecar).openTimeout(timeout).open();
  }

  private static void assertWorks(SidecarConnection connection) {
    try (Sidecar sidecar = connection.open();
        BridgedState state = open(sidecar, OPEN)) {
      state.register(Variable.string("note", "\uD83D\uDD12"));
      assertThat(state.get("note").value()).isEqualTo("\uD83D\uDD12");
      assertThat(state.set("note", "sealed").version()).isEqualTo(2);
    }
  }

  /** Within the deadline, with a message that says what is wrong with whom. */
  private static void assertRefused(SidecarConnection connection, String why) {
    Duration timeout = Duration.ofSeconds(4);
    try (Sidecar sidecar = connection.open()) {
      long startedAt = System.nanoTime();
      assertThatThrownBy(() -> open(sidecar, timeout))
          .isInstanceOf(StateUnavailableException.class)
          .hasMessageContaining(sidecar.toString())
          .message()
          .containsPattern(why);
      assertThat(Duration.ofNanos(System.nanoTime() - startedAt))
          .isLessThan(timeout.plusSeconds(1));
    }
  }

  @Test
  void trustedAuthority_isSpokenTo() {
    assertWorks(to(encrypted, "authority"));
  }

  @Test
  void otherAuthority_isRefused() {
    assertRefused(to(encrypted, "stranger"), "(?i)certifi");
  }

  @Test
  void otherHostName_isRefused_unlessExpected() {
    assertRefused(to(elsewhere, "authority"), "127\\.0\\.0\\.1");
    assertWorks(to(elsewhere, "authority").certificateName("sidecar.example"));
  }

  @Test
  void plaintext_isRefused() {
    assertRefused(
        Sidecar.connect("127.0.0.1:" + encrypted.port()).token(OperatedSidecar.TOKEN),
        "cannot be reached");
  }

  @Test
  void mutual_withCertificateOfTheAuthority_isSpokenTo() {
    assertWorks(as("client", to(mutual, "authority")));
  }

  @Test
  void mutual_withoutCertificateOrWithAnother_isRefused() {
    assertRefused(to(mutual, "authority"), "cannot be reached");
    assertRefused(as("intruder", to(mutual, "authority")), "cannot be reached");
  }

  @Test
  void token_isAskedForAllTheSame() {
    String wrong = "f".repeat(64);
    assertRefused(to(encrypted, "authority").token(wrong), "does not accept the token");
    assertRefused(as("client", to(mutual, "authority")).token(wrong), "does not accept the token");
  }

  @Test
  void unreadableCertificates_areAnErrorAtOnce() {
    assertThatThrownBy(() -> Sidecar.connect("127.0.0.1:1").tls(directory.resolve("no-such.pem")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no-such.pem");
  }

  // Python

  private static String connect(OperatedSidecar operated, String host, String arguments) {
    return "SessionContext.connect('tcp:%s:%d', token='%s', session='python', timeout=20, %s)"
        .formatted(host, operated.port(), OperatedSidecar.TOKEN, arguments);
  }

  private static String trusting(String authority) {
    return "root_certificates=read(%s)".formatted(quoted(certificates.certificate(authority)));
  }

  private static String as(String name) {
    return ", certificate_chain=read(%s), private_key=read(%s)"
        .formatted(quoted(certificates.certificate(name)), quoted(certificates.key(name)));
  }

  private static String quoted(Path path) {
    return "r'" + path + "'";
  }

  private static void assertPythonWorks(String connect) {
    python.run(
        "with " + connect + " as context:",
        "    if 'note' not in context:",
        "        context.register(Variable('note', StringDomain(), ''))",
        "    context.note = 'sealed'",
        "    assert context.note == 'sealed'");
  }

  private static void assertPythonRefused(String connect, String type, String why) {
    assertThatThrownBy(() -> python.run(connect))
        .isInstanceOfSatisfying(PythonPeer.Raised.class, e -> assertThat(e.type()).isEqualTo(type))
        .message()
        .containsPattern(why);
  }

  @Test
  void python_speaksToWhomItTrusts() {
    assertPythonWorks(connect(encrypted, "127.0.0.1", trusting("authority")));
    assertPythonWorks(connect(encrypted, "localhost", trusting("authority")));
    assertPythonWorks(connect(mutual, "127.0.0.1", trusting("authority") + as("client")));
  }

  @Test
  void python_refusesAndIsRefused_withAReason() {
    assertPythonRefused(
        connect(encrypted, "127.0.0.1", trusting("stranger")),
        "StateUnavailableError",
        "(?i)certificate");
    assertPythonRefused(
        connect(elsewhere, "127.0.0.1", trusting("authority")),
        "StateUnavailableError",
        "(?i)handshake|peer name|verif");
    assertPythonRefused(
        connect(mutual, "127.0.0.1", trusting("authority")), "StateUnavailableError", ".");
    assertPythonRefused(
        connect(mutual, "127.0.0.1", trusting("authority") + as("intruder")),
        "StateUnavailableError",
        ".");
    assertPythonRefused(
        connect(encrypted, "127.0.0.1", trusting("authority"))
            .replace(OperatedSidecar.TOKEN, "f".repeat(64)),
        "UnsupportedError",
        "token");
  }
}
