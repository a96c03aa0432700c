package io.trimtab.examples.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FlappingServerExampleTest {

  @Test
  void run_opensTheBreakerAtTheThirdFailureAndClosesItAfterTheRepair() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    FlappingServerExample.run(new PrintStream(bytes, true, StandardCharsets.UTF_8));

    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "The server is well:",
            "  answer:  All is well.",
            "The server breaks down:",
            "  failed:  status 500",
            "  failed:  status 500",
            "    breaker: CLOSED -> OPEN",
            "  failed:  status 500",
            "  refused: the breaker is open, nothing was sent",
            "The server was asked 4 times; the last call never left.",
            "The server is repaired, and the wait is over:",
            "    breaker: OPEN -> HALF_OPEN",
            "    breaker: HALF_OPEN -> CLOSED",
            "  answer:  All is well.");
  }
}
