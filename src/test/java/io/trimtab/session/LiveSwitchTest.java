package io.trimtab.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.session.BackendSwitchException.Step;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.state.Change;
import io.trimtab.state.LocalState;
import io.trimtab.state.LocalStateFactory;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateProviderFactory;
import io.trimtab.state.StateUnavailableException;
import io.trimtab.state.VariableState;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.Variable;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Switching under load and under failure; row 3 of the reliability table. */
@Timeout(3600)
class LiveSwitchTest {

  private static final int WRITERS = 8;
  private static final int READERS = 8;
  private static final int SWITCHES =
      "long".equals(System.getProperty("trimtab.profile")) ? 5_000 : 1_000;

  /**
   * What must hold after switches under load: the ledger of a session that was hammered while it
   * moved.
   */
  private static final class Ledger {
    final Map<String, Long> lastAcknowledged = new ConcurrentHashMap<>();
    final AtomicLong acknowledged = new AtomicLong();
    final AtomicLong reads = new AtomicLong();
    final List<String> faults = new CopyOnWriteArrayList<>();

    void fault(String text) {
      if (faults.size() < 20) {
        faults.add(text);
      }
    }
  }

  private static Ledger hammer(Session session, Runnable mover) throws Exception {
    Ledger ledger = new Ledger();
    for (int w = 0; w < WRITERS; w++) {
      session.register(Variable.integer("w" + w, 0, 0, Long.MAX_VALUE));
    }
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<?>> running = new ArrayList<>();
    for (int w = 0; w < WRITERS; w++) {
      String mine = "w" + w;
      running.add(threads.submit(() -> write(session, mine, done, ledger)));
    }
    for (int r = 0; r < READERS; r++) {
      String theirs = "w" + r % WRITERS;
      running.add(threads.submit(() -> read(session, theirs, done, ledger)));
    }
    try {
      mover.run();
    } finally {
      done.set(true);
    }
    for (Future<?> thread : running) {
      thread.get(30, TimeUnit.SECONDS);
    }
    threads.shutdown();
    return ledger;
  }

  /**
   * Counts upwards; every acknowledged value must be the one read next, and the version exactly one
   * higher.
   */
  private static void write(Session session, String mine, AtomicBoolean done, Ledger ledger) {
    long value = 0;
    long version = 1;
    while (!done.get()) {
      VariableState written = session.set(mine, ++value);
      ledger.acknowledged.incrementAndGet();
      ledger.lastAcknowledged.put(mine, value);
      if (written.version() != ++version) {
        ledger.fault("%s: expected version %d, got %d".formatted(mine, version, written.version()));
      }
      Object seen = session.lookup(mine);
      if (seen == null || (Long) seen != value) {
        ledger.fault("%s: wrote %d, read %s".formatted(mine, value, seen));
      }
    }
  }

  private static void read(Session session, String theirs, AtomicBoolean done, Ledger ledger) {
    long newest = 0;
    while (!done.get()) {
      Object seen = session.lookup(theirs);
      ledger.reads.incrementAndGet();
      if (seen == null) {
        ledger.fault(theirs + ": a reader misses the variable");
      } else if ((Long) seen < newest) {
        ledger.fault("%s: read %s after %d".formatted(theirs, seen, newest));
      } else {
        newest = (Long) seen;
      }
    }
  }

  @Test
  void switches_underEightWritersAndEightReaders_loseNoAcknowledgedWrite() throws Exception {
    try (Session session = Session.open()) {
      Ledger ledger =
          hammer(
              session,
              () -> {
                for (int i = 0; i < SWITCHES; i++) {
                  session.switchTo(new LocalStateFactory());
                }
              });

      assertThat(ledger.faults).isEmpty();
      ledger.lastAcknowledged.forEach(
          (name, value) -> assertThat(session.getLong(name)).as(name).isEqualTo(value));
      assertThat(session.backend().switches()).hasSize(SWITCHES);
      assertThat(session.revision()).isEqualTo(ledger.acknowledged.get() + WRITERS);
      assertThat(ledger.acknowledged.get()).isGreaterThan(SWITCHES);
      assertThat(ledger.reads.get()).isGreaterThan(SWITCHES);
      System.out.printf(
          "live switch: %d switches, %d acknowledged writes, %d reads, 0 lost, 0 missed; median writers' pause %d us%n",
          SWITCHES, ledger.acknowledged.get(), ledger.reads.get(), medianPauseMicros(session));
    }
  }

  private static long medianPauseMicros(Session session) {
    long[] pauses =
        session.backend().switches().stream()
            .mapToLong(s -> s.pause().toNanos() / 1000)
            .sorted()
            .toArray();
    return pauses[pauses.length / 2];
  }

  /**
   * Planted: export, import and publication while writers go on, as a session without hand-over
   * would do it.
   */
  @Test
  void aSwitchThatDoesNotPauseWriters_isCaught() throws Exception {
    try (Session session = Session.open()) {
      Ledger ledger =
          hammer(
              session,
              () -> {
                for (int i = 0; i < 200; i++) {
                  Handover.Charge<StateProvider> from = session.handover().charge();
                  StateExport export = from.provider().exportState();
                  StateProvider target = new LocalStateFactory().open(session.id(), export);
                  session.handover().publish(new Handover.Charge<>("naive", target));
                  from.provider().close();
                }
              });

      assertThat(ledger.faults).isNotEmpty();
    } catch (java.util.concurrent.ExecutionException e) {
      assertThat(e)
          .hasRootCauseInstanceOf(
              IllegalStateException.class); // a writer met the closed provider: caught as well
    }
  }

  @Test
  void watches_underSwitches_seeEveryChangeOnceAndInOrder() throws Exception {
    try (Session session = Session.open()) {
      session.register(Variable.integer("n", 0, 0, Long.MAX_VALUE));
      List<Long> fast = new CopyOnWriteArrayList<>();
      List<Long> throwing = new CopyOnWriteArrayList<>();
      Watch watch =
          session.watch(
              WatchRequest.of("n").queueCapacity(100_000).build(),
              set -> set.changes().forEach(c -> fast.add(value(c))));
      session.watch(
          WatchRequest.matching("*").queueCapacity(100_000).build(),
          set -> {
            set.changes().forEach(c -> throwing.add(value(c)));
            throw new IllegalStateException("a bad listener");
          });
      int writes = 2_000;

      for (long i = 1; i <= writes; i++) {
        session.set("n", i);
        if (i % 20 == 0) {
          session.switchTo(new LocalStateFactory());
        }
      }

      assertThat(watch.await(session.revision(), Duration.ofSeconds(30))).isTrue();
      List<Long> expected = java.util.stream.LongStream.rangeClosed(1, writes).boxed().toList();
      assertThat(fast).isEqualTo(expected);
      for (Watch each : session.watches()) {
        assertThat(each.await(session.revision(), Duration.ofSeconds(30))).isTrue();
      }
      assertThat(throwing).isEqualTo(expected);
    }
  }

  private static Long value(Change change) {
    return (Long) java.util.Objects.requireNonNull(change.newValue());
  }

  @Test
  void aBlockedListener_delaysNeitherTheSwitchNorTheOthers() throws Exception {
    try (Session session = Session.open()) {
      session.register(Variable.integer("n", 0, 0, Long.MAX_VALUE));
      java.util.concurrent.CountDownLatch release = new java.util.concurrent.CountDownLatch(1);
      List<Long> slow = new CopyOnWriteArrayList<>();
      Watch blocked =
          session.watch(
              WatchRequest.of("n").build(),
              set -> {
                try {
                  release.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                set.changes().forEach(c -> slow.add(value(c)));
              });
      session.set("n", 1L);
      session.switchTo(new LocalStateFactory());
      session.set("n", 2L);
      session.switchTo(new LocalStateFactory());

      assertThat(slow).isEmpty();
      release.countDown();
      assertThat(blocked.await(session.revision(), Duration.ofSeconds(10))).isTrue();
      assertThat(slow).containsExactly(1L, 2L);
    }
  }

  /** A target that fails at one step of a switch. */
  private record FailingTarget(Step step) implements StateProviderFactory {

    @Override
    public String name() {
      return "failing";
    }

    @Override
    public StateProvider open(String sessionId, @Nullable StateExport initial) {
      if (step == Step.OPEN) {
        throw new IllegalStateException("planted failure at OPEN");
      }
      return FailingProvider.at(step, new LocalStateFactory().open(sessionId, initial));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"OPEN", "IMPORT", "VERIFY", "WATCHES"}) // PAUSE and EXPORT have tests of their own
  void aTargetThatFails_leavesTheOldProviderInCharge(Step step) throws Exception {
    try (Session session = Session.open()) {
      session.register(Variable.integer("n", 0, 0, 100));
      List<Long> seen = new CopyOnWriteArrayList<>();
      Watch watch =
          session.watch(
              WatchRequest.of("n").build(), set -> set.changes().forEach(c -> seen.add(value(c))));
      session.set("n", 1L);

      assertThatThrownBy(() -> session.switchTo(new FailingTarget(step)))
          .isInstanceOfSatisfying(
              BackendSwitchException.class,
              failure -> {
                assertThat(failure.step()).isEqualTo(step);
                assertThat(failure)
                    .hasStackTraceContaining(
                        step == Step.VERIFY ? "verification" : "planted failure");
              });

      session.set("n", 2L);
      assertThat(session.backend().name()).isEqualTo("local");
      assertThat(session.backend().switches()).isEmpty();
      assertThat(session.state("n").version()).isEqualTo(3);
      assertThat(session.state("n").metadata()).doesNotContainKey("migrated_from");
      assertThat(watch.await(session.revision(), Duration.ofSeconds(10))).isTrue();
      assertThat(seen).containsExactly(1L, 2L);
      assertThat(FailingProvider.open()).as("the failed target was closed").isZero();
    }
  }

  private static Runnable failure(Supplier<? extends Error> error) {
    return () -> {
      throw error.get();
    };
  }

  @Test
  void anOldProviderThatCannotExport_staysInCharge() {
    InterceptedProvider from =
        InterceptedProvider.before("exportState", failure(() -> new OutOfMemoryError("planted")));
    InterceptedProvider to = new InterceptedProvider("to", (method, call) -> call.proceed());
    try (Session session = Session.builder().provider(from).open()) {
      session.register(Variable.integer("n", 0, 0, 100));

      assertThatThrownBy(() -> session.switchTo(to))
          .isInstanceOfSatisfying(
              BackendSwitchException.class, e -> assertThat(e.step()).isEqualTo(Step.EXPORT));

      assertThat(session.set("n", 1L).version()).isEqualTo(2);
      assertThat(session.backend().switches()).isEmpty();
      assertThat(to.open()).isZero();
    }
  }

  @Test
  void aTargetThatDiesOfAnError_isClosedLikeAnyOther() {
    InterceptedProvider to =
        InterceptedProvider.before("importState", failure(StackOverflowError::new));
    try (Session session = Session.open()) {
      session.register(Variable.integer("n", 0, 0, 100));

      assertThatThrownBy(() -> session.switchTo(to))
          .isInstanceOf(BackendSwitchException.class)
          .hasCauseInstanceOf(StackOverflowError.class);

      assertThat(to.open()).isZero();
      assertThat(session.set("n", 1L).version()).isEqualTo(2);
    }
  }

  /** Once published there is no way back: what goes wrong then is the old provider's business. */
  @Test
  void anOldWatchThatCannotBeClosed_doesNotUndoTheSwitch() {
    InterceptedProvider from =
        new InterceptedProvider(
            "from",
            (method, call) -> {
              Object result = call.proceed();
              return method.equals("watch") ? unclosable((Watch) result) : result;
            });
    try (Session session = Session.builder().provider(from).open()) {
      session.register(Variable.integer("n", 0, 0, 100));
      session.watch(WatchRequest.of("n").build(), changes -> {});

      Backend backend = session.switchTo(new LocalStateFactory());

      assertThat(backend.name()).isEqualTo("local");
      assertThat(session.set("n", 1L).version()).isEqualTo(2);
      assertThat(session.getLong("n")).isEqualTo(1);
      assertThat(from.open()).isZero();
    }
  }

  private static Watch unclosable(Watch watch) {
    return (Watch)
        Proxy.newProxyInstance(
            LiveSwitchTest.class.getClassLoader(),
            new Class<?>[] {Watch.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                throw new StateUnavailableException("planted", /* applied= */ false, null);
              }
              return method.invoke(watch, arguments);
            });
  }

  private static final ConfigurationSpace SPACE =
      ConfigurationSpace.named("agent").integer("shots", 2, 0, 8).build();

  /** A pristine session takes over what a target holds, spaces included, or nothing of it. */
  @Test
  void anAdoptionThatFails_leavesTheSpacesAsTheyWere() {
    StateExport others;
    try (Session other = Session.open()) {
      other.register(SPACE);
      others = other.exportState();
    }
    InterceptedProvider to =
        InterceptedProvider.before("watch", failure(() -> new AssertionError("planted")))
            .beginningWith(others);
    try (Session session = Session.open()) {
      session.watch(WatchRequest.matching("*").build(), changes -> {});

      assertThatThrownBy(() -> session.switchTo(to)).isInstanceOf(BackendSwitchException.class);

      assertThat(session.configurations()).isEmpty();
      assertThat(session.register(SPACE).version()).isEqualTo(1);
    }
  }

  /** To the session, what it adopts is new; what others write there meanwhile comes afterwards. */
  @Test
  void anAdoption_tellsTheWatchesWhatIsThere() throws Exception {
    try (LocalState shared = LocalState.create();
        Session session = Session.open()) {
      shared.register(Variable.integer("n", 7, 0, 100));
      List<String> seen = new CopyOnWriteArrayList<>();
      Watch watch =
          session.watch(
              WatchRequest.matching("*").build(),
              set -> set.changes().forEach(c -> seen.add(c.kind() + " " + c.newValue())));
      InterceptedProvider to =
          new InterceptedProvider(
              "shared",
              (method, call) -> {
                Object result = call.proceed();
                if (method.equals("watch")) {
                  shared.set("n", 8);
                }
                return result;
              });

      session.switchTo(to.over(shared));
      session.set("n", 9);

      assertThat(watch.await(session.revision(), Duration.ofSeconds(10))).isTrue();
      assertThat(seen).containsExactly("REGISTERED 7", "CHANGED 8", "CHANGED 9");
    }
  }

  /** What others write to a target that then fails is none of the session's business. */
  @Test
  void aTargetThatFailsAfterTellingSomething_isNotHeardOf() throws Exception {
    try (LocalState shared = LocalState.create();
        Session session = Session.open()) {
      session.register(Variable.integer("n", 0, 0, 100));
      List<Long> seen = new CopyOnWriteArrayList<>();
      Watch watch =
          session.watch(
              WatchRequest.of("n").build(), set -> set.changes().forEach(c -> seen.add(value(c))));
      session.watch(WatchRequest.of("n").build(), changes -> {});
      AtomicBoolean second = new AtomicBoolean();
      InterceptedProvider to =
          new InterceptedProvider(
              "shared",
              (method, call) -> {
                if (method.equals("watch") && second.getAndSet(true)) {
                  throw new IllegalStateException("planted");
                }
                Object result = call.proceed();
                if (method.equals("watch")) {
                  shared.set("n", 99);
                  assertThat(((Watch) result).await(shared.revision(), Duration.ofSeconds(10)))
                      .isTrue();
                }
                return result;
              });

      assertThatThrownBy(() -> session.switchTo(to.over(shared)))
          .isInstanceOf(BackendSwitchException.class);
      session.set("n", 1L);

      assertThat(watch.await(session.revision(), Duration.ofSeconds(10))).isTrue();
      assertThat(seen).containsExactly(1L);
    }
  }

  /** A space with rules in Java that is registered while the switch waits for writers. */
  @Test
  void aLocalSpaceRegisteredWhileTheSwitchWaits_stillCannotBeBridged() throws Exception {
    CountDownLatch registering = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    InterceptedProvider from =
        InterceptedProvider.before(
            "commit",
            () -> {
              registering.countDown();
              awaitQuietly(release);
            });
    InterceptedProvider to =
        new InterceptedProvider(
            "to", (method, call) -> method.equals("requiresBridge") ? true : call.proceed());
    ConfigurationSpace local =
        ConfigurationSpace.named("local")
            .integer("n", 1, 0, 9)
            .require("odd", c -> c.getLong("n") % 2 == 1, "n must be odd")
            .build();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Session session = Session.builder().provider(from).open()) {
      Future<?> registration = threads.submit(() -> session.register(local));
      assertThat(registering.await(10, TimeUnit.SECONDS)).isTrue();
      Future<?> move = threads.submit(() -> session.switchTo(to));
      while (!session.handover().isPausing() && !move.isDone()) {
        Thread.onSpinWait();
      }
      release.countDown();

      assertThatThrownBy(() -> move.get(10, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(LocalSpaceException.class);
      registration.get(10, TimeUnit.SECONDS);
      assertThat(to.open()).isZero();
      assertThat(session.backend().requiresBridge()).isFalse();
    } finally {
      threads.shutdown();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aVariableWhoseMetadataIsFull_movesWithoutTheNote() {
    try (Session session = Session.open()) {
      session.register(Variable.integer("n", 0, 0, 100));
      Map<String, String> full = new HashMap<>();
      for (int i = 0; i < VariableState.MAX_METADATA; i++) {
        full.put("key" + i, "value");
      }
      session.set("n", 1L, new WriteContext("jvm", null, full));

      session.switchTo(new LocalStateFactory());

      assertThat(session.state("n").metadata()).isEqualTo(full);
    }
  }

  @Test
  void awaitingAWatch_goesOnThroughASwitch() throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    CountDownLatch waiting = new CountDownLatch(1);
    InterceptedProvider from =
        new InterceptedProvider(
            "from",
            (method, call) -> {
              Object result = call.proceed();
              return method.equals("watch") ? announcing((Watch) result, waiting) : result;
            });
    try (Session session = Session.builder().provider(from).open()) {
      session.register(Variable.integer("n", 0, 0, 100));
      Watch watch = session.watch(WatchRequest.of("n").build(), changes -> {});
      long next = session.revision() + 1;
      Future<Boolean> told = threads.submit(() -> watch.await(next, Duration.ofSeconds(30)));
      assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();

      session.switchTo(new LocalStateFactory());
      session.set("n", 1L);

      assertThat(told.get(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      threads.shutdown();
    }
  }

  private static Watch announcing(Watch watch, CountDownLatch waiting) {
    return (Watch)
        Proxy.newProxyInstance(
            LiveSwitchTest.class.getClassLoader(),
            new Class<?>[] {Watch.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("await")) {
                waiting.countDown();
              }
              return method.invoke(watch, arguments);
            });
  }

  /** The thread that closes waits for the switch to let go of the watches, so the two then race. */
  @Test
  void aWatchClosedDuringASwitch_leavesNothingAtTheNewProvider() throws Exception {
    for (int i = 0; i < 100; i++) {
      try (Session session = Session.open()) {
        session.register(Variable.integer("n", 0, 0, 100));
        Watch watch = session.watch(WatchRequest.of("n").build(), changes -> {});
        Thread closing = new Thread(watch::close);

        session.switchTo(
            InterceptedProvider.before(
                "watch",
                () -> {
                  closing.start();
                  while (closing.getState() != Thread.State.BLOCKED && closing.isAlive()) {
                    Thread.onSpinWait();
                  }
                }));
        closing.join();

        assertThat(session.handover().provider().watches()).isEmpty();
      }
    }
  }

  @Test
  void switchTo_fromAWatchListener_isASwitchLikeAnyOther() throws Exception {
    try (Session session = Session.open()) {
      session.register(Variable.integer("n", 0, 0, 100));
      CompletableFuture<Backend> moved = new CompletableFuture<>();
      List<Long> seen = new CopyOnWriteArrayList<>();
      Watch watch =
          session.watch(
              WatchRequest.of("n").build(),
              set -> {
                set.changes().forEach(c -> seen.add(value(c)));
                if (!moved.isDone()) {
                  moved.complete(session.switchTo(new LocalStateFactory()));
                }
              });

      session.set("n", 1L);
      assertThat(moved.get(10, TimeUnit.SECONDS).switches()).hasSize(1);
      session.set("n", 2L);

      assertThat(watch.await(session.revision(), Duration.ofSeconds(10))).isTrue();
      assertThat(seen).containsExactly(1L, 2L);
    }
  }

  /** A provider whose every call takes its time, as over a network. */
  @Test
  void switches_toASlowProviderAndBack_loseNoAcknowledgedWrite() throws Exception {
    InterceptedProvider slow =
        new InterceptedProvider(
            "slow",
            (method, call) -> {
              LockSupport.parkNanos(200_000);
              Object result = call.proceed();
              LockSupport.parkNanos(200_000);
              return result;
            });
    try (Session session = Session.open()) {
      Ledger ledger =
          hammer(
              session,
              () -> {
                for (int i = 0; i < 20; i++) {
                  session.switchTo(slow);
                  LockSupport.parkNanos(5_000_000);
                  session.switchTo(new LocalStateFactory());
                }
              });

      assertThat(ledger.faults).isEmpty();
      ledger.lastAcknowledged.forEach(
          (name, value) -> assertThat(session.getLong(name)).as(name).isEqualTo(value));
      assertThat(session.revision()).isEqualTo(ledger.acknowledged.get() + WRITERS);
      assertThat(slow.open()).isZero();
    }
  }

  @Test
  void switchTo_fromWithinAWrite_isRefusedInsteadOfWaitingForItself() {
    try (Session session = Session.open()) {
      assertThatThrownBy(
              () -> session.handover().write(provider -> session.switchTo(new LocalStateFactory())))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("within a write");
    }
  }

  @Test
  void aWriteThatNeverEnds_makesTheSwitchGiveUp_andWritersGoOn() throws Exception {
    try (Session session = Session.builder().patience(Duration.ofMillis(200)).open()) {
      session.register(Variable.integer("n", 0, 0, 100));
      java.util.concurrent.CountDownLatch inside = new java.util.concurrent.CountDownLatch(1);
      java.util.concurrent.CountDownLatch release = new java.util.concurrent.CountDownLatch(1);
      Thread stuck =
          new Thread(
              () ->
                  session
                      .handover()
                      .run(
                          provider -> {
                            inside.countDown();
                            try {
                              release.await();
                            } catch (InterruptedException e) {
                              Thread.currentThread().interrupt();
                            }
                          }));
      stuck.start();
      assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();

      assertThatThrownBy(() -> session.switchTo(new LocalStateFactory()))
          .isInstanceOfSatisfying(
              BackendSwitchException.class, e -> assertThat(e.step()).isEqualTo(Step.PAUSE));
      session.set("n", 1L);

      release.countDown();
      stuck.join(10_000);
      assertThat(session.getLong("n")).isEqualTo(1);
      session.switchTo(new LocalStateFactory());
    }
  }
}
