package io.trimtab.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.state.Batch;
import io.trimtab.state.Lease;
import io.trimtab.state.LeaseHeldException;
import io.trimtab.state.LeaseLostException;
import io.trimtab.state.PartialUpdateException;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.VariableNotFoundException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What every provider promises about leases: the sole right to write some variables for a while.
 */
public interface LeaseContract extends StateProviderFixture {

  /** Longer than any test. */
  Duration FIVE_MINUTES = Duration.ofMinutes(5);

  /** While a lease lasts, only its owner writes; everybody reads. */
  @Test
  default void lease_whileHeld_onlyItsOwnerWrites() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      provider.set("counter", 1);
      provider.acquireLease("opt1", List.of("counter"), Duration.ofMinutes(5));
      StateExport before = Samples.essence(provider);
      WriteContext other = WriteContext.JVM.onBehalfOf("opt2");

      List<Runnable> writes =
          List.of(
              () -> provider.set("counter", 2),
              () -> provider.set("counter", 2, other),
              () -> provider.compareAndSet("counter", 2, 2, other),
              () -> provider.update("counter", v -> 2, other),
              () -> provider.rollback("counter", 1, other),
              () -> provider.delete("counter"),
              () -> provider.setAll(Map.of("counter", 2)));
      for (Runnable write : writes) {
        assertThatThrownBy(write::run)
            .isInstanceOfSatisfying(
                LeaseHeldException.class, e -> assertThat(e.lease().owner()).isEqualTo("opt1"))
            .hasMessageContaining("opt1")
            .hasMessageContaining("counter");
      }
      assertThat(Samples.essence(provider)).isEqualTo(before);
      assertThat(provider.get("counter").value()).isEqualTo(1L);

      WriteContext owner = WriteContext.JVM.onBehalfOf("opt1");
      assertThat(provider.set("counter", 3, owner).value()).isEqualTo(3L);
      assertThat(provider.delete("counter", owner).value()).isEqualTo(3L);
    }
  }

  /** A lease covers what it names and nothing else. */
  @Test
  default void lease_onOneVariable_leavesOthersFree() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      provider.register(Samples.TEMPERATURE);
      provider.acquireLease("opt1", List.of("counter"), Duration.ofMinutes(5));

      assertThat(provider.set("temperature", 0.1).value()).isEqualTo(0.1);
      assertThatThrownBy(
              () ->
                  provider.commit(
                      Batch.builder().set("temperature", 0.2).set("counter", 1).build()))
          .isInstanceOf(LeaseHeldException.class);
    }
  }

  /** A lease says who holds which variables until when, by name even if taken by id. */
  @Test
  default void acquireLease_byNameAndId_namesTheVariables() {
    try (StateProvider provider = open()) {
      String id = provider.register(Samples.COUNTER).id();
      provider.register(Samples.TEMPERATURE);

      Lease lease =
          provider.acquireLease("opt1", List.of(id, "counter", "temperature"), FIVE_MINUTES);

      assertThat(lease.owner()).isEqualTo("opt1");
      assertThat(lease.names()).isEqualTo(Set.of("counter", "temperature"));
      assertThat(lease.expiresAt())
          .isBetween(
              provider.get("counter").createdAt().plus(FIVE_MINUTES),
              provider
                  .set("temperature", 0.1, WriteContext.JVM.onBehalfOf("opt1"))
                  .updatedAt()
                  .plus(FIVE_MINUTES));
      assertThat(provider.leases()).containsExactly(lease);
      assertThatThrownBy(() -> provider.set(id, 1)).isInstanceOf(LeaseHeldException.class);
    }
  }

  /** A second owner is told who was first; the first may take more. */
  @Test
  default void acquireLease_heldByAnother_isRefused() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      provider.register(Samples.TEMPERATURE);
      Lease first = provider.acquireLease("opt1", List.of("counter"), Duration.ofMinutes(5));

      assertThatThrownBy(
              () ->
                  provider.acquireLease(
                      "opt2", List.of("temperature", "counter"), Duration.ofMinutes(5)))
          .isInstanceOfSatisfying(
              LeaseHeldException.class, e -> assertThat(e.lease()).isEqualTo(first));
      assertThat(provider.leases()).containsExactly(first);
      assertThat(provider.set("temperature", 0.3).value()).isEqualTo(0.3);

      Lease more = provider.acquireLease("opt1", List.of("temperature"), Duration.ofMinutes(5));
      assertThat(provider.leases()).containsExactlyInAnyOrder(first, more);
    }
  }

  /** A lease on what does not exist, on nothing or for no time is refused. */
  @Test
  default void acquireLease_nonsense_isRefused() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);

      assertThatThrownBy(
              () -> provider.acquireLease("o", List.of("counter", "x", "y"), Duration.ofMinutes(1)))
          .isInstanceOfSatisfying(
              VariableNotFoundException.class, e -> assertThat(e.keys()).containsExactly("x", "y"));
      assertThatThrownBy(() -> provider.acquireLease("o", List.of(), Duration.ofMinutes(1)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> provider.acquireLease("o", List.of("counter"), Duration.ZERO))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(
              () -> provider.acquireLease("o", List.of("counter"), Duration.ofSeconds(-1)))
          .isInstanceOf(IllegalArgumentException.class);
      for (String owner : List.of("", " ", "a\0b", "a\ud800b")) {
        assertThatThrownBy(() -> provider.acquireLease(owner, List.of("counter"), FIVE_MINUTES))
            .as("an owner that could not be exported: \"%s\"", owner)
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThat(provider.leases()).isEmpty();
      assertThat(provider.set("counter", 1).version()).isEqualTo(2);
    }
  }

  /** A best-effort batch leaves out what another holds and keeps the rest. */
  @Test
  default void bestEffort_oneVariableLeased_keepsTheRest() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      provider.register(Samples.TEMPERATURE);
      provider.acquireLease("opt1", List.of("counter"), FIVE_MINUTES);
      Batch batch = Batch.builder().set("counter", 1).set("temperature", 0.1).bestEffort().build();

      assertThatThrownBy(() -> provider.commit(batch))
          .isInstanceOfSatisfying(
              PartialUpdateException.class,
              e -> {
                assertThat(e.failures()).containsOnlyKeys("counter");
                assertThat(e.failures().get("counter")).isInstanceOf(LeaseHeldException.class);
              });

      assertThat(provider.get("temperature").value()).isEqualTo(0.1);
      assertThat(provider.get("counter").version()).isEqualTo(1);
    }
  }

  /** A released lease stands in nobody's way; releasing it again does nothing. */
  @Test
  default void releaseLease_twice_freesTheVariables() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      Lease lease = provider.acquireLease("opt1", List.of("counter"), Duration.ofMinutes(5));

      provider.releaseLease(lease);
      provider.releaseLease(lease);

      assertThat(provider.leases()).isEmpty();
      assertThat(provider.set("counter", 1).value()).isEqualTo(1L);
      assertThat(provider.acquireLease("opt2", List.of("counter"), Duration.ofMinutes(5)).owner())
          .isEqualTo("opt2");
    }
  }

  /** A lease that was released stays so, whatever its holder remembers. */
  @Test
  default void renewLease_afterRelease_isRefused() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      Lease lease = provider.acquireLease("opt1", List.of("counter"), FIVE_MINUTES);
      provider.releaseLease(lease);

      assertThatThrownBy(() -> provider.renewLease(lease, FIVE_MINUTES))
          .isInstanceOfSatisfying(
              LeaseLostException.class, e -> assertThat(e.leaseId()).isEqualTo(lease.id()));

      assertThat(provider.leases()).isEmpty();
      assertThat(provider.set("counter", 1).value()).isEqualTo(1L);
    }
  }

  /** Of two leases of one owner on one variable, each has to end. */
  @Test
  default void releaseLease_oneOfTwo_leavesTheOther() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      Lease first = provider.acquireLease("opt1", List.of("counter"), FIVE_MINUTES);
      Lease second = provider.acquireLease("opt1", List.of("counter"), FIVE_MINUTES);

      provider.releaseLease(first);

      assertThat(provider.leases()).containsExactly(second);
      assertThatThrownBy(() -> provider.set("counter", 1)).isInstanceOf(LeaseHeldException.class);
      provider.releaseLease(second);
      assertThat(provider.set("counter", 1).value()).isEqualTo(1L);
    }
  }

  /** Who does not own a lease can neither release nor renew it. */
  @Test
  default void releaseLease_byAnother_isRefused() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      Lease lease = provider.acquireLease("opt1", List.of("counter"), Duration.ofMinutes(5));
      Lease forged = new Lease(lease.id(), "opt2", lease.names(), lease.expiresAt());

      assertThatThrownBy(() -> provider.releaseLease(forged))
          .isInstanceOfSatisfying(
              LeaseLostException.class, e -> assertThat(e.leaseId()).isEqualTo(lease.id()));
      assertThatThrownBy(() -> provider.renewLease(forged, Duration.ofMinutes(5)))
          .isInstanceOf(LeaseLostException.class);
      assertThat(provider.leases()).containsExactly(lease);
    }
  }

  /** A lease that was not renewed ends by itself. */
  @Test
  default void lease_notRenewed_endsByItself() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      Lease lease = provider.acquireLease("opt1", List.of("counter"), Duration.ofMillis(50));

      pass(Duration.ofMillis(100));

      assertThat(provider.set("counter", 1).value()).isEqualTo(1L);
      assertThat(provider.leases()).isEmpty();
      assertThat(provider.exportState().leases()).isEmpty();
      assertThatThrownBy(() -> provider.renewLease(lease, Duration.ofMinutes(1)))
          .isInstanceOf(LeaseLostException.class);
      provider.releaseLease(lease);
      provider.acquireLease("opt2", List.of("counter"), Duration.ofMinutes(1));
    }
  }

  /** A renewed lease outlives its first expiry. */
  @Test
  default void renewLease_inTime_outlivesTheFirstExpiry() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      Lease lease = provider.acquireLease("opt1", List.of("counter"), Duration.ofMillis(400));

      Lease renewed = provider.renewLease(lease, Duration.ofMinutes(5));
      pass(Duration.ofMillis(500));

      assertThat(renewed.id()).isEqualTo(lease.id());
      assertThat(renewed.expiresAt()).isAfter(lease.expiresAt());
      assertThat(provider.leases()).containsExactly(renewed);
      assertThatThrownBy(() -> provider.set("counter", 1)).isInstanceOf(LeaseHeldException.class);
    }
  }

  /** Of many who want a lease at once, one gets it. */
  @Test
  default void acquireLease_byManyAtOnce_isGivenToOne() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);

      List<Boolean> won =
          Crew.run(
              6,
              thread -> {
                try {
                  provider.acquireLease("opt" + thread, List.of("counter"), Duration.ofMinutes(5));
                  return true;
                } catch (LeaseHeldException e) {
                  return false;
                }
              });

      assertThat(won.stream().filter(Boolean::booleanValue)).hasSize(1);
      assertThat(provider.leases()).hasSize(1);
    }
  }
}
