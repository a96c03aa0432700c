package io.trimtab.bridge;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A sidecar as an operator runs it: by command, with a token file, on a TCP port or a socket. */
final class OperatedSidecar implements AutoCloseable {

  static final String TOKEN = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  private static final Path LOGS = Path.of("target", "sidecar-logs");

  private final Process process;
  private final String address;
  private final Path log;

  private OperatedSidecar(Process process, String address, Path log) {
    this.process = process;
    this.address = address;
    this.log = log;
  }

  static OperatedSidecar start(int port, Map<String, String> environment, String... more)
      throws IOException {
    return start("tcp:127.0.0.1:" + port, environment, more);
  }

  static OperatedSidecar start(Path socket, Map<String, String> environment) throws IOException {
    return start(Handshake.UNIX + socket, environment);
  }

  private static OperatedSidecar start(
      String address, Map<String, String> environment, String... more) throws IOException {
    Path token =
        Files.createTempFile(
            "trimtab-token",
            "",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(token, TOKEN + "\n");
    List<String> command =
        new ArrayList<>(
            List.of(
                PythonEnvironment.prepare(TestSidecars.launch()),
                "-m",
                "trimtab",
                "--handshake-fd=stdout",
                "--token-file",
                token.toString(),
                "--log-level",
                "WARNING",
                "--listen",
                address));
    command.addAll(Arrays.asList(more));
    Files.createDirectories(LOGS);
    Path log = Files.createTempFile(LOGS, "sidecar", ".log");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().put("PYTHONPATH", path(environment));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String line =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
            .readLine();
    if (line == null) {
      process.destroyForcibly();
      throw new IOException("the sidecar did not introduce itself: " + Files.readString(log));
    }
    Files.delete(token); // it has been read
    return new OperatedSidecar(process, Handshake.parse(line).address(), log);
  }

  private static String path(Map<String, String> environment) {
    Path sources = Path.of("src", "python").toAbsolutePath();
    return environment.containsKey("TRIMTAB_FAULT") ? faults() + ":" + sources : sources.toString();
  }

  /** Returns the directory of the module that breaks a sidecar on purpose. */
  static Path faults() {
    return Path.of("src", "test", "resources", "io", "trimtab", "bridge", "faults")
        .toAbsolutePath();
  }

  int port() {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  /** Returns everything it has written to its log. */
  String log() throws IOException {
    return Files.readString(log);
  }

  /** Ends it well. */
  void terminate() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }

  long pid() {
    return process.pid();
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
