package io.trimtab.examples.resilience;

import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmCircuitOpenException;
import io.trimtab.lm.LmEvent;
import io.trimtab.lm.LmException;
import io.trimtab.lm.LmLimits;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.ResilientLanguageModel;
import io.trimtab.openai.OpenAiModel;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Stays quick and polite while a server breaks down and recovers: the circuit breaker at work. */
public final class FlappingServerExample {

  private static final LmRequest QUESTION = LmRequest.of("How are you?");

  private FlappingServerExample() {}

  /**
   * Runs the example.
   *
   * @param args none
   * @throws Exception if the server cannot be started or the wait is interrupted
   */
  public static void main(String[] args) throws Exception {
    run(System.out);
  }

  static void run(PrintStream out) throws IOException, InterruptedException {
    try (FlappingServer server = new FlappingServer();
        LanguageModel model = resilient(server, out)) {
      out.println("The server is well:");
      ask(model, out);

      out.println("The server breaks down:");
      server.breakDown();
      for (int i = 0; i < 4; i++) {
        ask(model, out);
      }
      out.println(
          "The server was asked " + server.requests() + " times; the last call never left.");

      out.println("The server is repaired, and the wait is over:");
      server.repair();
      waitForTheBreaker(model);
      ask(model, out);
    }
  }

  // tag::resilient[]
  private static LanguageModel resilient(FlappingServer server, PrintStream out) {
    LanguageModel toy =
        OpenAiModel.builder().baseUrl(server.baseUrl()).withoutKey().model("toy").build();
    return ResilientLanguageModel.builder(toy)
        .limits(LmLimits.builder().breaker(3, Duration.ofMillis(300)).build())
        .retrying(1) // one attempt, so that each line below is one request
        .timeout(Duration.ofSeconds(5))
        .listener(event -> tell(event, out))
        .build();
  }

  // end::resilient[]

  private static void tell(LmEvent event, PrintStream out) {
    if (event instanceof LmEvent.BreakerChanged change) {
      out.printf("    breaker: %s -> %s%n", change.from(), change.to());
    }
  }

  private static void ask(LanguageModel model, PrintStream out) {
    try {
      out.println("  answer:  " + model.generate(QUESTION).text());
    } catch (LmCircuitOpenException e) {
      out.println("  refused: the breaker is open, nothing was sent");
    } catch (LmException e) {
      out.println("  failed:  status " + e.status());
    }
  }

  private static void waitForTheBreaker(LanguageModel model) throws InterruptedException {
    try {
      model.generate(QUESTION);
    } catch (LmCircuitOpenException e) {
      Duration wait = e.retryAfter();
      TimeUnit.MILLISECONDS.sleep(wait == null ? 0 : wait.toMillis() + 1);
    }
  }
}
