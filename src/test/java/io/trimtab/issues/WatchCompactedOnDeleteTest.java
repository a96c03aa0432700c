package io.trimtab.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.issues.Watched.Told;
import io.trimtab.state.Change;
import io.trimtab.state.ChangeFeed;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The class of etcd issue 18089. History is compacted up to a commit that deletes a key; the
 * compaction drops the deletion itself along with the key's older versions, and a watcher that was
 * about to catch up from just before it is never told that the key has gone.
 *
 * <p>Here the log of commits drops all but the newest ones, so that a deletion becomes the oldest
 * commit kept. A watch that resumes right before it is told of it, first.
 */
final class WatchCompactedOnDeleteTest {

  @ParameterizedTest
  @MethodSource("io.trimtab.issues.Watched#everywhere")
  void deletionThatIsTheOldestCommitKept_isTold(Supplier<Watched> open) throws Exception {
    Told told = Told.everything();
    try (Watched watched = open.get()) {
      watched.register("n");
      watched.register("gone");
      long before = watched.set("gone", 1);
      long deletion = watched.delete("gone");
      long last = 0;
      for (long value = 1; value < ChangeFeed.WINDOW; value++) {
        last = watched.set("n", value);
      }

      Watch watch =
          watched.watch(
              WatchRequest.matching("*").queueCapacity(2 * ChangeFeed.WINDOW).after(before), told);

      assertThat(watch.await(last, Watched.SOON)).isTrue();
      Change first = told.sets().get(0).changes().get(0);
      assertThat(told.sets().get(0).revision()).isEqualTo(deletion);
      assertThat(first.kind()).isEqualTo(Change.Kind.DELETED);
      assertThat(first.name()).isEqualTo("gone");
      assertThat(first.oldValue()).isEqualTo(1L);
      assertThat(told.sets()).hasSize(ChangeFeed.WINDOW);
    }
  }
}
