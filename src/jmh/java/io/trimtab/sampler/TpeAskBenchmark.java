package io.trimtab.sampler;

import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.SamplingBenchmark;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One proposal of the tree-structured Parzen estimator after many finished trials of ten
 * parameters.
 *
 * <p>Bar: at least 20 times as fast as Optuna's; {@link TpeAskAgainstOptuna} runs both.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TpeAskBenchmark {

  /** How many trials are finished. */
  @Param({"100", "1000", "10000"})
  private int trials;

  private final Sampler sampler = TpeSampler.create();
  private Search search = after(1);
  private int asked;

  /** Tries {@link #trials} configurations. */
  @Setup
  public void search() {
    search = after(trials);
  }

  /** Asks once. */
  @Benchmark
  public Configuration ask() {
    return sampler.propose(search.redrawn(asked++ & Short.MAX_VALUE));
  }

  /** A search of finished trials at random places. */
  static Search after(int trials) {
    ConfigurationSpace space = SamplingBenchmark.tenParameters().build();
    SplittableRandom random = new SplittableRandom(7);
    List<Observation> history = new ArrayList<>();
    for (int i = 0; i < trials; i++) {
      Configuration tried = space.sample(random);
      double loss = Math.abs(tried.getDouble("temperature") - 0.4) + tried.getDouble("top_p");
      history.add(Observation.complete(tried, loss));
    }
    return Search.of(space, 7, history);
  }
}
