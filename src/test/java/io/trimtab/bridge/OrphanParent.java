package io.trimtab.bridge;

import io.trimtab.state.StateUnavailableException;
import io.trimtab.variable.Variable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;

/**
 * A JVM that launches a sidecar, says which process it is, and does what its standard input says.
 */
final class OrphanParent {

  private OrphanParent() {}

  public static void main(String[] args) throws Exception {
    SidecarLaunch launch = TestSidecars.launch();
    if (args.length > 0) {
      launch.pythonPath(OperatedSidecar.faults()).environment("TRIMTAB_FAULT", args[0]);
    }
    Sidecar sidecar = launch.start();
    BridgedState state =
        BridgedState.builder("orphan", sidecar).deadline(Duration.ofMillis(700)).open();
    state.register(Variable.integer("counter", 0, 0, Long.MAX_VALUE));
    System.out.println("sidecar " + sidecar.process().pid());
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextLine()) {
      switch (lines.nextLine()) {
        case "exit" -> System.exit(0);
        case "halt" -> Runtime.getRuntime().halt(0);
        case "fill" -> fill();
        case "where" -> System.out.println(sidecar);
        case "write" -> System.out.println(write(state));
        default -> throw new AssertionError("no such command");
      }
    }
  }

  private static void fill() {
    List<byte[]> memory = new ArrayList<>();
    while (true) {
      memory.add(new byte[1 << 20]);
    }
  }

  private static String write(BridgedState state) {
    try {
      return "wrote " + state.set("counter", System.nanoTime()).version();
    } catch (StateUnavailableException e) {
      return "silent";
    }
  }
}
