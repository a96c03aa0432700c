package io.trimtab.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class LocalStateWatchTest {

  private static final Duration SOON = Duration.ofSeconds(10);

  private final ManualScheduler time = new ManualScheduler();
  private final LocalState state = LocalState.builder("s1").scheduler(time).build();
  private final List<ChangeSet> told = new CopyOnWriteArrayList<>();

  @BeforeEach
  void registerCounter() {
    state.register(Variable.integer("n", 0, 0, 100_000));
  }

  @AfterEach
  void close() {
    state.close();
  }

  private List<Object> values() {
    return told.stream().flatMap(set -> set.changes().stream()).map(Change::newValue).toList();
  }

  private void awaitAll(Watch watch) throws InterruptedException {
    assertThat(watch.await(state.revision(), SOON)).isTrue();
  }

  @Test
  void watch_tenWrites_areToldInOrderWithOldAndNewValues() throws Exception {
    Watch watch = state.watch(WatchRequest.of("n").build(), told::add);

    for (int i = 1; i <= 10; i++) {
      state.set("n", i);
    }
    awaitAll(watch);

    assertThat(values())
        .isEqualTo(IntStream.rangeClosed(1, 10).mapToObj(i -> (Object) (long) i).toList());
    assertThat(told.get(3).changes().get(0).oldValue()).isEqualTo(3L);
    assertThat(told.get(3).changes().get(0).kind()).isEqualTo(Change.Kind.CHANGED);
    assertThat(told).noneMatch(ChangeSet::conflated).noneMatch(ChangeSet::isInitial);
  }

  @Test
  void watchWithInitial_whileWritersRun_tellsEachValueOnceInitialFirst() throws Exception {
    state.set("n", 1);
    Watch watch = state.watch(WatchRequest.of("n").withInitial().build(), told::add);
    state.set("n", 2);
    state.set("n", 3);
    awaitAll(watch);

    assertThat(values()).containsExactly(1L, 2L, 3L);
    assertThat(told.get(0).isInitial()).isTrue();
    assertThat(told.subList(1, 3)).noneMatch(ChangeSet::isInitial);
  }

  @Test
  void watch_unchangedValue_raisesTheVersionButTellsNobody() throws Exception {
    Watch watch = state.watch(WatchRequest.of("n").build(), told::add);

    state.set("n", 0);
    state.set("n", 0.0);
    awaitAll(watch);

    assertThat(told).isEmpty();
    assertThat(state.get("n").version()).isEqualTo(3);
    assertThat(watch.revision()).isEqualTo(state.revision());
  }

  @Test
  void watch_batch_isToldAsOneSet() throws Exception {
    state.register(Variable.bool("flag", false));
    state.register(Variable.bool("other", false));
    Watch watch = state.watch(WatchRequest.of("n", "flag").build(), told::add);

    state.commit(Batch.builder().set("n", 5).set("flag", true).set("other", true).build());
    awaitAll(watch);

    assertThat(told).hasSize(1);
    assertThat(told.get(0).changes()).extracting(Change::name).containsExactly("n", "flag");
    assertThat(told.get(0).revision()).isEqualTo(state.revision());
  }

  @Test
  void watchGlob_tellsRegistrationAndDeletion() throws Exception {
    Watch watch = state.watch(WatchRequest.matching("temp_*").build(), told::add);

    state.register(Variable.bool("temp_a", true));
    state.register(Variable.bool("my_temp_a", true));
    state.set("temp_a", false);
    state.delete("temp_a");
    awaitAll(watch);

    assertThat(told.stream().map(set -> set.changes().get(0).kind()))
        .containsExactly(Change.Kind.REGISTERED, Change.Kind.CHANGED, Change.Kind.DELETED);
    assertThat(told.get(2).changes().get(0).oldValue()).isEqualTo(false);
    assertThat(told.get(2).changes().get(0).newValue()).isNull();
  }

  @Test
  void watch_filterEven_tellsSixOfElevenValues() throws Exception {
    Watch watch =
        state.watch(
            WatchRequest.of("n").withInitial().filter(c -> ((Long) c.newValue()) % 2 == 0).build(),
            told::add);

    for (int i = 1; i <= 10; i++) {
      state.set("n", i);
    }
    awaitAll(watch);

    assertThat(values()).containsExactly(0L, 2L, 4L, 6L, 8L, 10L);
  }

  @Test
  void watch_throwingFilter_letsTheChangeThrough() throws Exception {
    Watch watch =
        state.watch(
            WatchRequest.of("n")
                .filter(
                    change -> {
                      throw new IllegalStateException("planted");
                    })
                .build(),
            told::add);

    state.set("n", 1);
    awaitAll(watch);

    assertThat(values()).containsExactly(1L);
  }

  @Test
  void watch_unknownName_isRefusedAndStartsNothing() {
    assertThatThrownBy(() -> state.watch(WatchRequest.of("n", "x", "y").build(), told::add))
        .isInstanceOfSatisfying(
            VariableNotFoundException.class, e -> assertThat(e.keys()).containsExactly("x", "y"));
    assertThat(state.watches()).isEmpty();
  }

  @Test
  void watch_throwingListener_staysAndHarmsNobody() throws Exception {
    Watch bad =
        state.watch(
            WatchRequest.of("n").build(),
            changes -> {
              told.add(changes);
              throw new StackOverflowError("planted");
            });
    List<ChangeSet> good = new CopyOnWriteArrayList<>();
    Watch other = state.watch(WatchRequest.of("n").build(), good::add);

    state.set("n", 1);
    state.set("n", 2);
    awaitAll(bad);
    awaitAll(other);

    assertThat(told).hasSize(2);
    assertThat(good).hasSize(2);
  }

  @Test
  void watch_blockedListener_isConflatedAndDelaysNobody() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Watch slow =
        state.watch(
            WatchRequest.of("n").queueCapacity(4).build(),
            changes -> {
              told.add(changes);
              entered.countDown();
              try {
                release.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    List<ChangeSet> others = new CopyOnWriteArrayList<>();
    Watch quick = state.watch(WatchRequest.of("n").queueCapacity(10_000).build(), others::add);
    state.set("n", 1);
    assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

    for (int i = 2; i <= 1000; i++) {
      state.set("n", i);
    }
    awaitAll(quick);
    assertThat(told).hasSize(1);
    release.countDown();
    awaitAll(slow);

    assertThat(others).hasSize(1000);
    assertThat(told.size()).isBetween(2, 6);
    assertThat(told.get(1).conflated()).isTrue();
    assertThat(told.get(1).changes()).hasSize(1);
    assertThat(told.get(1).changes().get(0).oldValue()).isEqualTo(1L);
    assertThat(values().get(values().size() - 1)).isEqualTo(1000L);
    assertThat(told.get(told.size() - 1).revision()).isEqualTo(state.revision());
  }

  @Test
  void watchAfter_revision_tellsWhatWasMissedAndNothingTwice() throws Exception {
    for (int i = 1; i <= 10; i++) {
      state.set("n", i);
    }

    Watch watch = state.watch(WatchRequest.of("n").after(6).build(), told::add);
    state.set("n", 11);
    awaitAll(watch);

    assertThat(told).extracting(ChangeSet::revision).containsExactly(7L, 8L, 9L, 10L, 11L, 12L);
  }

  @Test
  void watchAfter_compactedRevision_isRefusedWithTheOldestOne() {
    for (int i = 1; i <= ChangeFeed.WINDOW + 10; i++) {
      state.set("n", i);
    }

    assertThatThrownBy(() -> state.watch(WatchRequest.of("n").after(3).build(), told::add))
        .isInstanceOfSatisfying(
            RevisionCompactedException.class,
            e -> {
              assertThat(e.requested()).isEqualTo(3);
              assertThat(e.oldest()).isEqualTo(11);
            });
    assertThat(state.watches()).isEmpty();
  }

  @Test
  void watchAfter_oldestKeptRevision_missesNothing() throws Exception {
    for (int i = 1; i <= ChangeFeed.WINDOW + 10; i++) {
      state.set("n", i);
    }

    Watch watch =
        state.watch(WatchRequest.of("n").queueCapacity(5000).after(11).build(), told::add);
    awaitAll(watch);

    assertThat(told).hasSize(ChangeFeed.WINDOW);
    assertThat(told.get(0).revision()).isEqualTo(12);
  }

  @Test
  void watchAfter_futureRevision_tellsOnlyWhatIsAboveIt() throws Exception {
    Watch watch = state.watch(WatchRequest.of("n").after(3).build(), told::add);

    for (int i = 1; i <= 4; i++) {
      state.set("n", i);
    }
    awaitAll(watch);

    assertThat(told).extracting(ChangeSet::revision).containsExactly(4L, 5L);
  }

  @Test
  void debounce_burst_tellsTheLastValueOnceQuietHasPassed() throws Exception {
    Watch watch =
        state.watch(WatchRequest.of("n").debounce(Duration.ofMillis(50)).build(), told::add);

    for (int i = 1; i <= 20; i++) {
      state.set("n", i);
      long revision = state.revision();
      awaitOffered(watch, revision);
      time.advanceMillis(49);
    }
    assertThat(told).isEmpty();
    time.advanceMillis(1);
    awaitAll(watch);

    assertThat(values()).containsExactly(20L);
    assertThat(told.get(0).conflated()).isTrue();
    assertThat(told.get(0).changes().get(0).oldValue()).isEqualTo(0L);
  }

  @Test
  void throttle_manyWrites_tellsTheFirstAtOnceAndTheLastAtTheEnd() throws Exception {
    Watch watch =
        state.watch(WatchRequest.of("n").throttle(Duration.ofMillis(100)).build(), told::add);

    state.set("n", 1);
    awaitAll(watch);
    for (int i = 2; i <= 9; i++) {
      state.set("n", i);
    }
    awaitOffered(watch, state.revision());
    assertThat(values()).containsExactly(1L);
    time.advanceMillis(100);
    awaitAll(watch);

    assertThat(values()).containsExactly(1L, 9L);
    assertThat(told.get(1).conflated()).isTrue();
  }

  /** A second, unpaced watch sees a commit only after the pump has offered it to earlier ones. */
  private void awaitOffered(Watch watch, long revision) throws InterruptedException {
    assertThat(((FeedWatch) watch).awaitOffered(revision, SOON)).isTrue();
  }

  @Test
  void close_ofAWatch_endsItsDeliveriesOnly() throws Exception {
    Watch closed = state.watch(WatchRequest.of("n").build(), told::add);
    List<ChangeSet> others = new CopyOnWriteArrayList<>();
    Watch open = state.watch(WatchRequest.of("n").build(), others::add);
    closed.close();
    closed.close();

    state.set("n", 1);
    awaitAll(open);

    assertThat(told).isEmpty();
    assertThat(closed.isActive()).isFalse();
    assertThat(closed.await(state.revision(), Duration.ofMillis(1))).isFalse();
    assertThat(state.watches()).containsExactly(open);
  }

  @Test
  void close_ofTheState_endsWatchesAndThreads() throws Exception {
    LocalState own = LocalState.builder("s2").build();
    own.register(Variable.integer("n", 0, 0, 10));
    List<Thread> threads = new CopyOnWriteArrayList<>();
    Watch paced =
        own.watch(
            WatchRequest.of("n").withInitial().throttle(Duration.ofMillis(1)).build(),
            changes -> threads.add(Thread.currentThread()));
    assertThat(paced.await(1, SOON)).isTrue();

    own.close();
    own.close();

    assertThat(paced.isActive()).isFalse();
    assertThat(threads).isNotEmpty();
    for (Thread thread : threads) {
      thread.join(10_000);
      assertThat(thread.isAlive()).isFalse();
      assertThat(thread.isDaemon()).isTrue();
    }
  }

  @Test
  void close_ofTheState_byAListener_doesNotDeadlock() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    state.watch(
        WatchRequest.of("n").build(),
        changes -> {
          state.close();
          closed.countDown();
        });

    state.set("n", 1);

    assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void listener_mayWriteTheVariableItWatches() throws Exception {
    Watch watch =
        state.watch(
            WatchRequest.of("n").build(),
            changes -> {
              told.add(changes);
              long value = (Long) changes.changes().get(0).newValue();
              if (value < 5) {
                state.set("n", value + 1);
              }
            });

    state.set("n", 1);

    assertThat(watch.await(6, SOON)).isTrue();
    assertThat(values()).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void executor_ofTheWatcher_runsTheListener_evenInline() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor(r -> new Thread(r, "mine"));
    try {
      List<String> threads = new CopyOnWriteArrayList<>();
      Watch watch =
          state.watch(
              WatchRequest.of("n").executor(executor).build(),
              changes -> threads.add(Thread.currentThread().getName()));
      Thread writer = Thread.currentThread();
      List<Thread> inline = new CopyOnWriteArrayList<>();
      Watch direct =
          state.watch(
              WatchRequest.of("n").executor(Runnable::run).build(),
              changes -> inline.add(Thread.currentThread()));
      Watch refused =
          state.watch(
              WatchRequest.of("n")
                  .executor(
                      task -> {
                        throw new java.util.concurrent.RejectedExecutionException("planted");
                      })
                  .build(),
              told::add);

      state.set("n", 1);
      awaitAll(watch);
      awaitAll(direct);
      awaitAll(refused);

      assertThat(threads).containsExactly("mine");
      assertThat(inline).hasSize(1).doesNotContain(writer);
      assertThat(told).hasSize(1);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void deliveries_toOneListener_neverOverlap() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      Watch watch =
          state.watch(
              WatchRequest.of("n").queueCapacity(10_000).executor(pool).build(),
              changes -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                told.add(changes);
                inside.decrementAndGet();
              });
      for (int i = 1; i <= 2000; i++) {
        state.set("n", i);
      }
      awaitAll(watch);
    } finally {
      pool.shutdownNow();
    }

    assertThat(most).hasValue(1);
    assertThat(told).hasSize(2000);
  }

  @Test
  void importState_isToldAsOneSetOfDifferences() throws Exception {
    state.register(Variable.bool("gone", true));
    state.register(Variable.bool("same", true));
    Watch watch = state.watch(WatchRequest.matching("*").build(), told::add);
    try (LocalState other = LocalState.create()) {
      other.registerAll(
          List.of(
              Variable.integer("n", 7, 0, 10),
              Variable.bool("same", true),
              Variable.bool("new", true)),
          WriteContext.JVM);
      state.importState(other.exportState());
    }
    awaitAll(watch);

    assertThat(told).hasSize(1);
    Map<String, Change.Kind> kinds = new java.util.TreeMap<>();
    told.get(0).changes().forEach(change -> kinds.put(change.name(), change.kind()));
    assertThat(kinds)
        .isEqualTo(
            Map.of(
                "gone",
                Change.Kind.DELETED,
                "n",
                Change.Kind.CHANGED,
                "new",
                Change.Kind.REGISTERED));
  }

  @Test
  void manyWatchers_blocked_stayWithinTheirQueues() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    List<Watch> watches = new ArrayList<>();
    AtomicInteger delivered = new AtomicInteger();
    for (int i = 0; i < 64; i++) {
      watches.add(
          state.watch(
              WatchRequest.of("n").queueCapacity(2).build(),
              changes -> {
                delivered.incrementAndGet();
                try {
                  release.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }));
    }
    for (int i = 1; i <= 20_000; i++) {
      state.set("n", i);
    }
    release.countDown();
    for (Watch watch : watches) {
      awaitAll(watch);
    }

    assertThat(delivered.get()).isBetween(64, 64 * 20_000);
  }
}
