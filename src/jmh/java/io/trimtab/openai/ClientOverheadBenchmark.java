package io.trimtab.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.sun.management.OperatingSystemMXBean;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a call through {@link OpenAiModel} costs over one that posts the same bytes with a bare
 * {@link HttpClient} and parses the answer with Jackson. A server in another JVM gives the same 0.9
 * kB answer over loopback at once.
 *
 * <p>Sample time gives the median; {@code cpuMicros} over {@code calls} is the whole process's CPU
 * time per call, all threads; {@code -prof gc} gives the bytes allocated per call.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xmx512m"})
public class ClientOverheadBenchmark {

  private static final String KEY = "sk-0123456789abcdef";
  private static final LmRequest REQUEST = LmRequest.of("y".repeat(400));
  private static final JsonFactory JSON = new JsonFactory();

  private Process server;
  private URI uri;
  private byte[] requestBody;
  private HttpClient bare;
  private OpenAiModel model;

  /**
   * CPU time of the whole process and the calls it was spent on, each summed over the iterations.
   */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Cpu {

    private static final OperatingSystemMXBean SYSTEM =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private long startedAt;
    private long done;

    /** Starts the count. */
    @Setup(Level.Iteration)
    public void start() {
      done = 0;
      startedAt = SYSTEM.getProcessCpuTime();
    }

    /** Returns the CPU time; JMH reads it at the end of an iteration. */
    public double cpuMicros() {
      return (SYSTEM.getProcessCpuTime() - startedAt) / 1e3;
    }

    /** Returns how many calls it was spent on. */
    public long calls() {
      return done;
    }
  }

  /** Starts the server's JVM and connects both clients. */
  @Setup
  public void start() throws IOException {
    server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                CannedServer.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String port = server.inputReader().readLine();
    uri = URI.create("http://127.0.0.1:" + port + "/v1/chat/completions");
    bare = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    model = OpenAiModel.builder().baseUrl(uri.toString()).apiKey(KEY).model("gpt-x").build();
    requestBody =
        ("{\"model\":\"gpt-x\",\"messages\":[{\"role\":\"user\",\"content\":\""
                + REQUEST.messages().get(0).text()
                + "\"}]}")
            .getBytes(StandardCharsets.UTF_8);
  }

  /** Ends the server. */
  @TearDown
  public void stop() {
    model.close();
    server.destroyForcibly();
  }

  /** The yardstick. */
  @Benchmark
  public String bareClient(Cpu cpu) throws Exception {
    cpu.done++;
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .header("Authorization", "Bearer " + KEY)
            .POST(HttpRequest.BodyPublishers.ofByteArray(requestBody))
            .build();
    HttpResponse<byte[]> response = bare.send(request, HttpResponse.BodyHandlers.ofByteArray());
    return content(response.body());
  }

  private static String content(byte[] body) throws IOException {
    String content = "";
    long total = 0;
    try (JsonParser json = JSON.createParser(body)) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.VALUE_STRING && "content".equals(json.currentName())) {
          content = json.getText();
        } else if (token == JsonToken.VALUE_NUMBER_INT) {
          total += json.getLongValue();
        }
      }
    }
    if (total == 0) {
      throw new IllegalStateException("expected usage");
    }
    return content;
  }

  /** What is measured. */
  @Benchmark
  public LmResponse openAiModel(Cpu cpu) {
    cpu.done++;
    return model.generate(REQUEST);
  }

  /** Answers every request with the same bytes. */
  public static final class CannedServer {

    private static final byte[] RESPONSE = response();

    private CannedServer() {}

    private static byte[] response() {
      String body =
          "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1700000000,"
              + "\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
              + "\"content\":\""
              + "x".repeat(600)
              + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":110,"
              + "\"completion_tokens\":120,\"total_tokens\":230}}";
      return ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body)
          .getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Listens, prints its port, and answers until it is killed.
     *
     * @param args none
     */
    public static void main(String[] args) throws IOException {
      try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
        System.out.println(socket.getLocalPort());
        while (true) {
          Socket accepted = socket.accept();
          accepted.setTcpNoDelay(true);
          Thread thread = new Thread(() -> serve(accepted));
          thread.setDaemon(true);
          thread.start();
        }
      }
    }

    private static void serve(Socket socket) {
      try (socket) {
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream();
        byte[] buffer = new byte[1 << 16];
        int filled = 0;
        for (int read = in.read(buffer);
            read > 0;
            read = in.read(buffer, filled, buffer.length - filled)) {
          filled += read;
          if (isWhole(buffer, filled)) {
            filled = 0;
            out.write(RESPONSE);
          }
        }
      } catch (IOException e) {
        // The client hung up.
      }
    }

    private static boolean isWhole(byte[] buffer, int filled) {
      String text = new String(buffer, 0, filled, StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      if (end < 0) {
        return false;
      }
      String head = text.toLowerCase(Locale.ROOT);
      int at = head.indexOf("content-length:") + "content-length:".length();
      int length = Integer.parseInt(text.substring(at, text.indexOf("\r\n", at)).strip());
      return filled >= end + 4 + length;
    }
  }
}
