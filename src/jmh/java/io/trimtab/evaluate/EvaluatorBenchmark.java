package io.trimtab.evaluate;

import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmCapability;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.ModelKey;
import io.trimtab.program.Example;
import io.trimtab.program.Predict;
import io.trimtab.variable.VariableSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Evaluates 2,000 examples at a model that takes 50 ms, 256 at once, and compares with the ideal:
 * eight rounds of 50 ms. A program of its own rather than a JMH benchmark, because one measurement
 * is a whole evaluation.
 */
public final class EvaluatorBenchmark {

  private static final int EXAMPLES = 2_000;
  private static final int CONCURRENCY = 256;
  private static final long MODEL_MILLIS = 50;
  private static final int ROUNDS = 15;
  private static final int WARM_UP = 5;

  private EvaluatorBenchmark() {}

  /** Answers the same after 50 ms, whether waited for or not. */
  private static final class Slow implements LanguageModel {
    private final LmResponse response =
        LmResponse.of("slow", "[[ ## label ## ]]\nbug\n\n[[ ## completed ## ]]\n");

    @Override
    public LmResponse generate(LmRequest request) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MODEL_MILLIS);
      for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      return response;
    }

    @Override
    public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
      return new CompletableFuture<LmResponse>()
          .completeOnTimeout(response, MODEL_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public ModelKey key() {
      return ModelKey.local("slow", "slow");
    }

    @Override
    public Set<LmCapability> capabilities() {
      return Set.of();
    }

    @Override
    public void close() {}
  }

  /**
   * Prints each round and the median.
   *
   * @param args none
   */
  public static void main(String[] args) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < EXAMPLES; i++) {
      examples.add(Example.of(Map.of("text", "ticket number " + i), Map.of("label", "bug")));
    }
    Evaluator evaluator =
        Evaluator.of(Dataset.of(examples), Metric.exactMatch("label")).withConcurrency(CONCURRENCY);
    Predict program =
        Predict.of("text -> label: Literal['bug', 'billing']", new Slow()).bind("temperature", "t");
    VariableSource source = VariableSource.of(Map.of("t", 0.2));
    double ideal = Math.ceil((double) EXAMPLES / CONCURRENCY) * MODEL_MILLIS;
    double[] ratios = new double[ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      Evaluation evaluation = evaluator.evaluate(program, source);
      double ratio = ideal / (evaluation.elapsed().toNanos() / 1e6);
      if (round >= 0) {
        ratios[round] = ratio;
      }
      System.out.printf(
          Locale.ROOT,
          "%s %.0f ms, ideal %.0f ms, %.3f of ideal, score %.1f%n",
          round < 0 ? "warm-up" : "round  ",
          evaluation.elapsed().toNanos() / 1e6,
          ideal,
          ratio,
          evaluation.score());
    }
    Arrays.sort(ratios);
    System.out.printf(
        Locale.ROOT,
        "java %s: median %.3f, worst %.3f, best %.3f of ideal over %d rounds%n",
        Runtime.version(),
        ratios[ROUNDS / 2],
        ratios[0],
        ratios[ROUNDS - 1],
        ROUNDS);
  }
}
