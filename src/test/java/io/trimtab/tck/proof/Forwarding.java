package io.trimtab.tck.proof;

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
import io.trimtab.state.VariableState;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchRequest;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Hands everything on to a correct provider; each wrong one overrides what it gets wrong. */
class Forwarding implements StateProvider {

  protected volatile StateProvider real = LocalState.create();

  @Override
  public String sessionId() {
    return real.sessionId();
  }

  @Override
  public Set<Capability> capabilities() {
    return real.capabilities();
  }

  @Override
  public long revision() {
    return real.revision();
  }

  @Override
  public Commit commit(Batch batch) {
    return real.commit(batch);
  }

  @Override
  public VariableState find(String key) {
    return real.find(key);
  }

  @Override
  public StateSnapshot getMany(Collection<String> keys) {
    return real.getMany(keys);
  }

  @Override
  public StateSnapshot list(String glob) {
    return real.list(glob);
  }

  @Override
  public StateDocument findDocument(String key) {
    return real.findDocument(key);
  }

  @Override
  public List<HistoryEntry> history(String key) {
    return real.history(key);
  }

  @Override
  public Watch watch(WatchRequest request, WatchListener listener) {
    return real.watch(request, listener);
  }

  @Override
  public List<Watch> watches() {
    return real.watches();
  }

  @Override
  public Lease acquireLease(String owner, Collection<String> keys, Duration duration) {
    return real.acquireLease(owner, keys, duration);
  }

  @Override
  public Lease renewLease(Lease lease, Duration duration) {
    return real.renewLease(lease, duration);
  }

  @Override
  public void releaseLease(Lease lease) {
    real.releaseLease(lease);
  }

  @Override
  public List<Lease> leases() {
    return real.leases();
  }

  @Override
  public void addDependency(String from, String to) {
    real.addDependency(from, to);
  }

  @Override
  public void removeDependency(String from, String to) {
    real.removeDependency(from, to);
  }

  @Override
  public Set<Dependency> dependencies() {
    return real.dependencies();
  }

  @Override
  public List<String> updateOrder() {
    return real.updateOrder();
  }

  @Override
  public StateExport exportState() {
    return real.exportState();
  }

  @Override
  public void importState(StateExport state) {
    real.importState(state);
  }

  @Override
  public void close() {
    real.close();
  }
}
