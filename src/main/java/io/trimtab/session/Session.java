package io.trimtab.session;

import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.InvalidConfigurationException;
import io.trimtab.state.Batch;
import io.trimtab.state.Commit;
import io.trimtab.state.Dependency;
import io.trimtab.state.HistoryEntry;
import io.trimtab.state.ImportException;
import io.trimtab.state.LeaseHeldException;
import io.trimtab.state.LocalStateFactory;
import io.trimtab.state.RevisionCompactedException;
import io.trimtab.state.StateDocument;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateProviderFactory;
import io.trimtab.state.StateSnapshot;
import io.trimtab.state.VariableAlreadyExistsException;
import io.trimtab.state.VariableState;
import io.trimtab.state.VersionConflictException;
import io.trimtab.state.VersionNotFoundException;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchRequest;
import io.trimtab.state.Write;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.StorableText;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import io.trimtab.variable.VariableSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One set of variables and configuration spaces that programs, studies and people share.
 *
 * <p>A session opens on {@link io.trimtab.state.LocalState} unless told otherwise and can be moved,
 * live, to any other state provider with {@link #switchTo}.
 *
 * <pre>{@code
 * Variable<Double> temperature = Variable.floating("temperature", 0.7, 0.0, 2.0);
 * try (Session session = Session.open()) {
 *   session.register(temperature);
 *   session.set(temperature, 0.2);
 *   double now = session.get(temperature);        // 0.2
 *   StateSnapshot frozen = session.snapshot();    // all variables of one revision
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Safe for use by many threads at once. Reads take no lock.
 *
 * <p><b>Consistency.</b> Every operation is linearizable, before, during and after a switch. A
 * batch, and a configuration that is applied, is visible as a whole or not at all. Two reads may
 * see two revisions; {@link #snapshot()} sees one.
 *
 * <p><b>Spaces.</b> The rules of a registered {@link ConfigurationSpace} hold for every write to
 * its members through this session, however it is made: the state never holds a forbidden
 * configuration.
 *
 * <p><b>Watches, leases, registered spaces, history and versions</b> survive a switch.
 *
 * <p><b>Closing</b> ends the session's watches and leases and closes its provider; it is
 * idempotent. Later calls throw {@link IllegalStateException}.
 */
public final class Session implements VariableSource, AutoCloseable {

  private final String id;
  private final Handover<StateProvider> handover;
  private final SessionWatches watches;
  private final Map<String, SessionProgram> programs = new ConcurrentSkipListMap<>();
  private final SpaceGuard spaces;
  private final SessionLeases leases;
  private final Switching switching;

  private Session(Builder builder) {
    this.id = builder.id;
    this.spaces = new SpaceGuard(builder.patience);
    if (builder.initial != null) {
      spaces.requireSound(builder.initial);
    }
    StateProvider provider = builder.factory.open(id, builder.initial);
    this.handover =
        new Handover<>(new Handover.Charge<>(builder.factory.name(), provider), builder.patience);
    this.watches = new SessionWatches(handover);
    this.leases = new SessionLeases(handover);
    this.switching = new Switching(id, handover, watches, spaces, builder.clock, builder.bridge);
    try {
      spaces.load(provider.snapshot());
    } catch (RuntimeException e) {
      provider.close(); // nobody else could
      throw e;
    }
  }

  /**
   * Opens a session in memory under a generated id.
   *
   * @return an open session that the caller closes
   */
  public static Session open() {
    return builder().open();
  }

  /**
   * Starts a session whose defaults are changed one by one.
   *
   * @return a builder for use by one thread
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the session's identity.
   *
   * @return the id given when it was opened, or the generated one
   */
  public String id() {
    return id;
  }

  /**
   * Returns the revision of the last commit.
   *
   * @return 0 before the first
   */
  public long revision() {
    return handover.read(StateProvider::revision);
  }

  // Variables

  /**
   * Registers a variable with its default value.
   *
   * @param variable the definition
   * @return its first state
   * @throws VariableAlreadyExistsException if the name is taken
   */
  public VariableState register(Variable<?> variable) {
    return handover.write(provider -> provider.register(variable));
  }

  /**
   * Registers several variables with their default values, all or none.
   *
   * @param variables the definitions
   * @return their first states, in the same order
   * @throws VariableAlreadyExistsException if a name is taken; all taken names are listed
   */
  public List<VariableState> registerAll(Collection<? extends Variable<?>> variables) {
    return handover.write(provider -> provider.registerAll(variables, WriteContext.JVM));
  }

  /**
   * Registers a variable unless its name is taken.
   *
   * @param variable the definition
   * @return the existing state, or the first one
   */
  public VariableState registerIfAbsent(Variable<?> variable) {
    return handover.write(provider -> provider.registerIfAbsent(variable));
  }

  @Override
  public @Nullable Object lookup(String key) {
    VariableState state = find(key);
    return state == null ? null : state.value();
  }

  /**
   * Returns one variable with its value, version and times, if it exists.
   *
   * @param key a name or an id
   * @return its state, or null
   */
  public @Nullable VariableState find(String key) {
    try {
      return handover.provider().find(key); // the hot path, without a lambda
    } catch (IllegalStateException e) {
      return handover.read(provider -> provider.find(key)); // the provider was replaced meanwhile
    }
  }

  /**
   * Returns one variable with its value, version and times.
   *
   * @param key a name or an id
   * @return its state
   * @throws VariableNotFoundException if there is no such variable
   */
  public VariableState state(String key) {
    return handover.read(provider -> provider.get(key));
  }

  @Override
  public StateSnapshot snapshot() {
    return list("*");
  }

  /**
   * Returns the variables whose names match, as of one revision.
   *
   * @param glob {@code *} stands for any characters, {@code ?} for one
   * @return a frozen snapshot of the matching variables
   */
  public StateSnapshot list(String glob) {
    return handover.read(provider -> provider.list(glob));
  }

  /**
   * Returns variables of one revision; missing keys are skipped.
   *
   * @param keys names and ids
   * @return a frozen snapshot of the variables found
   */
  public StateSnapshot getMany(Collection<String> keys) {
    return handover.read(provider -> provider.getMany(keys));
  }

  /**
   * Returns one document kept beside the variables, if it exists; {@link #commit} writes documents.
   *
   * @param key the document's key
   * @return the document, or null
   */
  public @Nullable StateDocument findDocument(String key) {
    return handover.read(provider -> provider.findDocument(key));
  }

  /**
   * Gives a variable a new value.
   *
   * @param key a name or an id
   * @param value the new value
   * @return the variable's new state
   * @throws VariableNotFoundException if there is no such variable
   * @throws InvalidValueException if the value is outside its domain
   * @throws InvalidConfigurationException if the value breaks a rule of a registered space
   * @throws LeaseHeldException if a lease covers the variable
   */
  public VariableState set(String key, Object value) {
    return set(key, value, WriteContext.JVM);
  }

  /**
   * Gives a variable a new value.
   *
   * @param key a name or an id
   * @param value the new value
   * @param context who writes, on whose behalf, and what to note
   * @return the variable's new state
   */
  public VariableState set(String key, Object value, WriteContext context) {
    return commitOne(new Write.SetValue(key, value, null), context);
  }

  /**
   * Gives a typed variable a new value.
   *
   * @param variable the handle
   * @param value the new value
   * @param <T> the type of its values
   * @return the variable's new state
   */
  public <T> VariableState set(Variable<T> variable, T value) {
    return set(variable.name(), value);
  }

  /**
   * Gives several variables new values, all or none.
   *
   * @param values new values by name or id
   * @return what was written
   */
  public Commit setAll(Map<String, ?> values) {
    return commit(Batch.of(values, WriteContext.JVM));
  }

  /**
   * Gives a variable a new value if it still has the version the caller saw.
   *
   * @param key a name or an id
   * @param value the new value
   * @param expectedVersion the version it must have now
   * @return the variable's new state
   * @throws VersionConflictException if it has another version
   */
  public VariableState compareAndSet(String key, Object value, long expectedVersion) {
    return commitOne(new Write.SetValue(key, value, expectedVersion), WriteContext.JVM);
  }

  /**
   * Computes a variable's new value from its current one, atomically.
   *
   * @param key a name or an id
   * @param change computes the new value; called again if another writer was faster, so it must
   *     have no side effects
   * @return the variable's new state
   */
  public VariableState update(String key, UnaryOperator<Object> change) {
    while (true) {
      VariableState current = state(key);
      try {
        return compareAndSet(current.id(), change.apply(current.value()), current.version());
      } catch (VersionConflictException e) {
        // another writer was faster; each conflict means that one of the competing writers is
        // through
      }
    }
  }

  /**
   * Computes a typed variable's new value from its current one, atomically.
   *
   * @param variable the handle
   * @param change computes the new value; called again if another writer was faster, so it must
   *     have no side effects
   * @param <T> the type of its values
   * @return the variable's new state
   */
  public <T> VariableState update(Variable<T> variable, UnaryOperator<T> change) {
    Class<T> type = variable.domain().valueClass();
    return update(variable.name(), value -> change.apply(type.cast(value)));
  }

  /**
   * Applies a batch of registrations and writes.
   *
   * @param batch what belongs together
   * @return what was written
   */
  public Commit commit(Batch batch) {
    return handover.write(provider -> spaces.commit(provider, batch));
  }

  /**
   * Removes a variable.
   *
   * @param key a name or an id
   * @return its last state
   * @throws VariableNotFoundException if there is no such variable
   * @throws SpaceMemberException if it belongs to a registered space
   */
  public VariableState delete(String key) {
    return commitOne(new Write.DeleteVariable(key, null), WriteContext.JVM);
  }

  /**
   * Returns the kept versions of a variable.
   *
   * @param key a name or an id
   * @return up to {@value StateProvider#HISTORY_LIMIT} entries, newest first
   */
  public List<HistoryEntry> history(String key) {
    return handover.read(provider -> provider.history(key));
  }

  /**
   * Writes a new version of a variable with the value of an old one, checked against today's rules.
   *
   * @param key a name or an id
   * @param version a version still in the history
   * @return the variable's new state
   * @throws VersionNotFoundException if the version was never written or has left the history
   */
  public VariableState rollback(String key, long version) {
    String id = state(key).id(); // another variable may get the name while we look
    List<HistoryEntry> history = history(id);
    for (HistoryEntry entry : history) {
      if (entry.version() == version) {
        return set(
            id, entry.value(), WriteContext.JVM.with("rolled_back_to", Long.toString(version)));
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

  // Watches

  /**
   * Starts a watch, which lasts until it is closed, through every switch of providers.
   *
   * @param request what to watch and how
   * @param listener told of each change set; calls never overlap
   * @return the running watch
   * @throws VariableNotFoundException if a single variable to watch does not exist; no watch is
   *     started
   * @throws RevisionCompactedException if the revision to resume from is no longer kept; a switch
   *     keeps none from before it
   */
  public Watch watch(WatchRequest request, WatchListener listener) {
    switching.requireOpen();
    return watches.start(request, listener);
  }

  /**
   * Returns the running watches of this session.
   *
   * @return an unmodifiable list in order of their start
   */
  public List<Watch> watches() {
    switching.requireOpen();
    return watches.running();
  }

  // Leases and dependencies

  /**
   * Takes the sole right to write some variables. It is renewed by itself until it is closed, the
   * session is closed, its holder becomes unreachable, or the process ends.
   *
   * @param owner who takes it
   * @param keys names or ids, at least one
   * @param duration how long it outlives its holder, positive
   * @return the lease, whose {@link SessionLease#context()} writes go through
   * @throws LeaseHeldException if another owner holds a lease on one of them
   */
  public SessionLease lease(String owner, Collection<String> keys, Duration duration) {
    return leases.acquire(owner, keys, duration);
  }

  /**
   * Notes that one variable must be updated before another.
   *
   * @param from name or id of the variable that is updated first
   * @param to name or id of the variable that depends on it
   * @throws io.trimtab.state.DependencyCycleException if it would close a cycle
   */
  public void addDependency(String from, String to) {
    handover.run(provider -> provider.addDependency(from, to));
  }

  /**
   * Forgets a dependency; forgetting one that does not exist does nothing.
   *
   * @param from name or id of the variable that is updated first
   * @param to name or id of the variable that depends on it
   */
  public void removeDependency(String from, String to) {
    handover.run(provider -> provider.removeDependency(from, to));
  }

  /**
   * Returns the dependencies between variables.
   *
   * @return an unmodifiable set
   */
  public Set<Dependency> dependencies() {
    return handover.read(StateProvider::dependencies);
  }

  /**
   * Returns all variables in an order in which each comes after those it depends on.
   *
   * @return the names
   */
  public List<String> updateOrder() {
    return handover.read(StateProvider::updateOrder);
  }

  // Spaces

  /**
   * Registers a configuration space: its members become variables of this session, in one step.
   * Registering an identical space again returns the same configuration. A member that exists
   * already is shared if its definition is identical.
   *
   * @param space the space
   * @return a handle by which it is read and applied
   * @throws ConfigurationExistsException if another space of that name is registered
   * @throws VariableAlreadyExistsException if a member's name is taken by a different definition
   * @throws InvalidConfigurationException if shared members hold values the space forbids
   */
  public RegisteredConfiguration register(ConfigurationSpace space) {
    handover.run(provider -> spaces.register(provider, space));
    return new RegisteredConfiguration(this, space);
  }

  /**
   * Returns a registered configuration space.
   *
   * @param name the space's name
   * @return a handle by which it is read and applied
   * @throws ConfigurationNotFoundException if no space of that name is registered
   */
  public RegisteredConfiguration configuration(String name) {
    switching.requireOpen();
    return new RegisteredConfiguration(
        this, handover.read(provider -> spaces.require(provider, name)));
  }

  /**
   * Returns the names of the registered spaces.
   *
   * @return an unmodifiable sorted set
   */
  public Set<String> configurations() {
    switching.requireOpen();
    return handover.read(spaces::names);
  }

  /**
   * Forgets a registered space; its members stay as plain variables.
   *
   * @param name the space's name
   * @throws ConfigurationNotFoundException if no space of that name is registered
   */
  public void unregister(String name) {
    switching.requireOpen();
    handover.run(provider -> spaces.unregister(provider, name));
  }

  // Export and import

  /**
   * Copies the whole state as of one revision.
   *
   * @return variables with history, documents, leases and dependencies
   */
  public StateExport exportState() {
    return handover.read(StateProvider::exportState);
  }

  /**
   * Writes the whole state to a file as {@code trimtab.state/1} JSON. The file appears complete or
   * not at all.
   *
   * @param file where to write; replaced if it exists
   * @throws IOException if it cannot be written
   * @throws LocalSpaceException if a registered space has rules in Java, which a file cannot hold
   */
  public void exportTo(Path file) throws IOException {
    spaces.requirePortable("a file");
    StateFile.write(exportState(), file);
  }

  /**
   * Replaces the whole state by one read from a file, in one step.
   *
   * @param file a {@code trimtab.state/1} document
   * @throws IOException if it cannot be read
   * @throws ImportException if it is not such a document, contradicts itself or breaks the rules of
   *     its spaces; nothing has changed then
   * @throws LocalSpaceException if one of its spaces has rules in Java that this session does not
   *     have; nothing has changed then
   */
  public void importFrom(Path file) throws IOException {
    switching.replaceState(StateFile.read(file));
  }

  // Backend

  /**
   * Tells which provider keeps the state now, and which ones did before.
   *
   * @return name, capabilities and the switches so far
   */
  public Backend backend() {
    return switching.backend();
  }

  /**
   * Moves the session to another provider while it is used: open the new one, pause writers,
   * export, import, verify, move the watches, publish, resume, close the old one. Readers never
   * wait.
   *
   * @param target opens the new provider
   * @return the backend after the switch
   * @throws BackendSwitchException if a step before publication failed; the old provider is in
   *     charge, untouched
   * @throws IllegalStateException if called from within a write of this session
   */
  public Backend switchTo(StateProviderFactory target) {
    return switching.switchTo(target);
  }

  /**
   * Moves the session to a provider that shares its state with another language, unless it is on
   * one already: the one given to {@link Builder#bridge}, else the one called {@code bridged} that
   * {@link java.util.ServiceLoader} finds, which launches a sidecar.
   *
   * <p>Calls at the same time move it once. A session in which nothing was ever written adopts what
   * the sidecar already holds of it; any other brings its own state, which replaces it.
   *
   * @return the backend in charge afterwards
   * @throws BackendSwitchException if it could not move; it stays where it was, untouched
   * @throws IllegalStateException if there is no such provider, or if called from within a write of
   *     this session
   */
  public Backend ensureBridged() {
    return switching.ensureBridged();
  }

  /**
   * Moves the session to a bridged provider of the caller's choice, unless it is on a bridged one
   * already; else as {@link #ensureBridged()}.
   *
   * @param bridge opens the provider
   * @return the backend in charge afterwards
   * @throws BackendSwitchException if it could not move; it stays where it was, untouched
   * @throws IllegalStateException if called from within a write of this session
   */
  public Backend ensureBridged(StateProviderFactory bridge) {
    return switching.ensureBridged(bridge);
  }

  /**
   * Registers a program; one that {@linkplain SessionProgram#requiresBridge requires the bridge}
   * moves the session there first, as {@link #ensureBridged} does. A program of the same name is
   * replaced.
   *
   * @param program the program
   * @return the backend in charge afterwards
   * @throws BackendSwitchException if the session could not move; the program is not registered
   *     then
   */
  public Backend register(SessionProgram program) {
    Backend backend = program.requiresBridge() ? ensureBridged() : backend();
    programs.put(program.name(), program);
    return backend;
  }

  /**
   * Returns the registered programs.
   *
   * @return an unmodifiable list in order of their names
   */
  public List<SessionProgram> programs() {
    switching.requireOpen();
    return List.copyOf(programs.values());
  }

  Handover<StateProvider> handover() {
    return handover;
  }

  SpaceGuard spaces() {
    return spaces;
  }

  @Override
  public void close() {
    try (switching;
        watches;
        leases) {
      // in this order from below, and each whatever happens to the others
    }
  }

  @Override
  public String describe() {
    return "session \"" + id + "\"";
  }

  @Override
  public String toString() {
    return describe() + " on " + handover.charge().name();
  }

  /**
   * Collects how a session is opened. Defaults: a generated id, {@link
   * io.trimtab.state.LocalState}, an empty state, the system's clock, and 30 seconds of patience
   * when a switch and a write wait for each other. Not safe for several threads.
   */
  public static final class Builder {

    private String id = "session-" + UUID.randomUUID();
    private StateProviderFactory factory = new LocalStateFactory();
    private @Nullable StateExport initial;
    private InstantSource clock = InstantSource.system();
    private Duration patience = Duration.ofSeconds(30);
    private @Nullable StateProviderFactory bridge;

    private Builder() {}

    /**
     * Names the session.
     *
     * @param id 1 to 128 characters
     * @return this builder
     */
    public Builder id(String id) {
      if (id.isBlank() || id.length() > 128 || !StorableText.is(id)) {
        throw new IllegalArgumentException(
            "a session's id has 1 to 128 characters that every backend can store, got \""
                + id
                + "\"");
      }
      this.id = id;
      return this;
    }

    /**
     * Opens on another provider than the local one.
     *
     * @param factory opens the provider
     * @return this builder
     */
    public Builder provider(StateProviderFactory factory) {
      this.factory = factory;
      return this;
    }

    /**
     * Chooses where {@link Session#ensureBridged} moves to, for instance a sidecar that runs
     * already.
     *
     * @param factory opens providers that require the bridge
     * @return this builder
     */
    public Builder bridge(StateProviderFactory factory) {
      this.bridge = factory;
      return this;
    }

    /**
     * Begins with an exported state.
     *
     * @param state what another session exported
     * @return this builder
     */
    public Builder startingFrom(StateExport state) {
      this.initial = state;
      return this;
    }

    /**
     * Takes the time of switches from elsewhere than the system's clock. Writes and leases go by
     * the clock of their provider.
     *
     * @param clock read at the beginning and the end of each switch
     * @return this builder
     */
    public Builder clock(InstantSource clock) {
      this.clock = clock;
      return this;
    }

    /**
     * Bounds how long a switch waits for writes under way, and a write for a switch.
     *
     * @param patience positive
     * @return this builder
     */
    public Builder patience(Duration patience) {
      if (patience.isNegative() || patience.isZero()) {
        throw new IllegalArgumentException("patience must be positive, got " + patience);
      }
      this.patience = patience;
      return this;
    }

    /**
     * Opens the session.
     *
     * @return an open session that the caller closes
     */
    public Session open() {
      return new Session(this);
    }
  }
}
