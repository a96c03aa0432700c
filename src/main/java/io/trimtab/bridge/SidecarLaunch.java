package io.trimtab.bridge;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Collects how to start a sidecar process.
 *
 * <p>Defaults: the first Python 3.10 or later found in {@code VIRTUAL_ENV}, {@code CONDA_PREFIX} or
 * on the {@code PATH}; if none has gRPC and protobuf, a virtual environment made once in the user's
 * cache directory; no program modules; no data directory, so the state lives in the process and in
 * this JVM's replicas; 30 seconds to start, 5 minutes to make an environment. Not safe for several
 * threads.
 */
public final class SidecarLaunch {

  private @Nullable Path python;
  private final List<String> programModules = new ArrayList<>();
  private final List<Path> pythonPath = new ArrayList<>();
  private final List<String> requirements = new ArrayList<>();
  private final Map<String, String> environment = new TreeMap<>();
  private @Nullable Path dataDirectory;
  private @Nullable Path sources;
  private Path cacheDirectory = CacheDirectory.ofUser();
  private Duration startTimeout = Duration.ofSeconds(30);
  private Duration installTimeout = Duration.ofMinutes(5);
  private boolean unixSocket = true;
  private boolean lane = true;
  private int forgivenDeaths = 3;

  SidecarLaunch() {}

  /**
   * Uses one Python interpreter and no other.
   *
   * @param python an executable
   * @return this builder
   */
  public SidecarLaunch python(Path python) {
    this.python = python.toAbsolutePath();
    return this;
  }

  /**
   * Loads modules that register programs; no other code can be run by name.
   *
   * @param modules dotted names of importable modules
   * @return this builder
   */
  public SidecarLaunch programModules(String... modules) {
    for (String module : modules) {
      if (!module.matches("[A-Za-z_]\\w*(\\.[A-Za-z_]\\w*)*")) {
        throw new IllegalArgumentException(
            "a program module is a dotted Python name, got \"" + module + "\"");
      }
      programModules.add(module);
    }
    return this;
  }

  /**
   * Adds directories in which Python looks for modules.
   *
   * @param directories the directories, in the order of the search
   * @return this builder
   */
  public SidecarLaunch pythonPath(Path... directories) {
    for (Path directory : directories) {
      pythonPath.add(directory.toAbsolutePath());
    }
    return this;
  }

  /**
   * Keeps the state in a directory, so that what was acknowledged outlives the process.
   *
   * @param directory created if absent
   * @return this builder
   */
  public SidecarLaunch dataDirectory(Path directory) {
    this.dataDirectory = directory.toAbsolutePath();
    return this;
  }

  /**
   * Sets a variable of the process's environment, beside those it inherits.
   *
   * @param name the variable's name
   * @param value its value
   * @return this builder
   */
  public SidecarLaunch environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /**
   * Asks for more Python packages than the sidecar itself needs, such as {@code dspy}.
   *
   * @param requirements as pip takes them, such as {@code dspy>=3}
   * @return this builder
   */
  public SidecarLaunch requirements(String... requirements) {
    for (String requirement : requirements) {
      if (requirement.isBlank() || requirement.startsWith("-")) {
        throw new IllegalArgumentException(
            "a requirement is a package as pip takes it, got \"" + requirement + "\"");
      }
      this.requirements.add(requirement.strip());
    }
    return this;
  }

  /**
   * Bounds how long the process may take until it listens.
   *
   * @param timeout positive
   * @return this builder
   */
  public SidecarLaunch startTimeout(Duration timeout) {
    this.startTimeout = positive("startTimeout", timeout);
    return this;
  }

  /**
   * Bounds how long the making of a virtual environment may take.
   *
   * @param timeout positive
   * @return this builder
   */
  public SidecarLaunch installTimeout(Duration timeout) {
    this.installTimeout = positive("installTimeout", timeout);
    return this;
  }

  /**
   * Keeps the package's sources and virtual environments elsewhere than in the user's cache.
   *
   * @param directory created if absent
   * @return this builder
   */
  public SidecarLaunch cacheDirectory(Path directory) {
    this.cacheDirectory = directory.toAbsolutePath();
    return this;
  }

  /** Runs the package from a source tree instead of from the jar. */
  SidecarLaunch sources(Path directory) {
    this.sources = directory.toAbsolutePath();
    return this;
  }

  /**
   * Lets the process die so many times in a row, right after its start, before restarts slow down.
   */
  SidecarLaunch forgivenDeaths(int deaths) {
    this.forgivenDeaths = deaths;
    return this;
  }

  /** Listens on the loopback even where Unix sockets work. */
  SidecarLaunch loopback() {
    this.unixSocket = false;
    return this;
  }

  /** Sends everything by gRPC even where there is a direct lane. */
  SidecarLaunch withoutLane() {
    this.lane = false;
    return this;
  }

  private static Duration positive(String name, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(name + " must be positive, got " + duration);
    }
    return duration;
  }

  /**
   * Starts the process and waits until it listens.
   *
   * @return a running sidecar that the caller closes
   * @throws SidecarException if there is no usable Python, an environment cannot be made, or the
   *     process does not listen in time; what it printed is part of the message
   */
  public Sidecar start() {
    return Sidecar.launched(this);
  }

  @Nullable Path python() {
    return python;
  }

  List<String> programModules() {
    return programModules;
  }

  List<Path> pythonPath() {
    return pythonPath;
  }

  List<String> requirements() {
    return requirements;
  }

  Map<String, String> environment() {
    return environment;
  }

  @Nullable Path dataDirectory() {
    return dataDirectory;
  }

  @Nullable Path sources() {
    return sources;
  }

  Path cacheDirectory() {
    return cacheDirectory;
  }

  Duration startTimeout() {
    return startTimeout;
  }

  Duration installTimeout() {
    return installTimeout;
  }

  int forgivenDeaths() {
    return forgivenDeaths;
  }

  boolean usesLane() {
    return lane;
  }

  boolean prefersUnixSocket() {
    return unixSocket;
  }
}
