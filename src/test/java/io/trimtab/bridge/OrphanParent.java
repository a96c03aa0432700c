package io.trimtab.bridge;

import java.util.concurrent.CountDownLatch;

/** A JVM that launches a sidecar, says which process it is, and ends in the way it is told to. */
final class OrphanParent {

  private OrphanParent() {}

  public static void main(String[] args) throws Exception {
    Sidecar sidecar = TestSidecars.launch().start();
    System.out.println("sidecar " + sidecar.process().pid());
    switch (args[0]) {
      case "exit" -> System.exit(0);
      case "halt" -> Runtime.getRuntime().halt(0);
      default -> new CountDownLatch(1).await(); // somebody else ends us
    }
  }
}
