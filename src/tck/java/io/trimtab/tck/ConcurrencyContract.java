package io.trimtab.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.state.Batch;
import io.trimtab.state.Capability;
import io.trimtab.state.Commit;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateSnapshot;
import io.trimtab.state.VariableAlreadyExistsException;
import io.trimtab.state.VariableState;
import io.trimtab.state.VersionConflictException;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/**
 * What every provider promises to many threads at once: each operation takes effect at one instant
 * between its call and its return, and no update is lost.
 *
 * <p>The threads of a test run {@link #effort()} operations each. Randomness comes from {@link
 * #seed()}, which every failure prints.
 */
public interface ConcurrencyContract extends StateProviderFixture {

  /**
   * Returns what the random choices of the threads start from.
   *
   * @return the system property {@code trimtab.seed}, or a fixed number
   */
  default long seed() {
    return Long.getLong("trimtab.seed", 20_260_101L);
  }

  /**
   * Returns how many histories of random operations are recorded and checked, each on a provider of
   * its own.
   *
   * @return 1 unless overridden; long suites record more
   */
  default int histories() {
    return 1;
  }

  /**
   * Random operations of six threads are recorded and found to be linearizable.
   *
   * @param reporter told how many operations were recorded
   */
  @Test
  @Timeout(3600)
  default void concurrentOperations_recorded_areLinearizable(TestReporter reporter) {
    long recorded = 0;
    for (int round = 0; round < histories(); round++) {
      recorded += recordAndCheck(seed() + 6L * round);
    }
    assertThat(recorded).isPositive();
    reporter.publishEntry("operations recorded", Long.toString(recorded));
  }

  private int recordAndCheck(long seed) {
    try (StateProvider provider = open()) {
      List<String> names = List.of("a", "b", "c", "d");
      History history = new History(provider.revision(), names);

      Crew.run(
          6,
          thread -> {
            SplittableRandom random = new SplittableRandom(seed + thread);
            for (int i = 0; i < effort(); i++) {
              step(provider, history, names, random);
            }
            return null;
          });

      assertThat(history.violations())
          .as("%d operations with seed %d", history.size(), seed)
          .isEmpty();
      return history.size();
    }
  }

  private static void step(
      StateProvider provider, History history, List<String> names, SplittableRandom random) {
    Thread.yield(); // on few cores threads would otherwise rather follow than interleave
    String name = names.get(random.nextInt(names.size()));
    long value = random.nextLong(1_000_000);
    int dice = random.nextInt(100);
    long began = System.nanoTime();
    if (dice < 25) {
      VariableState seen = provider.find(name);
      history.add(new History.SeenOne(began, System.nanoTime(), name, seen));
    } else if (dice < 40) {
      read(history, began, provider.getMany(names));
    } else if (dice < 50) {
      read(history, began, provider.list("*"));
    } else if (dice < 70) {
      write(provider, history, Batch.builder().set(name, value).build());
    } else if (dice < 80) {
      write(provider, history, Batch.builder().register(integer(name)).build());
    } else if (dice < 85) {
      write(provider, history, Batch.builder().delete(name).build());
    } else if (dice < 90) {
      VariableState seen = provider.find(name);
      if (seen != null) {
        write(provider, history, Batch.builder().set(seen.id(), value, seen.version()).build());
      }
    } else if (provider.capabilities().contains(Capability.ATOMIC_UPDATES)) {
      Batch.Builder batch = Batch.builder();
      names.subList(0, 2 + random.nextInt(3)).forEach(each -> batch.set(each, value));
      write(provider, history, batch.build());
    }
  }

  private static Variable<Long> integer(String name) {
    return Variable.integer(name, 0, 0, 1_000_000);
  }

  private static void read(History history, long began, StateSnapshot seen) {
    history.add(new History.Seen(began, System.nanoTime(), seen.revision(), seen.variables()));
  }

  private static void write(StateProvider provider, History history, Batch batch) {
    long began = System.nanoTime();
    Commit commit;
    try {
      commit = provider.commit(batch);
    } catch (VariableNotFoundException
        | VariableAlreadyExistsException
        | VersionConflictException e) {
      return; // refused: no effect, and the reads would show one
    }
    long ended = System.nanoTime();
    Map<String, @Nullable VariableState> effect = new HashMap<>();
    commit.variables().values().forEach(state -> effect.put(state.name(), state));
    batch.writes().stream()
        .filter(io.trimtab.state.Write.DeleteVariable.class::isInstance)
        .forEach(write -> effect.put(write.key(), null));
    history.add(new History.Written(began, ended, commit.revision(), effect));
  }

  /** Money moves between accounts in batches that expect versions; the sum is always the same. */
  @Test
  default void concurrentTransfers_neverChangeTheSum() {
    try (StateProvider provider = open()) {
      if (!provider.capabilities().contains(Capability.ATOMIC_UPDATES)) {
        return;
      }
      List<String> accounts = IntStream.range(0, 8).mapToObj(i -> "account" + i).toList();
      accounts.forEach(name -> provider.register(Variable.integer(name, 100, 0, Long.MAX_VALUE)));
      AtomicBoolean done = new AtomicBoolean();
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        long seed = seed() + i;
        tasks.add(
            () -> {
              SplittableRandom random = new SplittableRandom(seed);
              try {
                for (int n = 0; n < effort(); n++) {
                  transfer(provider, accounts, random);
                }
              } finally {
                done.set(true);
              }
              return null;
            });
      }
      for (int i = 0; i < 2; i++) {
        boolean some = i == 0;
        tasks.add(
            () -> {
              do {
                StateSnapshot seen = some ? provider.getMany(accounts) : provider.list("account*");
                assertThat(sum(seen)).as("sum at revision %d", seen.revision()).isEqualTo(800);
              } while (!done.get());
              return null;
            });
      }

      Crew.runAll(tasks);

      assertThat(sum(provider.list("*"))).isEqualTo(800);
    }
  }

  private static void transfer(
      StateProvider provider, List<String> accounts, SplittableRandom random) {
    String from = accounts.get(random.nextInt(accounts.size()));
    String to = accounts.get(random.nextInt(accounts.size()));
    if (from.equals(to)) {
      return;
    }
    StateSnapshot seen = provider.getMany(List.of(from, to));
    VariableState payer = Objects.requireNonNull(seen.find(from));
    VariableState payee = Objects.requireNonNull(seen.find(to));
    long amount = Math.min((Long) payer.value(), random.nextInt(20));
    Thread.yield(); // between the read and the write, where others come in
    try {
      provider.commit(
          Batch.builder()
              .set(from, (Long) payer.value() - amount, payer.version())
              .set(to, (Long) payee.value() + amount, payee.version())
              .build());
    } catch (VersionConflictException e) {
      // another transfer was faster; this one did not happen
    }
  }

  private static long sum(StateSnapshot snapshot) {
    return snapshot.values().values().stream().mapToLong(value -> (Long) value).sum();
  }

  /** Increments by read-modify-write: none is lost. */
  @Test
  default void concurrentUpdates_ofOneCounter_areAllCounted() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      int each = effort() / 4;

      Crew.run(
          4,
          thread -> {
            for (int i = 0; i < each; i++) {
              provider.update(
                  "counter",
                  value -> {
                    Thread.yield(); // between the read and the write, where others come in
                    return (Long) value + 1;
                  },
                  WriteContext.JVM);
            }
            return null;
          });

      assertThat(provider.get("counter").value()).isEqualTo(4L * each);
      assertThat(provider.get("counter").version()).isEqualTo(4L * each + 1);
    }
  }

  /** Blind writes: as many versions as writes, and the last value is one of them. */
  @Test
  default void concurrentWrites_ofOneVariable_areAsManyVersions() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);

      Crew.run(10, thread -> provider.set("counter", thread + 1));

      assertThat((Long) provider.get("counter").value()).isBetween(1L, 10L);
      assertThat(provider.get("counter").version()).isEqualTo(11);
      assertThat(provider.revision()).isEqualTo(11);
    }
  }

  /** Of all who expect one version, one wins. */
  @Test
  default void concurrentCompareAndSet_onOneVersion_hasOneWinner() {
    try (StateProvider provider = open()) {
      provider.register(Samples.COUNTER);
      for (int round = 1; round <= 20; round++) {
        long version = round;

        List<Boolean> won =
            Crew.run(
                4,
                thread -> {
                  try {
                    provider.compareAndSet("counter", thread, version, WriteContext.JVM);
                    return true;
                  } catch (VersionConflictException e) {
                    return false;
                  }
                });

        assertThat(won.stream().filter(Boolean::booleanValue)).as("round %d", round).hasSize(1);
        assertThat(provider.get("counter").value()).isEqualTo((long) won.indexOf(true));
      }
    }
  }

  /** Of all who register one name, one wins; the others are told. */
  @Test
  default void concurrentRegistration_ofOneName_hasOneWinner() {
    try (StateProvider provider = open()) {
      for (int round = 0; round < 20; round++) {
        String name = "name" + round;

        List<String> ids =
            Crew.run(
                4,
                thread -> {
                  try {
                    return provider.register(integer(name)).id();
                  } catch (VariableAlreadyExistsException e) {
                    return "";
                  }
                });

        assertThat(ids.stream().filter(id -> !id.isEmpty()))
            .containsExactly(provider.get(name).id());
      }
      assertThat(Crew.run(4, thread -> provider.registerIfAbsent(integer("shared")).id()))
          .containsOnly(provider.get("shared").id());
    }
  }

  /** An export taken while writers run shows one revision. */
  @Test
  default void exportState_whileWritersRun_isOneRevision() {
    try (StateProvider provider = open()) {
      List<String> names = List.of("a", "b", "c");
      names.forEach(name -> provider.register(Variable.integer(name, 0, 0, Long.MAX_VALUE)));
      int least = Math.max(10, effort() / 10);
      AtomicInteger exports = new AtomicInteger();
      AtomicBoolean done = new AtomicBoolean();

      Crew.runAll(
          List.<Callable<Void>>of(
              () -> {
                try {
                  // a is always written first, c last; each value once; on until a few exports were
                  // taken meanwhile, so that they meet on any machine
                  long end = System.nanoTime() + patience().toNanos();
                  for (long i = 1;
                      i <= effort() || (exports.get() < least && System.nanoTime() < end);
                      i++) {
                    provider.set("a", i);
                    provider.set("b", i);
                    provider.set("c", i);
                  }
                } finally {
                  done.set(true);
                }
                return null;
              },
              () -> {
                do {
                  StateExport export = provider.exportState();
                  long a = (Long) export.variable("a").state().value();
                  long b = (Long) export.variable("b").state().value();
                  long c = (Long) export.variable("c").state().value();
                  assertThat(a + b + c)
                      .as("three variables written in turn, as of revision %d", export.revision())
                      .isEqualTo(export.revision() - 3);
                  assertThat(a).isGreaterThanOrEqualTo(b);
                  assertThat(b).isGreaterThanOrEqualTo(c);
                  for (StateExport.Entry entry : export.variables()) {
                    assertThat(entry.history().get(0).version()).isEqualTo(entry.state().version());
                  }
                  exports.incrementAndGet();
                } while (!done.get());
                return null;
              }));
    }
  }
}
