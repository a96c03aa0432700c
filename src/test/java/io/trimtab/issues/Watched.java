package io.trimtab.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.session.Session;
import io.trimtab.state.Batch;
import io.trimtab.state.Change;
import io.trimtab.state.ChangeSet;
import io.trimtab.state.Commit;
import io.trimtab.state.LocalState;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchRequest;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/** Something that keeps variables and can be watched, be it a provider or a session over one. */
record Watched(
    Function<Batch, Commit> commits,
    BiFunction<WatchRequest, WatchListener, Watch> watches,
    Runnable end)
    implements AutoCloseable {

  static final Duration SOON = Duration.ofSeconds(30);

  /** Every kind of thing that can be watched, empty. */
  static Stream<Named<Supplier<Watched>>> everywhere() {
    return Stream.of(
        Named.of("LocalState", () -> over(LocalState.create())),
        Named.of("Session", () -> over(Session.open())));
  }

  private static Watched over(LocalState state) {
    return new Watched(state::commit, state::watch, state::close);
  }

  static Watched over(Session session) {
    return new Watched(session::commit, session::watch, session::close);
  }

  /** Registers an integer variable that begins with 0, and returns the commit's revision. */
  long register(String name) {
    return commit(Batch.builder().register(Variable.integer(name, 0, 0, Long.MAX_VALUE)).build());
  }

  long set(String name, long value) {
    return commit(Batch.builder().set(name, value).build());
  }

  long delete(String name) {
    return commit(Batch.builder().delete(name).build());
  }

  long commit(Batch batch) {
    return commits.apply(batch).revision();
  }

  Watch watch(WatchRequest.Builder request, WatchListener listener) {
    return watches.apply(request.build(), listener);
  }

  @Override
  public void close() {
    end.run();
  }

  /** Notes what a watch tells; may be made to wait within its first delivery. */
  static final class Told implements WatchListener {

    private final List<ChangeSet> sets = new CopyOnWriteArrayList<>();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch gate;

    private Told(int gates) {
      this.gate = new CountDownLatch(gates);
    }

    static Told everything() {
      return new Told(0);
    }

    static Told waitingInTheFirstDelivery() {
      return new Told(1);
    }

    @Override
    public void onChange(ChangeSet changes) {
      sets.add(changes);
      entered.countDown();
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void awaitFirstDelivery() throws InterruptedException {
      assertThat(entered.await(SOON.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)).isTrue();
    }

    void goOn() {
      gate.countDown();
    }

    List<ChangeSet> sets() {
      return sets;
    }

    List<Long> revisions() {
      return sets.stream().map(ChangeSet::revision).toList();
    }

    List<Object> values() {
      return sets.stream().flatMap(set -> set.changes().stream()).map(Change::newValue).toList();
    }

    List<Change.Kind> kinds() {
      return sets.stream().flatMap(set -> set.changes().stream()).map(Change::kind).toList();
    }
  }
}
