package io.trimtab.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.trimtab.json.Json;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import io.trimtab.lm.EmbeddedLanguageModel;
import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {

  @TempDir Path folder;

  private String printed(Map<String, String> environment, int trials) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    try (Contenders contenders = Contenders.from(environment)) {
      Printout printout = new Printout(out, /* terminal= */ false);
      new Quickstart(contenders, trials, folder.resolve("report.html"), printout).run();
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static double percentAfter(String label, String printed) {
    Matcher number = Pattern.compile(label + "\\s+([0-9.]+) %").matcher(printed);
    assertThat(number.find()).as("%s in:%n%s", label, printed).isTrue();
    return Double.parseDouble(number.group(1));
  }

  @Test
  void run_withoutAKey_saysSoAndImprovesOnTheTestTickets() throws Exception {
    String printed = printed(Map.of(), /* trials= */ 40);

    assertThat(printed)
        .contains(
            "embedded stand-ins", "Set OPENAI_API_KEY", "40 of 40 trials done", "(the default)");
    assertThat(printed).contains(quotedInReadme());
    assertThat(percentAfter("best configuration", printed))
        .isGreaterThan(percentAfter("default configuration", printed) + 10);
    assertThat(printed.lines().filter(line -> line.contains("temperature"))).hasSizeGreaterThan(6);
    assertThat(folder.resolve("report.html")).content().contains("<html");
  }

  private static String quotedInReadme() throws IOException {
    String readme = Files.readString(Path.of("README.md")).replace("\r\n", "\n");
    int start = readme.indexOf("The best 5 of 40 trials");
    return readme.substring(start, readme.indexOf("```", start));
  }

  @Test
  void run_twice_printsTheSame() throws Exception {
    assertThat(printed(Map.of(), 6)).isEqualTo(printed(Map.of(), 6));
  }

  @Test
  void run_withABaseUrl_asksThatServerForTheNamedModels() throws Exception {
    try (ChatServer server = new ChatServer()) {
      Map<String, String> environment =
          Map.of(
              "OPENAI_BASE_URL",
              server.baseUrl(),
              "OPENAI_MODEL",
              EmbeddedLanguageModel.LARGE + ", " + EmbeddedLanguageModel.SMALL);

      String printed = printed(environment, /* trials= */ 3);

      assertThat(printed).contains("at " + server.baseUrl()).doesNotContain("stand-ins");
      assertThat(printed).doesNotContain("trials failed");
      assertThat(server.requests.get()).isBetween(5 * 40, 5 * 40 + 20);
    }
  }

  @Test
  void run_withAKey_sendsItWithWhatIsTunedAndPrintsItNowhere() throws Exception {
    String key = "sk-quickstart-0123456789";
    try (ChatServer server = new ChatServer()) {
      Map<String, String> environment =
          Map.of(
              "OPENAI_API_KEY",
              key,
              "OPENAI_BASE_URL",
              server.baseUrl(),
              "OPENAI_MODEL",
              EmbeddedLanguageModel.LARGE + ", " + EmbeddedLanguageModel.SMALL);

      String printed = printed(environment, /* trials= */ 6);

      assertThat(server.authorizations).containsOnly("Bearer " + key);
      assertThat(server.models)
          .contains(EmbeddedLanguageModel.LARGE, EmbeddedLanguageModel.SMALL)
          .hasSize(2);
      assertThat(server.temperatures).contains(0.7).hasSizeGreaterThan(3);
      assertThat(printed).doesNotContain(key);
      assertThat(folder.resolve("report.html")).content().doesNotContain(key);
    }
  }

  /** A server that speaks the chat protocol and lets the embedded model answer. */
  private static final class ChatServer implements AutoCloseable {

    private final AtomicInteger requests = new AtomicInteger();
    private final Set<String> authorizations = ConcurrentHashMap.newKeySet();
    private final Set<String> models = ConcurrentHashMap.newKeySet();
    private final Set<Double> temperatures = ConcurrentHashMap.newKeySet();
    private final LanguageModel model = EmbeddedLanguageModel.create();
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final HttpServer http;

    ChatServer() throws IOException {
      http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      http.setExecutor(threads);
      http.createContext("/v1/chat/completions", this::answer);
      http.start();
    }

    String baseUrl() {
      return "http://127.0.0.1:" + http.getAddress().getPort() + "/v1";
    }

    private void answer(HttpExchange exchange) throws IOException {
      try (exchange) {
        requests.incrementAndGet();
        String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        JsonObject tree = Json.parseObject(sent, JsonLimits.DEFAULT);
        note(exchange, tree);
        LmResponse response = model.generate(request(tree));
        Map<String, Object> message = Map.of("role", "assistant", "content", response.text());
        byte[] body =
            Json.write(
                    Map.of(
                        "id", "1",
                        "model", response.model(),
                        "choices",
                            List.of(
                                Map.of("index", 0, "finish_reason", "stop", "message", message))))
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      }
    }

    private void note(HttpExchange exchange, JsonObject tree) {
      authorizations.add(
          Objects.requireNonNullElse(
              exchange.getRequestHeaders().getFirst("Authorization"), "none"));
      models.add(tree.string("model"));
      temperatures.add(tree.number("temperature"));
    }

    private static LmRequest request(JsonObject tree) {
      LmRequest.Builder request = LmRequest.builder();
      for (JsonObject message : tree.objects("messages")) {
        String text = message.string("content");
        switch (message.string("role")) {
          case "system" -> request.system(text);
          case "assistant" -> request.assistant(text);
          default -> request.user(text);
        }
      }
      return request.build();
    }

    @Override
    public void close() {
      http.stop(0);
      threads.shutdownNow();
    }
  }
}
