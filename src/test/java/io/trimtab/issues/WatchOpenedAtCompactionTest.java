package io.trimtab.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.issues.Watched.Told;
import io.trimtab.state.Change;
import io.trimtab.state.ChangeFeed;
import io.trimtab.state.RevisionCompactedException;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The class of etcd issue 19179. A watch is opened at the very revision of a compaction. The server
 * takes it for one that can be served, although the deletion at that revision is no longer there,
 * and the watcher is not told of it and not refused either.
 *
 * <p>Here the deletion has just left the log. Resuming from before it is refused, naming the oldest
 * revision to resume from; resuming from that one misses nothing.
 */
final class WatchOpenedAtCompactionTest {

  @ParameterizedTest
  @MethodSource("io.trimtab.issues.Watched#everywhere")
  void watchFromBeforeADeletionThatHasLeftTheLog_isRefused(Supplier<Watched> open)
      throws Exception {
    Told told = Told.everything();
    try (Watched watched = open.get()) {
      watched.register("n");
      long before = watched.register("gone");
      long deletion = watched.delete("gone");
      long last = 0;
      for (long value = 1; value <= ChangeFeed.WINDOW; value++) {
        last = watched.set("n", value);
      }

      assertThatThrownBy(() -> watched.watch(WatchRequest.matching("*").after(before), told))
          .isInstanceOfSatisfying(
              RevisionCompactedException.class, e -> assertThat(e.oldest()).isEqualTo(deletion));
      Watch watch =
          watched.watch(
              WatchRequest.matching("*").queueCapacity(2 * ChangeFeed.WINDOW).after(deletion),
              told);

      assertThat(watch.await(last, Watched.SOON)).isTrue();
      assertThat(told.kinds()).hasSize(ChangeFeed.WINDOW).containsOnly(Change.Kind.CHANGED);
      assertThat(told.revisions().get(0)).isEqualTo(deletion + 1);
    }
  }
}
