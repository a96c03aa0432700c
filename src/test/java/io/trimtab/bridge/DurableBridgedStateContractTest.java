package io.trimtab.bridge;

import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.tck.AtomicBatchContract;
import io.trimtab.tck.ConcurrencyContract;
import io.trimtab.tck.DependencyContract;
import io.trimtab.tck.DistributionContract;
import io.trimtab.tck.ExportContract;
import io.trimtab.tck.LeaseContract;
import io.trimtab.tck.PersistenceContract;
import io.trimtab.tck.StateProviderContract;
import io.trimtab.tck.WatchContract;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@link BridgedState} is over a sidecar with a data directory, in the words of the compliance
 * kit. Whenever the kit opens a state again, the sidecar is killed first.
 */
@RequiresPython
final class DurableBridgedStateContractTest
    implements StateProviderContract,
        ExportContract,
        LeaseContract,
        DependencyContract,
        ConcurrencyContract,
        AtomicBatchContract,
        WatchContract,
        DistributionContract,
        PersistenceContract {

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

  private static StateProvider open(String sessionId, StateExport initial) {
    return BridgedState.builder(sessionId, sidecar).initial(initial).open();
  }

  @Override
  public StateProvider open() {
    return open("session-" + UUID.randomUUID(), null);
  }

  @Override
  public StateProvider open(StateExport initial) {
    return open("session-" + UUID.randomUUID(), initial);
  }

  @Override
  public StateProvider join(StateProvider first) {
    return open(first.sessionId(), null);
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
