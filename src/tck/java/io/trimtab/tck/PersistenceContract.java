package io.trimtab.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.state.Batch;
import io.trimtab.state.Capability;
import io.trimtab.state.LeaseHeldException;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.VariableState;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@link Capability#PERSISTENCE} means: what was acknowledged is there after a new start. */
public interface PersistenceContract extends StateProviderFixture {

  /**
   * Opens the state that a provider kept, as a new process would.
   *
   * @param closed a provider that {@link #open()} returned and that has been closed since
   * @return an open provider over the same state; the kit closes it
   */
  StateProvider reopen(StateProvider closed);

  /** This contract goes with the capability. */
  @Test
  default void persistence_contractImplemented_isDeclared() {
    try (StateProvider provider = open()) {
      assertThat(provider.capabilities()).contains(Capability.PERSISTENCE);
    }
  }

  /** Everything is back: variables, ids, versions, history, documents, leases, dependencies. */
  @Test
  default void reopen_afterClose_findsEverything() {
    StateProvider first = open();
    first.registerAll(Samples.ALL_TYPES, WriteContext.JVM.with("purpose", "persistence"));
    first.setAll(Samples.OTHER_VALUES);
    first.commit(Batch.builder().putDocument("space/x", "{}", 0L).build());
    first.addDependency("a_choice", "a_float");
    first.acquireLease("opt1", List.of("a_string"), Duration.ofMinutes(30));
    StateExport before = Samples.essence(first);
    String sessionId = first.sessionId();
    first.close();

    try (StateProvider second = reopen(first)) {
      assertThat(second.sessionId()).isEqualTo(sessionId);
      assertThat(Samples.essence(second)).isEqualTo(before);
      assertThatThrownBy(() -> second.set("a_string", "x")).isInstanceOf(LeaseHeldException.class);
      Samples.WRONG_VALUES.forEach(
          (name, value) ->
              assertThatThrownBy(() -> second.set(name, value, WriteContext.JVM.onBehalfOf("opt1")))
                  .as(name)
                  .isInstanceOf(InvalidValueException.class));
    }
  }

  /** Versions and revisions go on from where they were. */
  @Test
  default void reopen_thenWrite_goesOnCounting() {
    StateProvider first = open();
    first.register(Samples.COUNTER);
    first.set("counter", 1);
    first.register(Variable.bool("gone", true));
    first.delete("gone");
    long revision = first.revision();
    first.close();

    try (StateProvider second = reopen(first)) {
      VariableState next = second.set("counter", 2);

      assertThat(next.version()).isEqualTo(3);
      assertThat(next.revision()).isEqualTo(revision + 1);
      assertThat(second.register(Variable.bool("gone", true)).version()).isGreaterThan(1);
      assertThat(second.rollback("counter", 2, WriteContext.JVM).value()).isEqualTo(1L);
    }
  }

  /** A deletion is as lasting as a write. */
  @Test
  default void reopen_afterDelete_doesNotBringItBack() {
    StateProvider first = open();
    first.register(Samples.COUNTER);
    first.register(Samples.TEMPERATURE);
    first.delete("counter");
    first.close();

    try (StateProvider second = reopen(first)) {
      assertThat(second.list("*").values()).isEqualTo(Map.of("temperature", 0.7));
    }
  }

  /** Edge values come back bit for bit. */
  @Test
  default void reopen_edgeValues_areKeptBitForBit() {
    for (Samples.Kept kept : Samples.kept()) {
      StateProvider first = open();
      String name = first.register(kept.variable()).name();
      first.set(name, kept.value());
      first.close();

      try (StateProvider second = reopen(first)) {
        assertThat(second.get(name).value()).isEqualTo(kept.value());
        assertThat(second.get(name).variable()).isEqualTo(kept.variable());
      }
    }
  }
}
