package io.trimtab.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.state.LocalStateFactory;
import io.trimtab.state.StateProvider;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * Model-checks the hand-over between providers: whatever the interleaving, a switch is invisible to readers and writers.
 *
 * <p>Two well-known ways to do it wrong are planted and must be found by the same scenarios.
 */
class HandoverLincheckTest {

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));

  /** What a session does, as far as a switch can disturb it. */
  @Param(name = "v", gen = IntGen.class, conf = "1:3")
  public abstract static class Scenario {

    static StateProvider openWithTwo() {
      StateProvider provider = new LocalStateFactory().open("s", null);
      provider.register(Variable.integer("a", 0, 0, 100));
      provider.register(Variable.integer("b", 0, 0, 100));
      return provider;
    }

    static StateProvider copyOf(StateProvider provider) {
      return new LocalStateFactory().open("s", provider.exportState());
    }

    static long read(StateProvider provider, String name) {
      return (Long) provider.get(name).value();
    }

    @Operation
    public abstract long getA();

    @Operation
    public abstract void setA(@Param(name = "v") int value);

    @Operation
    public abstract void setBoth(@Param(name = "v") int value);

    @Operation(nonParallelGroup = "migrate")
    public abstract void migrate() throws TimeoutException;
  }

  /** What a caller may assume: two numbers, and a migration that does nothing. */
  public static final class Specification extends Scenario {
    private final Map<String, Integer> values = new TreeMap<>(Map.of("a", 0, "b", 0));

    @Override
    public long getA() {
      return values.get("a");
    }

    @Override
    public void setA(int value) {
      values.put("a", value);
    }

    @Override
    public void setBoth(int value) {
      values.put("a", value);
      values.put("b", value);
    }

    @Override
    public void migrate() {}
  }

  /** The real hand-over. */
  public static final class Real extends Scenario {
    private final Handover handover =
        new Handover(new Handover.Charge("local", openWithTwo()), Duration.ofSeconds(30));

    @Override
    public long getA() {
      return handover.read(provider -> read(provider, "a"));
    }

    @Override
    public void setA(int value) {
      handover.run(provider -> provider.set("a", value));
    }

    @Override
    public void setBoth(int value) {
      handover.run(provider -> provider.setAll(Map.of("a", value, "b", value)));
    }

    @Override
    public void migrate() throws TimeoutException {
      handover.pause();
      try {
        handover.publish(new Handover.Charge("local", copyOf(handover.charge().provider())));
      } finally {
        handover.resume();
      }
    }
  }

  /** Planted: export, import and publish while writers go on. */
  public static final class CopyAndSwap extends Scenario {
    private volatile StateProvider provider = openWithTwo();

    @Override
    public long getA() {
      return read(provider, "a");
    }

    @Override
    public void setA(int value) {
      provider.set("a", value);
    }

    @Override
    public void setBoth(int value) {
      provider.setAll(Map.of("a", value, "b", value));
    }

    @Override
    public void migrate() {
      provider = copyOf(provider);
    }
  }

  /** Planted: writers look at a flag before they write, but may have looked too early. */
  public static final class FlagAndSwap extends Scenario {
    private volatile StateProvider provider = openWithTwo();
    private volatile boolean migrating;

    @Override
    public long getA() {
      return read(provider, "a");
    }

    @Override
    public void setA(int value) {
      awaitFlag();
      provider.set("a", value);
    }

    @Override
    public void setBoth(int value) {
      awaitFlag();
      provider.setAll(Map.of("a", value, "b", value));
    }

    private void awaitFlag() {
      while (migrating) {
        Thread.onSpinWait();
      }
    }

    @Override
    public void migrate() {
      migrating = true;
      provider = copyOf(provider);
      migrating = false;
    }
  }

  private static void check(Class<? extends Scenario> scenario) {
    new ModelCheckingOptions()
        .iterations(LONG ? 60 : 8)
        .invocationsPerIteration(LONG ? 4_000 : 300)
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(1)
        .actorsAfter(1)
        .minimizeFailedScenario(false)
        .sequentialSpecification(Specification.class)
        .check(scenario);
  }

  @Test
  void handover_isInvisibleToReadersAndWriters() {
    check(Real.class);
  }

  @Test
  void copyAndSwap_losesAWrite_andIsFound() {
    assertThatThrownBy(() -> check(CopyAndSwap.class)).satisfies(HandoverLincheckTest::isALincheckFinding);
  }

  @Test
  void flagAndSwap_losesAWrite_andIsFound() {
    assertThatThrownBy(() -> check(FlagAndSwap.class)).satisfies(HandoverLincheckTest::isALincheckFinding);
  }

  private static void isALincheckFinding(Throwable failure) {
    assertThat(failure.getClass().getSimpleName()).isEqualTo("LincheckAssertionError");
  }
}
