package io.trimtab.examples.backends;

import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.ScriptedLanguageModel;
import io.trimtab.session.Backend;
import io.trimtab.session.Session;
import io.trimtab.state.LocalStateFactory;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateProviderFactory;
import io.trimtab.variable.Variable;
import java.io.PrintStream;

/**
 * Moves a session to another backend while a service uses it; see ReplyDeskTest for tests without
 * any session.
 */
public final class BackendsExample {

  private BackendsExample() {}

  /**
   * Runs the example.
   *
   * @param args none
   */
  public static void main(String[] args) {
    run(System.out);
  }

  static void run(PrintStream out) {
    try (Session session = Session.open();
        LanguageModel model = ScriptedLanguageModel.answeringWith(BackendsExample::answer)) {
      session.register(Variable.floating("temperature", 0.7, 0.0, 2.0));
      session.register(Variable.string("tone", "Answer politely."));
      ReplyDesk desk = new ReplyDesk(model, session);

      out.println("on " + session.backend().name() + ": " + desk.reply("Are you there?"));
      session.set("temperature", 0.0);

      // tag::switch[]
      session.switchTo(new SecondHome());
      // end::switch[]
      out.println("on " + session.backend().name() + ": " + desk.reply("And now?"));
      Backend.Switch move = session.backend().switches().get(0);
      out.println("moved " + move.variables() + " variables at revision " + move.revision());
      out.println("temperature is at version " + session.state("temperature").version() + " still");
    }
  }

  private static String answer(LmRequest request) {
    return "[[ ## answer ## ]]\nYes, at temperature %s.\n\n[[ ## completed ## ]]"
        .formatted(request.options().temperature());
  }

  /** Stands for any other backend: a file, a database, a sidecar. */
  private static final class SecondHome implements StateProviderFactory {
    @Override
    public String name() {
      return "second-home";
    }

    @Override
    public StateProvider open(String sessionId, StateExport initial) {
      return new LocalStateFactory().open(sessionId, initial);
    }
  }
}
