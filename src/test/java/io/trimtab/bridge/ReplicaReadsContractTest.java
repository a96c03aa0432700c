package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.state.LeaseHeldException;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.VersionConflictException;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What {@link BridgedState} is when it reads from its replica, in the words of the compliance kit.
 *
 * <p>One sentence of the kit does not hold: that what one process acknowledged is read by another
 * one at once. {@link ReadMode#REPLICA} promises that for the writes of the same JVM; of others'
 * writes it promises whole commits, in order, a moment later. Hence two tests wait for that moment.
 */
@RequiresPython
final class ReplicaReadsContractTest extends BridgedStateContractTest {

  @Override
  StateProvider open(String sessionId, StateExport initial) {
    return BridgedState.builder(sessionId, sidecar())
        .reads(ReadMode.REPLICA)
        .initial(initial)
        .open();
  }

  /** Waits until a replica holds what was acknowledged elsewhere. */
  private void awaitRevision(StateProvider replica, long revision) {
    try (Watch watch = replica.watch(WatchRequest.matching("*").build(), changes -> {})) {
      assertThat(watch.await(revision, patience())).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @Override
  public void join_writesOfOne_areReadByTheOther() {
    try (StateProvider one = open();
        StateProvider other = join(one)) {
      long registered = one.register(Variable.integer("counter", 0, 0, 100)).revision();
      awaitRevision(other, registered);
      assertThat(other.get("counter")).isEqualTo(one.get("counter"));

      long written = other.set("counter", 5).revision();
      assertThat(other.get("counter").value()).isEqualTo(5L);
      awaitRevision(one, written);

      assertThat(one.get("counter")).isEqualTo(other.get("counter"));
      assertThat(one.revision()).isEqualTo(other.revision()).isEqualTo(2);
      assertThatThrownBy(() -> one.compareAndSet("counter", 6, 1, WriteContext.JVM))
          .isInstanceOf(VersionConflictException.class);
      one.acquireLease("a study", List.of("counter"), Duration.ofMinutes(5));
      assertThatThrownBy(() -> other.set("counter", 7)).isInstanceOf(LeaseHeldException.class);
    }
  }

  @Test
  @Override
  public void join_bothIncrement_losesNothing() {
    try (StateProvider one = open();
        StateProvider other = join(one)) {
      awaitRevision(other, one.register(Variable.integer("counter", 0, 0, 100)).revision());

      Thread[] threads = new Thread[4];
      for (int i = 0; i < threads.length; i++) {
        StateProvider mine = i % 2 == 0 ? one : other;
        threads[i] = new Thread(() -> increment(mine, 25));
        threads[i].start();
      }
      for (Thread thread : threads) {
        join(thread);
      }

      awaitRevision(one, 101);
      awaitRevision(other, 101);
      assertThat(one.get("counter").value()).isEqualTo(100L);
      assertThat(other.get("counter")).isEqualTo(one.get("counter"));
    }
  }

  private static void increment(StateProvider state, int times) {
    for (int i = 0; i < times; i++) {
      state.update("counter", value -> (Long) value + 1, WriteContext.JVM);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
