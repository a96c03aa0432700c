package io.trimtab.space;

import io.trimtab.variable.Scale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Drawing and validating configurations of ten parameters on one thread.
 *
 * <p>Bars: {@code free} at most 1 microsecond; {@code ruledByExpressions} at most 1.5 times {@code
 * ruledByPredicates}. The two rules leave about half of all configurations.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SpaceBenchmark {

  private final SplittableRandom random = new SplittableRandom(42);
  private final ConfigurationSpace free = tenParameters().build();
  private final ConfigurationSpace expressions =
      tenParameters()
          .require("max_tokens <= 1024 || model != 'large'", "large is costly")
          .require("temperature + top_p <= 1.6", "not both high")
          .build();
  private final Predicate<Configuration> cheap =
      c -> c.getLong("max_tokens") <= 1024 || !c.getString("model").equals("large");
  private final Predicate<Configuration> cool =
      c -> c.getDouble("temperature") + c.getDouble("top_p") <= 1.6;
  private final ConfigurationSpace predicates =
      tenParameters()
          .require("cheap", cheap, "large is costly")
          .require("cool", cool, "not both high")
          .build();
  private final Map<String, Object> values = expressions.defaults().toMap();
  private final Configuration defaults = expressions.defaults();

  private static SpaceBuilder tenParameters() {
    return ConfigurationSpace.named("ten")
        .floating("temperature", 0.7, 0.0, 2.0)
        .floating("top_p", 0.9, 0.1, 1.0)
        .floating("penalty", 0.0, -2.0, 2.0, 0.1)
        .floating("rate", 1e-3, 1e-6, 1.0, Scale.LOG)
        .integer("max_tokens", 1024, 64, 8192, Scale.LOG)
        .integer("max_iters", 5, 3, 10)
        .integer("demonstrations", 4, 0, 64)
        .choice("model", "large", "small", "tiny")
        .module("strategy", "ChainOfThought", "Predict", "ReAct")
        .bool("stream", false);
  }

  /** No rules. */
  @Benchmark
  public Configuration free() {
    return free.sample(random);
  }

  /** Two rules, written as expressions. */
  @Benchmark
  public Configuration ruledByExpressions() {
    return expressions.sample(random);
  }

  /** The same rules, given to the space as Java predicates. */
  @Benchmark
  public Configuration ruledByPredicates() {
    return predicates.sample(random);
  }

  /** The same rules, as a caller's own loop around an unruled space. */
  @Benchmark
  public Configuration ruledByCallersLoop() {
    Configuration drawn;
    do {
      drawn = free.sample(random);
    } while (!cheap.test(drawn) || !cool.test(drawn));
    return drawn;
  }

  /** Casting and checking a whole configuration. */
  @Benchmark
  public Configuration validate() {
    return expressions.validate(values);
  }

  /** Changing one value, everything checked. */
  @Benchmark
  public Configuration merge() {
    return defaults.with("temperature", 0.3);
  }

  /** Reading a value by name. */
  @Benchmark
  public double read() {
    return defaults.getDouble("temperature");
  }
}
