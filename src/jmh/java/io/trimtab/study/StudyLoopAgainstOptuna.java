package io.trimtab.study;

import io.trimtab.Peer;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;

/**
 * Prints how many trials a study of 10,000 free trials makes per second of processor time, and how
 * many Optuna's in-memory study makes, in turns on the same machine.
 *
 * <p>Needs bash and Python 3 with venv; Optuna is installed under {@code target}. One row per
 * round, the medians at the end. Our side leaves out the collector's threads, which do little here;
 * {@link StudyLoopBenchmark} measures it by the clock.
 */
public final class StudyLoopAgainstOptuna {

  private static final int WARM_UP = 30;
  private static final int ROUNDS = 5;
  private static final int STUDIES = 10; // in a round, so that the clock's grain does not matter
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private StudyLoopAgainstOptuna() {}

  /**
   * Runs the comparison.
   *
   * @param args ignored
   * @throws IOException if Python cannot be started
   */
  public static void main(String[] args) throws IOException {
    PrintStream out = System.out;
    Peer peer = Peer.environment();
    for (int i = 0; i < WARM_UP; i++) {
      StudyLoopBenchmark.loop(i);
    }
    double[] ours = new double[ROUNDS];
    double[] optuna = new double[ROUNDS];
    out.printf("%-8s %18s %18s %8s%n", "round", "Trimtab trials/s", "Optuna trials/s", "ratio");
    for (int round = 0; round < ROUNDS; round++) {
      ours[round] = ours(round);
      optuna[round] = peer.run("optuna_study_loop.py").number("trials_per_second");
      row(out, Integer.toString(round + 1), ours[round], optuna[round]);
    }
    row(out, "median", median(ours), median(optuna));
  }

  private static void row(PrintStream out, String name, double ours, double optuna) {
    out.printf(Locale.ROOT, "%-8s %18.0f %18.0f %7.0f×%n", name, ours, optuna, ours / optuna);
  }

  private static double ours(int round) {
    long from = THREADS.getCurrentThreadCpuTime();
    for (int i = 0; i < STUDIES; i++) {
      StudyLoopBenchmark.loop(1000L + round);
    }
    return 1e9 * STUDIES * StudyLoopBenchmark.TRIALS / (THREADS.getCurrentThreadCpuTime() - from);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
