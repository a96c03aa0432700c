package io.trimtab.sampler;

import io.trimtab.json.JsonObject;
import io.trimtab.space.Configuration;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Runs the samplers on the {@link TestFunction test functions} and writes one CSV line per study:
 * the best loss after 25, 50, 100 and 200 trials and the CPU seconds it took. {@code
 * src/python/benchmarks/compare.py} sets the lines beside those of the peers.
 */
public final class SamplerQuality {

  private static final int[] CHECKPOINTS = {25, 50, 100, 200};

  private SamplerQuality() {}

  /**
   * Runs the studies.
   *
   * @param args the file to write; then, separated by commas, names of samplers, names of functions
   *     or {@code all}; then how many seeds and how many trials
   * @throws IOException if the file cannot be written
   */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    TestFunction[] functions =
        args[2].equals("all")
            ? TestFunction.values()
            : Arrays.stream(args[2].toUpperCase(Locale.ROOT).split(","))
                .map(TestFunction::valueOf)
                .toArray(TestFunction[]::new);
    int seeds = Integer.parseInt(args[3]);
    int trials = Integer.parseInt(args[4]);
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
      out.println("function,sampler,seed,best25,best50,best100,best200,seconds");
      for (TestFunction function : functions) {
        for (String name : args[1].split(",")) {
          for (int seed = 0; seed < seeds; seed++) {
            out.println(line(function, sampler(name), name, seed, trials));
          }
          out.flush();
        }
      }
    }
  }

  private static Sampler sampler(String name) {
    return Sampler.fromTree(JsonObject.of(Map.of("sampler", name), "$"));
  }

  private static String line(
      TestFunction function, Sampler sampler, String name, int seed, int trials) {
    long began = cpuNanos();
    List<Observation> history = new ArrayList<>();
    double[] best = new double[trials];
    for (int trial = 0; trial < trials; trial++) {
      Configuration next = sampler.propose(Search.of(function.space(), seed, history));
      double loss = function.loss(next);
      history.add(Observation.complete(next, loss));
      best[trial] = trial == 0 ? loss : Math.min(best[trial - 1], loss);
    }
    double seconds = (cpuNanos() - began) / 1e9;
    StringBuilder line =
        new StringBuilder(function.name().toLowerCase(Locale.ROOT))
            .append(',')
            .append(name)
            .append(',')
            .append(seed);
    for (int checkpoint : CHECKPOINTS) {
      line.append(',').append(checkpoint <= trials ? Double.toString(best[checkpoint - 1]) : "");
    }
    return line.append(String.format(Locale.ROOT, ",%.3f", seconds)).toString();
  }

  private static long cpuNanos() {
    return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
