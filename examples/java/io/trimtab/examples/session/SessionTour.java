package io.trimtab.examples.session;

import io.trimtab.session.ConfigurationVersion;
import io.trimtab.session.RegisteredConfiguration;
import io.trimtab.session.Session;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.state.StateSnapshot;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.util.Map;

/** What a session can do, in the order in which docs/sessions.md tells it. */
public final class SessionTour {

  private SessionTour() {}

  /**
   * Takes the tour.
   *
   * @param args none
   * @throws InterruptedException if interrupted while waiting for a watch
   */
  public static void main(String[] args) throws InterruptedException {
    variables();
    spaces();
  }

  private static void variables() throws InterruptedException {
    // tag::tour[]
    Variable<Double> temperature = Variable.floating("temperature", 0.7, 0.0, 2.0);
    try (Session session = Session.open()) {
      session.register(temperature);
      session.set(temperature, 0.2);
      double now = session.get(temperature); // no cast
      StateSnapshot frozen = session.snapshot(); // all variables of one revision
      session.update(temperature, value -> value + 0.1); // atomic read-modify-write
      session.rollback("temperature", 1); // a new version with the old value
      // end::tour[]
      System.out.printf(
          "set %s, frozen at %s, rolled back to %s%n",
          now, frozen.get(temperature), session.get(temperature));
      // tag::watch[]
      Watch watch =
          session.watch(
              WatchRequest.of("temperature").withInitial().build(),
              changes ->
                  changes.changes().forEach(change -> System.out.println(change.newValue())));
      // end::watch[]
      session.set(temperature, 1.5);
      watch.await(session.revision(), Duration.ofSeconds(10));
    }
  }

  private static void spaces() {
    ConfigurationSpace space =
        ConfigurationSpace.named("agent")
            .floating("temperature", 0.7, 0.0, 2.0)
            .integer("shots", 2, 0, 8)
            .build();
    try (Session session = Session.open()) {
      // tag::space[]
      RegisteredConfiguration agent = session.register(space);
      agent.apply(
          Map.of("temperature", 0.5, "shots", 6)); // both or neither, checked against every rule
      ConfigurationVersion seen = agent.read(); // values and version from one revision
      agent.applyIf(seen.version(), Map.of("shots", 3)); // only if nobody was faster
      // end::space[]
      System.out.printf("version %d: %s%n", agent.version(), agent.current().toMap());
    }
  }
}
