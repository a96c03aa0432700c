package io.trimtab.openai;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Carries requests with the JDK's {@link HttpClient}: no dependency, and cancellation and
 * interrupts that work.
 *
 * <p>HTTP/1.1 on {@code http://} addresses, because the JDK's offer to upgrade makes some servers
 * drop the body; on {@code https://} the two sides agree by ALPN. One client, hence one pool of
 * connections, per transport. A request that dies before any byte of the response has come, as on a
 * connection the server has closed meanwhile, is sent once more at once.
 */
public final class JdkTransport implements Transport {
  /*
   * HttpRequest.timeout is no deadline we could use: before JDK 26 it ends when the headers are
   * there, from then on it cuts long streams. Our deadlines are kept above, by the watchdog. The
   * one exception is run() before JDK 21, see there.
   *
   * Callbacks of the JDK's client run on its executor, which costs a thread hop per call. Nothing
   * we do there ever blocks, so where the client itself does nothing slow either (no name lookup,
   * no TLS) they run right on its selector thread.
   *
   * The JDK's client leaves a connection open for good, with all that was read of it, when it
   * cannot make sense of the response's headers; not even the client's end closes it before
   * JDK 21. What closes it is the exchange's cancellation, which the response's future refuses
   * once it has failed; a future derived from it, which is never done, passes it on all the same.
   * send() has no future, so it is used only with a server that has never answered so.
   */

  private static final int FEATURE = Runtime.version().feature();

  private final JdkClient client;
  private final @Nullable ExecutorService pool;
  private final boolean inline;

  private volatile boolean speaksHttp; // seen once
  private volatile boolean babbles; // seen once

  private JdkTransport(JdkClient client, @Nullable ExecutorService pool, boolean inline) {
    this.client = client;
    this.pool = pool;
    this.inline = inline;
  }

  /** Creates a transport with a client of its own for requests to one server. */
  static JdkTransport to(URI server, Duration connect) {
    boolean inline = server.getScheme().equals("http") && isLiteral(server.getHost());
    ExecutorService pool = inline ? null : Threads.pool("trimtab-openai-http");
    Executor executor = pool == null ? Runnable::run : pool;
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(connect)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(executor)
            .build();
    return new JdkTransport(JdkClient.owned(client), pool, inline);
  }

  /**
   * Creates a transport over a client of yours, for a proxy, a TLS context or an authenticator of
   * its own.
   *
   * @param client a client that does not follow redirects; closing the transport does not close it
   * @return the transport
   * @throws IllegalArgumentException if the client follows redirects
   */
  public static JdkTransport over(HttpClient client) {
    if (client.followRedirects() != HttpClient.Redirect.NEVER) {
      throw new IllegalArgumentException(
          "the client must not follow redirects, for it would take the key along; got "
              + client.followRedirects());
    }
    return new JdkTransport(JdkClient.borrowed(client), null, /* inline= */ false);
  }

  @Override
  public void start(HttpCall call, Receiver receiver) {
    JdkExchange exchange = new JdkExchange(receiver);
    receiver.started(exchange);
    send(call, exchange);
  }

  private void send(HttpCall call, JdkExchange exchange) {
    CompletableFuture<?> response;
    try {
      response = client.open().sendAsync(request(call).build(), exchange.handler());
    } catch (IOException | RuntimeException e) {
      exchange.fail(e);
      return;
    }
    exchange.sent(response);
    var unused =
        response.whenComplete(
            (done, failure) -> {
              if (failure == null) {
                speaksHttp = true;
              } else {
                failed(call, exchange, unwrapped(failure), response);
              }
            });
  }

  private void failed(
      HttpCall call, JdkExchange exchange, Throwable failure, CompletableFuture<?> response) {
    if (exchange.mayResend(failure)) {
      send(call, exchange);
      return;
    }
    babbles |= exchange.leavesConnectionOpen(failure);
    exchange.hangUp(response);
    exchange.fail(failure);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Before JDK 21, {@code sendAsync} ends with a hop to the common pool (a new thread on small
   * machines), which doubles the cost of a call; {@code send} does not. Its wait for the headers
   * can be ended by nothing but an interrupt and {@code HttpRequest.timeout}, which there does just
   * that and no more.
   */
  @Override
  public void run(HttpCall call, Receiver receiver) throws InterruptedException {
    if (FEATURE >= 21 || !inline || !speaksHttp || babbles) {
      start(call, receiver);
      return;
    }
    JdkExchange exchange = new JdkExchange(receiver);
    receiver.started(exchange);
    try {
      if (exchange.sendsOn(Thread.currentThread())) {
        send(exchange, call);
      }
    } catch (InterruptedException e) {
      if (!exchange.sendReturned()) {
        exchange.cancel();
        throw e;
      }
    } finally {
      exchange.sendReturned();
    }
  }

  private void send(JdkExchange exchange, HttpCall call) throws InterruptedException {
    HttpRequest request =
        request(call).timeout(Duration.ofNanos(Math.max(1, call.headerNanos()))).build();
    do {
      try {
        client.open().send(request, exchange.handler());
        return;
      } catch (IOException | RuntimeException e) {
        if (!exchange.mayResend(e)) {
          babbles |= exchange.leavesConnectionOpen(e);
          exchange.fail(e);
          return;
        }
      }
    } while (true);
  }

  private static HttpRequest.Builder request(HttpCall call) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(call.uri())
            .POST(HttpRequest.BodyPublishers.ofByteArray(call.body(), 0, call.length()));
    if (call.uri().getScheme().equals("http")) {
      request.version(HttpClient.Version.HTTP_1_1);
    }
    for (Map.Entry<String, String> header : call.headers().entrySet()) {
      request.setHeader(header.getKey(), header.getValue());
    }
    return request;
  }

  private static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }

  /** Tells whether a host is an address that needs no lookup. */
  private static boolean isLiteral(String host) {
    return host.equals("localhost")
        || host.startsWith("[")
        || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
  }

  @Override
  public void close() {
    client.close();
    if (pool != null) {
      pool.shutdown();
    }
  }

  @Override
  public String toString() {
    return "JdkTransport";
  }
}
