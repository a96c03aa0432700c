package io.trimtab.bridge;

import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps one sidecar process running, and starts another when it dies. */
final class Supervision {
  /*
   * A process that dies is replaced at once. One that dies again and again right after its start is replaced more and
   * more slowly, up to every MAX_DELAY; a start that fails altogether counts as such a death. What speaks to it meanwhile
   * fails by its own deadline.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Supervision.class);

  private static final Duration FIRST_DELAY = Duration.ofMillis(200);
  private static final Duration MAX_DELAY = Duration.ofSeconds(15);

  /** A process that dies sooner after its start has died early. */
  private static final Duration STABLE = Duration.ofSeconds(5);

  /** A socket's path must fit into 108 bytes. */
  private static final int MAX_SOCKET_PATH = 100;

  private final SidecarLaunch options;
  private final String token;
  private final String executable;
  private final Path packageDirectory;
  private final @Nullable Path socketDirectory;
  private final AtomicInteger restarts = new AtomicInteger();
  private volatile Consumer<Handshake> onRestart = handshake -> {};
  private volatile @Nullable SidecarProcess current;
  private boolean closed; // guarded by this
  private int earlyDeaths; // guarded by this

  Supervision(SidecarLaunch options) {
    this.options = options;
    this.token = newToken();
    this.executable = PythonEnvironment.prepare(options);
    Path sources = options.sources();
    this.packageDirectory =
        sources == null
            ? BundledPackage.load().unpack(new CacheDirectory(options.cacheDirectory()))
            : sources;
    this.socketDirectory = options.prefersUnixSocket() ? newSocketDirectory() : null;
  }

  private static String newToken() {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    return HexFormat.of().formatHex(secret);
  }

  /** Returns a directory that only this user may enter, or null where Unix sockets do not work. */
  private static @Nullable Path newSocketDirectory() {
    boolean possible =
        Epoll.isAvailable()
            && FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    if (!possible) {
      return null;
    }
    for (String parent : shortDirectories()) {
      try {
        Path directory =
            Files.createTempDirectory(
                Path.of(parent),
                "trimtab-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        if (socketIn(directory).getBytes(StandardCharsets.UTF_8).length <= MAX_SOCKET_PATH) {
          return directory;
        }
        Files.delete(directory);
      } catch (IOException e) {
        LOG.debug("no sockets in {}", parent, e);
      }
    }
    return null;
  }

  private static List<String> shortDirectories() {
    List<String> parents = new ArrayList<>();
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    if (runtime != null && !runtime.isBlank()) {
      parents.add(runtime);
    }
    parents.add(System.getProperty("java.io.tmpdir"));
    parents.add("/tmp");
    return parents;
  }

  private static String socketIn(Path directory) {
    return directory.resolve("s").toString();
  }

  String token() {
    return token;
  }

  int restarts() {
    return restarts.get();
  }

  @Nullable ProcessHandle process() {
    SidecarProcess running = current;
    return running == null ? null : running.handle();
  }

  void onRestart(Consumer<Handshake> listener) {
    this.onRestart = listener;
  }

  Handshake start() {
    try {
      return startOnce();
    } catch (RuntimeException e) {
      deleteSocketDirectory();
      throw e;
    }
  }

  private Handshake startOnce() {
    long startedAt = SystemTime.NANOS.getAsLong();
    SidecarProcess process = SidecarProcess.start(command(), environment(), token);
    Handshake handshake = process.await(options.startTimeout());
    synchronized (this) {
      if (closed) {
        process.stop();
        throw new SidecarException("sidecar: closed while it started", List.of(), null);
      }
      current = process;
    }
    LOG.info(
        "{} listens at {} (process {})",
        handshake.software(),
        handshake.address(),
        process.handle().pid());
    CompletableFuture<?> unused = process.onExit().thenRun(() -> died(process, startedAt));
    return handshake;
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(executable, "-m", "trimtab", "--handshake-fd=stdout", "--listen"));
    command.add(
        socketDirectory == null ? "tcp:127.0.0.1:0" : Handshake.UNIX + socketIn(socketDirectory));
    Path data = options.dataDirectory();
    if (data != null) {
      command.addAll(List.of("--data-dir", data.toString()));
    }
    options.programModules().forEach(module -> command.addAll(List.of("--program-module", module)));
    return command;
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>(options.environment());
    List<String> path = new ArrayList<>();
    path.add(packageDirectory.toString());
    options.pythonPath().forEach(directory -> path.add(directory.toString()));
    String inherited = environment.getOrDefault("PYTHONPATH", System.getenv("PYTHONPATH"));
    if (inherited != null && !inherited.isBlank()) {
      path.add(inherited);
    }
    environment.put("PYTHONPATH", String.join(File.pathSeparator, path));
    environment.put("PYTHONUNBUFFERED", "1");
    environment.put("PYTHONSAFEPATH", "1"); // a file grpc.py beside the application is not gRPC
    return environment;
  }

  private void died(SidecarProcess process, long startedAt) {
    Duration delay;
    synchronized (this) {
      current = null;
      if (closed) {
        return;
      }
      boolean early = SystemTime.NANOS.getAsLong() - startedAt < STABLE.toNanos();
      earlyDeaths = early ? earlyDeaths + 1 : 0;
      delay = delay(earlyDeaths);
    }
    LOG.warn("the sidecar died (exit code {}); starting another", process.exitValue());
    restartAfter(delay);
  }

  private Duration delay(int earlyDeaths) {
    int unforgiven = earlyDeaths - options.forgivenDeaths();
    if (unforgiven <= 0) {
      return Duration.ZERO;
    }
    long factor = 1L << Math.min(unforgiven - 1, 10);
    Duration delay = FIRST_DELAY.multipliedBy(factor);
    return delay.compareTo(MAX_DELAY) > 0 ? MAX_DELAY : delay;
  }

  private void restartAfter(Duration delay) {
    CompletableFuture<?> unused =
        CompletableFuture.runAsync(
            this::restart,
            CompletableFuture.delayedExecutor(
                delay.toNanos(),
                TimeUnit.NANOSECONDS,
                task -> {
                  Thread thread = new Thread(task, "trimtab-sidecar-restart");
                  thread.setDaemon(true);
                  thread.start();
                }));
  }

  private void restart() {
    synchronized (this) {
      if (closed) {
        return;
      }
    }
    try {
      Handshake handshake = startOnce();
      restarts.incrementAndGet();
      onRestart.accept(handshake);
    } catch (SidecarException e) {
      Duration delay;
      synchronized (this) {
        if (closed) {
          return;
        }
        earlyDeaths++;
        delay = delay(Math.max(earlyDeaths, options.forgivenDeaths() + 1));
      }
      LOG.warn("the sidecar does not start, next attempt in {}: {}", delay, e.getMessage());
      restartAfter(delay);
    }
  }

  void close() {
    SidecarProcess running;
    synchronized (this) {
      closed = true;
      running = current;
    }
    if (running != null) {
      running.stop();
    }
    deleteSocketDirectory();
  }

  private void deleteSocketDirectory() {
    if (socketDirectory == null) {
      return;
    }
    try {
      CacheDirectory.deleteAll(socketDirectory);
    } catch (IOException e) {
      LOG.debug("cannot delete {}", socketDirectory, e);
    }
  }
}
