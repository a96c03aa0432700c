package io.trimtab.bridge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The Python that the build's tests run on: a virtual environment under {@code target/python} with
 * everything the Python tests need, made before the tests and reused by the next build.
 *
 * <p>Run by Maven as {@code prepare} before the tests and as {@code report} after them. A machine
 * without Python 3.10 or without a package index builds all the same; the report says what was
 * skipped and why.
 */
public final class PythonBuild {

  private static final Path DIRECTORY = Path.of("target", "python");
  private static final Path EXECUTABLE = DIRECTORY.resolve("executable");
  private static final Path OBSTACLE = DIRECTORY.resolve("obstacle");

  /** What the tests import, besides what the sidecar itself requires. */
  private static final String[] REQUIREMENTS = {
    "dspy>=3",
    "hypothesis>=6.100",
    "mypy>=1.11",
    "numpy",
    "optuna>=5",
    "pytest>=8",
    "ruff>=0.6",
    "types-protobuf>=5"
  };

  private PythonBuild() {}

  /**
   * Prepares the environment, or reports that there is none.
   *
   * @param args {@code prepare} or {@code report}
   * @throws IOException if the build directory cannot be written
   */
  public static void main(String[] args) throws IOException {
    if (args.length == 1 && args[0].equals("prepare")) {
      prepare();
    } else if (args.length == 1 && args[0].equals("report")) {
      report();
    } else {
      throw new IllegalArgumentException(
          "expected prepare or report, got " + String.join(" ", args));
    }
  }

  private static void prepare() throws IOException {
    Files.createDirectories(DIRECTORY);
    Files.deleteIfExists(EXECUTABLE);
    Files.deleteIfExists(OBSTACLE);
    try {
      SidecarLaunch launch =
          Sidecar.launch()
              .cacheDirectory(DIRECTORY.toAbsolutePath())
              .installTimeout(Duration.ofMinutes(15))
              .requirements(REQUIREMENTS);
      Files.writeString(EXECUTABLE, PythonEnvironment.prepare(launch));
    } catch (SidecarException e) {
      Files.writeString(OBSTACLE, String.valueOf(e.getMessage()));
      report();
    }
  }

  private static void report() throws IOException {
    if (Files.exists(OBSTACLE)) {
      String line = "*".repeat(100);
      System.err.printf(
          "%n%s%n* THE PYTHON PACKAGE WAS NOT TESTED, NOR WHAT NEEDS IT: pytest, mypy, and every"
              + " test class marked @RequiresPython.%n* Reason: %s%n%s%n%n",
          line, Files.readString(OBSTACLE), line);
    }
  }

  /**
   * Returns the interpreter to test with.
   *
   * @return the one named by {@code -Dtrimtab.python}, else the prepared one, else null
   */
  public static @Nullable Path executable() {
    String named = System.getProperty("trimtab.python");
    if (named != null && Files.isExecutable(Path.of(named))) {
      return Path.of(named);
    }
    try {
      return Files.exists(EXECUTABLE) ? Path.of(Files.readString(EXECUTABLE).strip()) : null;
    } catch (IOException e) {
      throw new AssertionError("a file this build has just written can be read", e);
    }
  }
}
