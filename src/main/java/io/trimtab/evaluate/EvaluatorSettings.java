package io.trimtab.evaluate;

import io.trimtab.lm.LmClock;
import io.trimtab.lm.LmResponse;
import io.trimtab.program.CallOptions;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** How an {@link Evaluator} works; changed only between its copy and its first use. */
final class EvaluatorSettings {

  int concurrency = 8;
  @Nullable Duration deadline;
  Duration grace = Duration.ofSeconds(10);
  int maxErrors = 10;
  double failureScore;
  Progress progress = Progress.NONE;
  @Nullable ToDoubleFunction<LmResponse> price;
  @Nullable Long seed;
  CallOptions call = CallOptions.NONE;
  @Nullable Executor threads;
  LmClock clock = LmClock.system();

  EvaluatorSettings copy() {
    EvaluatorSettings copy = new EvaluatorSettings();
    copy.concurrency = concurrency;
    copy.deadline = deadline;
    copy.grace = grace;
    copy.maxErrors = maxErrors;
    copy.failureScore = failureScore;
    copy.progress = progress;
    copy.price = price;
    copy.seed = seed;
    copy.call = call;
    copy.threads = threads;
    copy.clock = clock;
    return copy;
  }

  /** Tells whether examples run as blocking tasks, rather than through asynchronous programs. */
  boolean blocking() {
    return threads != null || Runtime.version().feature() >= 21;
  }

  Executor executor() {
    return threads == null ? CallOptions.NONE.executor() : threads;
  }

  /** Returns the options of one example's run. */
  CallOptions options(int index) {
    return seed == null ? call : call.with("seed", seedOf(seed, index));
  }

  private static long seedOf(long base, int index) {
    // Finalizer of SplitMix64; servers take seeds of 31 bits.
    long z = base + 0x9E3779B97F4A7C15L * (index + 1L);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return (z ^ (z >>> 31)) >>> 33;
  }
}
