package io.trimtab.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.state.Capability;
import io.trimtab.state.LeaseHeldException;
import io.trimtab.state.StateProvider;
import io.trimtab.state.VersionConflictException;
import io.trimtab.state.WatchRequest;
import io.trimtab.state.WriteContext;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@link Capability#DISTRIBUTION} means: several processes share one state. */
public interface DistributionContract extends StateProviderFixture {

  /**
   * Opens a second provider over the state of a first one, as another process would.
   *
   * @param first an open provider that {@link #open()} returned
   * @return an open provider over the same state; the kit closes it
   */
  StateProvider join(StateProvider first);

  /** This contract goes with the capability. */
  @Test
  default void distribution_contractImplemented_isDeclared() {
    try (StateProvider provider = open()) {
      assertThat(provider.capabilities()).contains(Capability.DISTRIBUTION);
    }
  }

  /** What one acknowledged, the other reads. */
  @Test
  default void join_writesOfOne_areReadByTheOther() {
    try (StateProvider one = open();
        StateProvider other = join(one)) {
      one.register(Samples.COUNTER);
      assertThat(other.get("counter")).isEqualTo(one.get("counter"));

      other.set("counter", 5);

      assertThat(one.get("counter").value()).isEqualTo(5L);
      assertThat(one.revision()).isEqualTo(other.revision()).isEqualTo(2);
      assertThatThrownBy(() -> one.compareAndSet("counter", 6, 1, WriteContext.JVM))
          .isInstanceOf(VersionConflictException.class);
      one.acquireLease("opt1", List.of("counter"), Duration.ofMinutes(5));
      assertThatThrownBy(() -> other.set("counter", 7)).isInstanceOf(LeaseHeldException.class);
      assertThat(Samples.essence(one)).isEqualTo(Samples.essence(other));
    }
  }

  /** Both count, no increment is lost. */
  @Test
  default void join_bothIncrement_losesNothing() {
    try (StateProvider one = open();
        StateProvider other = join(one)) {
      one.register(Samples.COUNTER);

      Crew.run(
          4,
          thread -> {
            StateProvider provider = thread % 2 == 0 ? one : other;
            for (int i = 0; i < effort() / 4; i++) {
              provider.update("counter", v -> (Long) v + 1, WriteContext.JVM);
            }
            return null;
          });

      assertThat(one.get("counter").value()).isEqualTo(4L * (effort() / 4));
      assertThat(other.get("counter")).isEqualTo(one.get("counter"));
    }
  }

  /** Watchers are told of writes made elsewhere. */
  @Test
  default void join_watcherOfOne_isToldOfWritesOfTheOther() {
    try (StateProvider one = open();
        StateProvider other = join(one)) {
      if (!one.capabilities().contains(Capability.STREAMING)) {
        return;
      }
      one.register(Samples.COUNTER);
      ChangeLog log = new ChangeLog(patience());
      one.watch(WatchRequest.of("counter").build(), log);

      for (long i = 1; i <= 10; i++) {
        other.set("counter", i);
      }

      log.awaitValue("counter", 10L);
      assertThat(log.values()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
    }
  }
}
