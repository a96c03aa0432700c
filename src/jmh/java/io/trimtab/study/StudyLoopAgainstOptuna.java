package io.trimtab.study;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * Prints how many trials per second a study of 10,000 free trials makes, and how many Optuna's
 * in-memory study makes, in turns on the same machine.
 *
 * <p>Run it with the path of a Python that has Optuna. One row per round, the medians at the end.
 */
public final class StudyLoopAgainstOptuna {

  private static final int WARM_UP = 30;
  private static final int ROUNDS = 5;
  private static final String SCRIPT = "src/python/benchmarks/optuna_study_loop.py";

  private StudyLoopAgainstOptuna() {}

  /**
   * Runs the comparison.
   *
   * @param args a Python with Optuna; {@code python3} if absent
   * @throws IOException if Python cannot be started
   */
  public static void main(String[] args) throws IOException {
    String python = args.length > 0 ? args[0] : "python3";
    PrintStream out = System.out;
    for (int i = 0; i < WARM_UP; i++) {
      StudyLoopBenchmark.loop(i);
    }
    double[] ours = new double[ROUNDS];
    double[] optuna = new double[ROUNDS];
    out.printf("%-8s %18s %18s %8s%n", "round", "Trimtab trials/s", "Optuna trials/s", "ratio");
    for (int round = 0; round < ROUNDS; round++) {
      ours[round] = ours(round);
      optuna[round] = optuna(python);
      row(out, Integer.toString(round + 1), ours[round], optuna[round]);
    }
    row(out, "median", median(ours), median(optuna));
  }

  private static void row(PrintStream out, String name, double ours, double optuna) {
    out.printf(
        Locale.ROOT, "%-8s %18.0f %18.0f %7.0f×%n", name, ours, optuna, ours / optuna);
  }

  /** The mean over three studies, so that a collection of garbage is not left out. */
  private static double ours(int round) {
    long from = System.nanoTime();
    for (int i = 0; i < 3; i++) {
      StudyLoopBenchmark.loop(1000L + round);
    }
    return 3e9 * StudyLoopBenchmark.TRIALS / (System.nanoTime() - from);
  }

  private static double optuna(String python) throws IOException {
    Process process =
        new ProcessBuilder(python, "-W", "ignore", SCRIPT)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = reader.readLine();
      if (line == null) {
        throw new IOException(python + " " + SCRIPT + " printed nothing");
      }
      return Double.parseDouble(line);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
