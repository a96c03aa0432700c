package io.trimtab.state;

import io.trimtab.TrimtabException;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the variables of one session: definitions, values, versions and history.
 *
 * <p>Every operation takes a name or an id; ids start with {@code var_}, names never do.
 *
 * <p><b>Threads.</b> Safe for use by many threads at once. What is returned is a snapshot that
 * later writes never change.
 *
 * <p><b>Linearizable.</b> Each operation takes effect at one instant between its call and its
 * return, single reads included.
 *
 * <p><b>Revisions and versions.</b> The session's revision rises by exactly 1 per commit that wrote
 * something. A variable's version is 1 at registration, rises by exactly 1 per accepted write, and
 * is never reused, not even after the variable is deleted and registered again. A write of an equal
 * value raises the version too, but watchers are not told.
 *
 * <p><b>Batches.</b> {@link #commit} is all or nothing when {@link Capability#ATOMIC_UPDATES} is
 * declared: everything is validated first, every violation is reported, no reader sees half. If all
 * failures are of one kind that kind's exception is thrown with all subjects ({@link
 * InvalidValueException}, {@link VariableNotFoundException}, {@link VersionConflictException},
 * {@link VariableAlreadyExistsException}, {@link LeaseHeldException}), else {@link
 * BatchRejectedException}. A {@linkplain Batch#bestEffort() best-effort} batch keeps the good
 * writes and throws {@link PartialUpdateException} if there were bad ones.
 *
 * <p><b>Values</b> are cast to the canonical type of the variable and checked against its domain
 * before anything is written.
 *
 * <p><b>Metadata</b> of a write is merged over the variable's; source and times are set by the
 * provider.
 *
 * <p><b>History.</b> The last {@value #HISTORY_LIMIT} versions of each variable are kept. A
 * rollback writes a new version with an old value.
 *
 * <p><b>Watches.</b> When {@link Capability#STREAMING} is declared, change sets arrive in revision
 * order, without gap and without duplicate, a commit never split; a slow or throwing listener
 * delays neither a writer nor another listener. A listener that falls behind its queue gets the
 * latest change per variable, marked {@link ChangeSet#conflated()}.
 *
 * <p><b>Leases.</b> While a lease covers a variable, writes whose context has another owner fail.
 *
 * <p><b>Closing.</b> {@link #close} is idempotent, ends all watches and leaves no thread, socket or
 * process behind. Every other method then throws {@link IllegalStateException}, but for {@link
 * #sessionId}, {@link #capabilities} and {@link #requiresBridge}, which never change.
 *
 * <p>Implementations extend the contracts in the artifact's {@code tck} classifier to prove all
 * this.
 */
public interface StateProvider extends AutoCloseable {

  /** How many versions of a variable are kept. */
  int HISTORY_LIMIT = 50;

  /**
   * Returns the session whose variables are kept.
   *
   * @return the session's id
   */
  String sessionId();

  /**
   * Returns what the provider promises beyond single operations.
   *
   * @return an unmodifiable set
   */
  Set<Capability> capabilities();

  /**
   * Tells whether the provider needs a process of another language.
   *
   * @return true for providers that talk to a sidecar
   */
  default boolean requiresBridge() {
    return false;
  }

  /**
   * Returns the revision of the last commit.
   *
   * @return 0 before the first
   */
  long revision();

  /**
   * Applies a batch.
   *
   * @param batch registrations and writes that belong together
   * @return what was written
   * @throws TrimtabException as the class comment says; nothing was written then, unless it is a
   *     {@link PartialUpdateException}
   * @throws IllegalArgumentException if it writes one variable both by name and by id; nothing was
   *     written then
   */
  Commit commit(Batch batch);

  /**
   * Returns one variable, if it exists.
   *
   * @param key a name or an id
   * @return its state, or null
   */
  @Nullable VariableState find(String key);

  /**
   * Returns variables of one revision; missing keys are skipped.
   *
   * @param keys names and ids
   * @return the variables found, and every document
   */
  StateSnapshot getMany(Collection<String> keys);

  /**
   * Returns the variables whose names match, as of one revision.
   *
   * @param glob see {@link Glob}; {@code *} for all
   * @return the variables in order of registration, and every document
   */
  StateSnapshot list(String glob);

  /**
   * Returns the documents that this process has been told of, without waiting for anybody. By it a
   * session follows what other processes register.
   *
   * @return one map for as long as no document changes, then another one; null, as by default, if
   *     nobody else writes to this provider
   */
  default @Nullable Map<String, StateDocument> toldDocuments() {
    return null;
  }

  /**
   * Returns one document, if it exists.
   *
   * @param key the document's key
   * @return the document, or null
   */
  @Nullable StateDocument findDocument(String key);

  /**
   * Returns the kept versions of a variable.
   *
   * @param key a name or an id
   * @return 1 to {@value #HISTORY_LIMIT} entries, newest first; the first is the current version
   * @throws VariableNotFoundException if there is no such variable
   */
  List<HistoryEntry> history(String key);

  /**
   * Starts a watch.
   *
   * @param request what to watch and how
   * @param listener told of each change set; calls never overlap
   * @return the running watch
   * @throws VariableNotFoundException if a single variable to watch does not exist; no watch is
   *     started
   * @throws RevisionCompactedException if the revision to resume from is no longer kept
   * @throws IllegalStateException if {@link Capability#STREAMING} is not declared
   */
  Watch watch(WatchRequest request, WatchListener listener);

  /**
   * Returns the running watches.
   *
   * @return an unmodifiable list in order of their start
   */
  List<Watch> watches();

  /**
   * Takes the sole right to write some variables.
   *
   * @param owner who takes it; writes must name the same owner
   * @param keys names or ids, at least one
   * @param duration how long it lasts unless renewed, positive
   * @return the lease
   * @throws VariableNotFoundException if a variable does not exist
   * @throws LeaseHeldException if another owner holds a lease on one of them
   */
  Lease acquireLease(String owner, Collection<String> keys, Duration duration);

  /**
   * Makes a lease last longer.
   *
   * @param lease the lease
   * @param duration how long from now
   * @return the lease with its new expiry
   * @throws LeaseLostException if it has ended
   */
  Lease renewLease(Lease lease, Duration duration);

  /**
   * Ends a lease; ending one that has ended already does nothing.
   *
   * @param lease the lease
   * @throws LeaseLostException if the variables are now leased under the same id by another owner
   */
  void releaseLease(Lease lease);

  /**
   * Returns the leases that have not ended.
   *
   * @return an unmodifiable list
   */
  List<Lease> leases();

  /**
   * Notes that one variable must be updated before another.
   *
   * @param from name or id of the variable that is updated first
   * @param to name or id of the variable that depends on it
   * @throws VariableNotFoundException if one of them does not exist
   * @throws DependencyCycleException if it would close a cycle
   */
  void addDependency(String from, String to);

  /**
   * Forgets a dependency; forgetting one that does not exist does nothing.
   *
   * @param from name or id of the variable that is updated first
   * @param to name or id of the variable that depends on it
   */
  void removeDependency(String from, String to);

  /**
   * Returns the dependencies.
   *
   * @return an unmodifiable set; those of deleted variables are gone
   */
  Set<Dependency> dependencies();

  /**
   * Returns all variables in an order in which each comes after those it depends on.
   *
   * @return the names; variables without dependencies stay in order of registration
   */
  List<String> updateOrder();

  /**
   * Copies the whole state as of one revision.
   *
   * @return variables with history, documents, leases, dependencies and retired versions
   */
  StateExport exportState();

  /**
   * Replaces the whole state by an exported one, in one step. Ids, versions, history and times are
   * kept; the revision becomes the exported one, or the next own one if that is higher, so that it
   * never falls.
   *
   * @param state what another provider exported
   * @throws ImportException if the state contradicts itself; nothing has changed then
   */
  void importState(StateExport state);

  @Override
  void close();

  /**
   * Registers a variable with its default value.
   *
   * @param variable the definition
   * @return its first state
   * @throws VariableAlreadyExistsException if the name is taken
   */
  default VariableState register(Variable<?> variable) {
    return registerAll(List.of(variable), WriteContext.JVM).get(0);
  }

  /**
   * Registers several variables with their default values, all or none.
   *
   * @param variables the definitions
   * @param context who registers
   * @return their first states, in the same order
   * @throws VariableAlreadyExistsException if a name is taken
   */
  default List<VariableState> registerAll(
      Collection<? extends Variable<?>> variables, WriteContext context) {
    Batch.Builder batch = Batch.builder().context(context);
    variables.forEach(batch::register);
    return List.copyOf(commit(batch.build()).variables().values());
  }

  /**
   * Registers a variable unless its name is taken.
   *
   * @param variable the definition
   * @return the existing state, or the first one
   */
  default VariableState registerIfAbsent(Variable<?> variable) {
    while (true) {
      VariableState existing = find(variable.name());
      if (existing != null) {
        return existing;
      }
      try {
        return register(variable);
      } catch (VariableAlreadyExistsException e) {
        // another thread was faster; if the variable is gone again by now, we try once more
      }
    }
  }

  /**
   * Returns one variable.
   *
   * @param key a name or an id
   * @return its state
   * @throws VariableNotFoundException if there is no such variable
   */
  default VariableState get(String key) {
    VariableState state = find(key);
    if (state == null) {
      throw new VariableNotFoundException(key, "session \"" + sessionId() + "\"");
    }
    return state;
  }

  /**
   * Returns all variables and documents as of one revision.
   *
   * @return a frozen snapshot
   */
  default StateSnapshot snapshot() {
    return list("*");
  }

  /**
   * Gives a variable a new value.
   *
   * @param key a name or an id
   * @param value the new value
   * @return the variable's new state
   * @throws VariableNotFoundException if there is no such variable
   * @throws InvalidValueException if the value is outside its domain
   * @throws LeaseHeldException if a lease covers it
   */
  default VariableState set(String key, Object value) {
    return set(key, value, WriteContext.JVM);
  }

  /**
   * Gives a variable a new value.
   *
   * @param key a name or an id
   * @param value the new value
   * @param context who writes
   * @return the variable's new state
   * @throws VariableNotFoundException if there is no such variable
   * @throws InvalidValueException if the value is outside its domain
   * @throws LeaseHeldException if a lease covers it and the context names another owner
   */
  default VariableState set(String key, Object value, WriteContext context) {
    return commitOne(new Write.SetValue(key, value, null), context);
  }

  /**
   * Gives a variable a new value if it still has the version the caller saw.
   *
   * @param key a name or an id
   * @param value the new value
   * @param expectedVersion the version it must have now
   * @param context who writes
   * @return the variable's new state
   * @throws VersionConflictException if it has another version
   */
  default VariableState compareAndSet(
      String key, Object value, long expectedVersion, WriteContext context) {
    return commitOne(new Write.SetValue(key, value, expectedVersion), context);
  }

  /**
   * Gives several variables new values, all or none.
   *
   * @param values new values by name or id
   * @return what was written
   */
  default Commit setAll(Map<String, ?> values) {
    return commit(Batch.of(values, WriteContext.JVM));
  }

  /**
   * Computes a variable's new value from its current one, atomically.
   *
   * @param key a name or an id
   * @param change computes the new value; called again if another writer was faster, so it must
   *     have no side effects
   * @param context who writes
   * @return the variable's new state
   */
  default VariableState update(String key, UnaryOperator<Object> change, WriteContext context) {
    while (true) {
      VariableState current = get(key);
      try {
        return compareAndSet(
            current.id(), change.apply(current.value()), current.version(), context);
      } catch (VersionConflictException e) {
        // another writer was faster; each conflict means that one of the competing writers is
        // through
      }
    }
  }

  /**
   * Removes a variable.
   *
   * @param key a name or an id
   * @return its last state
   * @throws VariableNotFoundException if there is no such variable
   */
  default VariableState delete(String key) {
    return delete(key, WriteContext.JVM);
  }

  /**
   * Removes a variable.
   *
   * @param key a name or an id
   * @param context who writes
   * @return its last state
   * @throws VariableNotFoundException if there is no such variable
   */
  default VariableState delete(String key, WriteContext context) {
    return commitOne(new Write.DeleteVariable(key, null), context);
  }

  /**
   * Writes a new version of a variable with the value of an old one, checked against today's
   * domain.
   *
   * @param key a name or an id
   * @param version a version still in the history
   * @param context who writes
   * @return the variable's new state
   * @throws VersionNotFoundException if the version was never written or has left the history
   */
  default VariableState rollback(String key, long version, WriteContext context) {
    String id = get(key).id(); // another variable may get the name while we look
    List<HistoryEntry> history = history(id);
    for (HistoryEntry entry : history) {
      if (entry.version() == version) {
        return set(id, entry.value(), context);
      }
    }
    long oldest = history.get(history.size() - 1).version();
    throw new VersionNotFoundException(key, version, oldest, history.get(0).version());
  }

  private VariableState commitOne(Write write, WriteContext context) {
    Commit commit = commit(Batch.builder().add(write).context(context).build());
    VariableState state = commit.variables().get(write.key());
    if (state == null) {
      throw new AssertionError(
          "commit() returns the state of every variable it wrote, missing " + write.key());
    }
    return state;
  }
}
