package io.trimtab.sampler;

import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.variable.Scale;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Prints the median processor time of one TPE proposal after 100, 1,000 and 10,000 finished trials
 * of ten parameters; {@code src/python/benchmarks/ask_speed.py} prints the same for Optuna.
 */
public final class TpeAskSpeed {

  private static final int WARM_UP = 60;
  private static final int ASKS = 41;

  private TpeAskSpeed() {}

  private static ConfigurationSpace tenParameters() {
    return ConfigurationSpace.named("ten")
        .floating("temperature", 0.7, 0.0, 2.0)
        .floating("top_p", 0.9, 0.1, 1.0)
        .floating("penalty", 0.0, -2.0, 2.0, 0.1)
        .floating("rate", 1e-3, 1e-6, 1.0, Scale.LOG)
        .integer("max_tokens", 1024, 64, 8192, Scale.LOG)
        .integer("max_iters", 5, 3, 10)
        .integer("demonstrations", 4, 0, 64)
        .choice("model", "large", "small", "tiny")
        .choice("strategy", "ChainOfThought", "Predict", "ReAct")
        .bool("stream", false)
        .build();
  }

  /**
   * Measures and prints.
   *
   * @param args ignored
   */
  public static void main(String[] args) {
    ConfigurationSpace space = tenParameters();
    for (int trials : new int[] {100, 1_000, 10_000}) {
      SplittableRandom random = new SplittableRandom(7);
      List<Observation> history = new ArrayList<>();
      for (int i = 0; i < trials; i++) {
        Configuration tried = space.sample(random);
        double loss = Math.abs(tried.getDouble("temperature") - 0.4) + tried.getDouble("top_p");
        history.add(Observation.complete(tried, loss));
      }
      TpeSampler sampler = TpeSampler.create();
      double[] millis = new double[ASKS];
      for (int i = -WARM_UP; i < ASKS; i++) {
        long began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        sampler.propose(Search.of(space, i, history));
        long took = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - began;
        if (i >= 0) {
          millis[i] = took / 1e6;
        }
      }
      Arrays.sort(millis);
      System.out.printf(
          Locale.ROOT, "%d finished trials: %.3f ms per ask%n", trials, millis[ASKS / 2]);
    }
  }
}
