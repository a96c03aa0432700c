package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The Python package in {@code src/python}: its own tests, its types, its style, its place in the
 * jar.
 */
final class PythonPackageTest {

  private static final Path SOURCES = Path.of("src", "python").toAbsolutePath();

  /** Runs a module of the prepared Python and returns what it printed, after a zero exit code. */
  private static void run(int minutes, String... arguments) throws Exception {
    Path python = PythonBuild.executable();
    if (python == null) {
      System.err.println("SKIPPED " + String.join(" ", arguments) + ": no Python was prepared");
    }
    assumeTrue(python != null, "no Python was prepared");
    List<String> command = new ArrayList<>(List.of(String.valueOf(python), "-m"));
    command.addAll(List.of(arguments));
    Path log = Path.of("target", "python", arguments[0] + ".log").toAbsolutePath();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(SOURCES.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("PYTHONPATH", SOURCES.toString());
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    Process process = builder.start();
    try {
      boolean ended = process.waitFor(minutes, TimeUnit.MINUTES);

      String output = Files.readString(log, StandardCharsets.UTF_8);
      assertThat(ended).as("ended within %d minutes:%n%s", minutes, output).isTrue();
      assertThat(process.exitValue()).as("exit code after%n%s", output).isZero();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Test
  void pytest_passes() throws Exception {
    run(10, "pytest", "-q", "-p", "no:cacheprovider");
  }

  @Test
  void mypy_strict_findsNothing() throws Exception {
    run(5, "mypy", "--cache-dir", Path.of("target", "python", "mypy").toAbsolutePath().toString());
  }

  @Test
  void ruff_findsNothing() throws Exception {
    run(1, "ruff", "check", "--no-cache", ".");
  }

  @Test
  void descriptor_inThePackage_isTheOneOfTheProtocol() throws IOException {
    Path built = Path.of("target", "classes", "io", "trimtab", "bridge", "bridge.desc");

    assertThat(SOURCES.resolve("trimtab").resolve("bridge.desc"))
        .as("copy %s there and commit it", built)
        .hasSameBinaryContentAs(built);
  }

  @Test
  void resources_carryThePackage_withoutItsTests() {
    assertThat(getClass().getResource("/io/trimtab/bridge/python/trimtab/__main__.py")).isNotNull();
    assertThat(getClass().getResource("/io/trimtab/bridge/python/trimtab/py.typed")).isNotNull();
    assertThat(getClass().getResource("/io/trimtab/bridge/python/tests/conftest.py")).isNull();
  }
}
