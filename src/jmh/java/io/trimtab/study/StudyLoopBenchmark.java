package io.trimtab.study;

import io.trimtab.sampler.RandomSampler;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.SamplingBenchmark;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A study of 10,000 trials of ten parameters whose objective costs nothing, random sampler, one
 * thread: what is left is the study itself. An operation is a trial.
 *
 * <p>Bar: at least 100 times Optuna's in-memory study; {@link StudyLoopAgainstOptuna} runs both.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(1)
public class StudyLoopBenchmark {

  static final int TRIALS = 10_000;

  static final ConfigurationSpace SPACE = SamplingBenchmark.tenParameters().build();

  private long seed;

  /** The run loop: ask, evaluate, tell, look at the budget. */
  @Benchmark
  @OperationsPerInvocation(TRIALS)
  public double run() {
    return loop(seed++).best().score();
  }

  /** The same by hand. */
  @Benchmark
  @OperationsPerInvocation(TRIALS)
  public double askAndTell() {
    Study study = Study.of("by hand", SPACE).sampler(RandomSampler.create()).seed(seed++).build();
    for (int i = 0; i < TRIALS; i++) {
      Trial trial = study.ask();
      study.tell(trial, trial.configuration().getDouble("temperature"));
    }
    return study.best().score();
  }

  static Study loop(long seed) {
    Study study = Study.of("loop", SPACE).sampler(RandomSampler.create()).seed(seed).build();
    study.run(
        Objective.scored(trial -> trial.configuration().getDouble("temperature")),
        Budget.trials(TRIALS));
    return study;
  }
}
