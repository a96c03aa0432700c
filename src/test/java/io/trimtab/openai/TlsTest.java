package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.trimtab.lm.LmTransportException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over TLS the client does part of its work on threads of its own. */
final class TlsTest {

  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private Path directory;
  private final ExecutorService serverThreads = Executors.newCachedThreadPool();
  private SSLContext context;
  private HttpsServer server;

  @BeforeEach
  void start() throws Exception {
    context = selfSigned(directory.resolve("key.p12"));
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.setExecutor(serverThreads);
    byte[] body = RawServer.answer("over TLS").getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    serverThreads.shutdownNow();
  }

  private static SSLContext selfSigned(Path file) throws Exception {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "k",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                file.toString())
            .inheritIO()
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, PASSWORD);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private OpenAiModelBuilder model() {
    return OpenAiModel.builder()
        .baseUrl("https://127.0.0.1:" + server.getAddress().getPort())
        .apiKey("sk-test-0123456789")
        .model("m");
  }

  @Test
  void ask_trustedServer_answersInEveryForm() throws Throwable {
    HttpClient client = HttpClient.newBuilder().sslContext(context).build();
    try (OpenAiModel model = model().transport(JdkTransport.over(client)).build()) {
      for (Form form : Form.values()) {
        assertThat(form.ask(model, "x").text()).isEqualTo("over TLS");
      }
    }
  }

  @Test
  void ask_untrustedServer_isATransportFailureInEveryForm() {
    try (OpenAiModel model = model().build()) {
      for (Form form : Form.values()) {
        assertThatThrownBy(() -> form.ask(model, "x")).isInstanceOf(LmTransportException.class);
      }
    }
  }
}
