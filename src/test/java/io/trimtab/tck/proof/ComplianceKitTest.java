package io.trimtab.tck.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.state.StateProvider;
import io.trimtab.tck.AtomicBatchContract;
import io.trimtab.tck.ConcurrencyContract;
import io.trimtab.tck.DependencyContract;
import io.trimtab.tck.DistributionContract;
import io.trimtab.tck.ExportContract;
import io.trimtab.tck.LeaseContract;
import io.trimtab.tck.PersistenceContract;
import io.trimtab.tck.StateProviderContract;
import io.trimtab.tck.StateProviderFixture;
import io.trimtab.tck.WatchContract;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kit's own test: a correct provider passes, and each deliberately wrong one fails in the tests
 * that name its fault.
 *
 * <p>The data sheets below are nested, so that the build does not run them by itself.
 */
final class ComplianceKitTest {

  /** A provider that hands everything on, to show that forwarding alone breaks nothing. */
  static final class CorrectSheet
      implements StateProviderContract,
          ExportContract,
          LeaseContract,
          DependencyContract,
          ConcurrencyContract,
          AtomicBatchContract,
          WatchContract {
    @Override
    public StateProvider open() {
      return new Forwarding();
    }

    @Override
    public int effort() {
      return 200;
    }
  }

  /** Waits only briefly, since most of what a wrong provider owes never comes. */
  abstract static class Wrong implements StateProviderFixture {
    private final Class<? extends StateProvider> type;

    Wrong(Class<? extends StateProvider> type) {
      this.type = type;
    }

    @Override
    public StateProvider open() {
      return WrongProviders.open(type);
    }

    @Override
    public Duration patience() {
      return Duration.ofMillis(250);
    }

    @Override
    public int effort() {
      return 300;
    }
  }

  static final class ForgetsWrites extends Wrong
      implements StateProviderContract, ConcurrencyContract {
    ForgetsWrites() {
      super(WrongProviders.ForgetsWrites.class);
    }
  }

  static final class TearsBatches extends Wrong implements AtomicBatchContract {
    TearsBatches() {
      super(WrongProviders.TearsBatches.class);
    }
  }

  static final class ReadsKeyByKey extends Wrong
      implements AtomicBatchContract, ConcurrencyContract {
    ReadsKeyByKey() {
      super(WrongProviders.ReadsKeyByKey.class);
    }
  }

  static final class ReusesVersions extends Wrong implements StateProviderContract {
    ReusesVersions() {
      super(WrongProviders.ReusesVersions.class);
    }
  }

  static final class ServesStaleReads extends Wrong
      implements StateProviderContract, ConcurrencyContract {
    ServesStaleReads() {
      super(WrongProviders.ServesStaleReads.class);
    }
  }

  static final class ServesALaggingReplica extends Wrong
      implements ConcurrencyContract, AtomicBatchContract {
    ServesALaggingReplica() {
      super(WrongProviders.ServesALaggingReplica.class);
    }
  }

  static final class ExportsPieceByPiece extends Wrong implements ConcurrencyContract {
    ExportsPieceByPiece() {
      super(WrongProviders.ExportsPieceByPiece.class);
    }
  }

  static final class IgnoresExpectedVersions extends Wrong
      implements StateProviderContract, ConcurrencyContract {
    IgnoresExpectedVersions() {
      super(WrongProviders.IgnoresExpectedVersions.class);
    }
  }

  static final class IgnoresLeases extends Wrong implements LeaseContract {
    IgnoresLeases() {
      super(WrongProviders.IgnoresLeases.class);
    }
  }

  static final class NeverEndsLeases extends Wrong implements LeaseContract {
    NeverEndsLeases() {
      super(WrongProviders.NeverEndsLeases.class);
    }
  }

  static final class RevivesLeases extends Wrong implements LeaseContract {
    RevivesLeases() {
      super(WrongProviders.RevivesLeases.class);
    }
  }

  static final class ForgetsIdsInBatches extends Wrong implements StateProviderContract {
    ForgetsIdsInBatches() {
      super(WrongProviders.ForgetsIdsInBatches.class);
    }
  }

  static final class SkipsEqualWrites extends Wrong implements StateProviderContract {
    SkipsEqualWrites() {
      super(WrongProviders.SkipsEqualWrites.class);
    }
  }

  static final class LosesTheSignOfZero extends Wrong implements StateProviderContract {
    LosesTheSignOfZero() {
      super(WrongProviders.LosesTheSignOfZero.class);
    }
  }

  static final class ReplacesMetadata extends Wrong implements StateProviderContract {
    ReplacesMetadata() {
      super(WrongProviders.ReplacesMetadata.class);
    }
  }

  static final class LosesWatchEvents extends Wrong implements WatchContract {
    LosesWatchEvents() {
      super(WrongProviders.LosesWatchEvents.class);
    }
  }

  static final class RepeatsWatchEvents extends Wrong implements WatchContract {
    RepeatsWatchEvents() {
      super(WrongProviders.RepeatsWatchEvents.class);
    }
  }

  static final class ReordersWatchEvents extends Wrong implements WatchContract {
    ReordersWatchEvents() {
      super(WrongProviders.ReordersWatchEvents.class);
    }
  }

  static final class SplitsBatchEvents extends Wrong implements WatchContract {
    SplitsBatchEvents() {
      super(WrongProviders.SplitsBatchEvents.class);
    }
  }

  static final class LeavesAGapAfterInitial extends Wrong implements WatchContract {
    LeavesAGapAfterInitial() {
      super(WrongProviders.LeavesAGapAfterInitial.class);
    }

    @Override
    public int effort() {
      return 3_000;
    }
  }

  static final class ClaimsToStream extends Wrong implements WatchContract {
    ClaimsToStream() {
      super(WrongProviders.ClaimsToStream.class);
    }
  }

  static final class ClaimsToStreamWithoutContract extends Wrong
      implements StateProviderContract, AtomicBatchContract {
    ClaimsToStreamWithoutContract() {
      super(WrongProviders.ClaimsToStream.class);
    }
  }

  static final class TakesWatchesInSilence extends Wrong
      implements StateProviderContract, AtomicBatchContract {
    TakesWatchesInSilence() {
      super(WrongProviders.TakesWatchesInSilence.class);
    }
  }

  static final class ClaimsToPersist extends Wrong implements PersistenceContract {
    ClaimsToPersist() {
      super(WrongProviders.ClaimsToPersist.class);
    }

    @Override
    public StateProvider reopen(StateProvider closed) {
      return open();
    }
  }

  static final class HalfAppliesImports extends Wrong implements ExportContract {
    HalfAppliesImports() {
      super(WrongProviders.HalfAppliesImports.class);
    }
  }

  static final class TakesBrokenImports extends Wrong implements ExportContract {
    TakesBrokenImports() {
      super(WrongProviders.TakesBrokenImports.class);
    }
  }

  static final class ImportLosesHistory extends Wrong implements ExportContract {
    ImportLosesHistory() {
      super(WrongProviders.ImportLosesHistory.class);
    }
  }

  static final class LeavesAThread extends Wrong implements StateProviderContract {
    LeavesAThread() {
      super(WrongProviders.LeavesAThread.class);
    }
  }

  static final class AnswersAfterClose extends Wrong implements StateProviderContract {
    AnswersAfterClose() {
      super(WrongProviders.AnswersAfterClose.class);
    }
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        KitRun.fault(
            ForgetsWrites.class,
            "history_manyWrites_keepsTheLastFifty",
            "concurrentOperations_recorded_areLinearizable",
            "concurrentWrites_ofOneVariable_areAsManyVersions"),
        KitRun.fault(
            TearsBatches.class,
            "atomicBatch_oneBadElementAtEachPosition_changesNothing",
            "atomicBatch_oneRegistrationRefused_registersNone",
            "atomicBatch_failedExpectation_holdsBackEverything"),
        KitRun.fault(
            ReadsKeyByKey.class,
            "atomicBatch_concurrentReaders_neverSeeHalf",
            "concurrentTransfers_neverChangeTheSum",
            "concurrentOperations_recorded_areLinearizable"),
        KitRun.fault(ReusesVersions.class, "register_afterDelete_neverReusesAVersion"),
        KitRun.fault(
            ServesStaleReads.class,
            "everyOperation_givenTheId_reachesTheSameVariable",
            "concurrentOperations_recorded_areLinearizable"),
        KitRun.fault(
            ServesALaggingReplica.class,
            "concurrentOperations_recorded_areLinearizable",
            "atomicBatch_concurrentReaders_neverSeeHalf"),
        KitRun.fault(ExportsPieceByPiece.class, "exportState_whileWritersRun_isOneRevision"),
        KitRun.fault(
            IgnoresExpectedVersions.class,
            "compareAndSet_onlyTheCurrentVersion_isAccepted",
            "concurrentUpdates_ofOneCounter_areAllCounted",
            "concurrentTransfers_neverChangeTheSum",
            "concurrentCompareAndSet_onOneVersion_hasOneWinner"),
        KitRun.fault(IgnoresLeases.class, "lease_whileHeld_onlyItsOwnerWrites"),
        KitRun.fault(NeverEndsLeases.class, "lease_notRenewed_endsByItself"),
        KitRun.fault(RevivesLeases.class, "renewLease_afterRelease_isRefused"),
        KitRun.fault(ForgetsIdsInBatches.class, "everyOperation_givenTheId_reachesTheSameVariable"),
        KitRun.fault(SkipsEqualWrites.class, "set_equalValue_raisesTheVersionToo"),
        KitRun.fault(
            LosesTheSignOfZero.class,
            "values_acceptedOnce_comeBackBitForBit",
            "values_zeroAndMinusZero_areTwo"),
        KitRun.fault(ReplacesMetadata.class, "metadata_ofEachWrite_isMergedOverTheOlder"),
        KitRun.fault(
            LosesWatchEvents.class,
            "watch_tenWrites_areToldInOrder",
            "watch_begunWhileWritersRun_isToldEverythingOnce"),
        KitRun.fault(
            RepeatsWatchEvents.class,
            "watch_tenWrites_areToldInOrder",
            "watch_begunWhileWritersRun_isToldEverythingOnce"),
        KitRun.fault(
            ReordersWatchEvents.class,
            "watch_tenWrites_areToldInOrder",
            "watch_begunWhileWritersRun_isToldEverythingOnce"),
        KitRun.fault(
            SplitsBatchEvents.class,
            "watch_batch_isOneDelivery",
            "watch_begunWhileWritersRun_isToldEverythingOnce"),
        KitRun.fault(
            LeavesAGapAfterInitial.class, "watch_begunWhileWritersRun_isToldEverythingOnce"),
        KitRun.fault(ClaimsToStream.class, "watch_tenWrites_areToldInOrder"),
        KitRun.fault(
            ClaimsToStreamWithoutContract.class,
            "capabilities_declared_haveTheirContractsInThisTestClass"),
        KitRun.fault(TakesWatchesInSilence.class, "watch_withoutStreaming_isRefused"),
        KitRun.fault(
            ClaimsToPersist.class,
            "reopen_afterClose_findsEverything",
            "reopen_thenWrite_goesOnCounting"),
        KitRun.fault(
            HalfAppliesImports.class, "import_contradictoryState_isRefusedAndChangesNothing"),
        KitRun.fault(
            TakesBrokenImports.class, "import_contradictoryState_isRefusedAndChangesNothing"),
        KitRun.fault(
            ImportLosesHistory.class,
            "import_intoAnEmptyProvider_isTheIdentity",
            "open_withAnExportedState_goesOnFromThere"),
        KitRun.fault(LeavesAThread.class, "close_afterUse_leavesNoThread"),
        KitRun.fault(AnswersAfterClose.class, "close_twice_thenEveryOperationThrows"));
  }

  @Test
  void correctProvider_passesEveryContract() {
    new KitRun(CorrectSheet.class).passes(115);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void wrongProvider_failsInTheTestsThatNameItsFault(
      String name, Class<?> sheet, Set<String> caughtBy) {
    new KitRun(sheet).isCaughtBy(caughtBy);
  }

  @Test
  void casesInTheDocs_nameTestsThatExist() throws IOException {
    Map<String, Class<?>> types = new HashMap<>();
    for (Class<?> contract :
        List.of(
            StateProviderContract.class,
            ExportContract.class,
            LeaseContract.class,
            DependencyContract.class,
            ConcurrencyContract.class,
            AtomicBatchContract.class,
            WatchContract.class,
            PersistenceContract.class,
            DistributionContract.class)) {
      types.put(contract.getSimpleName(), contract);
    }
    Matcher named =
        Pattern.compile("`(\\w+)\\.(\\w+_\\w+)`")
            .matcher(Files.readString(Path.of("docs", "compliance-cases.md")));
    int found = 0;
    while (named.find()) {
      found++;
      Class<?> contract = types.get(named.group(1));
      if (contract != null) {
        assertThat(Arrays.stream(contract.getMethods()).map(Method::getName))
            .contains(named.group(2));
      } else {
        String source = "src/test/java/io/trimtab/%s/" + named.group(1) + ".java";
        Path path =
            Stream.of("variable", "state", "json")
                .map(folder -> Path.of(source.formatted(folder)))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
        assertThat(Files.readString(path)).contains(" " + named.group(2) + "(");
      }
    }
    assertThat(found).isGreaterThan(60);
  }
}
