package io.trimtab.bridge;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the sidecar, from its start to its end. */
final class SidecarProcess {
  /*
   * The token goes over standard input, which stays open: its end tells the process that this JVM is gone, even after
   * kill -9. (Linux's parent-death signal fires when the *thread* that started the process ends.) Both outputs are read
   * from the first moment.
   */

  private static final Logger LOG = LoggerFactory.getLogger("io.trimtab.sidecar");
  private static final Duration GRACE = Duration.ofSeconds(3);

  private final Process process;
  private final OutputLines errors;
  private final CompletableFuture<Handshake> handshake = new CompletableFuture<>();
  private final AtomicBoolean introduced = new AtomicBoolean();

  private SidecarProcess(Process process) {
    this.process = process;
    String name = "trimtab-sidecar-" + process.pid();
    this.errors = OutputLines.follow(name + "-err", process.getErrorStream(), SidecarProcess::log);
    OutputLines.follow(name + "-out", process.getInputStream(), this::printed);
  }

  static SidecarProcess start(List<String> command, Map<String, String> environment, String token) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    try {
      SidecarProcess started = new SidecarProcess(builder.start());
      started.handOver(token);
      return started;
    } catch (IOException e) {
      throw new SidecarException(
          "sidecar: expected %s to start, got %s".formatted(command.get(0), e), List.of(), e);
    }
  }

  private void handOver(String token) {
    try {
      OutputStream stdin = process.getOutputStream();
      stdin.write((token + "\n").getBytes(StandardCharsets.US_ASCII));
      stdin.flush();
    } catch (IOException e) {
      // it has died already; awaiting its handshake says why
    }
  }

  private void printed(String line) {
    if (!introduced.compareAndSet(false, true)) {
      log(line);
      return;
    }
    try {
      handshake.complete(Handshake.parse(line));
    } catch (SidecarException e) {
      handshake.completeExceptionally(e);
    }
  }

  private static void log(String line) {
    if (line.startsWith("ERROR") || line.startsWith("CRITICAL")) {
      LOG.error("{}", line);
    } else if (line.startsWith("WARNING")) {
      LOG.warn("{}", line);
    } else if (line.startsWith("DEBUG")) {
      LOG.debug("{}", line);
    } else {
      LOG.info("{}", line);
    }
  }

  /** Waits until it listens; on failure it is ended and what it printed is told. */
  Handshake await(Duration timeout) {
    CompletableFuture<?> unused =
        process.onExit().thenRun(() -> handshake.completeExceptionally(died()));
    try {
      return handshake.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      kill();
      throw e.getCause() instanceof SidecarException known
          ? known
          : new SidecarException("sidecar: " + e.getCause(), errors.last(), e.getCause());
    } catch (TimeoutException e) {
      kill();
      throw new SidecarException(
          "sidecar: expected it to listen within " + timeout, errors.last(), e);
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
      throw new SidecarException("sidecar: interrupted while it started", errors.last(), e);
    }
  }

  private SidecarException died() {
    return new SidecarException(
        "sidecar: expected it to listen, it exited with " + process.exitValue(),
        errors.last(),
        null);
  }

  CompletableFuture<Process> onExit() {
    return process.onExit();
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  int exitValue() {
    return process.exitValue();
  }

  /** Asks it to end, more and more firmly. */
  void stop() {
    List<ProcessHandle> workers = process.descendants().toList();
    try {
      process.getOutputStream().close(); // what it waits for
    } catch (IOException e) {
      // dead already
    }
    try {
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroy();
        if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
          kill();
        }
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
    workers.forEach(ProcessHandle::destroyForcibly);
  }

  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
