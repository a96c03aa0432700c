package io.trimtab.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.variable.Variable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random writers and watchers, judged by {@link WatchCheck} against a ledger of all commits; and
 * the judge itself, which must notice every planted fault. Run with {@code -Dseed=} to repeat.
 */
@Timeout(3600)
final class WatchCheckTest {

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));
  private static final int VARIABLES = 8;
  private static final Duration SOON = Duration.ofSeconds(30);

  private final long seed = Long.getLong("seed", System.nanoTime());

  private final WatchCheck.Ledger ledger = new WatchCheck.Ledger();

  private LocalState open() {
    LocalState state = LocalState.create();
    for (int i = 0; i < VARIABLES; i++) {
      String name = (i % 2 == 0 ? "even_" : "odd_") + i;
      ledger.add(
          state.register(Variable.integer(name, 0, 0, Long.MAX_VALUE)).revision(),
          Map.of(name, 0L));
    }
    return state;
  }

  private void write(LocalState state, SplittableRandom random, int commits) {
    List<String> names = List.copyOf(state.snapshot().variables().keySet());
    for (int i = 0; i < commits; i++) {
      Map<String, Object> values = new LinkedHashMap<>();
      int size = 1 + random.nextInt(4);
      for (int j = 0; j < size; j++) {
        // few values, so that many writes change nothing and conflated changes cancel out
        values.put(names.get(random.nextInt(names.size())), (long) random.nextInt(3));
      }
      ledger.add(state.setAll(values).revision(), values);
    }
  }

  @Test
  void randomWritersAndWatchers_breakNoPromise() throws Exception {
    System.out.println("WatchCheckTest seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    int rounds = LONG ? 200 : 4;
    long events = 0;
    for (int round = 0; round < rounds; round++) {
      WatchCheckTest fresh = new WatchCheckTest();
      events += fresh.round(random.split());
    }
    System.out.println("WatchCheckTest events=" + events);
    assertThat(events).isPositive();
  }

  private long round(SplittableRandom random)
      throws InterruptedException, ExecutionException, TimeoutException {
    ExecutorService writers = Executors.newFixedThreadPool(3);
    long events = 0;
    try (LocalState state = open()) {
      write(state, random.split(), 200);
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        SplittableRandom own = random.split();
        running.add(writers.submit(() -> write(state, own, 300)));
      }
      List<CheckedWatcher> watchers = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        watchers.add(new CheckedWatcher(state, random.split(), VARIABLES));
      }
      for (int i = 0; i < 60; i++) {
        watchers.get(random.nextInt(watchers.size())).stopAndResume();
      }
      for (Future<?> writer : running) {
        writer.get(60, TimeUnit.SECONDS);
      }
      for (CheckedWatcher watcher : watchers) {
        WatchCheck.Record record = watcher.finish();
        events += record.told().size();
        assertThat(WatchCheck.violations(ledger, record))
            .as("seed %d, %s", seed, watcher)
            .isEmpty();
      }
    } finally {
      writers.shutdownNow();
    }
    return events;
  }

  // The judge is judged: a truthful record, and records of feeds with one planted fault each.

  private WatchCheck.Record truthful(boolean initial) throws InterruptedException {
    try (LocalState state = open()) {
      write(state, new SplittableRandom(5), 20);
      List<ChangeSet> told = Collections.synchronizedList(new ArrayList<>());
      WatchRequest.Builder request = WatchRequest.matching("even_*").queueCapacity(1000);
      long after = initial ? state.revision() : 12;
      Watch watch =
          state.watch((initial ? request.withInitial() : request.after(after)).build(), told::add);
      write(state, new SplittableRandom(6), 40);
      assertThat(watch.await(state.revision(), SOON)).isTrue();
      return new WatchCheck.Record(
          Glob.of("even_*")::matches, false, initial, after, state.revision(), List.copyOf(told));
    }
  }

  private static Arguments fault(
      String promise, boolean initial, UnaryOperator<List<ChangeSet>> feed) {
    return Arguments.of(promise, initial, feed);
  }

  private static ChangeSet with(ChangeSet set, List<Change> changes) {
    return new ChangeSet(set.revision(), changes, set.conflated());
  }

  private static int firstBatch(List<ChangeSet> sets) {
    for (int i = 1; i < sets.size(); i++) {
      if (sets.get(i).changes().size() > 1) {
        return i;
      }
    }
    throw new AssertionError("no batch among " + sets);
  }

  static Stream<Arguments> faultyFeeds() {
    return Stream.of(
        fault(
            "ordered",
            false,
            told -> {
              Collections.swap(told, 4, 5);
              return told;
            }),
        fault(
            "unique",
            false,
            told -> {
              told.add(5, told.get(4));
              return told;
            }),
        fault(
            "no gap",
            false,
            told -> {
              told.remove(6);
              return told;
            }),
        fault(
            "no gap",
            false,
            told -> {
              told.remove(told.size() - 1);
              return told;
            }),
        fault(
            "atomic",
            false,
            told -> {
              int i = firstBatch(told);
              ChangeSet set = told.get(i);
              told.set(i, with(set, set.changes().subList(0, 1)));
              told.add(i + 1, with(set, set.changes().subList(1, set.changes().size())));
              return told;
            }),
        fault(
            "resumable",
            false,
            told -> {
              ChangeSet first = told.get(0);
              told.add(0, new ChangeSet(11, first.changes(), false));
              return told;
            }),
        fault(
            "initial",
            true,
            told -> {
              Collections.swap(told, 0, 1);
              return told;
            }),
        fault(
            "initial",
            true,
            told -> {
              told.remove(0);
              return told;
            }),
        fault(
            "filter",
            false,
            told -> {
              ChangeSet set = told.get(3);
              List<Change> changes = new ArrayList<>(set.changes());
              Change one = changes.get(0);
              changes.add(
                  new Change(one.kind(), "odd_1", one.oldValue(), one.newValue(), one.state()));
              told.set(3, with(set, changes));
              return told;
            }),
        fault(
            "old values",
            false,
            told -> {
              ChangeSet set = told.get(3);
              Change one = set.changes().get(0);
              List<Change> changes = new ArrayList<>(set.changes());
              changes.set(0, new Change(one.kind(), one.name(), 77L, one.newValue(), one.state()));
              told.set(3, with(set, changes));
              return told;
            }),
        fault(
            "values",
            false,
            told -> {
              ChangeSet set = told.get(3);
              Change one = set.changes().get(0);
              List<Change> changes = new ArrayList<>(set.changes());
              changes.set(0, new Change(one.kind(), one.name(), one.oldValue(), 77L, one.state()));
              told.set(3, with(set, changes));
              return told;
            }),
        fault(
            "conflated",
            false,
            told -> {
              // keeps the first change per variable instead of the last one
              List<ChangeSet> merged = new ArrayList<>(told.subList(0, 3));
              Map<String, Change> first = new LinkedHashMap<>();
              told.subList(3, told.size())
                  .forEach(set -> set.changes().forEach(c -> first.putIfAbsent(c.name(), c)));
              long revision = told.get(told.size() - 1).revision();
              merged.add(new ChangeSet(revision, List.copyOf(first.values()), true));
              return merged;
            }));
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource("faultyFeeds")
  void check_plantedFault_isNoticed(
      String promise, boolean initial, UnaryOperator<List<ChangeSet>> feed) throws Exception {
    WatchCheck.Record good = truthful(initial);
    assertThat(WatchCheck.violations(ledger, good)).isEmpty();

    WatchCheck.Record bad =
        new WatchCheck.Record(
            good.names(),
            false,
            initial,
            good.after(),
            good.upTo(),
            feed.apply(new ArrayList<>(good.told())));

    assertThat(WatchCheck.violations(ledger, bad)).contains(promise);
  }
}
