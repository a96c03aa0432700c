package io.trimtab.state;

import io.trimtab.tck.AtomicBatchContract;
import io.trimtab.tck.ConcurrencyContract;
import io.trimtab.tck.DependencyContract;
import io.trimtab.tck.ExportContract;
import io.trimtab.tck.LeaseContract;
import io.trimtab.tck.StateProviderContract;
import io.trimtab.tck.WatchContract;

/** What {@link LocalState} is, in the words of the compliance kit. */
final class LocalStateContractTest
    implements StateProviderContract,
        ExportContract,
        LeaseContract,
        DependencyContract,
        ConcurrencyContract,
        AtomicBatchContract,
        WatchContract {

  private static final boolean LONG = "long".equals(System.getProperty("trimtab.profile"));

  @Override
  public StateProvider open() {
    return LocalState.create();
  }

  @Override
  public StateProvider open(StateExport initial) {
    return LocalState.builder("local").initial(initial).build();
  }

  @Override
  public int effort() {
    return LONG ? 20_000 : 1_000;
  }

  /**
   * 120 histories of 120,000 operations in the long profile; some eleven million are not refused
   * and are recorded.
   */
  @Override
  public int histories() {
    return LONG ? 120 : 1;
  }
}
