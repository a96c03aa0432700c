package io.trimtab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Fuzzes for real: each target in a process of its own, because the fuzzer takes one per process,
 * instruments every class of it, and chooses between replaying and fuzzing by an environment
 * variable.
 *
 * <p>A few seconds per target in every build, {@value #INPUTS} inputs in the long profile. {@code
 * -Dtrimtab.fuzz.minutes=} bounds the long run of each target.
 */
public final class Fuzzer {

  /** What each target's {@code maxExecutions} says: where the long run ends. */
  public static final long INPUTS = 1_000_000;

  /** Whether this is the long profile. */
  public static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));

  private static final Duration EACH =
      LONG ? Duration.ofMinutes(Long.getLong("trimtab.fuzz.minutes", 60)) : Duration.ofSeconds(3);

  /** Starting takes long on a busy machine, since every class is instrumented. */
  private static final Duration START = Duration.ofMinutes(5);

  private static final Pattern DONE = Pattern.compile("Done (\\d+) runs in (\\d+) second");

  private Fuzzer() {}

  /**
   * Fuzzes a target, which must hold.
   *
   * @param type the class with the target
   * @param target the name of a fuzz test
   */
  public static void holds(Class<?> type, String target) {
    String log = fuzz(type, target, EACH);

    assertThat(log).contains("FUZZ RUN failures=0");
    Matcher done = DONE.matcher(log);
    assertThat(done.find()).as(log).isTrue();
    System.out.printf("%s: %s inputs in %s seconds%n", target, done.group(1), done.group(2));
    assertThat(Long.parseLong(done.group(1))).isGreaterThanOrEqualTo(LONG ? INPUTS : 50);
  }

  /**
   * Fuzzes a target that fails once it has met every planted bug, which it must.
   *
   * @param type the class with the target
   * @param target the name of a fuzz test
   */
  public static void findsPlantedBugs(Class<?> type, String target) {
    String log = fuzz(type, target, Duration.ofMinutes(10));

    log.lines().filter(line -> line.startsWith("PLANTED")).forEach(System.out::println);
    assertThat(log).contains("all planted bugs found");
  }

  /**
   * Returns the processor time of this thread, which a busy machine does not lengthen.
   *
   * @return nanoseconds since some moment
   */
  public static long processorNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static String fuzz(Class<?> type, String method, Duration duration) {
    try {
      Path directory = Files.createDirectories(Path.of("target", "fuzz", method)).toAbsolutePath();
      Path log = directory.resolve("log.txt");
      ProcessBuilder builder =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx512m",
                  "-XX:+EnableDynamicAgentLoading",
                  "-Djdk.attach.allowAttachSelf=true",
                  "-Djazzer.max_duration=" + duration.toSeconds() + "s",
                  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                  "-cp",
                  classPath(),
                  Fuzzer.class.getName(),
                  type.getName(),
                  method)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().put("JAZZER_FUZZ", "1");
      Process process = builder.start();
      try {
        boolean ended = process.waitFor(duration.plus(START).toSeconds(), TimeUnit.SECONDS);
        String text = Files.readString(log, StandardCharsets.UTF_8);
        assertThat(ended).as("the fuzzer must end by itself: %s", text).isTrue();
        return text;
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** The class path of this process, for one that runs in another directory. */
  private static String classPath() {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Arrays.stream(path.split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /**
   * Runs one fuzz test in the process that a test has started.
   *
   * @param args the class and the name of the fuzz test
   */
  public static void main(String[] args) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClass(args[0]))
            .filters(
                EngineFilter.includeEngines("junit-jupiter"),
                (PostDiscoveryFilter)
                    descriptor ->
                        FilterResult.includedIf(
                            descriptor.getUniqueId().toString().contains(args[1])))
            .configurationParameter(
                "jazzer.max_duration", System.getProperty("jazzer.max_duration"))
            .build();
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, summary);
    summary
        .getSummary()
        .getFailures()
        .forEach(failure -> failure.getException().printStackTrace(System.out));
    System.out.printf(
        "FUZZ RUN failures=%d tests=%d%n",
        summary.getSummary().getTotalFailureCount(), summary.getSummary().getTestsFoundCount());
    System.exit(0);
  }
}
