package io.trimtab.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
 * Model-checks the hand-over between providers: whatever the interleaving, a switch is invisible to
 * readers and writers.
 *
 * <p>Two well-known ways to do it wrong are planted and must be found by the same scenarios.
 */
class HandoverLincheckTest {

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));

  /** A provider in small: two numbers that change together, and an end. */
  private static final class Store {
    private volatile int[] values;
    private volatile boolean closed;

    Store(int[] values) {
      this.values = values;
    }

    int a() {
      requireOpen();
      return values[0];
    }

    synchronized void setA(int value) {
      requireOpen();
      values = new int[] {value, values[1]};
    }

    synchronized void setBoth(int value) {
      requireOpen();
      values = new int[] {value, value};
    }

    Store copy() {
      return new Store(values.clone());
    }

    void close() {
      closed = true;
    }

    private void requireOpen() {
      if (closed) {
        throw new IllegalStateException("closed");
      }
    }
  }

  /** What a session does, as far as a switch can disturb it. */
  @Param(name = "v", gen = IntGen.class, conf = "1:3")
  public abstract static class Scenario {

    abstract int readA();

    abstract void writeA(int value);

    abstract void writeBoth(int value);

    abstract void move() throws TimeoutException;

    @Operation
    public int getA() {
      return readA();
    }

    @Operation
    public void setA(@Param(name = "v") int value) {
      writeA(value);
    }

    @Operation
    public void setBoth(@Param(name = "v") int value) {
      writeBoth(value);
    }

    @Operation(nonParallelGroup = "migrate")
    public void migrate() throws TimeoutException {
      move();
    }
  }

  /** What a caller may assume: two numbers, and a migration that does nothing. */
  public static final class Specification extends Scenario {
    private final Map<String, Integer> values = new TreeMap<>(Map.of("a", 0, "b", 0));

    @Override
    int readA() {
      return values.get("a");
    }

    @Override
    void writeA(int value) {
      values.put("a", value);
    }

    @Override
    void writeBoth(int value) {
      values.put("a", value);
      values.put("b", value);
    }

    @Override
    void move() {}
  }

  /** The real hand-over. */
  public static final class Real extends Scenario {
    private final Handover<Store> handover =
        new Handover<>(new Handover.Charge<>("old", new Store(new int[2])), Duration.ofSeconds(30));

    @Override
    int readA() {
      return handover.read(Store::a);
    }

    @Override
    void writeA(int value) {
      handover.run(store -> store.setA(value));
    }

    @Override
    void writeBoth(int value) {
      handover.run(store -> store.setBoth(value));
    }

    @Override
    void move() throws TimeoutException {
      handover.pause();
      try {
        Store old = handover.charge().provider();
        handover.publish(new Handover.Charge<>("new", old.copy()));
        old.close();
      } finally {
        handover.resume();
      }
    }
  }

  /** Planted: export, import and publish while writers go on. */
  public static final class CopyAndSwap extends Scenario {
    private volatile Store store = new Store(new int[2]);

    @Override
    int readA() {
      return store.a();
    }

    @Override
    void writeA(int value) {
      store.setA(value);
    }

    @Override
    void writeBoth(int value) {
      store.setBoth(value);
    }

    @Override
    void move() {
      store = store.copy();
    }
  }

  /** Planted: writers look at a flag before they write, but may have looked too early. */
  public static final class FlagAndSwap extends Scenario {
    private volatile Store store = new Store(new int[2]);
    private volatile boolean migrating;

    @Override
    int readA() {
      return store.a();
    }

    @Override
    void writeA(int value) {
      awaitFlag();
      store.setA(value);
    }

    @Override
    void writeBoth(int value) {
      awaitFlag();
      store.setBoth(value);
    }

    private void awaitFlag() {
      while (migrating) {
        Thread.onSpinWait();
      }
    }

    @Override
    void move() {
      migrating = true;
      store = store.copy();
      migrating = false;
    }
  }

  private static void check(Class<? extends Scenario> scenario) {
    new ModelCheckingOptions()
        .iterations(LONG ? 100 : 25)
        .invocationsPerIteration(LONG ? 5_000 : 150)
        .threads(2)
        .actorsPerThread(3)
        .actorsBefore(0)
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
    assertThatThrownBy(() -> check(CopyAndSwap.class))
        .satisfies(HandoverLincheckTest::isALincheckFinding);
  }

  @Test
  void flagAndSwap_losesAWrite_andIsFound() {
    assertThatThrownBy(() -> check(FlagAndSwap.class))
        .satisfies(HandoverLincheckTest::isALincheckFinding);
  }

  private static void isALincheckFinding(Throwable failure) {
    assertThat(failure.getClass().getSimpleName()).isEqualTo("LincheckAssertionError");
  }
}
