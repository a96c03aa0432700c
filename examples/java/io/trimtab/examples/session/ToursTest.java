package io.trimtab.examples.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ToursTest {

  private interface Tour {
    void take() throws Exception;
  }

  private static String printed(Tour tour) throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      tour.take();
    } finally {
      System.setOut(console);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void sessionTour_showsWhatThePageSays() throws Exception {
    String printed = printed(() -> SessionTour.main(new String[0]));

    assertThat(printed.lines())
        .containsExactly(
            "set 0.2, frozen at 0.2, rolled back to 0.7",
            "0.7",
            "1.5",
            "version 3: {temperature=0.5, shots=3}");
  }

  @Test
  void studyTour_runsAndWritesTheReport() throws Exception {
    String printed = printed(() -> StudyTour.main(new String[0]));

    assertThat(printed).matches("(TRIALS|PATIENCE) after \\d+ trials, best 0\\.\\d\\d\\R");
    assertThat(Files.readString(Path.of("target/tour/report.html"))).contains("Best configuration");
  }
}
