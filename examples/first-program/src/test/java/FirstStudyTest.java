import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FirstStudyTest {

  @Test
  void main_onAnyMachine_printsWhatTheReadmeSays() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream console = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      FirstStudy.main(new String[0]);
    } finally {
      System.setOut(console);
    }

    assertEquals(
        List.of(
            "1.0 right with triage{temperature=0.9, hint=billing: card, sum. outage: error, loads. how_to: how, wh...}",
            "outage"),
        bytes.toString(StandardCharsets.UTF_8).lines().toList());
  }
}
