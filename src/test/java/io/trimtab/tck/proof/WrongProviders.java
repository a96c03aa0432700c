package io.trimtab.tck.proof;

import io.trimtab.state.Batch;
import io.trimtab.state.Capability;
import io.trimtab.state.Change;
import io.trimtab.state.ChangeSet;
import io.trimtab.state.Commit;
import io.trimtab.state.HistoryEntry;
import io.trimtab.state.ImportException;
import io.trimtab.state.LeaseHeldException;
import io.trimtab.state.LeaseLostException;
import io.trimtab.state.LocalState;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateSnapshot;
import io.trimtab.state.VariableState;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchRequest;
import io.trimtab.state.Write;
import io.trimtab.variable.VariableNames;
import io.trimtab.variable.VariableNotFoundException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** State providers with one fault each, as they have been seen in the wild. */
final class WrongProviders {

  private WrongProviders() {}

  /** Takes its time, as a disk or a network does, while other threads run. */
  private static void linger(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      Thread.yield();
    }
  }

  private static Batch copy(Batch batch, UnaryOperator<Write> change) {
    return new Batch(
        batch.registrations(),
        batch.writes().stream().map(change).toList(),
        batch.context(),
        batch.bestEffort());
  }

  private static StateExport copy(
      StateExport export, List<StateExport.Entry> variables, Map<String, Long> retired) {
    return new StateExport(
        export.sessionId(),
        export.revision(),
        export.exportedAt(),
        variables,
        export.documents(),
        export.leases(),
        export.dependencies(),
        retired,
        export.metadata());
  }

  private static VariableState version(VariableState state, Object value, long version) {
    return new VariableState(
        state.id(),
        state.variable(),
        value,
        version,
        state.revision(),
        state.metadata(),
        state.createdAt(),
        state.updatedAt(),
        state.source());
  }

  /** Acknowledges every third single write without making it. */
  static final class ForgetsWrites extends Forwarding {
    private final AtomicInteger sets = new AtomicInteger();

    @Override
    public Commit commit(Batch batch) {
      if (batch.writes().size() == 1
          && batch.writes().get(0) instanceof Write.SetValue set
          && set.expectedVersion() == null
          && sets.incrementAndGet() % 3 == 0) {
        VariableState now = get(set.key());
        VariableState lie = version(now, set.value(), now.version() + 1);
        return new Commit(revision() + 1, Map.of(set.key(), lie), Map.of());
      }
      return real.commit(batch);
    }
  }

  /** Applies the elements of a batch one by one, but claims ATOMIC_UPDATES. */
  static final class TearsBatches extends Forwarding {
    @Override
    public Commit commit(Batch batch) {
      if (batch.bestEffort()) {
        return real.commit(batch);
      }
      Map<String, VariableState> written = new LinkedHashMap<>();
      batch
          .registrations()
          .forEach(
              variable ->
                  written.putAll(
                      real.commit(
                              Batch.builder().register(variable).context(batch.context()).build())
                          .variables()));
      for (Write write : batch.writes()) {
        written.putAll(
            real.commit(Batch.builder().add(write).context(batch.context()).build()).variables());
      }
      return new Commit(real.revision(), written, Map.of());
    }
  }

  /** Reads the keys of one request one after the other, from different revisions. */
  static final class ReadsKeyByKey extends Forwarding {
    @Override
    public StateSnapshot getMany(Collection<String> keys) {
      StateSnapshot last = real.getMany(keys);
      Map<String, VariableState> found = new LinkedHashMap<>();
      for (String name : last.variables().keySet()) {
        linger(50_000);
        VariableState state = real.find(name);
        if (state != null) {
          found.put(name, state);
        }
      }
      return new StateSnapshot(sessionId(), last.revision(), found, last.documents());
    }
  }

  /** Forgets where the versions of a deleted variable ended. */
  static final class ReusesVersions extends Forwarding {
    @Override
    public Commit commit(Batch batch) {
      Commit commit = real.commit(batch);
      if (batch.writes().stream().anyMatch(Write.DeleteVariable.class::isInstance)) {
        StateExport export = real.exportState();
        real.close();
        real =
            LocalState.builder("local").initial(copy(export, export.variables(), Map.of())).build();
      }
      return commit;
    }
  }

  /** Each read of one variable gives what the read before it saw. */
  static final class ServesStaleReads extends Forwarding {
    private final Map<String, VariableState> seen = new ConcurrentHashMap<>();

    @Override
    public VariableState find(String key) {
      VariableState now = real.find(key);
      if (now == null) {
        return null;
      }
      VariableState before = seen.put(key, now);
      return before == null ? now : before;
    }
  }

  /** Serves single reads from a replica that lags a little behind, though never for the writer. */
  static final class ServesALaggingReplica extends Forwarding {
    private final Map<String, VariableState> replica = new ConcurrentHashMap<>();

    @Override
    public Commit commit(Batch batch) {
      Commit commit = real.commit(batch);
      linger(50_000);
      for (VariableState state : commit.variables().values()) {
        VariableState now = real.find(state.name());
        if (now == null) {
          replica.remove(state.name());
        } else {
          replica.put(state.name(), now);
        }
      }
      return commit;
    }

    @Override
    public VariableState find(String key) {
      return VariableNames.isId(key) ? real.find(key) : replica.get(key);
    }
  }

  /** Takes any version for the expected one. */
  static final class IgnoresExpectedVersions extends Forwarding {
    @Override
    public Commit commit(Batch batch) {
      return real.commit(
          copy(
              batch,
              write ->
                  write instanceof Write.SetValue set
                      ? new Write.SetValue(set.key(), set.value(), null)
                      : write));
    }
  }

  /** Lets everybody write what is leased. */
  static final class IgnoresLeases extends Forwarding {
    @Override
    public Commit commit(Batch batch) {
      try {
        return real.commit(batch);
      } catch (LeaseHeldException e) {
        return real.commit(
            new Batch(
                batch.registrations(),
                batch.writes(),
                batch.context().onBehalfOf(e.lease().owner()),
                batch.bestEffort()));
      }
    }
  }

  /** Knows ids everywhere but in batches. */
  static final class ForgetsIdsInBatches extends Forwarding {
    @Override
    public Commit commit(Batch batch) {
      for (Write write : batch.writes()) {
        if (VariableNames.isId(write.key())) {
          throw new VariableNotFoundException(write.key(), "a batch");
        }
      }
      return real.commit(batch);
    }
  }

  /** Skips a write of the value that is there already. */
  static final class SkipsEqualWrites extends Forwarding {
    @Override
    public Commit commit(Batch batch) {
      if (batch.writes().size() == 1 && batch.writes().get(0) instanceof Write.SetValue set) {
        VariableState now = real.find(set.key());
        if (now != null
            && set.expectedVersion() == null
            && now.value().equals(now.variable().domain().cast(set.value()))) {
          return new Commit(real.revision(), Map.of(set.key(), now), Map.of());
        }
      }
      return real.commit(batch);
    }
  }

  /** Stores minus zero as zero, as some databases do. */
  static final class LosesTheSignOfZero extends Forwarding {
    @Override
    public Commit commit(Batch batch) {
      return real.commit(
          copy(
              batch,
              write ->
                  write instanceof Write.SetValue set
                          && set.value() instanceof Double number
                          && number == 0
                      ? new Write.SetValue(set.key(), 0.0, set.expectedVersion())
                      : write));
    }
  }

  /** Tells the listener something else than it was told itself. */
  abstract static class MistellsWatchers extends Forwarding {
    @Override
    public Watch watch(WatchRequest request, WatchListener listener) {
      return real.watch(request, mistelling(listener));
    }

    abstract WatchListener mistelling(WatchListener listener);
  }

  /** Loses every fifth delivery. */
  static final class LosesWatchEvents extends MistellsWatchers {
    @Override
    WatchListener mistelling(WatchListener listener) {
      AtomicInteger count = new AtomicInteger();
      return changes -> {
        if (count.incrementAndGet() % 5 != 0) {
          listener.onChange(changes);
        }
      };
    }
  }

  /** Delivers every fifth change twice. */
  static final class RepeatsWatchEvents extends MistellsWatchers {
    @Override
    WatchListener mistelling(WatchListener listener) {
      AtomicInteger count = new AtomicInteger();
      return changes -> {
        listener.onChange(changes);
        if (count.incrementAndGet() % 5 == 0) {
          listener.onChange(changes);
        }
      };
    }
  }

  /** Delivers every fifth change after the next. */
  static final class ReordersWatchEvents extends MistellsWatchers {
    @Override
    WatchListener mistelling(WatchListener listener) {
      AtomicInteger count = new AtomicInteger();
      ChangeSet[] held = new ChangeSet[1];
      return changes -> {
        if (count.incrementAndGet() % 5 == 4) {
          held[0] = changes;
          return;
        }
        listener.onChange(changes);
        if (held[0] != null) {
          listener.onChange(held[0]);
          held[0] = null;
        }
      };
    }
  }

  /** Delivers the changes of a batch one by one. */
  static final class SplitsBatchEvents extends MistellsWatchers {
    @Override
    WatchListener mistelling(WatchListener listener) {
      return changes ->
          changes
              .changes()
              .forEach(
                  change ->
                      listener.onChange(
                          new ChangeSet(changes.revision(), List.of(change), changes.conflated())));
    }
  }

  /** Takes the initial values first and begins to watch a little later. */
  static final class LeavesAGapAfterInitial extends Forwarding {
    @Override
    public Watch watch(WatchRequest request, WatchListener listener) {
      String glob = request.glob();
      if (!request.initial() || glob == null) {
        return real.watch(request, listener);
      }
      StateSnapshot snapshot = real.list(glob);
      linger(1_000_000);
      Watch watch =
          real.watch(
              WatchRequest.matching(glob).queueCapacity(request.queueCapacity()).build(), listener);
      listener.onChange(
          new ChangeSet(
              snapshot.revision(),
              snapshot.variables().values().stream()
                  .map(
                      state ->
                          new Change(Change.Kind.INITIAL, state.name(), null, state.value(), state))
                  .toList(),
              /* conflated= */ false));
      return watch;
    }
  }

  /** Claims STREAMING, takes watches, and never says a word. */
  static final class ClaimsToStream extends Forwarding {
    @Override
    public Watch watch(WatchRequest request, WatchListener listener) {
      return real.watch(request, changes -> {});
    }
  }

  /** Does not claim STREAMING, yet takes watches instead of refusing them. */
  static final class TakesWatchesInSilence extends Forwarding {
    @Override
    public Set<Capability> capabilities() {
      return Set.of(Capability.ATOMIC_UPDATES);
    }
  }

  /** Claims PERSISTENCE and keeps everything in memory. */
  static final class ClaimsToPersist extends Forwarding {
    @Override
    public Set<Capability> capabilities() {
      EnumSet<Capability> claims = EnumSet.copyOf(real.capabilities());
      claims.add(Capability.PERSISTENCE);
      return Set.copyOf(claims);
    }
  }

  /** Keeps the first variable of an import that fails later. */
  static final class HalfAppliesImports extends Forwarding {
    @Override
    public void importState(StateExport state) {
      try {
        real.importState(state);
      } catch (ImportException e) {
        if (!state.variables().isEmpty()) {
          real.registerIfAbsent(state.variables().get(0).state().variable());
        }
        throw e;
      }
    }
  }

  /** Registers imported variables anew: ids stay, versions and history begin again. */
  static final class ImportLosesHistory extends Forwarding {
    @Override
    public void importState(StateExport state) {
      real.importState(
          copy(
              state,
              state.variables().stream().map(ImportLosesHistory::fresh).toList(),
              state.retiredVersions()));
    }

    private static StateExport.Entry fresh(StateExport.Entry entry) {
      VariableState state = version(entry.state(), entry.state().value(), 1);
      HistoryEntry newest = entry.history().get(0);
      return new StateExport.Entry(
          state,
          List.of(
              new HistoryEntry(
                  1, state.value(), newest.updatedAt(), newest.source(), newest.metadata())));
    }
  }

  /** Skips what an import should have checked: a broken state is taken. */
  static final class TakesBrokenImports extends Forwarding {
    @Override
    public void importState(StateExport state) {
      try {
        real.importState(state);
      } catch (ImportException e) {
        // it will do
      }
    }
  }

  /** Replaces the metadata of a variable with that of each write. */
  static final class ReplacesMetadata extends Forwarding {
    private final Map<String, Map<String, String>> latest = new HashMap<>();

    @Override
    public synchronized Commit commit(Batch batch) {
      Commit commit = real.commit(batch);
      commit
          .variables()
          .values()
          .forEach(state -> latest.put(state.name(), batch.context().metadata()));
      return commit;
    }

    @Override
    public synchronized VariableState find(String key) {
      VariableState state = real.find(key);
      return state == null
          ? null
          : new VariableState(
              state.id(),
              state.variable(),
              state.value(),
              state.version(),
              state.revision(),
              latest.getOrDefault(state.name(), Map.of()),
              state.createdAt(),
              state.updatedAt(),
              state.source());
    }
  }

  /** Leaves a thread behind when it is closed. */
  static final class LeavesAThread extends Forwarding {
    private final CountDownLatch never = new CountDownLatch(1);

    LeavesAThread() {
      Thread thread =
          new Thread(
              () -> {
                try {
                  never.await(20, java.util.concurrent.TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              },
              "left-behind");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** Goes on answering reads after it was closed. */
  static final class AnswersAfterClose extends Forwarding {
    private final Map<String, VariableState> last = new ConcurrentHashMap<>();
    private volatile boolean closed;

    @Override
    public VariableState find(String key) {
      if (closed) {
        return last.get(key);
      }
      VariableState state = real.find(key);
      if (state != null) {
        last.put(key, state);
      }
      return state;
    }

    @Override
    public void close() {
      closed = true;
      real.close();
    }
  }

  /** Copies its variables one after the other while writers go on. */
  static final class ExportsPieceByPiece extends Forwarding {
    @Override
    public StateExport exportState() {
      StateExport first = real.exportState();
      linger(50_000);
      StateExport second = real.exportState();
      List<StateExport.Entry> mixed = new ArrayList<>(second.variables());
      if (!mixed.isEmpty() && !first.variables().isEmpty()) {
        mixed.set(0, first.variables().get(0));
      }
      return copy(second, mixed, second.retiredVersions());
    }
  }

  /** Takes a renewal for a new lease. */
  static final class RevivesLeases extends Forwarding {
    @Override
    public io.trimtab.state.Lease renewLease(io.trimtab.state.Lease lease, Duration duration) {
      try {
        return real.renewLease(lease, duration);
      } catch (LeaseLostException e) {
        return real.acquireLease(lease.owner(), lease.names(), duration);
      }
    }
  }

  /** Lets a lease last for ever. */
  static final class NeverEndsLeases extends Forwarding {
    @Override
    public io.trimtab.state.Lease acquireLease(
        String owner, Collection<String> keys, Duration duration) {
      boolean sound = !duration.isNegative() && !duration.isZero();
      return real.acquireLease(owner, keys, sound ? Duration.ofDays(9) : duration);
    }
  }

  /** Opens a provider of a class. */
  static StateProvider open(Class<? extends StateProvider> type) {
    try {
      return type.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
