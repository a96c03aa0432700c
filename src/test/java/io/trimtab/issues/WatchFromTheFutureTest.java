package io.trimtab.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.issues.Watched.Told;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The class of etcd issue 20221. A client asks for events from a revision that does not exist yet.
 * The server starts it at the present, so it is told of commits below the revision it asked for, or
 * of progress it did not make.
 *
 * <p>Here a watch after a future revision stays silent until that revision has passed, and never
 * claims to be below where it began.
 */
final class WatchFromTheFutureTest {

  @ParameterizedTest
  @MethodSource("io.trimtab.issues.Watched#everywhere")
  void watchAfterAFutureRevision_isToldNothingUpToIt(Supplier<Watched> open) throws Exception {
    Told told = Told.everything();
    try (Watched watched = open.get()) {
      long now = watched.register("n");
      long future = now + 3;
      Watch watch = watched.watch(WatchRequest.of("n").after(future), told);

      for (long value = 1; value <= 3; value++) {
        watched.set("n", value);
      }
      assertThat(watch.await(future, Watched.SOON)).isTrue();
      assertThat(watch.await(future + 1, Duration.ofMillis(1))).isFalse();
      assertThat(told.sets()).isEmpty();
      assertThat(watch.revision()).isEqualTo(future);
      long first = watched.set("n", 4);
      long second = watched.set("n", 5);

      assertThat(watch.await(second, Watched.SOON)).isTrue();
      assertThat(told.revisions()).containsExactly(first, second);
      assertThat(told.values()).containsExactly(4L, 5L);
    }
  }
}
