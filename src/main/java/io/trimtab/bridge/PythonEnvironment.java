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

  /** Ranges rather than versions: what the package was tested with, and no known break above. */
  private static final List<String> OWN_REQUIREMENTS =
      List.of("grpcio>=1.66,<2", "protobuf>=5.26,<8");

  private PythonEnvironment() {}

  /** Returns the executable to start. */
  static String prepare(SidecarLaunch options) {
    PythonInterpreter python = PythonInterpreter.find(options);
    if (python.missing().isEmpty()) {
      return python.executable();
    }
    List<String> requirements = new ArrayList<>(OWN_REQUIREMENTS);
    requirements.addAll(options.requirements());
    String name = "venv-%s-%s".formatted(python.version(), hash(requirements));
    Path environment =
        new CacheDirectory(options.cacheDirectory())
            .entry(
                name, directory -> make(python, requirements, directory, options.installTimeout()));
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
      PythonInterpreter python, List<String> requirements, Path directory, Duration timeout)
      throws IOException {
    LOG.info(
        "{} lacks {}: making a virtual environment with {}, once",
        python.executable(),
        python.missing(),
        requirements);
    long deadline = SystemTime.NANOS.getAsLong() + timeout.toNanos();
    run(List.of(python.executable(), "-m", "venv", directory.toString()), deadline, "");
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
