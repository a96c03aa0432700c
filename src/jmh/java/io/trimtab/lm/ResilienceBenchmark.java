package io.trimtab.lm;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the layers add to a call: the difference between {@code plain} and the others. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime) // its median holds on a shared machine, an average does not
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ResilienceBenchmark {

  private final LmRequest request = LmRequest.of("?");
  private final LanguageModel plain = new Immediate();
  private final LanguageModel preset = ResilientLanguageModel.lm(new Immediate());
  private final LanguageModel everyLimit =
      ResilientLanguageModel.builder(new Immediate())
          .limits(
              LmLimits.builder()
                  .clock(new BriskClock())
                  .concurrency(1_000)
                  .requestsPerMinute(100_000)
                  .tokensPerMinute(100_000_000)
                  .build())
          .build();

  /** The model alone. */
  @Benchmark
  public LmResponse plain() {
    return plain.generate(request);
  }

  /** Deadline, retry, cool-down and breaker: the preset. */
  @Benchmark
  public LmResponse preset() {
    return preset.generate(request);
  }

  /** The preset with a bound on concurrency and on requests and tokens per minute besides. */
  @Benchmark
  public LmResponse everyLimit() {
    return everyLimit.generate(request);
  }

  /** A millisecond passes with every call, so that the window of a minute fills and empties. */
  private static final class BriskClock implements LmClock {
    private final AtomicLong calls = new AtomicLong();

    @Override
    public long nanos() {
      return calls.incrementAndGet() * 100_000; // a call looks about ten times
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return () -> {};
    }
  }

  /** Answers at once. */
  private static final class Immediate implements LanguageModel {
    private final LmResponse response = LmResponse.of("immediate", "text");
    private final ModelKey key = ModelKey.local("benchmark", "immediate");

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
      return key;
    }

    @Override
    public Set<LmCapability> capabilities() {
      return Set.of();
    }

    @Override
    public void close() {}
  }
}
