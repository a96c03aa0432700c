package io.trimtab.openai;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A server of bare sockets that says exactly the bytes a test wants it to say, right or wrong. */
final class RawServer implements AutoCloseable {

  /** What to do with each connection. */
  interface Script {
    void serve(Peer peer) throws Exception;
  }

  /** A request as it arrived. */
  record Request(String line, Map<String, String> headers, String body) {}

  private final ServerSocket socket;
  private final Script script;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();

  RawServer(Script script) {
    this(InetAddress.getLoopbackAddress(), script);
  }

  RawServer(InetAddress address, Script script) {
    try {
      this.socket = new ServerSocket(0, 200, address);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    this.script = script;
    daemon(this::accept);
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "raw-server");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket accepted = socket.accept();
        accepted.setTcpNoDelay(true);
        open.add(accepted);
        connections.incrementAndGet();
        daemon(() -> serve(accepted));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket accepted) {
    try (accepted) {
      script.serve(new Peer(accepted));
    } catch (Exception e) {
      // The client hung up, which is what many tests are about.
    } finally {
      open.remove(accepted);
    }
  }

  /** A script that gives every request on every connection the same answer. */
  static Script always(byte[] response) {
    return peer -> {
      while (peer.readRequest() != null) {
        peer.write(response);
      }
    };
  }

  static byte[] json(String body) {
    return response("200 OK", "Content-Type: application/json\r\n", body);
  }

  static byte[] response(String status, String headers, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ("HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + bytes.length + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(bytes);
    return out.toByteArray();
  }

  /** The head of an event stream that ends with the connection. */
  static final String SSE_HEAD =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

  static String answer(String content) {
    return """
        {"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,\
        "message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],\
        "usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"""
        .formatted(content);
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/v1";
  }

  int port() {
    return socket.getLocalPort();
  }

  List<Request> requests() {
    return requests;
  }

  int connections() {
    return connections.get();
  }

  /** Waits until no script is running, which for most means that every client has hung up. */
  boolean awaitQuiet(Duration limit) throws InterruptedException {
    long until = System.nanoTime() + limit.toNanos();
    while (!open.isEmpty()) {
      if (System.nanoTime() - until > 0) {
        return false;
      }
      Thread.onSpinWait();
      LockSupport.parkNanos(1_000_000);
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket each : open) {
      each.close();
    }
  }

  /** The server's end of one connection. */
  final class Peer implements Closeable {

    private final Socket connection;
    private final InputStream in;
    private final OutputStream out;

    Peer(Socket connection) throws IOException {
      this.connection = connection;
      this.in = connection.getInputStream();
      this.out = connection.getOutputStream();
    }

    /** Returns the next request, or null at the end of the connection. */
    Request readRequest() throws IOException {
      String head = readHead();
      if (head == null) {
        return null;
      }
      String[] lines = head.split("\r\n");
      Map<String, String> headers = new TreeMap<>();
      for (int i = 1; i < lines.length; i++) {
        int colon = lines[i].indexOf(':');
        headers.put(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).strip());
      }
      int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
      String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
      Request request = new Request(lines[0], headers, body);
      requests.add(request);
      return request;
    }

    private String readHead() throws IOException {
      StringBuilder head = new StringBuilder();
      while (true) {
        int b = in.read();
        if (b < 0) {
          return null;
        }
        head.append((char) b);
        if (head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
          return head.substring(0, head.length() - 4);
        }
      }
    }

    void write(String text) throws IOException {
      write(text.getBytes(StandardCharsets.UTF_8));
    }

    void write(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
    }

    void event(String data) throws IOException {
      write("data: " + data + "\n\n");
    }

    void delta(String content) throws IOException {
      event("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + content + "\"}}]}");
    }

    void finish(String reason) throws IOException {
      event("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]}");
    }

    /** Waits until the client has closed its end. */
    void awaitHangUp() throws IOException {
      connection.setSoTimeout(20_000);
      awaitEnd();
    }

    private void awaitEnd() throws IOException {
      try {
        while (in.read() >= 0) {
          // whatever it still says
        }
      } catch (SocketException e) {
        // reset is closed, too
      }
    }

    /** Does nothing until the client hangs up, or long after it should have. */
    void hang() throws IOException {
      connection.setSoTimeout(8_000);
      awaitEnd();
    }

    /** Ends the connection with a reset. */
    void reset() throws IOException {
      connection.setSoLinger(true, 0);
      connection.close();
    }

    @Override
    public void close() throws IOException {
      connection.close();
    }
  }

  static void await(CountDownLatch latch) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("waited 20 s in vain");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
