package io.trimtab.examples.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trimtab.bridge.Sidecar;
import io.trimtab.lm.LanguageModel;
import io.trimtab.study.Study;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Runs the examples with Python programs, in small. */
class BridgeExamplesTest {

  /** Names the interpreter of the build's own virtual environment. */
  private static final Path BUILT = Path.of("target", "python", "executable");

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
  private final Map<String, LanguageModel> models = PythonExamples.models(Map.of());

  @BeforeAll
  static void needsDspy() throws IOException, InterruptedException {
    if (!Files.exists(BUILT) || !hasDspy(Files.readString(BUILT).strip())) {
      System.err.println("SKIPPED BridgeExamplesTest: expected a Python with DSPy in " + BUILT);
      assumeTrue(false, "no Python with DSPy");
    }
  }

  private static Sidecar sidecar(String module) throws IOException {
    Path python = Path.of(Files.readString(BUILT).strip());
    return PythonExamples.sidecar(Sidecar.launch().python(python), module);
  }

  private static boolean hasDspy(String python) throws IOException, InterruptedException {
    Process probe =
        new ProcessBuilder(
                python, "-c", "import sys, importlib.util as u; sys.exit(not u.find_spec('dspy'))")
            .inheritIO()
            .start();
    return probe.waitFor(30, TimeUnit.SECONDS) && probe.exitValue() == 0;
  }

  @AfterEach
  void close() {
    models.values().forEach(LanguageModel::close);
  }

  @Test
  void reactAgent_isTunedAndItsNextCallUsesTheBest() throws IOException {
    try (Sidecar sidecar = sidecar("react_agent")) {
      Study study =
          new ReactAgentExample(out, /* trials= */ 4, /* tickets= */ 8).run(sidecar, models);

      String model = study.best().configuration().getString("reasoning_model");
      double temperature = study.best().configuration().getDouble("temperature");
      assertThat(printed.toString(StandardCharsets.UTF_8))
          .contains("on bridged state")
          .contains("embedded-similarity-" + model + " at " + temperature);
    }
  }

  @Test
  void dspyTriage_scoresDependOnWhatTheTrialsTry() throws IOException {
    try (Sidecar sidecar = sidecar("ticket_triage")) {
      Study study =
          new DspyTriageExample(out, /* trials= */ 6, /* tickets= */ 12).run(sidecar, models);

      assertThat(study.trials().stream().map(trial -> trial.score()).distinct().count())
          .isGreaterThan(1); // the candidates reached Python
      assertThat(printed.toString(StandardCharsets.UTF_8)).contains("the best of 6 trials");
    }
  }
}
