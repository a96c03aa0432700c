package io.trimtab.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.issues.Watched.Told;
import io.trimtab.session.Session;
import io.trimtab.state.LocalStateFactory;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The class of etcd issue 15271. A watch is cut off from its server and continues on another one
 * that knows less, or counts anew. The listener is told of revisions it has seen already, or of
 * lower ones than the last: time runs backwards for it.
 *
 * <p>Here a session moves to another provider, several times, while a watch runs and commits go on.
 * Revisions and values only rise, each commit is told once, and none is missing.
 */
final class WatchTravelsBackInTimeTest {

  @Test
  void watchOfASession_acrossSwitches_onlyGoesForward() throws Exception {
    Told told = Told.everything();
    try (Session session = Session.open();
        Watched watched = Watched.over(session)) {
      watched.register("n");
      Watch watch = watched.watch(WatchRequest.of("n").queueCapacity(1000), told);
      List<Long> committed = new ArrayList<>();

      for (long value = 1; value <= 50; value++) {
        committed.add(watched.set("n", value));
        if (value % 10 == 0) {
          session.switchTo(new LocalStateFactory());
        }
      }

      assertThat(watch.await(session.revision(), Watched.SOON)).isTrue();
      assertThat(told.revisions()).isEqualTo(committed).isSorted().doesNotHaveDuplicates();
      assertThat(told.values()).hasSize(50).startsWith(1L).endsWith(50L);
    }
  }

  @Test
  void watchResumedAfterASwitch_doesNotTellWhatWasToldBefore() throws Exception {
    Told before = Told.everything();
    Told after = Told.everything();
    try (Session session = Session.open();
        Watched watched = Watched.over(session)) {
      watched.register("n");
      Watch first = watched.watch(WatchRequest.of("n"), before);
      watched.set("n", 1);
      assertThat(first.await(session.revision(), Watched.SOON)).isTrue();
      first.close();

      session.switchTo(new LocalStateFactory());
      Watch second = watched.watch(WatchRequest.of("n").after(session.revision()), after);
      watched.set("n", 2);

      assertThat(second.await(session.revision(), Watched.SOON)).isTrue();
      assertThat(before.values()).containsExactly(1L);
      assertThat(after.values()).containsExactly(2L);
    }
  }
}
