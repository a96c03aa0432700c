package io.trimtab.examples.watch;

import io.trimtab.session.Session;
import io.trimtab.state.Change;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchRequest;
import io.trimtab.variable.Variable;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** Hears of changes as they happen: a batch arrives whole, an equal value is not news. */
public final class WatchExample {

  private WatchExample() {}

  /**
   * Runs the example.
   *
   * @param args none
   * @throws InterruptedException if the wait for the last change is interrupted
   */
  public static void main(String[] args) throws InterruptedException {
    run(System.out);
  }

  static void run(PrintStream out) throws InterruptedException {
    try (Session session = Session.open()) {
      session.register(Variable.floating("llm.temperature", 0.7, 0.0, 2.0));
      session.register(Variable.integer("llm.max_tokens", 1024, 1, 8192));
      session.register(Variable.bool("debug", false));

      // tag::watch[]
      WatchRequest request = WatchRequest.matching("llm.*").withInitial().build();
      Watch watch =
          session.watch(
              request,
              changes -> {
                out.println("revision " + changes.revision());
                changes.changes().forEach(change -> out.println("  " + shown(change)));
              });
      // end::watch[]

      session.set("llm.temperature", 0.2);
      session.set("llm.temperature", 0.2); // the version rises, but there is no news
      session.set("debug", true); // not asked for
      session.setAll(new TreeMap<>(Map.of("llm.temperature", 0.0, "llm.max_tokens", 256)));

      watch.await(session.revision(), Duration.ofSeconds(5)); // deliveries are asynchronous
      watch.close();
    }
  }

  private static String shown(Change change) {
    return switch (change.kind()) {
      case INITIAL -> change.name() + " is " + change.newValue();
      case REGISTERED -> change.name() + " begins as " + change.newValue();
      case CHANGED -> change.name() + ": " + change.oldValue() + " -> " + change.newValue();
      case DELETED -> change.name() + " is gone";
    };
  }
}
