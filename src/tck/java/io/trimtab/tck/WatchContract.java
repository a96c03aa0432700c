package io.trimtab.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.state.Batch;
import io.trimtab.state.Capability;
import io.trimtab.state.Change;
import io.trimtab.state.ChangeSet;
import io.trimtab.state.RevisionCompactedException;
import io.trimtab.state.StateProvider;
import io.trimtab.state.VariableState;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchRequest;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * What {@link Capability#STREAMING} means: watchers are told of every change, in order, without gap
 * and without duplicate, and disturb nobody.
 */
public interface WatchContract extends StateProviderFixture {

  private static Variable<Long> integer(String name) {
    return Variable.integer(name, 0, -1_000_000, 1_000_000);
  }

  private ChangeLog log() {
    return new ChangeLog(patience());
  }

  private static List<Object> longs(long from, long to) {
    return LongStream.rangeClosed(from, to).<Object>mapToObj(Long::valueOf).toList();
  }

  private void awaitAll(StateProvider provider, Watch watch) {
    try {
      assertThat(watch.await(provider.revision(), patience()))
          .as("the watch must be told everything up to revision %d", provider.revision())
          .isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** This contract goes with the capability. */
  @Test
  default void watch_contractImplemented_isDeclared() {
    try (StateProvider provider = open()) {
      assertThat(provider.capabilities()).contains(Capability.STREAMING);
    }
  }

  // What is told.

  /** Ten writes are ten deliveries in the order of the writes. */
  @Test
  default void watch_tenWrites_areToldInOrder() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      ChangeLog log = log();
      Watch watch = provider.watch(WatchRequest.of("x").build(), log);

      for (int i = 1; i <= 10; i++) {
        provider.set("x", i);
      }

      awaitAll(provider, watch);
      assertThat(log.values()).isEqualTo(longs(1, 10));
      assertThat(log.sets().stream().map(ChangeSet::revision))
          .containsExactly(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
      assertThat(log.sets()).noneMatch(ChangeSet::conflated).noneMatch(ChangeSet::isInitial);
    }
  }

  /** A change carries the old value, the new one and the whole state. */
  @Test
  default void watch_change_carriesOldAndNewValue() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      ChangeLog log = log();
      provider.watch(WatchRequest.of("x").build(), log);

      VariableState state = provider.set("x", 5, WriteContext.JVM.from("python").with("k", "v"));

      ChangeSet set = log.awaitSets(1).sets().get(0);
      assertThat(set.revision()).isEqualTo(state.revision());
      assertThat(set.changes())
          .containsExactly(new Change(Change.Kind.CHANGED, "x", 0L, 5L, state));
      assertThat(set.changes().get(0).state().source()).isEqualTo("python");
    }
  }

  /** A glob tells registrations and deletions too, of variables that did not exist before. */
  @Test
  default void watch_glob_tellsRegistrationChangeAndDeletion() {
    try (StateProvider provider = open()) {
      ChangeLog log = log();
      Watch watch = provider.watch(WatchRequest.matching("temp_*").build(), log);

      provider.register(integer("temp_a"));
      provider.register(integer("my_temp_a"));
      provider.set("my_temp_a", 1);
      provider.set("temp_a", 3);
      provider.delete("temp_a");

      awaitAll(provider, watch);
      assertThat(log.changes().stream().map(Change::kind))
          .containsExactly(Change.Kind.REGISTERED, Change.Kind.CHANGED, Change.Kind.DELETED);
      assertThat(log.changes()).allMatch(change -> change.name().equals("temp_a"));
      Change registered = log.changes().get(0);
      assertThat(registered.oldValue()).isNull();
      assertThat(registered.newValue()).isEqualTo(0L);
      Change deleted = log.changes().get(2);
      assertThat(deleted.oldValue()).isEqualTo(3L);
      assertThat(deleted.newValue()).isNull();
      assertThat(log.sets().get(2).revision()).isEqualTo(provider.revision());
    }
  }

  /** Names and ids are watched alike; nothing else is told. */
  @Test
  default void watch_byNameAndId_tellsOnlyThese() {
    try (StateProvider provider = open()) {
      String id = provider.register(integer("x")).id();
      provider.register(integer("y"));
      provider.register(integer("z"));
      ChangeLog log = log();
      Watch watch = provider.watch(WatchRequest.of(id, "y").build(), log);

      provider.set("x", 1);
      provider.set("y", 2);
      provider.set("z", 3);
      provider.setAll(Map.of("z", 4, id, 5));

      awaitAll(provider, watch);
      assertThat(log.values()).containsExactly(1L, 2L, 5L);
    }
  }

  /** A write of an equal value is no change to a watcher, whatever number type it came as. */
  @Test
  default void watch_equalValue_isNotTold() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      provider.register(Samples.finiteFloat());
      ChangeLog log = log();
      Watch watch = provider.watch(WatchRequest.matching("*").build(), log);

      provider.set("x", 0);
      provider.set("x", 0.0);
      provider.set("finite_float", 1);
      provider.setAll(Map.of("x", 0L, "finite_float", 1.0));

      awaitAll(provider, watch);
      assertThat(log.sets()).isEmpty();
      assertThat(watch.revision()).isEqualTo(provider.revision());
      assertThat(provider.get("x").version()).isEqualTo(4);
    }
  }

  /** A failed write is not told. */
  @Test
  default void watch_refusedWrite_isNotTold() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      provider.register(integer("y"));
      ChangeLog log = log();
      Watch watch = provider.watch(WatchRequest.matching("*").build(), log);

      assertThatThrownBy(() -> provider.setAll(Map.of("x", 1, "y", 5_000_000)))
          .isInstanceOf(RuntimeException.class);
      provider.set("x", 2);

      awaitAll(provider, watch);
      assertThat(log.values()).containsExactly(2L);
    }
  }

  /** One batch is one delivery, in the batch's order, of what the watcher asked for. */
  @Test
  default void watch_batch_isOneDelivery() {
    try (StateProvider provider = open()) {
      for (String name : List.of("a", "b", "c")) {
        provider.register(integer(name));
      }
      ChangeLog all = log();
      ChangeLog some = log();
      Watch first = provider.watch(WatchRequest.matching("*").build(), all);
      Watch second = provider.watch(WatchRequest.of("a", "c").build(), some);

      provider.commit(Batch.builder().set("c", 3).set("a", 1).set("b", 2).build());
      provider.commit(Batch.builder().set("b", 20).delete("a").build());

      awaitAll(provider, first);
      awaitAll(provider, second);
      assertThat(all.sets()).hasSize(2);
      assertThat(all.sets().get(0).changes().stream().map(Change::name))
          .containsExactly("c", "a", "b");
      assertThat(some.sets().stream().map(set -> set.changes().size())).containsExactly(2, 1);
      assertThat(some.sets().get(1).changes().get(0).kind()).isEqualTo(Change.Kind.DELETED);
    }
  }

  /** Registering and setting in one batch is one change: the variable appeared. */
  @Test
  default void watch_registrationAndWriteInOneBatch_isOneChange() {
    try (StateProvider provider = open()) {
      ChangeLog log = log();
      Watch watch = provider.watch(WatchRequest.matching("*").build(), log);

      provider.commit(Batch.builder().register(integer("x")).set("x", 7).build());

      awaitAll(provider, watch);
      assertThat(log.changes())
          .containsExactly(new Change(Change.Kind.REGISTERED, "x", null, 7L, provider.get("x")));
    }
  }

  /** Ten watchers are all told. */
  @Test
  default void watch_tenWatchers_areAllTold() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      List<ChangeLog> logs = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        logs.add(log());
        provider.watch(WatchRequest.of("x").build(), logs.get(i));
      }

      provider.set("x", 42);

      logs.forEach(log -> assertThat(log.awaitSets(1).values()).containsExactly(42L));
    }
  }

  // Where it begins.

  /** A watch that asks for initial values gets them first, once. */
  @Test
  default void watch_withInitial_beginsWithTheCurrentValues() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      provider.set("x", 1);
      provider.register(integer("y"));
      ChangeLog log = log();
      Watch watch = provider.watch(WatchRequest.matching("*").withInitial().build(), log);

      provider.set("x", 2);
      provider.set("x", 3);

      awaitAll(provider, watch);
      ChangeSet initial = log.sets().get(0);
      assertThat(initial.isInitial()).isTrue();
      assertThat(initial.revision()).isEqualTo(3);
      assertThat(initial.changes())
          .allMatch(change -> change.kind() == Change.Kind.INITIAL && change.oldValue() == null);
      assertThat(initial.changes().stream().map(Change::newValue)).containsExactly(1L, 0L);
      assertThat(log.values()).containsExactly(2L, 3L);
      assertThat(log.sets().stream().filter(ChangeSet::isInitial)).hasSize(1);
    }
  }

  /** Without asking, the past is not told. */
  @Test
  default void watch_withoutInitial_beginsNow() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      provider.set("x", 1);
      ChangeLog log = log();
      Watch watch = provider.watch(WatchRequest.of("x").build(), log);
      assertThat(watch.revision()).isEqualTo(2);

      provider.set("x", 2);

      awaitAll(provider, watch);
      assertThat(log.values()).containsExactly(2L);
    }
  }

  /** A watch on something that does not exist is refused, and none is started. */
  @Test
  default void watch_missingVariable_isRefused() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      WatchRequest request = WatchRequest.of("x", "nowhere", "var_nowhere_1").build();

      assertThatThrownBy(() -> provider.watch(request, changes -> {}))
          .isInstanceOfSatisfying(
              VariableNotFoundException.class,
              e -> assertThat(e.keys()).contains("nowhere").doesNotContain("x"));
      assertThat(provider.watches()).isEmpty();
    }
  }

  /** A watch resumed from a revision is told exactly what came after it. */
  @Test
  default void watch_resumed_missesAndRepeatsNothing() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      for (int i = 1; i <= 20; i++) {
        provider.set("x", i);
      }

      for (long seen = 1; seen <= 21; seen += 4) {
        ChangeLog log = log();
        try (Watch watch = provider.watch(WatchRequest.of("x").after(seen).build(), log)) {
          awaitAll(provider, watch);
          assertThat(log.values()).as("resumed after %d", seen).isEqualTo(longs(seen, 20));
          assertThat(log.sets().stream().map(ChangeSet::revision))
              .isEqualTo(LongStream.rangeClosed(seen + 1, 21).boxed().toList());
        }
      }
    }
  }

  /** One watch ends, another resumes from its revision while writers go on: nothing is lost. */
  @Test
  default void watch_handedOnWhileWritersRun_missesAndRepeatsNothing() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      List<Object> told = new ArrayList<>();
      AtomicInteger known = new AtomicInteger();

      Crew.runAll(
          List.<Callable<Void>>of(
              () -> {
                for (int i = 1; i <= effort(); i++) {
                  int next = i;
                  // never so far ahead that a provider may have forgotten what was missed
                  assertThat(Crew.eventually(patience(), () -> next - known.get() < 100))
                      .as("the watcher must be told at last")
                      .isTrue();
                  provider.set("x", i);
                }
                return null;
              },
              () -> {
                long seen = 1;
                while (told.size() < effort()) {
                  ChangeLog log = log();
                  Watch watch = provider.watch(WatchRequest.of("x").after(seen).build(), log);
                  log.awaitSets(1);
                  watch.close();
                  awaitQuiet(log);
                  List<ChangeSet> sets = log.sets();
                  told.addAll(log.values());
                  known.set(told.size());
                  seen = sets.get(sets.size() - 1).revision();
                }
                return null;
              }));

      assertThat(told).isEqualTo(longs(1, effort()));
    }
  }

  /** A delivery may still be running when close returns; it is the last. */
  private void awaitQuiet(ChangeLog log) {
    int before;
    do {
      before = log.sets().size();
      long end = System.nanoTime() + 2_000_000;
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
    } while (log.sets().size() != before);
  }

  /** A revision that is no longer kept is refused with the oldest that is. */
  @Test
  default void watch_resumedFromTooLongAgo_saysWhatIsKept() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      int writes = effort() * 6; // 3,000 unless the provider is slow
      for (int i = 1; i <= writes; i++) {
        provider.set("x", i);
      }
      long from = 1;
      try {
        provider.watch(WatchRequest.of("x").after(from).build(), log()).close();
      } catch (RevisionCompactedException e) {
        assertThat(e.requested()).isEqualTo(from);
        assertThat(e.oldest()).isBetween(from + 1, provider.revision());
        from = e.oldest();
        assertThat(provider.watches()).isEmpty();
      }

      ChangeLog log = log();
      Watch watch =
          provider.watch(WatchRequest.of("x").after(from).queueCapacity(10_000).build(), log);

      awaitAll(provider, watch);
      assertThat(log.values()).isEqualTo(longs(from, writes));
    }
  }

  // Which changes, and how often.

  /** Only what the filter lets through is told; the rest does not hold up await. */
  @Test
  default void watch_filter_isRespected() {
    try (StateProvider provider = open()) {
      provider.register(Variable.integer("x", -1, -1, 100));
      ChangeLog log = log();
      Watch watch =
          provider.watch(
              WatchRequest.of("x").filter(change -> (Long) change.newValue() % 2 == 0).build(),
              log);

      for (int i = 0; i <= 10; i++) {
        provider.set("x", i);
      }

      awaitAll(provider, watch);
      assertThat(log.values()).containsExactly(0L, 2L, 4L, 6L, 8L, 10L);
    }
  }

  /** A filter that throws lets the change through. */
  @Test
  default void watch_throwingFilter_letsThrough() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      ChangeLog log = log();
      Watch watch =
          provider.watch(
              WatchRequest.of("x")
                  .filter(
                      change -> {
                        throw new IllegalStateException("a filter of the kit that always throws");
                      })
                  .build(),
              log);

      provider.set("x", 1);
      provider.set("x", 2);

      awaitAll(provider, watch);
      assertThat(log.values()).containsExactly(1L, 2L);
    }
  }

  /** Debouncing waits for quiet: few deliveries, and always the last value. */
  @Test
  default void watch_debounced_deliversTheLastValue() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      ChangeLog log = log();
      provider.watch(WatchRequest.of("x").debounce(Duration.ofMillis(50)).build(), log);

      for (int i = 1; i <= 1000; i++) {
        provider.set("x", i);
      }
      pass(Duration.ofMillis(60));

      log.awaitValue("x", 1000L);
      assertThat(log.sets().size()).isLessThan(200);
      assertThat(log.sets()).allMatch(set -> set.changes().size() == 1);
      provider.set("x", 7);
      pass(Duration.ofMillis(60));
      log.awaitValue("x", 7L);
    }
  }

  /** Throttling keeps deliveries apart: few deliveries, and always the last value. */
  @Test
  default void watch_throttled_deliversTheLastValue() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      ChangeLog log = log();
      long start = System.nanoTime();
      provider.watch(WatchRequest.of("x").throttle(Duration.ofMillis(50)).build(), log);

      for (int i = 1; i <= 1000; i++) {
        provider.set("x", i);
      }
      pass(Duration.ofMillis(60));

      log.awaitValue("x", 1000L);
      long elapsed = (System.nanoTime() - start) / 1_000_000;
      assertThat(log.sets().size()).isLessThanOrEqualTo((int) (elapsed / 50) + 2);
    }
  }

  // Who disturbs whom.

  /** A listener that does not return delays neither writers nor other listeners. */
  @Test
  default void watch_blockedListener_delaysNobody() throws InterruptedException {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      provider.watch(WatchRequest.of("x").build(), changes -> block(entered, release));
      ChangeLog log = log();
      Watch other = provider.watch(WatchRequest.of("x").build(), log);
      provider.set("x", 1);
      assertThat(entered.await(patience().toMillis(), TimeUnit.MILLISECONDS)).isTrue();

      for (int i = 2; i <= 100; i++) {
        provider.set("x", i);
      }

      awaitAll(provider, other);
      assertThat(log.values()).isEqualTo(longs(1, 100));
      release.countDown();
    }
  }

  private void block(CountDownLatch entered, CountDownLatch release) {
    entered.countDown();
    try {
      release.await(patience().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What overflows the queue is conflated to the latest per variable, and says so. */
  @Test
  default void watch_overflow_isConflatedToTheLatest() throws InterruptedException {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      provider.register(integer("y"));
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      ChangeLog log = log();
      WatchListener listener =
          changes -> {
            block(entered, release);
            log.onChange(changes);
          };
      Watch watch = provider.watch(WatchRequest.matching("*").queueCapacity(4).build(), listener);
      ChangeLog all = log();
      Watch other = provider.watch(WatchRequest.matching("*").queueCapacity(1_000).build(), all);
      provider.set("x", 1);
      assertThat(entered.await(patience().toMillis(), TimeUnit.MILLISECONDS)).isTrue();

      for (int i = 2; i <= 200; i++) {
        provider.set(i % 2 == 0 ? "x" : "y", i);
      }
      awaitAll(provider, other); // by now they have reached the blocked one's queue, too
      release.countDown();

      awaitAll(provider, watch);
      assertThat(all.sets()).hasSize(200);
      assertThat(log.sets()).hasSizeLessThan(100);
      assertThat(log.sets()).anyMatch(ChangeSet::conflated);
      long last = 0;
      for (ChangeSet set : log.sets()) {
        assertThat(set.changes().stream().map(Change::name)).doesNotHaveDuplicates();
        assertThat(set.revision()).isGreaterThan(last);
        last = set.revision();
      }
      assertThat(last).isEqualTo(provider.revision());
      log.awaitValue("x", 200L);
      log.awaitValue("y", 199L);
    }
  }

  /** A listener that throws is told the next change all the same, and so is everybody else. */
  @Test
  default void watch_throwingListener_harmsNobody() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      ChangeLog own = log();
      ChangeLog other = log();
      Watch throwing =
          provider.watch(
              WatchRequest.of("x").build(),
              changes -> {
                own.onChange(changes);
                throw new IllegalStateException("a listener of the kit that always throws");
              });
      Watch quiet = provider.watch(WatchRequest.of("x").build(), other);

      for (int i = 1; i <= 5; i++) {
        assertThat(provider.set("x", i).value()).isEqualTo((long) i);
      }

      awaitAll(provider, throwing);
      awaitAll(provider, quiet);
      assertThat(own.values()).isEqualTo(longs(1, 5));
      assertThat(other.values()).isEqualTo(longs(1, 5));
      assertThat(throwing.isActive()).isTrue();
    }
  }

  /** A listener may write; what it writes is told in its turn. */
  @Test
  default void watch_listenerThatWrites_doesNotBlockItself() {
    try (StateProvider provider = open()) {
      provider.register(Variable.choice("model", "small", "large"));
      provider.register(integer("max_tokens"));
      provider.watch(
          WatchRequest.of("model").build(), changes -> provider.setAll(Map.of("max_tokens", 4096)));
      ChangeLog log = log();
      provider.watch(WatchRequest.of("max_tokens").build(), log);

      provider.set("model", "large");

      log.awaitValue("max_tokens", 4096L);
      assertThat(provider.get("max_tokens").value()).isEqualTo(4096L);
    }
  }

  /** Calls of one listener never overlap, not even on a pool of threads. */
  @Test
  default void watch_onAPool_isToldOneSetAtATime() {
    ExecutorService pool =
        Executors.newFixedThreadPool(4, runnable -> new Thread(runnable, "tck-crew-pool"));
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      AtomicReference<String> thread = new AtomicReference<>("");
      ChangeLog log = log();
      Watch watch =
          provider.watch(
              WatchRequest.of("x").executor(pool).queueCapacity(10_000).build(),
              changes -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                thread.set(Thread.currentThread().getName());
                log.onChange(changes);
                inside.decrementAndGet();
              });

      for (int i = 1; i <= 300; i++) {
        provider.set("x", i);
      }

      awaitAll(provider, watch);
      assertThat(log.values()).isEqualTo(longs(1, 300));
      assertThat(most.get()).isEqualTo(1);
      assertThat(thread.get()).isEqualTo("tck-crew-pool");
    } finally {
      pool.shutdownNow();
    }
  }

  // How it ends.

  /** After close no delivery begins; other watches go on. */
  @Test
  default void watchClose_twice_endsTheDeliveries() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      ChangeLog closed = log();
      ChangeLog open = log();
      Watch first = provider.watch(WatchRequest.of("x").build(), closed);
      Watch second = provider.watch(WatchRequest.of("x").build(), open);
      provider.set("x", 1);
      closed.awaitSets(1);

      first.close();
      first.close();
      provider.set("x", 2);

      awaitAll(provider, second);
      assertThat(open.values()).containsExactly(1L, 2L);
      assertThat(closed.values()).containsExactly(1L);
      assertThat(first.isActive()).isFalse();
      assertThat(second.isActive()).isTrue();
      assertThat(provider.watches()).containsExactly(second);
    }
  }

  /** A listener may end its own watch. */
  @Test
  default void watchClose_byItsListener_works() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      AtomicReference<Watch> self = new AtomicReference<>();
      ChangeLog log = log();
      CountDownLatch ready = new CountDownLatch(1);
      self.set(
          provider.watch(
              WatchRequest.of("x").build(),
              changes -> {
                block(new CountDownLatch(1), ready);
                self.get().close();
                log.onChange(changes);
              }));
      ready.countDown();

      provider.set("x", 1);
      log.awaitSets(1);
      provider.set("x", 2);

      assertThat(self.get().isActive()).isFalse();
      assertThat(provider.watches()).isEmpty();
      awaitQuiet(log);
      assertThat(log.values()).containsExactly(1L);
    }
  }

  /** The running watches are listed in order of their start, with what they asked for. */
  @Test
  default void watches_severalRunning_areListedInOrder() {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      List<Watch> started = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        WatchRequest request = WatchRequest.of("x").queueCapacity(i + 1).build();
        started.add(provider.watch(request, changes -> {}));
        assertThat(started.get(i).request()).isSameAs(request);
      }

      assertThat(provider.watches()).isEqualTo(started);
      assertThat(started.stream().map(Watch::id)).doesNotHaveDuplicates();

      started.remove(1).close();
      assertThat(provider.watches()).isEqualTo(started);
    }
  }

  /** A closed provider's watches are over. */
  @Test
  default void watch_providerClosed_isOver() throws InterruptedException {
    StateProvider provider = open();
    provider.register(integer("x"));
    Watch watch = provider.watch(WatchRequest.of("x").build(), changes -> {});
    assertThat(watch.isActive()).isTrue();

    provider.close();

    assertThat(watch.isActive()).isFalse();
    assertThat(watch.await(1_000, patience())).isFalse();
    watch.close();
  }

  /** Waiting for what has not happened ends with the time or with the watch. */
  @Test
  default void watchAwait_ofTheFuture_returnsFalse() throws InterruptedException {
    try (StateProvider provider = open()) {
      provider.register(integer("x"));
      Watch watch = provider.watch(WatchRequest.of("x").build(), changes -> {});

      assertThat(watch.await(1, patience())).isTrue();
      assertThat(watch.await(2, Duration.ofMillis(20))).isFalse();

      watch.close();
      assertThat(watch.await(2, patience())).isFalse();
    }
  }

  // Under load.

  /**
   * Watchers that begin in the midst of writing are told initial values and then every change
   * since, once each, in order, and no batch in parts.
   */
  @Test
  default void watch_begunWhileWritersRun_isToldEverythingOnce() {
    try (StateProvider provider = open()) {
      List<String> names = List.of("a", "b", "pair1", "pair2");
      names.forEach(name -> provider.register(integer(name)));
      List<ChangeLog> logs = new ArrayList<>();
      List<Watch> watches = new ArrayList<>();
      AtomicBoolean begun = new AtomicBoolean();
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int writer = 0; writer < 3; writer++) {
        SplittableRandom random = new SplittableRandom(writer);
        tasks.add(
            () -> {
              // on until every watch has begun, but never more than a queue can hold
              for (int i = 0; i < effort() || (!begun.get() && i < 20_000); i++) {
                long value = random.nextLong(1_000_000);
                Thread.yield();
                switch (random.nextInt(3)) {
                  case 0 -> provider.set("a", value);
                  case 1 -> provider.set("b", value);
                  default -> provider.setAll(pair(value));
                }
              }
              return null;
            });
      }
      tasks.add(
          () -> {
            for (int i = 0; i < 8; i++) {
              ChangeLog log = log();
              logs.add(log);
              watches.add(
                  provider.watch(
                      WatchRequest.matching("*").withInitial().queueCapacity(100_000).build(),
                      log));
              log.awaitSets(1);
              long before = provider.revision();
              Crew.eventually(patience(), () -> provider.revision() > before + 20);
            }
            begun.set(true);
            return null;
          });

      Crew.runAll(tasks);

      for (int i = 0; i < logs.size(); i++) {
        awaitAll(provider, watches.get(i));
        check(logs.get(i).sets(), provider);
      }
      // All watchers were told the same about the time when all were watching.
      long last = logs.get(logs.size() - 1).sets().get(0).revision();
      List<List<ChangeSet>> tails =
          logs.stream()
              .map(
                  log ->
                      log.sets().stream()
                          .filter(set -> !set.isInitial() && set.revision() > last)
                          .toList())
              .toList();
      assertThat(tails).allMatch(tail -> tail.equals(tails.get(0)));
    }
  }

  private static Map<String, Object> pair(long value) {
    Map<String, Object> pair = new LinkedHashMap<>();
    pair.put("pair1", value);
    pair.put("pair2", value);
    return pair;
  }

  private static void check(List<ChangeSet> sets, StateProvider provider) {
    assertThat(sets.get(0).isInitial()).isTrue();
    Map<String, Object> values = new HashMap<>();
    long revision = -1;
    for (ChangeSet set : sets) {
      assertThat(set.revision()).isGreaterThan(revision);
      assertThat(set.conflated()).isFalse();
      revision = set.revision();
      for (Change change : set.changes()) {
        if (change.kind() == Change.Kind.CHANGED) {
          // the old value is the one told before: nothing was left out, nothing told twice
          assertThat(change.oldValue()).isEqualTo(values.get(change.name()));
          assertThat(change.state().revision()).isEqualTo(set.revision());
        }
        values.put(change.name(), change.newValue());
      }
      assertThat(values.get("pair1"))
          .as("a batch in parts: %s", set)
          .isEqualTo(values.get("pair2"));
    }
    assertThat(values).isEqualTo(provider.list("*").values());
  }
}
