package io.trimtab.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.state.Batch;
import io.trimtab.state.BatchRejectedException;
import io.trimtab.state.Capability;
import io.trimtab.state.LeaseHeldException;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateSnapshot;
import io.trimtab.state.VariableAlreadyExistsException;
import io.trimtab.state.VersionConflictException;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import io.trimtab.variable.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What {@link Capability#ATOMIC_UPDATES} means: a batch is applied as a whole or not at all, every
 * violation is reported, and no reader sees half of it.
 */
public interface AtomicBatchContract extends StateProviderFixture {

  /** This contract goes with the capability. */
  @Test
  default void atomicBatches_contractImplemented_isDeclared() {
    try (StateProvider provider = open()) {
      assertThat(provider.capabilities()).contains(Capability.ATOMIC_UPDATES);
    }
  }

  /** Wherever in a batch the bad element stands, nothing of it is applied. */
  @Test
  default void atomicBatch_oneBadElementAtEachPosition_changesNothing() {
    try (StateProvider provider = open()) {
      int size = 8;
      for (int i = 0; i < size; i++) {
        provider.register(Variable.integer("v" + i, 0, 0, 9));
      }
      StateExport before = Samples.essence(provider);

      for (int bad = 0; bad < size; bad++) {
        Batch.Builder batch = Batch.builder().putDocument("d", "text", null);
        for (int i = 0; i < size; i++) {
          batch.set("v" + i, i == bad ? 10 : 5);
        }
        String name = "v" + bad;

        assertThatThrownBy(() -> provider.commit(batch.build()))
            .isInstanceOfSatisfying(
                InvalidValueException.class,
                e ->
                    assertThat(e.violations().stream().map(Violation::subject))
                        .containsExactly(name));

        assertThat(Samples.essence(provider)).as("bad element at %d", bad).isEqualTo(before);
      }
    }
  }

  /** Every value outside its domain is named. */
  @Test
  default void atomicBatch_severalBadValues_areAllReported() {
    try (StateProvider provider = open()) {
      provider.registerAll(Samples.ALL_TYPES, WriteContext.JVM);

      InvalidValueException e =
          catchThrowableOfType(
              InvalidValueException.class, () -> provider.setAll(Samples.WRONG_VALUES));

      assertThat(e).isNotNull();
      assertThat(e.violations().stream().map(Violation::subject))
          .containsExactlyInAnyOrderElementsOf(Samples.WRONG_VALUES.keySet());
    }
  }

  /** Failures of one kind come as that kind, with every subject. */
  @Test
  default void atomicBatch_failuresOfOneKind_comeAsThatKind() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      provider.register(Samples.TEMPERATURE);
      StateExport before = Samples.essence(provider);

      assertThatThrownBy(
              () ->
                  provider.commit(
                      Batch.builder().set("x", 1).set("counter", 1).set("y", 1).build()))
          .isInstanceOfSatisfying(
              VariableNotFoundException.class, e -> assertThat(e.keys()).containsExactly("x", "y"));
      assertThatThrownBy(
              () ->
                  provider.commit(
                      Batch.builder()
                          .set("counter", 1, 7)
                          .set("temperature", 0.1, 1)
                          .expect("temperature", 1)
                          .putDocument("d", "x", 5L)
                          .build()))
          .isInstanceOf(IllegalArgumentException.class); // one key twice
      assertThatThrownBy(
              () ->
                  provider.commit(
                      Batch.builder().set("counter", 1, 7).putDocument("d", "x", 5L).build()))
          .isInstanceOfSatisfying(
              VersionConflictException.class,
              e ->
                  assertThat(e.conflicts())
                      .isEqualTo(
                          Map.of(
                              "counter", new VersionConflictException.Conflict(7, 1),
                              "d", new VersionConflictException.Conflict(5, 0))));
      assertThatThrownBy(
              () ->
                  provider.registerAll(
                      List.of(Samples.COUNTER, Variable.bool("fresh", true), Samples.TEMPERATURE),
                      WriteContext.JVM))
          .isInstanceOfSatisfying(
              VariableAlreadyExistsException.class,
              e -> assertThat(e.names()).containsExactly("counter", "temperature"));

      assertThat(Samples.essence(provider)).isEqualTo(before);
    }
  }

  /** Failures of several kinds come together, each under its key. */
  @Test
  default void atomicBatch_failuresOfSeveralKinds_comeTogether() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      provider.register(Samples.TEMPERATURE);
      provider.register(Samples.TOKENS);
      provider.acquireLease("someone", List.of("max_tokens"), Duration.ofMinutes(5));
      StateExport before = Samples.essence(provider);
      Batch batch =
          Batch.builder()
              .set("counter", 1, 9)
              .set("temperature", 3.0)
              .set("max_tokens", 10)
              .set("nowhere", 1)
              .set("counter2", 1)
              .build();

      BatchRejectedException e =
          catchThrowableOfType(BatchRejectedException.class, () -> provider.commit(batch));

      assertThat(e).isNotNull();
      assertThat(e.failures().keySet())
          .containsExactly("counter", "temperature", "max_tokens", "nowhere", "counter2");
      assertThat(e.failures().get("counter")).isInstanceOf(VersionConflictException.class);
      assertThat(e.failures().get("temperature")).isInstanceOf(InvalidValueException.class);
      assertThat(e.failures().get("max_tokens")).isInstanceOf(LeaseHeldException.class);
      assertThat(e.failures().get("nowhere")).isInstanceOf(VariableNotFoundException.class);
      assertThat(Samples.essence(provider)).isEqualTo(before);
    }
  }

  /** A failed expectation about something the batch does not write holds back the whole batch. */
  @Test
  default void atomicBatch_failedExpectation_holdsBackEverything() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      provider.register(Samples.TEMPERATURE);
      Batch batch = Batch.builder().set("counter", 5).expect("temperature", 2).build();

      assertThatThrownBy(() -> provider.commit(batch)).isInstanceOf(VersionConflictException.class);
      assertThat(provider.get("counter").value()).isEqualTo(0L);

      provider.set("temperature", 0.1);
      provider.commit(batch);

      assertThat(provider.get("counter").value()).isEqualTo(5L);
      assertThat(provider.get("temperature").version()).isEqualTo(2);
    }
  }

  /** One variable of several is taken: none is registered. */
  @Test
  default void atomicBatch_oneRegistrationRefused_registersNone() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      StateExport before = Samples.essence(provider);

      assertThatThrownBy(
              () ->
                  provider.registerAll(
                      List.of(Samples.TEMPERATURE, Samples.COUNTER, Samples.TOKENS),
                      WriteContext.JVM))
          .isInstanceOf(VariableAlreadyExistsException.class);

      assertThat(Samples.essence(provider)).isEqualTo(before);
    }
  }

  /** Variables that are always written together are always read together. */
  @Test
  default void atomicBatch_concurrentReaders_neverSeeHalf() {
    try (StateProvider provider = open()) {
      List<String> names = List.of("a", "b", "c", "d");
      names.forEach(name -> provider.register(Variable.integer(name, 0, 0, Long.MAX_VALUE)));
      int least = Math.max(10, effort() / 10);
      List<AtomicInteger> reads = List.of(new AtomicInteger(), new AtomicInteger());
      AtomicInteger singles = new AtomicInteger();
      AtomicBoolean done = new AtomicBoolean();
      List<Callable<Void>> tasks = new ArrayList<>();
      tasks.add(
          () -> {
            try {
              // on until each reader has read a few times, so that they meet on any machine
              long end = System.nanoTime() + patience().toNanos();
              for (int i = 1; i <= effort() || met(reads, singles) < least; i++) {
                provider.setAll(Map.of("a", i, "b", i, "c", i, "d", i));
                Thread.yield();
                if (i > effort() && System.nanoTime() > end) {
                  break;
                }
              }
            } finally {
              done.set(true);
            }
            return null;
          });
      for (AtomicInteger count : reads) {
        boolean some = count == reads.get(0);
        tasks.add(
            () -> {
              do {
                StateSnapshot seen = some ? provider.getMany(names) : provider.list("*");
                assertThat(seen.values().values().stream().distinct())
                    .as("one snapshot of variables always written together: %s", seen)
                    .hasSize(1);
                count.incrementAndGet();
              } while (!done.get());
              return null;
            });
      }
      tasks.add(
          () -> {
            do {
              // Whoever has seen the new value of one variable sees the new value of the others,
              // whichever of them a torn batch would write first.
              long last = (Long) provider.get("d").value();
              long first = (Long) provider.get("a").value();
              long lastAgain = (Long) provider.get("d").value();
              assertThat(first).isGreaterThanOrEqualTo(last);
              assertThat(lastAgain).isGreaterThanOrEqualTo(first);
              singles.incrementAndGet();
            } while (!done.get());
            return null;
          });

      Crew.runAll(tasks);

      assertThat((Long) provider.get("a").value()).isGreaterThanOrEqualTo(effort());
      assertThat(provider.get("a").value()).isEqualTo(provider.get("d").value());
    }
  }

  private static int met(List<AtomicInteger> reads, AtomicInteger singles) {
    return Math.min(singles.get(), Math.min(reads.get(0).get(), reads.get(1).get()));
  }
}
