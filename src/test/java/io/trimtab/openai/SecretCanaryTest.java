package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.lm.LmException;
import io.trimtab.lm.LmOptions;
import io.trimtab.lm.LmRequest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.slf4j.spi.LocationAwareLogger;

/**
 * Keys that are told to a model reach its server and nothing else: no message, cause, log, toString
 * or thread name, in whatever way the call fails and whatever the server echoes.
 */
final class SecretCanaryTest {

  private static final String KEY = "sk-CANARY-5f2a9c31e7b84d06";
  private static final String HEADER = "header CANARY 77aa0193bc";
  private static final String QUERY = "CANARY/query+1f0e9d8c7b";
  private static final String PROMPT = "prompt CANARY aa31";

  private final StringBuilder seen = new StringBuilder();

  private void look(Object thing) {
    seen.append(thing).append('\n');
  }

  private void look(Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    look((Object) trace);
    for (Throwable e = failure; e != null; e = e.getCause()) {
      look((Object) e.getMessage());
    }
    if (failure instanceof LmException lm) {
      look(lm.origin());
      look(lm.key());
    }
  }

  private static OpenAiModelBuilder at(String url) {
    return OpenAiModel.builder()
        .baseUrl(url)
        .apiKey(KEY)
        .header("X-Token", HEADER)
        .queryParameter("code", QUERY)
        .model("m")
        .maxResponseBytes(HostileServerCheck.MAX_BYTES)
        .deadlines(HostileServerCheck.DEADLINES);
  }

  private void ask(OpenAiModel model) {
    look(model);
    LmOptions options = LmOptions.builder().temperature(1.0).extra("user", PROMPT).build();
    for (Form form : Form.values()) {
      try {
        look(form.ask(model, LmRequest.of(PROMPT).withOptions(options)));
      } catch (Throwable e) {
        look(e);
      }
    }
    Thread.getAllStackTraces().keySet().forEach(thread -> look(thread.getName()));
  }

  /** A server that echoes everything it was told, in every place a message could come from. */
  private static byte[] echo(String status, RawServer.Request request, String form) {
    String everything =
        (request.line() + " " + request.headers()).replace("\"", "'").replace("\\", "/");
    return RawServer.response(
        status,
        "x-request-id: " + request.headers().get("authorization") + "\r\n",
        form.formatted(everything + " " + KEY + " " + HEADER + " " + QUERY));
  }

  @Test
  void keysAndPrompts_neverShow() throws Exception {
    List<LogRecord> logs = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public synchronized void publish(LogRecord record) {
            logs.add(record);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger http = Logger.getLogger("jdk.httpclient");
    http.setLevel(Level.ALL);
    http.addHandler(handler);
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    int level = setLogLevel(LocationAwareLogger.TRACE_INT);
    try {
      failEveryWay();
    } finally {
      setLogLevel(level);
      System.setErr(err);
      http.removeHandler(handler);
    }
    logs.forEach(record -> look(record.getMessage()));
    look(printed.toString(StandardCharsets.UTF_8));

    // Something was seen at all.
    assertThat(seen.toString())
        .contains("the server refuses the key", "openai-compatible/m", ": status 401 after");
    assertThat(seen.toString())
        .doesNotContain(KEY)
        .doesNotContain(HEADER)
        .doesNotContain(QUERY)
        .doesNotContain("CANARY%2Fquery")
        .doesNotContain(PROMPT);
  }

  /** The logger of the tests reads its level once, long before this test. */
  private static int setLogLevel(int level) throws ReflectiveOperationException {
    Field field = ChatClient.LOG.getClass().getDeclaredField("currentLogLevel");
    field.setAccessible(true);
    int before = field.getInt(ChatClient.LOG);
    field.setInt(ChatClient.LOG, level);
    return before;
  }

  private void failEveryWay() throws Exception {
    for (HostileCase hostile : HostileCase.all("http://127.0.0.2:1/" + KEY)) {
      if (hostile.hangs()) {
        continue; // nothing is said in these
      }
      RawServer.Script script =
          peer -> {
            if (peer.readRequest() != null) {
              hostile.script().serve(peer, new AtomicLong());
            }
          };
      try (RawServer server = new RawServer(script);
          OpenAiModel model = at(server.url()).build()) {
        ask(model);
      }
    }
    echoes();
    wrongSettings();
    unreachable();
  }

  private void echoes() throws Exception {
    String[] forms = {
      "{\"error\":{\"message\":\"Incorrect API key: %s\"}}",
      "{\"error\":{\"message\":\"unsupported temperature %s\",\"code\":\"unsupported_value\"}}",
      "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"%s\"}]}",
      "plain %s",
      "<html><title>%s</title></html>",
      "{\"choices\":[{\"message\":{\"content\":null},\"finish_reason\":\"%s\"}]}",
      "{\"choices\": %s",
      "data: {\"error\":\"%s\"}\n\n",
    };
    for (String status : List.of("200 OK", "400 X", "401 X", "429 X", "500 X", "302 X")) {
      for (String form : forms) {
        RawServer.Script script =
            peer -> {
              for (var request = peer.readRequest();
                  request != null;
                  request = peer.readRequest()) {
                peer.write(echo(status, request, form));
              }
            };
        try (RawServer server = new RawServer(script);
            OpenAiModel model = at(server.url()).build()) {
          ask(model);
        }
      }
    }
  }

  private void wrongSettings() {
    List<Runnable> wrong =
        List.of(
            () -> OpenAiModel.builder().apiKey(KEY + "\n" + KEY),
            () -> OpenAiModel.builder().apiKey(KEY + "\u00e9"),
            () -> OpenAiModel.builder().header("X", HEADER + "\r\nInjected: 1"),
            () -> at("http://u:" + KEY + "@h/v1").build(),
            () -> at("ftp://h/" + KEY).build(),
            () -> at("http://h /?key=" + KEY).build(),
            () ->
                OpenAiModel.fromEnvironment(
                    Map.of("OPENAI_API_KEY", KEY + " " + KEY, "OPENAI_MODEL", "m")),
            () ->
                OpenAiModel.fromEnvironment(
                    Map.of("OPENAI_API_KEY", KEY, "OPENAI_BASE_URL", "x:" + KEY)));
    for (Runnable each : wrong) {
      try {
        each.run();
        throw new AssertionError("expected to be refused");
      } catch (RuntimeException e) {
        look(e);
      }
    }
    look(Secret.of(KEY));
    look(OpenAiModel.builder().apiKey(KEY).header("X-Token", HEADER));
  }

  private void unreachable() throws Exception {
    try (OpenAiModel model = at("http://nobody.invalid/v1?key=" + KEY).build()) {
      ask(model);
    }
    try (RawServer server =
            new RawServer(InetAddress.getLoopbackAddress(), peer -> peer.write("?"));
        OpenAiModel model = at("https://127.0.0.1:" + server.port()).build()) {
      ask(model);
    }
  }
}
