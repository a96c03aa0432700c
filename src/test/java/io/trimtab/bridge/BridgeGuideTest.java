package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.GuidePage;
import io.trimtab.examples.bridge.ReactAgentExample;
import io.trimtab.session.Backend;
import io.trimtab.session.Session;
import io.trimtab.variable.Variable;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The code of {@code docs/bridge.md}, run; and that page, compared with this code. */
@RequiresPython
final class BridgeGuideTest {

  @Test
  void page_showsThisCode() throws Exception {
    GuidePage.assertBlocksAreRegionsOf("bridge.md", BridgeGuideTest.class, ReactAgentExample.class);
  }

  @Test
  void session_movesThere() {
    try (Sidecar sidecar = TestSidecars.launch().start()) {
      // tag::move[]
      try (Session session = Session.builder().bridge(new BridgedStateFactory(sidecar)).open()) {
        session.register(Variable.floating("temperature", 0.7, 0.0, 2.0));
        Backend backend = session.ensureBridged(); // live: readers, writers and watches go on
        session.set("temperature", 0.2); // Python programs of this session read 0.2 from now on
        // end::move[]
        assertThat(backend.name()).isEqualTo("bridged");
        assertThat(session.getDouble("temperature")).isEqualTo(0.2);
      }
    }
  }

  @Test
  void reads_fromTheReplica() {
    try (Sidecar sidecar = TestSidecars.launch().start()) {
      // tag::replica[]
      try (BridgedState state =
          BridgedState.builder("my-session", sidecar).reads(ReadMode.REPLICA).open()) {
        state.register(Variable.integer("max_tokens", 512, 64, 8192));
        long now = (Long) state.get("max_tokens").value(); // no round trip
        Duration age = state.replica().age(); // how long ago the sidecar last confirmed it
        // end::replica[]
        assertThat(now).isEqualTo(512);
        assertThat(age).isLessThan(Duration.ofSeconds(30));
      }
    }
  }
}
