package io.trimtab.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.issues.Watched.Told;
import io.trimtab.state.Batch;
import io.trimtab.state.Change;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import io.trimtab.variable.Variable;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The class of etcd issue 17247. A transaction's list of changes is kept for reuse and not cleared,
 * so watchers are told of a change a second time, with the transaction or with the next one.
 *
 * <p>Here a batch touches variables in several ways at once and a watch matches them in several
 * ways at once: each visible change is told once, with the batch it belongs to, and the next batch
 * tells only its own.
 */
final class WatchTellsABatchTwiceTest {

  @ParameterizedTest
  @MethodSource("io.trimtab.issues.Watched#everywhere")
  void batches_oneAfterTheOther_tellTheirOwnChangesOnce(Supplier<Watched> open) throws Exception {
    Told told = Told.everything();
    try (Watched watched = open.get()) {
      watched.register("a");
      watched.register("b");
      Watch watch = watched.watch(WatchRequest.matching("*"), told);

      watched.commit(Batch.builder().set("a", 1).set("b", 1).build());
      watched.commit(
          Batch.builder()
              .register(Variable.integer("c", 0, 0, 9))
              .set("c", 5)
              .set("b", 1)
              .delete("a")
              .build());
      long last = watched.commit(Batch.builder().set("b", 2).build());

      assertThat(watch.await(last, Watched.SOON)).isTrue();
      assertThat(told.sets().stream().map(set -> set.changes().stream().map(Change::name).toList()))
          .extracting(Object::toString)
          .satisfiesExactly(
              first -> assertThat(first).isEqualTo("[a, b]"),
              second -> assertThat(second).isEqualTo("[c, a]"), // b was set to what it was
              third -> assertThat(third).isEqualTo("[b]"));
    }
  }

  @ParameterizedTest
  @MethodSource("io.trimtab.issues.Watched#everywhere")
  void variableWatchedByNameAndById_isToldOnce(Supplier<Watched> open) throws Exception {
    Told told = Told.everything();
    try (Watched watched = open.get()) {
      Batch registration = Batch.builder().register(Variable.integer("n", 0, 0, 9)).build();
      String id = watched.commits().apply(registration).variables().get("n").id();
      Watch watch = watched.watch(WatchRequest.of("n", id), told);

      long last = watched.set("n", 1);

      assertThat(watch.await(last, Watched.SOON)).isTrue();
      assertThat(told.values()).containsExactly(1L);
    }
  }
}
