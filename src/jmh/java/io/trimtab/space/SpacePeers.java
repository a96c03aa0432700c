package io.trimtab.space;

import io.trimtab.json.Json;
import io.trimtab.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs {@link SamplingBenchmark} and, in the same run, what ConfigSpace and Optuna take for the
 * same; prints one table.
 *
 * <p>Needs bash and Python 3 with venv; the libraries are installed under {@code target} once.
 */
public final class SpacePeers {

  private static final long MINUTES = 10;

  private SpacePeers() {}

  /**
   * Measures and prints.
   *
   * @param arguments ignored
   * @throws IOException if the peers cannot be started
   * @throws InterruptedException if waiting for them is interrupted
   * @throws RunnerException if a benchmark fails
   */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, RunnerException {
    JsonObject before = peers();
    Map<String, Double> ours = ours();
    JsonObject after = peers();
    System.out.println();
    System.out.println("| what | ours | peer | ratio | bar |");
    System.out.println("|---|---|---|---|---|");
    row(
        "sample, 10 parameters, every value read",
        ours.get("freeRead"),
        before,
        after,
        "configspace_free_read",
        100);
    row("the same", ours.get("freeRead"), before, after, "optuna_random_ask", 300);
    row(
        "sample, with 2 conditions and 2 rules, values read",
        ours.get("ruledRead"),
        before,
        after,
        "configspace_ruled_read",
        100);
    row("the same, none read", ours.get("ruled"), before, after, "configspace_ruled_vectors", 1.5);
    System.out.printf(
        Locale.ROOT,
        "| validate, 10 parameters, 3 rules | %,.0f /s | – | – | ≥ 500,000 /s |%n",
        1e9 / ours.get("validate"));
    bar("alike", ours, 8_000_000, 50);
    bar("box", ours, 1_000_000, 50);
    bar("chain", ours, 310_000, 50);
    bar("sum", ours, 35_000, 50);
    bar("shell", ours, 3_500, 200);
  }

  /** Prints a row; the peer's figure is the better of the two runs around ours. */
  private static void row(
      String what, double nanos, JsonObject before, JsonObject after, String key, double bar) {
    double peer = Math.max(before.number(key), after.number(key));
    System.out.printf(
        Locale.ROOT,
        "| %s | %,.0f /s | %s %,.0f /s | %.1f × | ≥ %s × |%n",
        what,
        1e9 / nanos,
        key,
        peer,
        1e9 / nanos / peer,
        bar);
  }

  private static void bar(String space, Map<String, Double> ours, double rate, double millis) {
    System.out.printf(
        Locale.ROOT,
        "| one in a million: %s | %,.0f /s, first %.2f ms | – | – | ≥ %,.0f /s, < %.0f ms |%n",
        space,
        1e9 / ours.get("rare " + space),
        ours.get("first " + space) / 1e6,
        rate,
        millis);
  }

  private static Map<String, Double> ours() throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(SamplingBenchmark.class.getName().replace(".", "\\."))
                    .verbosity(VerboseMode.NORMAL)
                    .build())
            .run();
    Map<String, Double> nanos = new TreeMap<>();
    for (RunResult result : results) {
      String name = result.getParams().getBenchmark();
      String param = result.getParams().getParam("space");
      String method = name.substring(name.lastIndexOf('.') + 1);
      // The median: a busy machine's pauses belong to nobody.
      nanos.put(
          param == null ? method : method + " " + param,
          result.getPrimaryResult().getStatistics().getPercentile(50));
    }
    return nanos;
  }

  private static JsonObject peers() throws IOException, InterruptedException {
    String python = output("bash", "src/python/benchmarks/venv.sh");
    String json = output(python, "src/python/benchmarks/spaces_peer.py");
    return JsonObject.of(Json.parse(json), "$");
  }

  private static String output(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String text =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (!process.waitFor(MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroy();
      throw new IOException(String.join(" ", command) + " failed");
    }
    return text;
  }
}
