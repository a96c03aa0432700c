package io.trimtab.state;

import io.trimtab.variable.VariableNotFoundException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A copy of another provider's state in this JVM, history included; what a provider whose state
 * lives elsewhere reads from.
 *
 * <p>It begins empty at revision 0, takes a whole state with {@link #replace}, and follows with
 * {@link #apply}. Reads cost what they cost in {@link LocalState}, see whole commits only, and
 * never go back. Watches are fed from what it is told.
 *
 * <p><b>Threads.</b> Any number of threads may read and watch while one at a time tells it of
 * changes. After {@link #close} everything throws {@link IllegalStateException}.
 */
public final class StateReplica implements AutoCloseable {

  private final LocalState copy;

  /**
   * Creates an empty replica.
   *
   * @param sessionId whose state it copies
   */
  public StateReplica(String sessionId) {
    this.copy = LocalState.builder(sessionId).build();
  }

  /**
   * Returns the revision of the last commit it was told of.
   *
   * @return 0 before the first
   */
  public long revision() {
    return copy.revision();
  }

  /**
   * Returns one variable, if the replica holds it.
   *
   * @param key a name or an id
   * @return its state, or null
   */
  public @Nullable VariableState find(String key) {
    return copy.find(key);
  }

  /**
   * Returns variables of one revision; missing keys are skipped.
   *
   * @param keys names and ids
   * @return the variables found, and every document
   */
  public StateSnapshot getMany(Collection<String> keys) {
    return copy.getMany(keys);
  }

  /**
   * Returns the variables whose names match, as of one revision.
   *
   * @param glob see {@link Glob}; {@code *} for all
   * @return the variables in order of registration, and every document
   */
  public StateSnapshot list(String glob) {
    return copy.list(glob);
  }

  /**
   * Returns every document the replica holds.
   *
   * @return one unmodifiable map for as long as no document changes, then another one
   */
  public Map<String, StateDocument> documents() {
    return copy.getMany(List.of()).documents();
  }

  /**
   * Returns one document, if the replica holds it.
   *
   * @param key the document's key
   * @return the document, or null
   */
  public @Nullable StateDocument findDocument(String key) {
    return copy.findDocument(key);
  }

  /**
   * Returns the kept versions of a variable.
   *
   * @param key a name or an id
   * @return newest first; the first is the current version
   * @throws VariableNotFoundException if there is no such variable
   */
  public List<HistoryEntry> history(String key) {
    return copy.history(key);
  }

  /**
   * Starts a watch that is fed from what the replica is told.
   *
   * @param request what to watch and how
   * @param listener told of each change set; calls never overlap
   * @return the running watch
   * @throws VariableNotFoundException if a single variable to watch does not exist
   * @throws RevisionCompactedException if the revision to resume from is no longer kept
   */
  public Watch watch(WatchRequest request, WatchListener listener) {
    return copy.watch(request, listener);
  }

  /**
   * Returns the running watches.
   *
   * @return an unmodifiable list in order of their start
   */
  public List<Watch> watches() {
    return copy.watches();
  }

  /**
   * Returns the leases that have not ended.
   *
   * @return an unmodifiable list
   */
  public List<Lease> leases() {
    return copy.leases();
  }

  /**
   * Returns the dependencies.
   *
   * @return an unmodifiable set
   */
  public Set<Dependency> dependencies() {
    return copy.dependencies();
  }

  /**
   * Returns all variables in an order in which each comes after those it depends on.
   *
   * @return the names
   */
  public List<String> updateOrder() {
    return copy.updateOrder();
  }

  /**
   * Copies everything the replica holds, as of one revision.
   *
   * @return an export that the provider it follows could import
   */
  public StateExport exportState() {
    return copy.exportState();
  }

  /**
   * Follows one commit: readers see all of it or nothing, watchers are told.
   *
   * @param commit the next one
   * @param batch what this JVM asked for, if it was this JVM
   * @return what was written, under the keys of the batch
   * @throws ReplicaGapException if it does not follow on what the replica holds; nothing has
   *     changed then
   */
  public Commit apply(RemoteCommit commit, @Nullable Batch batch) {
    return copy.follow(commit, batch);
  }

  /**
   * Follows one commit that only set variables.
   *
   * @param sets the next commit
   * @return what was written, under the keys it was told with
   * @throws ReplicaGapException if it does not follow on what the replica holds; nothing has
   *     changed then
   */
  public Commit apply(RemoteSets sets) {
    return copy.follow(sets);
  }

  /**
   * Takes over a whole state in one step; watchers are told the difference.
   *
   * @param state a sound state at a revision not below the replica's own
   */
  public void replace(StateExport state) {
    copy.followFrom(state);
  }

  /**
   * Takes over the leases.
   *
   * @param all those that have not ended
   */
  public void replaceLeases(Collection<Lease> all) {
    copy.followLeases(all);
  }

  /**
   * Takes over the dependencies.
   *
   * @param all of them
   */
  public void replaceDependencies(Collection<Dependency> all) {
    copy.followDependencies(all);
  }

  @Override
  public void close() {
    copy.close();
  }

  @Override
  public String toString() {
    return "replica of " + copy;
  }
}
