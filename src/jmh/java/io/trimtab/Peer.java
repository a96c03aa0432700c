package io.trimtab;

import io.trimtab.json.Json;
import io.trimtab.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The Python that runs the peers' side of a comparison: a virtual environment under {@code target}
 * that {@code src/python/benchmarks/venv.sh} makes once. Needs bash and Python 3 with venv.
 */
public final class Peer {

  private static final String SCRIPTS = "src/python/benchmarks/";
  private static final long MINUTES = 10;

  private final String python;

  private Peer(String python) {
    this.python = python;
  }

  /**
   * Returns the environment, made if need be.
   *
   * @return where scripts are run
   * @throws IOException if it cannot be made
   */
  public static Peer environment() throws IOException {
    return new Peer(output(List.of("bash", SCRIPTS + "venv.sh")));
  }

  /**
   * Runs a script to its end.
   *
   * @param script the name of a file in {@code src/python/benchmarks}
   * @param arguments for it
   * @return the JSON object it prints
   * @throws IOException if it fails, or takes more than ten minutes
   */
  public JsonObject run(String script, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(python, "-W", "ignore", SCRIPTS + script));
    command.addAll(List.of(arguments));
    return JsonObject.of(Json.parse(output(command)), "$");
  }

  private static String output(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String text =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
        process.destroy();
        throw new IOException(String.join(" ", command) + " failed");
      }
    } catch (InterruptedException e) {
      process.destroy();
      throw new IOException(String.join(" ", command) + " was interrupted", e);
    }
    return text;
  }
}
