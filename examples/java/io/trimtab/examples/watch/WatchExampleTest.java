package io.trimtab.examples.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class WatchExampleTest {

  @Test
  void run_tellsEachBatchWholeAndNothingThatIsNoNews() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    WatchExample.run(new PrintStream(bytes, true, StandardCharsets.UTF_8));

    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "revision 3",
            "  llm.temperature is 0.7",
            "  llm.max_tokens is 1024",
            "revision 4",
            "  llm.temperature: 0.7 -> 0.2",
            "revision 7",
            "  llm.max_tokens: 1024 -> 256",
            "  llm.temperature: 0.2 -> 0.0");
  }
}
