package io.trimtab.session;

import io.trimtab.state.LocalStateFactory;
import io.trimtab.state.StateProvider;
import io.trimtab.variable.Variable;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a session adds to its provider; the bar is a read of at most 1.5 times the provider's. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 7, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class SessionBenchmark {

  private static final Variable<Double> TEMPERATURE =
      Variable.floating("temperature", 0.7, 0.0, 2.0);

  private StateProvider provider;
  private Session session;
  private long counter;

  @Setup
  public void open() {
    provider = new LocalStateFactory().open("bench", null);
    session = Session.open();
    provider.register(TEMPERATURE);
    session.register(TEMPERATURE);
  }

  @TearDown
  public void close() {
    provider.close();
    session.close();
  }

  @Benchmark
  public Object providerGet() {
    return provider.find("temperature").value();
  }

  @Benchmark
  public Object sessionGet() {
    return session.lookup("temperature");
  }

  @Benchmark
  public double sessionGetTyped() {
    return session.get(TEMPERATURE);
  }

  @Benchmark
  public Object providerSet() {
    return provider.set("temperature", (counter++ & 1) * 0.5);
  }

  @Benchmark
  public Object sessionSet() {
    return session.set("temperature", (counter++ & 1) * 0.5);
  }
}
