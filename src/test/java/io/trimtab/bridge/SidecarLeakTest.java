package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sidecars that are launched, used and closed leave nothing behind; row 13 of the reliability
 * table. They run in a JVM of their own, with Netty's leak detector at its strictest.
 */
@RequiresPython
@Timeout(1800)
class SidecarLeakTest {

  private static final int CYCLES = "long".equals(System.getProperty("trimtab.profile")) ? 100 : 5;
  private static final Pattern LEFT =
      Pattern.compile(
          "(before|after) threads (\\d+) files (\\d+) children (\\d+) temporary (\\d+)");

  @TempDir Path directory;

  /** What was there before the cycles and after them. */
  private record Outcome(int[] before, int[] after, String log) {}

  private Outcome run(int cycles, String... more) throws Exception {
    Path temporary = Files.createDirectories(directory.resolve("java"));
    Path runtime = Files.createDirectories(directory.resolve("python"));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Dio.grpc.netty.shaded.io.netty.leakDetection.level=paranoid",
                "-Dio.grpc.netty.shaded.io.netty.native.workdir=" + directory,
                "-Djava.io.tmpdir=" + temporary));
    String python = System.getProperty("trimtab.python");
    if (python != null) {
      command.add("-Dtrimtab.python=" + python);
    }
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            SidecarCycles.class.getName(),
            Integer.toString(cycles),
            runtime.toString()));
    command.addAll(Arrays.asList(more));
    Process jvm = new ProcessBuilder(command).redirectErrorStream(true).start();
    String log = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(jvm.waitFor()).as(log).isZero();
    Matcher left = LEFT.matcher(log);
    assertThat(left.find()).as(log).isTrue();
    int[] before = numbers(left);
    assertThat(left.find()).as(log).isTrue();
    return new Outcome(before, numbers(left), log);
  }

  private static int[] numbers(Matcher left) {
    int[] numbers = new int[4];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Integer.parseInt(left.group(i + 2));
    }
    return numbers;
  }

  @Test
  void sidecars_openedUsedAndClosed_leaveNothing() throws Exception {
    Outcome outcome = run(CYCLES);

    System.out.printf(
        "%d cycles: threads, files, children, temporary files %s before, %s after%n",
        CYCLES, Arrays.toString(outcome.before), Arrays.toString(outcome.after));
    for (int i = 0; i < 4; i++) {
      assertThat(outcome.after[i]).as(outcome.log).isLessThanOrEqualTo(outcome.before[i]);
    }
    assertThat(outcome.after[2]).isZero();
    assertThat(outcome.log)
        .doesNotContain("LEAK:")
        .doesNotContain("garbage collected without being shut down");
  }

  /** Planted. */
  @Test
  void sidecarsThatAreNotClosed_areFound() throws Exception {
    Outcome outcome = run(2, "forget");

    for (int i = 0; i < 3; i++) {
      assertThat(outcome.after[i]).as(outcome.log).isGreaterThan(outcome.before[i]);
    }
  }
}
