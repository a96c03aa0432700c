package io.trimtab.bridge;

import io.trimtab.state.StateProvider;
import io.trimtab.tck.PersistenceContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@link BridgedState} is over a sidecar with a data directory, in the words of the compliance
 * kit. Whenever the kit opens a state again, the sidecar is killed first.
 */
@RequiresPython
final class DurableBridgedStateContractTest extends BridgedStateContractTest
    implements PersistenceContract {

  @TempDir static Path data;

  private static Sidecar sidecar;

  @BeforeAll
  static void start() {
    sidecar = TestSidecars.launch().dataDirectory(data).forgivenDeaths(Integer.MAX_VALUE).start();
  }

  @AfterAll
  static void end() {
    sidecar.close();
  }

  @Override
  Sidecar sidecar() {
    return sidecar;
  }

  @Override
  public StateProvider reopen(StateProvider closed) {
    ProcessHandle process = sidecar.process();
    process.destroyForcibly();
    process.onExit().join();
    return open(closed.sessionId(), null);
  }

  @Override
  public int effort() {
    return "long".equals(System.getProperty("trimtab.profile")) ? 2_000 : 50;
  }
}
