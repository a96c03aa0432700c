package io.trimtab.state;

import static io.trimtab.ModelCheck.call;

import io.trimtab.ModelCheck;
import io.trimtab.ModelCheck.Call;
import io.trimtab.variable.Variable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * Model-checks what watchers are told while others commit and while they join: every commit after
 * the one they began with, once and in order, whichever thread delivers.
 *
 * <p>Deliveries are operations like any other: a thread that calls {@code deliver} runs the feed's
 * next task. At the end all that is left is delivered, and {@link WatchCheck} compares what each
 * watcher was told with what was committed. Feeds with a planted fault must be found by the same
 * scenarios.
 */
final class WatchOrderLincheckTest {

  private static final Variable<Long> NUMBER = Variable.integer("n", 0, 0, 100);

  /** Writers of one variable and watchers of it, above some state. */
  @Param(name = "value", gen = IntGen.class, conf = "1:9")
  public abstract static class Scenario {

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<VariableState> commits = new ConcurrentLinkedQueue<>();
    private final Queue<Told> watchers = new ConcurrentLinkedQueue<>();

    private record Told(boolean initial, List<ChangeSet> sets) {}

    final FeedThreads threads = new FeedThreads(tasks::add);

    abstract VariableState write(long value);

    abstract void begin(WatchRequest request, WatchListener listener);

    /** A new value, so that watchers must be told. */
    @Operation
    public void commit(@Param(name = "value") int value) {
      commits.add(write(value));
    }

    @Operation
    public void watchFromNow() {
      watch(true, WatchRequest.of("n").withInitial().build());
    }

    @Operation
    public void watchFromTheBeginning() {
      watch(false, WatchRequest.of("n").after(1).build());
    }

    private void watch(boolean initial, WatchRequest request) {
      List<ChangeSet> sets = new ArrayList<>(); // the feed orders what it adds
      watchers.add(new Told(initial, sets));
      begin(request, sets::add);
    }

    @Operation
    public void deliver() {
      Runnable task = tasks.poll();
      if (task != null) {
        task.run();
      }
    }

    @Validate
    public void everyWatcherWasToldEverythingInOrder() {
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        task.run();
      }
      WatchCheck.Ledger ledger = new WatchCheck.Ledger();
      ledger.add(1, Map.of("n", 0L));
      long last = 1;
      for (VariableState commit : commits) {
        ledger.add(commit.revision(), Map.of("n", commit.value()));
        last = Math.max(last, commit.revision());
      }
      for (Told told : watchers) {
        long after = told.initial() ? told.sets().get(0).revision() : 1;
        Set<String> violations =
            WatchCheck.violations(
                ledger,
                new WatchCheck.Record(
                    "n"::equals,
                    /* conflating= */ false,
                    told.initial(),
                    after,
                    last,
                    told.sets()));
        if (!violations.isEmpty()) {
          throw new AssertionError(violations + ": " + told);
        }
      }
    }
  }

  /** Nothing is returned, so all there is to check is what watchers were told. */
  public static final class Specification {

    public void commit(int value) {}

    public void watchFromNow() {}

    public void watchFromTheBeginning() {}

    public void deliver() {}
  }

  /** The real state. */
  public static final class OverLocalState extends Scenario {

    private final LocalState state =
        LocalState.builder("local").clock(() -> Instant.EPOCH).feedThreads(threads).build();

    public OverLocalState() {
      state.register(NUMBER);
    }

    @Override
    VariableState write(long value) {
      return state.set("n", value);
    }

    @Override
    void begin(WatchRequest request, WatchListener listener) {
      state.watch(request, listener);
    }
  }

  /** A provider in small around a real feed. */
  public static class OverFeed extends Scenario {

    final ReentrantLock lock = new ReentrantLock();
    final ChangeFeed feed = new ChangeFeed(1, threads);
    volatile VariableState state =
        VariableStates.first("var_n_1", NUMBER, 1, 1, WriteContext.JVM, Instant.EPOCH);

    @Override
    VariableState write(long value) {
      lock.lock();
      try {
        VariableState before = state;
        VariableState next = next(before, value);
        state = next;
        feed.publishSets(next.revision(), before, next);
        return next;
      } finally {
        lock.unlock();
      }
    }

    static VariableState next(VariableState before, long value) {
      return VariableStates.next(
          before, value, before.revision() + 1, WriteContext.JVM, Instant.EPOCH);
    }

    @Override
    void begin(WatchRequest request, WatchListener listener) {
      lock.lock();
      try {
        feed.watch(request, listener, snapshot());
      } finally {
        lock.unlock();
      }
    }

    StateSnapshot snapshot() {
      VariableState now = state;
      return new StateSnapshot("local", now.revision(), Map.of("n", now), Map.of());
    }
  }

  /** Planted: a writer tells the feed when it no longer holds the lock. */
  public static final class PublishesLate extends OverFeed {
    @Override
    VariableState write(long value) {
      VariableState before;
      VariableState next;
      lock.lock();
      try {
        before = state;
        next = next(before, value);
        state = next;
      } finally {
        lock.unlock();
      }
      feed.publishSets(next.revision(), before, next);
      return next;
    }
  }

  /** Planted: a watcher reads the state first and joins the feed later. */
  public static final class JoinsLate extends OverFeed {
    @Override
    void begin(WatchRequest request, WatchListener listener) {
      StateSnapshot seen = snapshot();
      feed.watch(request, listener, seen);
    }
  }

  private static ModelCheck committersAndSubscribers(int interleavings) {
    Call one = call("commit", 1);
    Call other = call("commit", 2);
    Call third = call("commit", 3);
    Call deliver = call("deliver");
    ModelCheck check =
        ModelCheck.against(Specification.class, interleavings)
            .switchingWithin(
                WatchOrderLincheckTest.class,
                StateProvider.class,
                LocalState.class,
                Store.class,
                Cell.class,
                CommittedRevision.class,
                ChangeFeed.class,
                FeedWatch.class);
    for (Call watch : List.of(call("watchFromNow"), call("watchFromTheBeginning"))) {
      check
          .scenario(List.of(), List.of(watch), List.of(one, other), List.of(third))
          .scenario(List.of(), List.of(watch, deliver), List.of(one, deliver), List.of(third))
          .scenario(List.of(watch), List.of(one), List.of(other), List.of(third))
          .scenario(List.of(watch, one), List.of(deliver, other), List.of(deliver), List.of(third))
          .scenario(List.of(watch), List.of(one, deliver), List.of(other, deliver), List.of());
    }
    return check;
  }

  @Test
  void watchersOfLocalState_areToldEverythingInOrder() {
    committersAndSubscribers(20).check(OverLocalState.class);
  }

  @Test
  void watchersOfAFeed_areToldEverythingInOrder() {
    committersAndSubscribers(60).check(OverFeed.class);
  }

  @Test
  void commitsPublishedLate_areFound() {
    committersAndSubscribers(60).checkFinds(PublishesLate.class);
  }

  @Test
  void watcherThatJoinsLate_isFound() {
    committersAndSubscribers(60).checkFinds(JoinsLate.class);
  }
}
