package io.trimtab.bridge;

import io.trimtab.json.Json;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Another process that joins a session in Python and does there what a test tells it. */
final class PythonPeer implements AutoCloseable {

  private static final Path SCRIPT =
      Path.of("src", "test", "resources", "io", "trimtab", "bridge", "peer.py").toAbsolutePath();

  /** Says what Python raised. */
  static final class Raised extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String type;

    private Raised(String type, String message) {
      super(type + ": " + message);
      this.type = type;
    }

    /** Returns the name of the exception's class. */
    String type() {
      return type;
    }
  }

  private final Process process;
  private final BufferedWriter in;
  private final BufferedReader out;

  private PythonPeer(Process process) {
    this.process = process;
    this.in =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    this.out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts Python, in which nothing is connected yet. */
  static PythonPeer start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(PythonEnvironment.prepare(TestSidecars.launch()), SCRIPT.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    Path sources = Path.of("src", "python").toAbsolutePath();
    builder.environment().put("PYTHONPATH", sources + ":" + sources.resolve("tests"));
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    return new PythonPeer(builder.start());
  }

  /** Makes {@code context} a session over there. */
  void join(OperatedSidecar sidecar, String session) {
    run(
        "context = SessionContext.connect('tcp:127.0.0.1:%d', token='%s', session='%s', timeout=60)"
            .formatted(sidecar.port(), OperatedSidecar.TOKEN, session));
  }

  /** Runs statements; their names stay defined. */
  void run(String... statements) {
    ask(String.join("\n", statements), "exec");
  }

  /** Returns the value of an expression, as far as JSON has it. */
  @Nullable Object value(String expression) {
    return ask(expression, "eval");
  }

  private @Nullable Object ask(String code, String mode) {
    try {
      in.write(Json.write(Map.of("code", code, "mode", mode)) + "\n");
      in.flush();
      String line = out.readLine();
      if (line == null) {
        throw new IOException("the Python peer ended");
      }
      JsonObject answer = Json.parseObject(line, JsonLimits.DEFAULT);
      if (answer.find("raised") instanceof String type) {
        throw new Raised(type, answer.string("message"));
      }
      return answer.find("value");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
