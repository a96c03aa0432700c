package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.state.ChangeSet;
import io.trimtab.state.StateUnavailableException;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two JVMs share a session of a sidecar without a data directory. It dies when one of them has been
 * told of more than the other, and the one that comes back first goes on from what it holds.
 */
@RequiresPython
@Timeout(120)
class DivergenceTest {

  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** One JVM: its own connection, which a test can make deaf, and what its watcher was told. */
  private static final class Jvm implements AutoCloseable {

    private final ChaosProxy proxy;
    private final Sidecar sidecar;
    private final BridgedState state;
    private final List<ChangeSet> told = new CopyOnWriteArrayList<>();
    private Watch watch;

    Jvm(int port) throws Exception {
      proxy = new ChaosProxy(port);
      sidecar = Sidecar.connect(proxy.address()).token(OperatedSidecar.TOKEN).open();
      state = BridgedState.builder("shared", sidecar).deadline(DEADLINE).open();
    }

    void watch() {
      watch = state.watch(WatchRequest.matching("*").build(), told::add);
    }

    long counter() {
      return (Long) state.get("counter").value();
    }

    /** Lets the JVM hear nothing more, whoever serves the address. */
    void partition() {
      proxy.swallowAll(true);
      proxy.cut();
    }

    void heal() {
      proxy.swallowAll(false);
      proxy.swallowAnswers(false);
      proxy.cut();
    }

    List<Object> values() throws InterruptedException {
      assertThat(watch.await(state.revision(), DEADLINE)).isTrue();
      return told.stream().map(set -> set.changes().get(0).newValue()).toList();
    }

    @Override
    public void close() {
      state.close();
      sidecar.close();
      proxy.close();
    }
  }

  private OperatedSidecar first;
  private Jvm one;
  private Jvm other;

  @BeforeEach
  void share() throws Exception {
    first = OperatedSidecar.start(0, Map.of());
    one = new Jvm(first.port());
    other = new Jvm(first.port());
    one.state.register(Variable.integer("counter", 0, 0, 1_000));
    assertThat(other.counter()).isZero();
    one.watch();
    other.watch();
  }

  @AfterEach
  void end() {
    one.close();
    other.close();
    first.close();
  }

  /** One is told of a commit, the sidecar dies, and the other restores what was before it. */
  private OperatedSidecar diverge(int commits) throws Exception {
    other.proxy.swallowAnswers(true);
    for (int i = 1; i <= commits; i++) {
      one.state.set("counter", 100 * i);
    }
    one.partition();
    other.partition();
    first.kill();
    OperatedSidecar second = OperatedSidecar.start(first.port(), Map.of());
    other.heal();
    assertThat(other.counter()).isZero();
    return second;
  }

  private void assertSameForBoth(long value) {
    assertThat(one.state.get("counter")).isEqualTo(other.state.get("counter"));
    assertThat(one.counter()).isEqualTo(value);
    assertThat(one.state.history("counter")).isEqualTo(other.state.history("counter"));
    assertThat(one.state.revision()).isEqualTo(other.state.revision());
  }

  private static void assertRising(Jvm jvm) {
    assertThat(jvm.told).extracting(ChangeSet::revision).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void sameRevision_otherHistory_isTakenWhole_andWatchersAreToldTheDifference() throws Exception {
    try (OperatedSidecar second = diverge(1)) {
      other.state.set("counter", 7);
      assertThat(other.state.replica().revision()).isEqualTo(one.state.replica().revision());

      one.heal();

      assertSameForBoth(7);
      assertThat(one.values()).containsExactly(100L, 7L);
      assertThat(other.values()).containsExactly(7L);
      one.state.set("counter", 8);
      other.state.set("counter", 9);
      assertSameForBoth(9);
      assertThat(one.values()).containsExactly(100L, 7L, 8L, 9L);
      assertThat(other.values()).containsExactly(7L, 8L, 9L);
      assertRising(one);
      assertRising(other);
      assertThat(second.port()).isEqualTo(first.port());
    }
  }

  @Test
  void nothingWrittenSince_higherRevision_isRestored() throws Exception {
    try (OperatedSidecar second = diverge(1)) {
      one.heal();

      assertSameForBoth(100);
      assertThat(one.values()).containsExactly(100L);
      assertThat(other.values()).containsExactly(100L);
      assertThat(second.port()).isEqualTo(first.port());
    }
  }

  @Test
  void higherRevision_replacesWhatOthersWentOnWith_andTheyAreTold() throws Exception {
    try (OperatedSidecar second = diverge(3)) {
      other.state.set("counter", 7);

      one.heal();

      assertSameForBoth(300);
      assertThat(one.values()).containsExactly(100L, 200L, 300L);
      assertThat(other.values()).containsExactly(7L, 300L);
      assertRising(other);
      assertThat(second.port()).isEqualTo(first.port());
    }
  }

  @Test
  void lowerRevision_takesWhatOthersWentOnWith() throws Exception {
    try (OperatedSidecar second = diverge(1)) {
      other.state.set("counter", 7);
      other.state.set("counter", 8);

      one.heal();

      assertSameForBoth(8);
      assertThat(one.values()).containsExactly(100L, 8L);
      assertRising(one);
      assertThat(second.port()).isEqualTo(first.port());
    }
  }

  /** Sent again, it would be applied twice: who gave the state back had been told of it. */
  @Test
  void writeUnderWay_whenAnotherRestores_isNotSentAgain() throws Exception {
    other.proxy.swallowAnswers(true);
    CompletableFuture<Object> write =
        CompletableFuture.supplyAsync(() -> other.state.set("counter", 5));
    while (one.counter() != 5) { // bounded by the test's timeout
      Thread.onSpinWait();
    }
    one.partition();
    other.partition();
    first.kill();
    try (OperatedSidecar second = OperatedSidecar.start(first.port(), Map.of())) {
      one.heal();
      assertThat(one.counter()).isEqualTo(5);

      other.heal();

      assertThatThrownBy(() -> write.get(DEADLINE.toSeconds(), TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(StateUnavailableException.class)
          .hasMessageContaining("not known");
      assertSameForBoth(5);
      assertThat(one.state.get("counter").version()).isEqualTo(2);
      assertThat(other.values()).containsExactly(5L);
      assertThat(second.port()).isEqualTo(first.port());
    }
  }
}
