package io.trimtab.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.space.ConfigurationSpace;
import io.trimtab.state.Batch;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateUnavailableException;
import io.trimtab.state.WatchRequest;
import io.trimtab.variable.Variable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A session that is closed, or could not be opened, does nothing more and leaves nothing behind.
 */
@Timeout(60)
class SessionClosingTest {

  private static final ConfigurationSpace SPACE =
      ConfigurationSpace.named("agent").integer("shots", 2, 0, 8).build();

  private record Program(String name, boolean requiresBridge) implements SessionProgram {}

  private static InterceptedProvider local() {
    return new InterceptedProvider("local", (method, call) -> call.proceed());
  }

  @Test
  void everyCall_afterClose_isRefusedNamingTheSession() {
    Session session = Session.builder().id("over").open();
    session.register(SPACE);
    RegisteredConfiguration agent = session.configuration("agent");
    session.close();
    InterceptedProvider target = local();
    Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
    calls.put("revision", session::revision);
    calls.put("register", () -> session.register(Variable.bool("b", true)));
    calls.put("registerIfAbsent", () -> session.registerIfAbsent(Variable.bool("b", true)));
    calls.put("find", () -> session.find("shots"));
    calls.put("lookup", () -> session.lookup("nowhere"));
    calls.put("state", () -> session.state("shots"));
    calls.put("snapshot", session::snapshot);
    calls.put("getMany", () -> session.getMany(List.of()));
    calls.put("findDocument", () -> session.findDocument("d"));
    calls.put("set", () -> session.set("shots", 3));
    calls.put("update", () -> session.update("shots", value -> value));
    calls.put("commit", () -> session.commit(Batch.builder().build()));
    calls.put("delete", () -> session.delete("shots"));
    calls.put("history", () -> session.history("shots"));
    calls.put("rollback", () -> session.rollback("shots", 1));
    calls.put("watch", () -> session.watch(WatchRequest.matching("*").build(), changes -> {}));
    calls.put("watches", session::watches);
    calls.put("lease", () -> session.lease("me", List.of("shots"), Duration.ofMinutes(1)));
    calls.put("addDependency", () -> session.addDependency("shots", "shots"));
    calls.put("dependencies", session::dependencies);
    calls.put("updateOrder", session::updateOrder);
    calls.put("register space", () -> session.register(SPACE));
    calls.put("configuration", () -> session.configuration("agent"));
    calls.put("configurations", session::configurations);
    calls.put("current", agent::current);
    calls.put("apply", () -> agent.apply(Map.of("shots", 3)));
    calls.put("unregister", () -> session.unregister("nothing"));
    calls.put("exportState", session::exportState);
    calls.put("exportTo", () -> session.exportTo(Path.of("never-written.json")));
    calls.put("backend", session::backend);
    calls.put("switchTo", () -> session.switchTo(target));
    calls.put("ensureBridged", () -> session.ensureBridged(target));
    calls.put("register program", () -> session.register(new Program("p", false)));
    calls.put("programs", session::programs);

    calls.forEach(
        (name, call) ->
            assertThatThrownBy(call)
                .as(name)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("over"));
    assertThat(target.opened()).as("providers opened for a closed session").isZero();
  }

  @Test
  void close_aLeaseCannotBeReleased_closesTheProviderAllTheSame() {
    InterceptedProvider provider =
        InterceptedProvider.before(
            "releaseLease",
            () -> {
              throw new StateUnavailableException("planted", /* applied= */ false, null);
            });
    Session session = Session.builder().provider(provider).open();
    session.register(Variable.integer("n", 0, 0, 9));
    session.lease("study", List.of("n"), Duration.ofMinutes(1));

    session.close();

    assertThat(provider.open()).isZero();
  }

  @Test
  void open_onAStateThatTheSessionCannotTakeOver_leavesNoProviderOpen() {
    StateExport state;
    try (Session other = Session.open()) {
      other.register(
          ConfigurationSpace.named("local")
              .integer("n", 1, 0, 9)
              .require("odd", c -> c.getLong("n") % 2 == 1, "n must be odd")
              .build());
      state = other.exportState();
    }
    InterceptedProvider given = local();
    InterceptedProvider found =
        new InterceptedProvider("local", (method, call) -> call.proceed()).beginningWith(state);

    assertThatThrownBy(() -> Session.builder().provider(given).startingFrom(state).open())
        .isInstanceOf(LocalSpaceException.class);
    assertThatThrownBy(() -> Session.builder().provider(found).open())
        .isInstanceOf(LocalSpaceException.class);

    assertThat(given.open()).isZero();
    assertThat(found.open()).isZero();
  }
}
