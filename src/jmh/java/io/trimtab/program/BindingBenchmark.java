package io.trimtab.program;

import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmCapability;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.ModelKey;
import io.trimtab.variable.VariableSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
 * What six bound parameters add to a run, over six fixed ones and over none; the model is canned.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class BindingBenchmark {

  /** Answers at once, always the same. */
  private static final class Canned implements LanguageModel {
    private final LmResponse response = LmResponse.of("canned", "[[ ## answer ## ]]\nyes");

    @Override
    public LmResponse generate(LmRequest request) {
      return response;
    }

    @Override
    public CompletableFuture<LmResponse> generateAsync(LmRequest request) {
      return CompletableFuture.completedFuture(response);
    }

    @Override
    public ModelKey key() {
      return ModelKey.local("canned", "canned");
    }

    @Override
    public Set<LmCapability> capabilities() {
      return Set.of();
    }

    @Override
    public void close() {}
  }

  private final FieldValues inputs = FieldValues.of("question", "Is it?");
  private final VariableSource source =
      VariableSource.of(Map.of("t", 0.3, "p", 0.9, "m", 256, "i", "brief", "d", 1, "a", "chat"));
  private final Predict plain =
      Predict.of("question -> answer", new Canned())
          .withInstructionVariants(Map.of("brief", "Be brief."))
          .withDemonstrations(
              java.util.List.of(Demonstration.of(Map.of("question", "q", "answer", "a"))));
  private final Predict fixed =
      plain
          .with("temperature", 0.3)
          .with("top_p", 0.9)
          .with("max_tokens", 256)
          .with("instructions", "brief")
          .with("demonstrations", 1)
          .with("adapter", "chat");
  private final Predict bound =
      plain
          .bind("temperature", "t")
          .bind("top_p", "p")
          .bind("max_tokens", "m")
          .bind("instructions", "i")
          .bind("demonstrations", "d")
          .bind("adapter", "a");
  private final Predict heard = bound.bind("temperature", "t", (parameter, before, now) -> {});

  /** A run with nothing set. */
  @Benchmark
  public Object nothingSet() {
    return plain.run(inputs, source);
  }

  /** A run with six fixed parameters. */
  @Benchmark
  public Object sixFixed() {
    return fixed.run(inputs, source);
  }

  /** A run with six bound parameters. */
  @Benchmark
  public Object sixBound() {
    return bound.run(inputs, source);
  }

  /** A run with six bound parameters, one of them listened to. */
  @Benchmark
  public Object sixBoundWithListener() {
    return heard.run(inputs, source);
  }

  /** The resolution alone. */
  @Benchmark
  public Object resolveSixBound() {
    return bound.effective(source, CallOptions.NONE);
  }
}
