package io.trimtab.sampler;

import io.trimtab.Peer;
import io.trimtab.json.JsonObject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;

/**
 * Prints the median processor time of one proposal of the tree-structured Parzen estimator after
 * 100, 1,000 and 10,000 finished trials of ten parameters, beside that of Optuna's, in turns on the
 * same machine.
 *
 * <p>{@link TpeAskBenchmark} measures our side by the clock.
 */
public final class TpeAskAgainstOptuna {

  private static final int[] TRIALS = {100, 1_000, 10_000};
  private static final int ROUNDS = 5;
  private static final int ASKS = 25; // in a round
  private static final long WARM_UP = 3_000_000_000L;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final Sampler SAMPLER = TpeSampler.create();

  private TpeAskAgainstOptuna() {}

  /**
   * Runs the comparison.
   *
   * @param args ignored
   * @throws IOException if Python cannot be started
   */
  public static void main(String[] args) throws IOException {
    Peer peer = Peer.environment();
    System.out.println("| finished trials | Trimtab, ms | Optuna, ms | ratio | in each round |");
    System.out.println("|---|---|---|---|---|");
    for (int trials : TRIALS) {
      Search search = TpeAskBenchmark.after(trials);
      warmUp(search);
      double[] ours = new double[ROUNDS];
      double[] theirs = new double[ROUNDS];
      StringBuilder ratios = new StringBuilder();
      for (int round = 0; round < ROUNDS; round++) {
        ours[round] = millis(search, 1000 * (round + 1));
        JsonObject optuna = peer.run("optuna_tpe_ask.py", Integer.toString(trials));
        theirs[round] = optuna.number("milliseconds");
        ratios.append(String.format(Locale.ROOT, " %.0f", theirs[round] / ours[round]));
      }
      System.out.printf(
          Locale.ROOT,
          "| %,d | %.3f | %.1f | %.1f × |%s |%n",
          trials,
          median(ours),
          median(theirs),
          median(theirs) / median(ours),
          ratios);
    }
  }

  private static void warmUp(Search search) {
    long until = THREADS.getCurrentThreadCpuTime() + WARM_UP;
    for (int i = 0; THREADS.getCurrentThreadCpuTime() < until; i++) {
      SAMPLER.propose(search.redrawn(100_000 + i));
    }
  }

  private static double millis(Search search, int first) {
    double[] took = new double[ASKS];
    for (int i = 0; i < ASKS; i++) {
      long began = THREADS.getCurrentThreadCpuTime();
      SAMPLER.propose(search.redrawn(first + i));
      took[i] = (THREADS.getCurrentThreadCpuTime() - began) / 1e6;
    }
    return median(took);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
