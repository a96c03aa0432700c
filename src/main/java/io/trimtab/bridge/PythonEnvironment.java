package io.trimtab.bridge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The interpreter a sidecar runs on, in a virtual environment made for it if need be. */
final class PythonEnvironment {

  private static final Logger LOG = LoggerFactory.getLogger(PythonEnvironment.class);

  /** What pip says when requirements contradict each other. */
  private static final String CONTRADICTION = "ResolutionImpossible";

  private PythonEnvironment() {}

  /** Returns the executable to start. */
  static String prepare(SidecarLaunch options) {
    PythonInterpreter python = PythonInterpreter.find(options);
    if (python.missing().isEmpty()) {
      return python.executable();
    }
    List<String> requirements = PythonRequirements.pinned(options.requirements());
    String name = "venv-%s-%s".formatted(python.version(), hash(requirements));
    Path environment =
        new CacheDirectory(options.cacheDirectory())
            .entry(
                name,
                directory ->
                    make(python, options.requirements(), directory, options.installTimeout()));
    return executable(environment);
  }

  private static String executable(Path environment) {
    boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("win");
    return PythonInterpreter.executableIn(environment, windows).toString();
  }

  private static String hash(List<String> requirements) {
    byte[] text = String.join("\n", requirements).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(BundledPackage.sha256().digest(text), 0, 8);
  }

  /** Makes the environment; it is moved afterwards, so nothing in it is run by its scripts. */
  private static void make(
      PythonInterpreter python, List<String> users, Path directory, Duration timeout)
      throws IOException {
    List<String> pinned = PythonRequirements.pinned(users);
    LOG.info(
        "{} lacks {}: making a virtual environment with {}, once",
        python.executable(),
        python.missing(),
        pinned);
    long deadline = SystemTime.NANOS.getAsLong() + timeout.toNanos();
    run(List.of(python.executable(), "-m", "venv", directory.toString()), deadline, "");
    try {
      install(python, pinned, directory, deadline);
    } catch (SidecarException e) {
      if (users.isEmpty() || e.output().stream().noneMatch(line -> line.contains(CONTRADICTION))) {
        throw e;
      }
      List<String> ranges = PythonRequirements.ranges(users);
      LOG.info("{} do not go together, trying {}", pinned, ranges);
      install(python, ranges, directory, deadline);
    }
  }

  private static void install(
      PythonInterpreter python, List<String> requirements, Path directory, long deadline)
      throws IOException {
    List<String> install =
        new ArrayList<>(
            List.of(executable(directory), "-m", "pip", "install", "--disable-pip-version-check"));
    install.addAll(requirements);
    String byHand =
        "%s -m pip install '%s'".formatted(python.executable(), String.join("' '", requirements));
    run(install, deadline, "; without a package index, install by hand: " + byHand);
  }

  private static void run(List<String> command, long deadline, String advice) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    OutputLines output =
        OutputLines.follow("trimtab-install", process.getInputStream(), LOG::debug);
    try {
      long left = deadline - SystemTime.NANOS.getAsLong();
      boolean ended = process.waitFor(Math.max(0, left), TimeUnit.NANOSECONDS);
      if (!ended || process.exitValue() != 0) {
        output.awaitEnd(Duration.ofSeconds(1));
        throw new SidecarException(
            "virtual environment: expected %s to succeed, it %s%s"
                .formatted(
                    String.join(" ", command),
                    ended ? "exited with " + process.exitValue() : "took too long",
                    advice),
            output.last(),
            null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SidecarException("virtual environment: interrupted", output.last(), e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
