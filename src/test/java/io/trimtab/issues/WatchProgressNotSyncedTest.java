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
 * The class of etcd issue 15220. A client asks how far its watch has come, so that it can resume
 * from there. The answer runs ahead of the stream: it names the store's newest revision while
 * events before it still wait in the watcher's buffer. A client that trusts it resumes too late and
 * never sees them.
 *
 * <p>Here the answer is {@link Watch#revision} and {@link Watch#await}: neither may name a revision
 * before the listener has returned from everything up to it, and the answer never goes back.
 */
final class WatchProgressNotSyncedTest {

  @ParameterizedTest
  @MethodSource("io.trimtab.issues.Watched#everywhere")
  void progress_whileChangesWait_staysBeforeThem(Supplier<Watched> open) throws Exception {
    Told told = Told.waitingInTheFirstDelivery();
    try (Watched watched = open.get()) {
      watched.register("n");
      Watch watch = watched.watch(WatchRequest.of("n"), told);

      long first = watched.set("n", 1);
      told.awaitFirstDelivery();
      long last = watched.set("n", 2);

      assertThat(watch.revision()).isLessThan(first);
      assertThat(watch.await(first, Duration.ofMillis(1))).isFalse();
      told.goOn();
      assertThat(watch.await(last, Watched.SOON)).isTrue();
      assertThat(watch.revision()).isEqualTo(last);
      assertThat(told.revisions()).containsExactly(first, last);
    }
  }

  @ParameterizedTest
  @MethodSource("io.trimtab.issues.Watched#everywhere")
  void progress_overCommitsOfOthers_risesAndNeverGoesBack(Supplier<Watched> open) throws Exception {
    Told told = Told.waitingInTheFirstDelivery();
    try (Watched watched = open.get()) {
      watched.register("n");
      watched.register("other");
      Watch watch = watched.watch(WatchRequest.of("n"), told);
      long unconcerned = watched.set("other", 1);
      assertThat(watch.await(unconcerned, Watched.SOON)).isTrue();
      assertThat(watch.revision()).isEqualTo(unconcerned);

      watched.set("n", 1);
      told.awaitFirstDelivery();

      assertThat(watch.revision()).isEqualTo(unconcerned);
      told.goOn();
    }
  }
}
