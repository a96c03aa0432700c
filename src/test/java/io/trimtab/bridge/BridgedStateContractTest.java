package io.trimtab.bridge;

import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.tck.AtomicBatchContract;
import io.trimtab.tck.ConcurrencyContract;
import io.trimtab.tck.DependencyContract;
import io.trimtab.tck.DistributionContract;
import io.trimtab.tck.ExportContract;
import io.trimtab.tck.LeaseContract;
import io.trimtab.tck.StateProviderContract;
import io.trimtab.tck.WatchContract;
import java.util.UUID;

/**
 * What {@link BridgedState} is, in the words of the compliance kit, against a real sidecar and over
 * its direct lane.
 */
@RequiresPython
class BridgedStateContractTest
    implements StateProviderContract,
        ExportContract,
        LeaseContract,
        DependencyContract,
        ConcurrencyContract,
        AtomicBatchContract,
        WatchContract,
        DistributionContract {

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

  Sidecar sidecar() {
    return TestSidecars.shared();
  }

  StateProvider open(String sessionId, StateExport initial) {
    return BridgedState.builder(sessionId, sidecar()).initial(initial).open();
  }

  @Override
  public int effort() {
    return "long".equals(System.getProperty("trimtab.profile")) ? 2_000 : 200;
  }
}
