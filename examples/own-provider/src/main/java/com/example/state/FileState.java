package com.example.state;

import io.trimtab.state.Batch;
import io.trimtab.state.Capability;
import io.trimtab.state.Commit;
import io.trimtab.state.Dependency;
import io.trimtab.state.HistoryEntry;
import io.trimtab.state.Lease;
import io.trimtab.state.LocalState;
import io.trimtab.state.StateDocument;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateSnapshot;
import io.trimtab.state.StateUnavailableException;
import io.trimtab.state.VariableState;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Keeps the variables of one session in a file: every write is on disk before it is acknowledged.
 *
 * <p>Reads are as fast as {@link LocalState}'s. A write costs a write of the whole file and its
 * sync, so this is for hundreds of variables and a few writes a second. One process at a time may
 * hold a file.
 *
 * <p>If the file cannot be written, the call fails with a {@link StateUnavailableException} whose
 * {@code applied()} is true, and every later write with one whose {@code applied()} is false, until
 * the file is opened again: then the state is what the file holds.
 */
public final class FileState implements StateProvider {
  /*
   * All the work is LocalState's: validation, versions, history, watches, leases. This class adds one rule: under `this`,
   * change the memory, then save it, then return. Every method that changes something goes through saved(); the others
   * are handed on.
   */

  private final LocalState memory;
  private final StateFile file;
  private boolean broken; // guarded by this

  private FileState(LocalState memory, StateFile file) {
    this.memory = memory;
    this.file = file;
  }

  /**
   * Opens the state that a file holds, or begins a new one.
   *
   * @param path the file; its folder must exist
   * @param sessionId whose state it is, if the file is new
   * @return an open provider that holds the file until it is closed
   * @throws StateUnavailableException if the file cannot be read, or another provider holds it
   */
  public static FileState open(Path path, String sessionId) {
    return open(path, sessionId, /* initial= */ null);
  }

  /**
   * Opens a file with a given state.
   *
   * @param path the file; its folder must exist
   * @param sessionId whose state it is, if the file is new
   * @param initial the state to begin with, whatever the file holds; null to go on with the file
   * @return an open provider that holds the file until it is closed
   * @throws StateUnavailableException if the file cannot be read or written, or another provider
   *     holds it
   */
  public static FileState open(Path path, String sessionId, StateExport initial) {
    StateFile file = StateFile.lock(path);
    try {
      StateExport kept = initial == null ? file.read() : initial;
      String session = kept == null || initial != null ? sessionId : kept.sessionId();
      FileState state = new FileState(LocalState.builder(session).initial(kept).build(), file);
      if (initial != null) {
        state.saved(() -> null);
      }
      return state;
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  // tag::saved[]
  private synchronized <T> T saved(Supplier<T> change) {
    if (broken) {
      throw new StateUnavailableException(
          file + " could not be written before; open it again", /* applied= */ false, null);
    }
    T result = change.get();
    try {
      file.write(memory.exportState());
    } catch (IOException e) {
      broken = true; // memory is ahead of the disk now
      throw new StateUnavailableException(file + " cannot be written", /* applied= */ true, e);
    }
    return result;
  }

  @Override
  public Commit commit(Batch batch) {
    return saved(() -> memory.commit(batch));
  }

  // end::saved[]

  @Override
  public Lease acquireLease(String owner, Collection<String> keys, Duration duration) {
    return saved(() -> memory.acquireLease(owner, keys, duration));
  }

  @Override
  public Lease renewLease(Lease lease, Duration duration) {
    return saved(() -> memory.renewLease(lease, duration));
  }

  @Override
  public void releaseLease(Lease lease) {
    saved(
        () -> {
          memory.releaseLease(lease);
          return null;
        });
  }

  @Override
  public void addDependency(String from, String to) {
    saved(
        () -> {
          memory.addDependency(from, to);
          return null;
        });
  }

  @Override
  public void removeDependency(String from, String to) {
    saved(
        () -> {
          memory.removeDependency(from, to);
          return null;
        });
  }

  @Override
  public void importState(StateExport state) {
    saved(
        () -> {
          memory.importState(state);
          return null;
        });
  }

  @Override
  public synchronized void close() {
    memory.close();
    file.close();
  }

  @Override
  public Set<Capability> capabilities() {
    EnumSet<Capability> capabilities = EnumSet.copyOf(memory.capabilities());
    capabilities.add(Capability.PERSISTENCE);
    return Set.copyOf(capabilities);
  }

  @Override
  public String sessionId() {
    return memory.sessionId();
  }

  @Override
  public long revision() {
    return memory.revision();
  }

  @Override
  public VariableState find(String key) {
    return memory.find(key);
  }

  @Override
  public StateSnapshot getMany(Collection<String> keys) {
    return memory.getMany(keys);
  }

  @Override
  public StateSnapshot list(String glob) {
    return memory.list(glob);
  }

  @Override
  public StateDocument findDocument(String key) {
    return memory.findDocument(key);
  }

  @Override
  public List<HistoryEntry> history(String key) {
    return memory.history(key);
  }

  @Override
  public Watch watch(WatchRequest request, WatchListener listener) {
    return memory.watch(request, listener);
  }

  @Override
  public List<Watch> watches() {
    return memory.watches();
  }

  @Override
  public List<Lease> leases() {
    return memory.leases();
  }

  @Override
  public Set<Dependency> dependencies() {
    return memory.dependencies();
  }

  @Override
  public List<String> updateOrder() {
    return memory.updateOrder();
  }

  @Override
  public StateExport exportState() {
    return memory.exportState();
  }

  @Override
  public String toString() {
    return "FileState(" + file + ")";
  }
}
