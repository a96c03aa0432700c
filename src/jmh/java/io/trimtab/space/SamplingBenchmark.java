package io.trimtab.space;

import io.trimtab.variable.Scale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Drawing configurations, one at a time on one thread: easy spaces of ten parameters, which {@link
 * SpacePeers} sets beside ConfigSpace and Optuna, and spaces of which about one part in a million
 * is valid, with the time to the first draw.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SamplingBenchmark {

  /** Ten parameters of all kinds, which other benchmarks use too. */
  public static SpaceBuilder tenParameters() {
    return ConfigurationSpace.named("ten")
        .floating("temperature", 0.7, 0.0, 2.0)
        .floating("top_p", 0.7, 0.1, 1.0)
        .floating("penalty", 0.0, -2.0, 2.0, 0.1)
        .floating("rate", 1e-3, 1e-6, 1.0, Scale.LOG)
        .integer("max_tokens", 512, 64, 8192, Scale.LOG)
        .integer("max_iters", 5, 3, 10)
        .integer("demonstrations", 4, 0, 64)
        .choice("model", "large", "small", "tiny")
        .module("strategy", "ChainOfThought", "Predict", "ReAct")
        .bool("stream", false);
  }

  static ConfigurationSpace withRules() {
    return tenParameters()
        .activeWhen("max_iters", "strategy == 'ReAct'")
        .activeWhen("demonstrations", "strategy != 'Predict'")
        .forbid("model == 'large' && max_tokens > 1024", "large is costly")
        .forbid("temperature > 1.5 && top_p > 0.8", "not both high")
        .build();
  }

  static ConfigurationSpace withThreeRules() {
    return tenParameters()
        .require("max_tokens <= 1024 || model != 'large'", "large is costly")
        .require("temperature + top_p <= 1.6", "not both high")
        .require("max_iters * max_tokens <= 20000", "affordable")
        .build();
  }

  /** Spaces that are mostly valid. */
  @State(Scope.Thread)
  public static class Easy {
    private final SplittableRandom random = new SplittableRandom(42);
    private final ConfigurationSpace free = tenParameters().build();
    private final ConfigurationSpace ruled = withRules();
    private final String[] names =
        free.parameters().stream().map(Parameter::name).toArray(String[]::new);
    private final ConfigurationSpace checked = withThreeRules();
    private final Map<String, Object> values = checked.defaults().toMap();
  }

  private static void read(Configuration configuration, String[] names, Blackhole sink) {
    for (String name : names) {
      sink.consume(configuration.lookup(name));
    }
  }

  /** No rules, every value read by name. */
  @Benchmark
  public void freeRead(Easy easy, Blackhole sink) {
    read(easy.free.sample(easy.random), easy.names, sink);
  }

  /** Two conditions and two rules, every value read by name. */
  @Benchmark
  public void ruledRead(Easy easy, Blackhole sink) {
    read(easy.ruled.sample(easy.random), easy.names, sink);
  }

  /** Two conditions and two rules, no value read. */
  @Benchmark
  public Configuration ruled(Easy easy) {
    return easy.ruled.sample(easy.random);
  }

  /** Ten parameters and three rules. */
  @Benchmark
  public Configuration validate(Easy easy) {
    return easy.checked.validate(easy.values);
  }

  static ConfigurationSpace hard(String name) {
    SpaceBuilder builder = ConfigurationSpace.named(name);
    switch (name) {
      case "alike" -> {
        for (int i = 0; i < 7; i++) {
          builder.choice("c" + i, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
          if (i > 0) {
            builder.require("c%d == c%d".formatted(i - 1, i), "alike " + i);
          }
        }
      }
      case "box" -> {
        for (int i = 0; i < 10; i++) {
          builder.floating("x" + i, 0.505, 0, 1);
        }
        for (int i = 0; i < 3; i++) {
          builder.require("x%d > 0.5 && x%d < 0.51".formatted(i, i), "narrow " + i);
        }
      }
      case "chain" -> {
        for (int i = 0; i < 9; i++) {
          builder.floating("x" + i, 0.1 * (i + 0.5), 0, 1);
          if (i > 0) {
            builder.require("x%d < x%d".formatted(i - 1, i), "in order " + i);
          }
        }
      }
      case "sum" -> {
        StringBuilder sum = new StringBuilder();
        for (int i = 0; i < 10; i++) {
          builder.floating("x" + i, 0.05, 0, 1);
          sum.append(i == 0 ? "x" : " + x").append(i);
        }
        builder.require(sum + " <= 1.0", "a budget of one");
      }
      case "shell" ->
          builder
              .floating("x", 0.5, 0, 1)
              .floating("y", 0.5, 0, 1)
              .floating("z", 0.4000001, 0, 1)
              .require("x * y * z >= 0.1", "outside the inner face")
              .require("x * y * z <= 0.100001", "inside the outer face");
      default -> throw new IllegalArgumentException(name);
    }
    return builder.build();
  }

  /** A space of which about one part in a million is valid, and its cover. */
  @State(Scope.Thread)
  public static class Grown {
    /** Which. */
    @Param({"alike", "box", "chain", "sum", "shell"})
    String space;

    private final SplittableRandom random = new SplittableRandom(42);
    private ConfigurationSpace drawn = hard("box");

    /** Draws once, so that the cover is there. */
    @Setup
    public void grow() {
      drawn = hard(space);
      drawn.sample(random);
    }
  }

  /** One draw after another. */
  @Benchmark
  public Configuration rare(Grown grown) {
    return grown.drawn.sample(grown.random);
  }

  /** A space of which about one part in a million is valid, never drawn from. */
  @State(Scope.Thread)
  public static class Fresh {
    /** Which. */
    @Param({"alike", "box", "chain", "sum", "shell"})
    String space;

    private final SplittableRandom random = new SplittableRandom(42);
    private ConfigurationSpace untouched = hard("box");

    /** Builds the space anew. */
    @Setup(Level.Invocation)
    public void build() {
      untouched = hard(space);
    }
  }

  /** The first draw from a space; the JVM is warm, the space is not. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OutputTimeUnit(TimeUnit.NANOSECONDS)
  @Warmup(iterations = 20)
  @Measurement(iterations = 20)
  public Configuration first(Fresh fresh) {
    return fresh.untouched.sample(fresh.random);
  }
}
