package io.trimtab.space;

import io.trimtab.Peer;
import io.trimtab.json.JsonObject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Sets drawing and validating configurations beside ConfigSpace and Optuna and prints one table.
 *
 * <p>Both sides are measured in the processor time of one thread, the best of several rounds, so
 * that other work on the machine weighs on neither. {@link SamplingBenchmark} measures the same on
 * our side by the clock. Needs bash and Python 3 with venv; the libraries are installed under
 * {@code target} once.
 */
public final class SpacePeers {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long WARM_UP = 1_000_000_000;
  private static final long ROUND = 200_000_000;
  private static final int ROUNDS = 7;
  private static final int BATCH = 50;
  private static final int FRESH = 21;

  /** Keeps results alive. */
  private static volatile Object sink = "";

  private SpacePeers() {}

  /**
   * Measures and prints.
   *
   * @param arguments ignored
   * @throws IOException if the peers cannot be started
   */
  public static void main(String[] arguments) throws IOException {
    JsonObject peers = Peer.environment().run("spaces_peer.py");
    ConfigurationSpace free = SamplingBenchmark.tenParameters().build();
    ConfigurationSpace ruled = SamplingBenchmark.withRules();
    ConfigurationSpace checked = SamplingBenchmark.withThreeRules();
    Map<String, Object> values = checked.defaults().toMap();
    List<String> names = free.parameters().stream().map(Parameter::name).toList();
    SplittableRandom random = new SplittableRandom(42);

    System.out.println("| what | ours, /s | the peer, /s | ratio | bar |");
    System.out.println("|---|---|---|---|---|");
    double freeRead = perSecond(() -> read(free.sample(random), names));
    row("10 parameters, values read; ConfigSpace", freeRead, peers, "configspace_free_read", 100);
    row("the same; Optuna's random ask", freeRead, peers, "optuna_random_ask", 300);
    double ruledRead = perSecond(() -> read(ruled.sample(random), names));
    row(
        "2 conditions, 2 rules, values read; ConfigSpace",
        ruledRead,
        peers,
        "configspace_ruled_read",
        100);
    double unread = perSecond(() -> ruled.sample(random));
    row(
        "the same, none read; ConfigSpace's vectors",
        unread,
        peers,
        "configspace_ruled_vectors",
        1.5);
    double validated = perSecond(() -> checked.validate(values));
    System.out.printf(
        Locale.ROOT,
        "| validate, 10 parameters, 3 rules | %,.0f | – | – | ≥ 500,000 |%n",
        validated);
    System.out.println();
    System.out.println(
        "| one in a million is valid | draws/s | bar | first draw, ms | in a fresh JVM, ms | bar |");
    System.out.println("|---|---|---|---|---|---|");
    rare("7 choices of 10, alike", "alike", 8_000_000, 50);
    rare("narrow box, 3 of 10 floats", "box", 1_000_000, 50);
    rare("chain of 9 floats", "chain", 310_000, 50);
    rare("sum of 10 floats", "sum", 35_000, 50);
    rare("thin shell, 3 floats", "shell", 3_500, 200);
  }

  private static void row(String what, double ours, JsonObject peers, String key, double bar) {
    double peer = peers.number(key);
    System.out.printf(
        Locale.ROOT,
        "| %s | %,.0f | %,.0f | %.1f × | ≥ %s × |%n",
        what,
        ours,
        peer,
        ours / peer,
        bar);
  }

  private static void rare(String what, String name, long rate, int millis) throws IOException {
    double[] first = new double[FRESH];
    for (int i = 0; i < 2 * FRESH; i++) {
      ConfigurationSpace fresh = SamplingBenchmark.hard(name);
      long start = THREADS.getCurrentThreadCpuTime();
      sink = fresh.sample(new SplittableRandom(i));
      first[i % FRESH] = (THREADS.getCurrentThreadCpuTime() - start) / 1e6;
    }
    Arrays.sort(first);
    ConfigurationSpace space = SamplingBenchmark.hard(name);
    SplittableRandom random = new SplittableRandom(42);
    double ours = perSecond(() -> space.sample(random));
    System.out.printf(
        Locale.ROOT,
        "| %s | %,.0f | ≥ %,d | %.2f | %.1f | < %d |%n",
        what,
        ours,
        rate,
        first[FRESH / 2],
        FirstDraw.millis(name),
        millis);
  }

  private static Object read(Configuration configuration, List<String> names) {
    Object last = configuration;
    for (String name : names) {
      Object value = configuration.lookup(name);
      last = value == null ? last : value;
    }
    return last;
  }

  private static double perSecond(Supplier<Object> call) {
    repeat(call, WARM_UP);
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      best = Math.max(best, repeat(call, ROUND));
    }
    return best;
  }

  /** Returns calls per second of processor time. */
  private static double repeat(Supplier<Object> call, long nanos) {
    long start = THREADS.getCurrentThreadCpuTime();
    long calls = 0;
    long spent;
    do {
      for (int i = 0; i < BATCH; i++) {
        sink = call.get();
      }
      calls += BATCH;
      spent = THREADS.getCurrentThreadCpuTime() - start;
    } while (spent < nanos);
    return calls * 1e9 / spent;
  }
}
