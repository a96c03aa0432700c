package io.trimtab.bridge;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.json.JsonLimits;
import io.trimtab.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Python on this machine and whether the sidecar can run on it.
 *
 * @param executable how to start it
 * @param version such as {@code 3.12}
 * @param missing the modules it lacks or has in a version that will not do; empty if the sidecar
 *     can run on it as it is
 */
record PythonInterpreter(String executable, String version, List<String> missing) {

  /** What the sidecar needs at least. */
  static final String OLDEST = "3.10";

  private static final int PROBE_SECONDS = 10;

  /**
   * Prints one line of JSON; must parse on every Python ever. An argument is a module, or a module
   * with its distribution and the versions that will do.
   */
  private static final String PROBE =
      """
      import re, sys, json
      from importlib import metadata, util
      def release(version):
          return [int(part) for part in re.match(r"\\d+(?:\\.\\d+)*", version).group().split(".")]
      def lacks(module, distribution=None, least=None, below=None):
          try:
              if util.find_spec(module) is None:
                  return module
          except ImportError:
              return module
          if distribution is None:
              return None
          try:
              version = metadata.version(distribution)
          except metadata.PackageNotFoundError:
              return None
          fits = release(least) <= release(version) < release(below)
          return None if fits else "%s %s" % (distribution, version)
      print(json.dumps({
          "version": "%d.%d" % sys.version_info[:2],
          "new_enough": sys.version_info >= (3, 10),
          "executable": sys.executable,
          "missing": [lack for lack in (lacks(*need.split()) for need in sys.argv[1:]) if lack],
      }))
      """;

  /** Finds the first interpreter the options allow, one that lacks nothing if there is one. */
  static PythonInterpreter find(SidecarLaunch options) {
    List<String> modules = new ArrayList<>();
    PythonRequirements.OWN.forEach(own -> modules.add(need(own)));
    options.requirements().forEach(requirement -> modules.add(moduleOf(requirement)));
    List<String> tried = new ArrayList<>();
    PythonInterpreter incomplete = null;
    for (String candidate : candidates(options)) {
      PythonInterpreter found = probe(candidate, modules, tried);
      if (found != null && found.missing.isEmpty()) {
        return found;
      }
      if (found != null && incomplete == null) {
        incomplete = found;
      }
    }
    if (incomplete != null) {
      return incomplete;
    }
    throw new SidecarException(
        "sidecar: expected Python %s or later, tried %s; name one with Sidecar.launch().python(...)"
            .formatted(OLDEST, String.join(", ", tried)),
        List.of(),
        null);
  }

  private static String need(PythonRequirements.Own own) {
    return String.join(" ", own.module(), own.distribution(), own.least(), own.below());
  }

  private static List<String> candidates(SidecarLaunch options) {
    Path named = options.python();
    if (named != null) {
      return List.of(named.toString());
    }
    List<String> candidates = new ArrayList<>();
    boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("win");
    for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      String prefix = System.getenv(variable);
      if (prefix != null && !prefix.isBlank()) {
        candidates.add(executableIn(Path.of(prefix), windows).toString());
      }
    }
    candidates.add("python3");
    candidates.add("python");
    return candidates;
  }

  static Path executableIn(Path environment, boolean windows) {
    return windows
        ? environment.resolve("Scripts").resolve("python.exe")
        : environment.resolve("bin").resolve("python");
  }

  /** Returns the module a requirement is imported as, which is its name for those we know of. */
  private static String moduleOf(String requirement) {
    return PythonRequirements.name(requirement).replace('-', '_');
  }

  static @Nullable PythonInterpreter probe(
      String candidate, List<String> modules, List<String> tried) {
    try {
      List<String> command = new ArrayList<>(List.of(candidate, "-I", "-c", PROBE));
      command.addAll(modules);
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = outputOf(process);
      JsonObject answer = Json.parseObject(output.strip(), JsonLimits.DEFAULT);
      String version = answer.string("version");
      if (Boolean.TRUE.equals(answer.find("new_enough"))) {
        return new PythonInterpreter(
            answer.string("executable"), version, texts(answer.find("missing")));
      }
      tried.add("%s (%s)".formatted(candidate, version));
    } catch (IOException | JsonException e) {
      tried.add("%s (does not answer)".formatted(candidate));
    }
    return null;
  }

  private static String outputOf(Process process) throws IOException {
    try {
      if (!process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("no answer within " + PROBE_SECONDS + " s");
      }
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> texts(@Nullable Object list) {
    return list instanceof List<?> items ? items.stream().map(String::valueOf).toList() : List.of();
  }
}
