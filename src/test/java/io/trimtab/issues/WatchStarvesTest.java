package io.trimtab.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.issues.Watched.Told;
import io.trimtab.state.Change;
import io.trimtab.state.ChangeSet;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The class of etcd issue 17529. One stream is starved: its reader is too slow, buffers fill, and
 * the server drops the watcher into a catch-up list from which some events never come out.
 *
 * <p>Here a listener that hangs lets its queue overflow. What waits is merged, and said to be so,
 * but nothing is lost: the merged set spans from the last value told to the newest one, the
 * variable that changed once in between is in it, and watchers that keep up are told every single
 * commit.
 */
final class WatchStarvesTest {

  private static final int COMMITS = 3_000;

  @ParameterizedTest
  @MethodSource("io.trimtab.issues.Watched#everywhere")
  void starvedWatch_isToldWhatItMissed_othersEverything(Supplier<Watched> open) throws Exception {
    Told starved = Told.waitingInTheFirstDelivery();
    Told quick = Told.everything();
    try (Watched watched = open.get()) {
      watched.register("often");
      watched.register("once");
      Watch slow = watched.watch(WatchRequest.matching("*").queueCapacity(2), starved);
      Watch fast = watched.watch(WatchRequest.of("often").queueCapacity(2 * COMMITS), quick);

      watched.set("often", 1);
      starved.awaitFirstDelivery();
      watched.set("once", 7);
      long last = 0;
      for (long value = 2; value <= COMMITS; value++) {
        last = watched.set("often", value);
      }
      assertThat(fast.await(last, Watched.SOON)).isTrue();
      starved.goOn();
      assertThat(slow.await(last, Watched.SOON)).isTrue();

      assertThat(quick.values())
          .isEqualTo(LongStream.rangeClosed(1, COMMITS).mapToObj(value -> (Object) value).toList());
      List<ChangeSet> late = starved.sets().subList(1, starved.sets().size());
      assertThat(late.get(0).conflated()).isTrue();
      assertThat(late.get(late.size() - 1).revision()).isEqualTo(last);
      assertThat(changesOf("once", late)).extracting(Change::newValue).containsExactly(7L);
      List<Change> often = changesOf("often", late);
      assertThat(often.get(0).oldValue()).isEqualTo(1L);
      assertThat(often.get(often.size() - 1).newValue()).isEqualTo((long) COMMITS);
      for (int i = 1; i < often.size(); i++) {
        assertThat(often.get(i).oldValue()).isEqualTo(often.get(i - 1).newValue());
      }
    }
  }

  private static List<Change> changesOf(String name, List<ChangeSet> sets) {
    return sets.stream()
        .flatMap(set -> set.changes().stream())
        .filter(change -> change.name().equals(name))
        .toList();
  }
}
