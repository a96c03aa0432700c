package io.trimtab.examples.resilience;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server in this process that speaks just enough of the chat protocol, and can be broken and
 * repaired.
 */
final class FlappingServer implements AutoCloseable {

  private static final String ANSWER =
      """
      {"id": "1", "object": "chat.completion", "model": "toy",
       "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "All is well."}}],
       "usage": {"prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9}}""";
  private static final String FAILURE = "{\"error\": {\"message\": \"the toy is broken\"}}";

  private final HttpServer http;
  private final AtomicInteger requests = new AtomicInteger();
  private volatile boolean broken;

  FlappingServer() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/v1/chat/completions", this::answer);
    http.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      requests.incrementAndGet();
      exchange.getRequestBody().readAllBytes();
      byte[] body = (broken ? FAILURE : ANSWER).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(broken ? 500 : 200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  String baseUrl() {
    return "http://127.0.0.1:" + http.getAddress().getPort() + "/v1";
  }

  int requests() {
    return requests.get();
  }

  void breakDown() {
    broken = true;
  }

  void repair() {
    broken = false;
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
