package io.trimtab.bridge;

import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Sidecars for tests, run from the source tree; and the condition under which there are any. */
final class TestSidecars implements ExecutionCondition {

  private static final Path SOURCES = Path.of(System.getProperty("trimtab.sources", "src/python"));

  /** Holds the one sidecar that most tests share; it ends with the JVM. */
  private static final class Shared {
    static final Sidecar SIDECAR = launch().start();
  }

  /** Returns a running sidecar that nobody may harm. */
  static Sidecar shared() {
    return Shared.SIDECAR;
  }

  private static final class SharedWithoutLane {
    static final Sidecar SIDECAR = launch().withoutLane().start();
  }

  /** Returns the same, spoken to by gRPC alone. */
  static Sidecar sharedWithoutLane() {
    return SharedWithoutLane.SIDECAR;
  }

  /** Returns the options for a sidecar of a test's own. */
  static SidecarLaunch launch() {
    SidecarLaunch launch =
        Sidecar.launch().sources(SOURCES).cacheDirectory(Path.of("target", "sidecar-cache"));
    Path python = PythonBuild.executable();
    return python == null ? launch : launch.python(python);
  }

  private static final String OBSTACLE = obstacle();

  private static String obstacle() {
    try {
      PythonEnvironment.prepare(launch());
      return "";
    } catch (SidecarException e) {
      return e.getMessage();
    }
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    if (OBSTACLE.isEmpty()) {
      return ConditionEvaluationResult.enabled("there is a Python");
    }
    System.err.printf("SKIPPED %s: %s%n", context.getDisplayName(), OBSTACLE);
    return ConditionEvaluationResult.disabled(OBSTACLE);
  }
}
