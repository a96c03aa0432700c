package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.session.Backend;
import io.trimtab.session.BackendSwitchException;
import io.trimtab.session.Session;
import io.trimtab.session.SessionProgram;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.InvalidConfigurationException;
import io.trimtab.state.Capability;
import io.trimtab.state.Lease;
import io.trimtab.state.LeaseHeldException;
import io.trimtab.state.LocalStateFactory;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateProviderFactory;
import io.trimtab.state.VariableState;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchRequest;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.Variable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session that moves between this JVM and a real sidecar. */
@RequiresPython
@Timeout(1800)
class BridgedSessionTest {

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));

  private static StateProviderFactory bridged() {
    return new BridgedStateFactory(TestSidecars.shared()).deadline(Duration.ofSeconds(60));
  }

  private static Session open() {
    return Session.builder().bridge(bridged()).open();
  }

  private record Program(String name, boolean requiresBridge) implements SessionProgram {}

  @Test
  void ensureBridged_threeCallsAtOnce_switchOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try (Session session = open()) {
      session.register(Variable.floating("temperature", 0.7, 0.0, 2.0));

      List<Future<Backend>> calls =
          threads.invokeAll(
              List.of(session::ensureBridged, session::ensureBridged, session::ensureBridged));

      for (Future<Backend> call : calls) {
        assertThat(call.get().requiresBridge()).isTrue();
      }
      assertThat(session.backend().switches()).hasSize(1);
      assertThat(session.backend().name()).isEqualTo("bridged");
      assertThat(session.backend().capabilities()).contains(Capability.DISTRIBUTION);
      assertThat(session.state("temperature").metadata()).containsEntry("migrated_from", "local");
    } finally {
      threads.shutdown();
      assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void register_programThatRequiresTheBridge_movesTheSession() {
    try (Session session = open()) {
      assertThat(session.register(new Program("plain", false)).requiresBridge()).isFalse();
      assertThat(session.register(new Program("python", true)).requiresBridge()).isTrue();
      assertThat(session.programs())
          .extracting(SessionProgram::name)
          .containsExactly("plain", "python");
    }
  }

  @Test
  void ensureBridged_nothingWrittenYet_adoptsWhatTheSidecarHolds() {
    try (Session session = open();
        BridgedState others = BridgedState.builder(session.id(), TestSidecars.shared()).open()) {
      others.register(Variable.integer("made_elsewhere", 7, 0, 10));

      session.ensureBridged();

      assertThat(session.getLong("made_elsewhere")).isEqualTo(7);
    }
  }

  @Test
  void switchThereAndBack_keepsEverything() {
    ConfigurationSpace space =
        ConfigurationSpace.named("agent")
            .integer("max_iters", 5, 3, 10)
            .floating("heat", 0.7, 0.0, 1.5)
            .require("heat <= 1.0 || max_iters <= 5", "hot agents stop early")
            .build();
    try (Session session = open()) {
      session.register(Variable.integer("counter", 0, 0, 1_000));
      session.set("counter", 1);
      session.register(space);
      Lease lease = session.lease("study", List.of("counter"), Duration.ofMinutes(5)).lease();
      VariableState before = session.state("counter");

      session.ensureBridged();
      assertThatThrownBy(() -> session.set("counter", 2)).isInstanceOf(LeaseHeldException.class);
      session.set("counter", 2, WriteContext.JVM.onBehalfOf(lease.owner()));
      assertThatThrownBy(() -> session.setAll(Map.of("heat", 1.4, "max_iters", 9)))
          .isInstanceOf(InvalidConfigurationException.class);
      session.switchTo(new LocalStateFactory());

      VariableState after = session.state("counter");
      assertThat(after.id()).isEqualTo(before.id());
      assertThat(after.version()).isEqualTo(before.version() + 1);
      assertThat(after.createdAt()).isEqualTo(before.createdAt());
      assertThat(session.history("counter")).hasSize(3);
      assertThat(session.configuration("agent").current().get("max_iters")).isEqualTo(5L);
      assertThatThrownBy(() -> session.setAll(Map.of("heat", 1.4, "max_iters", 9)))
          .isInstanceOf(InvalidConfigurationException.class);
      assertThat(session.backend().switches()).hasSize(2);
    }
  }

  @Test
  void switchThereAndBack_underLoad_losesNothing() throws Exception {
    try (Session session = open()) {
      Hammer hammer = new Hammer(storeOf(session), Duration.ofSeconds(30), 8, 8, 4).start();

      for (int round = 0; round < (LONG ? 50 : 4); round++) {
        hammer.awaitWrites(100, Duration.ofSeconds(30));
        session.ensureBridged();
        hammer.awaitWrites(100, Duration.ofSeconds(30));
        session.switchTo(new LocalStateFactory());
      }

      List<String> faults = hammer.stop();
      System.out.println("switched there and back: " + hammer.summary());
      assertThat(faults).isEmpty();
    }
  }

  static Hammer.Store storeOf(Session session) {
    return new Hammer.Store() {
      @Override
      public VariableState register(Variable<?> variable) {
        return session.register(variable);
      }

      @Override
      public VariableState set(String name, Object value) {
        return session.set(name, value);
      }

      @Override
      public @Nullable VariableState find(String name) {
        return session.find(name);
      }

      @Override
      public Watch watch(WatchRequest request, WatchListener listener) {
        return session.watch(request, listener);
      }
    };
  }

  /**
   * The sidecar dies just before a step of the switch; for each step the session stays as it was.
   */
  @ParameterizedTest
  @ValueSource(strings = {"open", "importState", "exportState", "revision"})
  void sidecarDies_atAnyStep_leavesLocalStateInCharge(String step) throws Exception {
    try (OperatedSidecar operated = OperatedSidecar.start(0, Map.of());
        Sidecar sidecar =
            Sidecar.connect("127.0.0.1:" + operated.port()).token(OperatedSidecar.TOKEN).open();
        Session session = Session.builder().bridge(new Dying(sidecar, operated, step)).open()) {
      session.register(Variable.integer("counter", 0, 0, 1_000));
      CountingListener told = new CountingListener();
      session.watch(WatchRequest.of("counter").build(), told);
      StateExport before = session.exportState();

      assertThatThrownBy(session::ensureBridged).isInstanceOf(BackendSwitchException.class);

      assertThat(session.backend().name()).isEqualTo("local");
      assertThat(session.exportState().digest()).isEqualTo(before.digest());
      session.set("counter", 1);
      assertThat(session.getLong("counter")).isEqualTo(1);
      told.await(1);
    }
  }

  private static final class CountingListener implements WatchListener {
    private final java.util.concurrent.Semaphore told = new java.util.concurrent.Semaphore(0);

    @Override
    public void onChange(io.trimtab.state.ChangeSet changes) {
      told.release();
    }

    void await(int times) throws InterruptedException {
      assertThat(told.tryAcquire(times, 10, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** Opens bridged providers whose sidecar is killed when one of their methods is called. */
  private record Dying(Sidecar sidecar, OperatedSidecar operated, String step)
      implements StateProviderFactory {

    @Override
    public String name() {
      return "bridged";
    }

    @Override
    public StateProvider open(String sessionId, @Nullable StateExport initial) {
      if (step.equals("open")) {
        kill();
      }
      BridgedState state =
          BridgedState.builder(sessionId, sidecar)
              .deadline(Duration.ofSeconds(1))
              .openTimeout(Duration.ofSeconds(1))
              .open();
      return (StateProvider)
          Proxy.newProxyInstance(
              StateProvider.class.getClassLoader(),
              new Class<?>[] {StateProvider.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals(step)) {
                  kill();
                }
                try {
                  return method.invoke(state, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }

    private void kill() {
      try {
        operated.kill();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
