package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a JVM ends, its sidecar ends too, and never while the JVM lives. */
@RequiresPython
@Timeout(1200)
class OrphanTest {

  private static final int ROUNDS = "long".equals(System.getProperty("trimtab.profile")) ? 20 : 1;

  /** Another JVM with a sidecar of its own. */
  private static final class Parent implements AutoCloseable {

    private final Process jvm;
    private final BufferedReader out;
    private final Writer in;
    private final ProcessHandle sidecar;

    Parent(String... fault) throws IOException {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx64m",
                  "-XX:+ExitOnOutOfMemoryError",
                  "-XX:TieredStopAtLevel=1"));
      String python = System.getProperty("trimtab.python");
      if (python != null) {
        command.add("-Dtrimtab.python=" + python);
      }
      command.addAll(
          List.of("-cp", System.getProperty("java.class.path"), OrphanParent.class.getName()));
      command.addAll(Arrays.asList(fault));
      jvm = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      out = jvm.inputReader(StandardCharsets.UTF_8);
      in = jvm.outputWriter(StandardCharsets.UTF_8);
      String line = out.readLine();
      assertThat(line).startsWith("sidecar ");
      sidecar = ProcessHandle.of(Long.parseLong(line.substring("sidecar ".length()))).orElseThrow();
    }

    void tell(String command) throws IOException {
      in.write(command + "\n");
      in.flush();
    }

    String ask(String command) throws IOException {
      tell(command);
      return out.readLine();
    }

    void assertSidecarEnds() throws Exception {
      long startedAt = System.nanoTime();
      jvm.onExit().get(60, TimeUnit.SECONDS);
      sidecar.onExit().get(30, TimeUnit.SECONDS);
      System.out.printf(
          "the sidecar ended %d ms after the end of its JVM began%n",
          (System.nanoTime() - startedAt) / 1_000_000);
    }

    @Override
    public void close() {
      jvm.destroyForcibly();
      sidecar.destroyForcibly();
    }
  }

  private static void signal(ProcessHandle process, String signal) throws Exception {
    int exit =
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
    assertThat(exit).isZero();
  }

  /** SIGKILL leaves the JVM no chance to say so, nor to remove the directory of the socket. */
  @ParameterizedTest
  @ValueSource(strings = {"exit", "halt", "fill", "TERM", "KILL"})
  void jvmEnds_sidecarEnds(String way) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (Parent parent = new Parent()) {
        Path directory = SidecarLifecycleTest.socketOf(parent.ask("where")).getParent();
        assertThat(directory).isDirectory();
        switch (way) {
          case "TERM", "KILL" -> signal(parent.jvm.toHandle(), way);
          default -> parent.tell(way);
        }

        parent.assertSidecarEnds();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (Files.exists(directory)) {
          assertThat(until - System.nanoTime()).as("%s is left", directory).isPositive();
          LockSupport.parkNanos(10_000_000);
        }
      }
    }
  }

  @Test
  void sidecarStopped_whenTheJvmDies_ends() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (Parent parent = new Parent()) {
        signal(parent.sidecar, "STOP");
        signal(parent.jvm.toHandle(), "KILL");

        parent.assertSidecarEnds();
      }
    }
  }

  @Test
  void sidecarStuckInC_whenTheJvmDies_ends() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (Parent parent = new Parent("stick_in_c")) {
        makeStick(parent);
        signal(parent.jvm.toHandle(), "KILL");

        parent.assertSidecarEnds();
      }
    }
  }

  private static void makeStick(Parent parent) throws Exception {
    assertThat(parent.ask("write")).startsWith("wrote");
    signal(parent.sidecar, "USR1");
    String answer = parent.ask("write");
    while (!answer.equals("silent")) { // bounded by the test's timeout
      answer = parent.ask("write");
    }
  }

  /** Planted: a watcher inside the interpreter cannot see the end of a JVM. */
  @Test
  void sidecarStuckInC_withoutGuard_isFound() throws Exception {
    try (Parent parent = new Parent("stick_in_c_unguarded")) {
      makeStick(parent);
      signal(parent.jvm.toHandle(), "KILL");

      assertThatThrownBy(() -> parent.sidecar.onExit().get(5, TimeUnit.SECONDS))
          .isInstanceOf(TimeoutException.class);
    }
  }

  @Test
  void whatProgramsHaveStarted_endsWithTheSidecar() throws Exception {
    try (Parent parent = new Parent("leave_a_child")) {
      signal(parent.sidecar, "USR1");
      ProcessHandle child = null;
      while (child == null) { // bounded by the test's timeout
        child =
            parent
                .sidecar
                .children()
                .filter(process -> process.info().command().orElse("").endsWith("sleep"))
                .findFirst()
                .orElse(null);
      }

      signal(parent.jvm.toHandle(), "KILL");

      parent.assertSidecarEnds();
      child.onExit().get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void jvmStopped_sidecarLives_andGoesOnServing() throws Exception {
    try (Parent parent = new Parent()) {
      signal(parent.jvm.toHandle(), "STOP");

      assertThatThrownBy(() -> parent.sidecar.onExit().get(5, TimeUnit.SECONDS))
          .isInstanceOf(TimeoutException.class);
      signal(parent.jvm.toHandle(), "CONT");
      String answer = parent.ask("write");
      while (answer.equals("silent")) { // the JVM may take its own pause for the sidecar's
        answer = parent.ask("write");
      }
      assertThat(answer).startsWith("wrote");
      assertThat(parent.sidecar.isAlive()).isTrue();
    }
  }

  @Test
  void twoJvms_endOfOne_leavesTheOthersSidecar() throws Exception {
    try (Parent one = new Parent();
        Parent other = new Parent()) {
      signal(one.jvm.toHandle(), "KILL");

      one.assertSidecarEnds();
      assertThat(other.ask("write")).startsWith("wrote");
      assertThat(other.sidecar.isAlive()).isTrue();
    }
  }
}
