package io.trimtab.state;

import io.trimtab.TrimtabException;
import io.trimtab.variable.StorableText;
import io.trimtab.variable.VariableNames;
import io.trimtab.variable.VariableNotFoundException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps variables in this JVM's memory; what a session starts on.
 *
 * <p>Reads take no lock and cost little more than a hash map's; writers take turns. Declares {@link
 * Capability#ATOMIC_UPDATES} and {@link Capability#STREAMING}. Everything is lost when it is closed
 * unless it was {@linkplain #exportState exported} before.
 *
 * <pre>{@code
 * try (LocalState state = LocalState.create()) {
 *   state.register(Variable.floating("temperature", 0.7, 0.0, 2.0));
 *   state.set("temperature", 0.2);
 * }
 * }</pre>
 *
 * <p>Safe for use by many threads at once.
 */
public final class LocalState implements StateProvider {
  /*
   * Values live in a Store, which explains how readers and writers share it. Here are the writers' lock and what only
   * writers need. An import builds a new Store aside and replaces the reference; closing sets it to null.
   */

  private static final Set<Capability> CAPABILITIES =
      Set.of(Capability.ATOMIC_UPDATES, Capability.STREAMING);

  /** Attempts of a read of several variables before it asks writers to wait for it. */
  private static final int LOCK_FREE_ATTEMPTS = 64;

  private final String sessionId;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ReentrantLock writers = new ReentrantLock();
  private volatile @Nullable Store store;

  // Guarded by writers.
  private final LeaseBook leases;
  private final DependencyGraph dependencies = new DependencyGraph();
  private final Map<String, Long> retired = new HashMap<>();
  private Instant lastNow = Instant.EPOCH;

  private final ChangeFeed feed;

  private LocalState(Builder builder) {
    this.sessionId = builder.sessionId;
    this.clock = builder.clock;
    this.random = builder.random;
    this.leases = new LeaseBook(clock, () -> "lease_" + suffix());
    StateExport initial = builder.initial;
    this.store = new Store(0);
    FeedThreads threads = builder.feedThreads;
    this.feed = new ChangeFeed(0, threads == null ? new FeedThreads(builder.scheduler) : threads);
    if (initial != null) {
      importState(initial);
    }
  }

  /**
   * Opens an empty state of a session called {@code local}.
   *
   * @return an open provider that the caller closes
   */
  public static LocalState create() {
    return builder("local").build();
  }

  /**
   * Starts the choice of options. Defaults: an empty state, the system's clock in whole
   * milliseconds, ids from a random generator of its own.
   *
   * @param sessionId whose variables it will keep, 1 to 128 characters
   * @return a builder for use by one thread
   */
  public static Builder builder(String sessionId) {
    return new Builder(sessionId);
  }

  @Override
  public String sessionId() {
    return sessionId;
  }

  @Override
  public Set<Capability> capabilities() {
    return CAPABILITIES;
  }

  @Override
  public long revision() {
    return open().committed.get();
  }

  // Reading.

  @Override
  public @Nullable VariableState find(String key) {
    return open().find(key);
  }

  @Override
  public StateSnapshot getMany(Collection<String> keys) {
    Set<String> distinct = new LinkedHashSet<>(keys);
    return read(store -> store.tryRead(sessionId, distinct));
  }

  @Override
  public StateSnapshot list(String glob) {
    Glob names = Glob.of(glob);
    return read(store -> store.tryList(sessionId, names::matches));
  }

  private StateSnapshot read(Function<Store, @Nullable StateSnapshot> attempt) {
    for (int i = 0; i < LOCK_FREE_ATTEMPTS; i++) {
      StateSnapshot snapshot = attempt.apply(open());
      if (snapshot != null) {
        return snapshot;
      }
    }
    writers.lock();
    try {
      StateSnapshot snapshot = attempt.apply(open());
      if (snapshot == null) {
        throw new AssertionError("a read cannot fail while no writer runs");
      }
      return snapshot;
    } finally {
      writers.unlock();
    }
  }

  @Override
  public @Nullable StateDocument findDocument(String key) {
    return open().findDocument(key);
  }

  @Override
  public List<HistoryEntry> history(String key) {
    writers.lock();
    try {
      return live(open(), key).history().stream().map(HistoryEntry::of).toList();
    } finally {
      writers.unlock();
    }
  }

  // Writing.

  @Override
  public Commit commit(Batch batch) {
    writers.lock();
    try {
      Parts parts = parts();
      Instant now = now();
      Commit sets = PlainSets.tryCommit(parts, batch, now);
      if (sets != null) {
        return sets;
      }
      BatchPlan plan = new BatchPlan(parts, batch, now);
      try {
        Map<String, TrimtabException> failures = plan.stage();
        if (!failures.isEmpty() && !batch.bestEffort()) {
          throw Refusals.asOne(failures, where());
        }
        Commit commit = plan.apply();
        if (!failures.isEmpty()) {
          throw new PartialUpdateException(commit, failures);
        }
        return commit;
      } finally {
        plan.close();
      }
    } finally {
      writers.unlock();
    }
  }

  /** What {@link #commit} does for a batch of values, without the batch. */
  @Override
  public Commit setAll(Map<String, ?> values) {
    writers.lock();
    try {
      Commit sets = PlainSets.tryCommit(parts(), values, now());
      if (sets != null) {
        return sets;
      }
    } finally {
      writers.unlock();
    }
    return commit(Batch.of(values, WriteContext.JVM));
  }

  @Override
  public VariableState set(String key, Object value, WriteContext context) {
    return write(key, value, null, context);
  }

  @Override
  public VariableState compareAndSet(
      String key, Object value, long expectedVersion, WriteContext context) {
    return write(key, value, expectedVersion, context);
  }

  /** What {@link #commit} does for a batch of one value, without the batch. */
  private VariableState write(
      String key, Object value, @Nullable Long expectedVersion, WriteContext context) {
    Store seen = open();
    Cell cell = seen.index.get(key);
    VariableState before = cell == null ? null : cell.current(seen.committed);
    if (cell == null || before == null) {
      throw new VariableNotFoundException(key, where());
    }
    Object canonical = before.variable().domain().normalize(before.name(), value);
    writers.lock();
    try {
      Store current = open();
      if (current == seen && cell.isAlive()) {
        return write(current, cell, key, canonical, expectedVersion, context);
      }
    } finally {
      writers.unlock();
    }
    return write(key, value, expectedVersion, context); // deleted or imported since we looked
  }

  private VariableState write(
      Store current,
      Cell cell,
      String key,
      Object canonical,
      @Nullable Long expectedVersion,
      WriteContext context) {
    VariableState last = cell.newest();
    Instant now = now();
    checkLease(last.name(), context, now);
    checkVersion(key, expectedVersion, last.version());
    long revision = current.committed.get() + 1;
    VariableState next = VariableStates.next(last, canonical, revision, context, now);
    cell.install(next);
    current.publish(revision);
    cell.settle();
    feed.publishSets(revision, last, next);
    return next;
  }

  private void checkLease(String name, WriteContext context, Instant now) {
    Lease obstacle = leases.isEmpty() ? null : leases.obstacle(name, context.owner(), now);
    if (obstacle != null) {
      throw new LeaseHeldException(name, obstacle);
    }
  }

  private static void checkVersion(String key, @Nullable Long expected, long current) {
    if (expected != null && expected != current) {
      throw new VersionConflictException(
          Map.of(key, new VersionConflictException.Conflict(expected, current)));
    }
  }

  // Watching.

  @Override
  public Watch watch(WatchRequest request, WatchListener listener) {
    writers.lock();
    try {
      Store current = open();
      names(current, request.keys());
      return feed.watch(request, listener, beginning(request));
    } finally {
      writers.unlock();
    }
  }

  private StateSnapshot beginning(WatchRequest request) {
    String glob = request.glob();
    if (!request.initial()) {
      return new StateSnapshot(sessionId, revision(), Map.of(), Map.of());
    }
    return glob == null ? getMany(request.keys()) : list(glob);
  }

  @Override
  public List<Watch> watches() {
    open();
    return feed.watches();
  }

  // Leases.

  @Override
  public Lease acquireLease(String owner, Collection<String> keys, Duration duration) {
    if (owner.isBlank() || !StorableText.is(owner) || keys.isEmpty()) {
      throw new IllegalArgumentException(
          "a lease needs an owner that every backend can store and at least one variable, got owner \"%s\" and %s"
              .formatted(owner, keys));
    }
    writers.lock();
    try {
      Store current = open();
      return leases.acquire(owner, names(current, keys), duration);
    } finally {
      writers.unlock();
    }
  }

  private List<String> names(Store current, Collection<String> keys) {
    List<String> names = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (String key : keys) {
      Cell cell = current.live(key);
      if (cell == null) {
        missing.add(key);
      } else {
        names.add(cell.newest().name());
      }
    }
    if (!missing.isEmpty()) {
      throw new VariableNotFoundException(missing, where());
    }
    return names;
  }

  @Override
  public Lease renewLease(Lease lease, Duration duration) {
    writers.lock();
    try {
      open();
      return leases.renew(lease, duration);
    } finally {
      writers.unlock();
    }
  }

  @Override
  public void releaseLease(Lease lease) {
    writers.lock();
    try {
      open();
      leases.release(lease);
    } finally {
      writers.unlock();
    }
  }

  @Override
  public List<Lease> leases() {
    writers.lock();
    try {
      open();
      return leases.alive();
    } finally {
      writers.unlock();
    }
  }

  // Dependencies.

  @Override
  public void addDependency(String from, String to) {
    writers.lock();
    try {
      List<String> names = names(open(), List.of(from, to));
      dependencies.add(names.get(0), names.get(1));
    } finally {
      writers.unlock();
    }
  }

  @Override
  public void removeDependency(String from, String to) {
    writers.lock();
    try {
      Store current = open();
      Cell first = current.live(from);
      Cell second = current.live(to);
      if (first != null && second != null) {
        dependencies.remove(first.newest().name(), second.newest().name());
      }
    } finally {
      writers.unlock();
    }
  }

  @Override
  public Set<Dependency> dependencies() {
    writers.lock();
    try {
      open();
      return dependencies.edges();
    } finally {
      writers.unlock();
    }
  }

  @Override
  public List<String> updateOrder() {
    writers.lock();
    try {
      return dependencies.order(
          open().liveCells().stream().map(cell -> cell.newest().name()).toList());
    } finally {
      writers.unlock();
    }
  }

  // Export and import.

  @Override
  public StateExport exportState() {
    Capture capture;
    writers.lock();
    try {
      capture = capture(open());
    } finally {
      writers.unlock();
    }
    return capture.toExport(); // the copying happens after writers may go on
  }

  private Capture capture(Store current) {
    return new Capture(
        sessionId,
        current.committed.get(),
        clock.instant(),
        current.liveCells().stream().map(Cell::history).toList(),
        List.copyOf(current.documents().values()),
        leases.alive(),
        dependencies.edges(),
        Map.copyOf(retired));
  }

  private record Capture(
      String sessionId,
      long revision,
      Instant at,
      List<List<VariableState>> histories,
      List<StateDocument> documents,
      List<Lease> leases,
      Set<Dependency> dependencies,
      Map<String, Long> retired) {

    StateExport toExport() {
      List<StateExport.Entry> entries =
          histories.stream()
              .map(
                  history ->
                      new StateExport.Entry(
                          history.get(0), history.stream().map(HistoryEntry::of).toList()))
              .toList();
      return new StateExport(
          sessionId,
          revision,
          at,
          entries,
          documents,
          leases,
          dependencies,
          retired,
          Map.of("provider", LocalStateFactory.NAME));
    }
  }

  @Override
  public void importState(StateExport state) {
    ExportCheck.check(state);
    writers.lock();
    try {
      long own = open().committed.get();
      load(state, own == 0 ? state.revision() : Math.max(state.revision(), own + 1));
    } finally {
      writers.unlock();
    }
  }

  /** Takes over a sound state as of a revision. */
  private void load(StateExport state, long revision) {
    Store before = open();
    Store after = new Store(revision);
    state.variables().forEach(entry -> load(after, entry));
    after.shelve(revision, inOrder(state.documents()));
    after.publish(revision);
    List<Change> difference = difference(before, after);
    store = after; // the commit point
    leases.replaceAll(state.leases());
    dependencies.replaceAll(state.dependencies());
    retired.clear();
    retired.putAll(state.retiredVersions());
    feed.restart(revision, difference);
  }

  private static Map<String, StateDocument> inOrder(List<StateDocument> documents) {
    Map<String, StateDocument> byKey = new LinkedHashMap<>();
    documents.forEach(document -> byKey.put(document.key(), document));
    return byKey;
  }

  private static void load(Store target, StateExport.Entry entry) {
    VariableState current = entry.state();
    List<HistoryEntry> history = entry.history();
    int oldest = history.size() - 1;
    VariableState first = oldest == 0 ? current : VariableStates.past(current, history.get(oldest));
    Cell cell = new Cell(target.nextSequence(), first);
    for (int i = oldest - 1; i >= 0; i--) {
      cell.install(i == 0 ? current : VariableStates.past(current, history.get(i)));
    }
    cell.settle();
    target.enroll(cell);
  }

  private static List<Change> difference(Store before, Store after) {
    List<Change> changes = new ArrayList<>();
    for (Cell cell : before.liveCells()) {
      VariableState old = cell.newest();
      Cell now = after.live(old.name());
      Change change = now == null ? Changes.deleted(old) : Changes.changed(old, now.newest());
      if (change != null) {
        changes.add(change);
      }
    }
    for (Cell cell : after.liveCells()) {
      VariableState state = cell.newest();
      if (before.live(state.name()) == null) {
        changes.add(Changes.registered(state));
      }
    }
    return changes;
  }

  // Following another provider, for StateReplica.

  /**
   * Applies what another provider committed, and returns it under the keys of the batch, if any.
   */
  Commit follow(RemoteCommit remote, @Nullable Batch batch) {
    writers.lock();
    try {
      return Following.apply(parts(), remote, batch);
    } finally {
      writers.unlock();
    }
  }

  /** Applies what another provider committed, and returns it under the keys it was told with. */
  Commit follow(RemoteSets remote) {
    writers.lock();
    try {
      return PlainSets.follow(parts(), remote);
    } finally {
      writers.unlock();
    }
  }

  /** Takes over another provider's whole state at its own revision. */
  void followFrom(StateExport state) {
    writers.lock();
    try {
      load(state, state.revision());
    } finally {
      writers.unlock();
    }
  }

  void followLeases(Collection<Lease> all) {
    writers.lock();
    try {
      leases.replaceAll(all);
    } finally {
      writers.unlock();
    }
  }

  void followDependencies(Collection<Dependency> all) {
    writers.lock();
    try {
      dependencies.replaceAll(all);
    } finally {
      writers.unlock();
    }
  }

  @Override
  public void close() {
    writers.lock();
    try {
      store = null;
    } finally {
      writers.unlock();
    }
    feed.close(); // outside the lock: listeners still running may be waiting for it
  }

  private Store open() {
    Store current = store;
    if (current == null) {
      throw new IllegalStateException("the state of %s is closed".formatted(where()));
    }
    return current;
  }

  private Cell live(Store current, String key) {
    Cell cell = current.live(key);
    if (cell == null) {
      throw new VariableNotFoundException(key, where());
    }
    return cell;
  }

  private String where() {
    return "session \"" + sessionId + "\"";
  }

  /** Returns the time, one object per tick of the clock: histories hold many of them. */
  private Instant now() {
    Instant now = clock.instant();
    if (!now.equals(lastNow)) {
      lastNow = now;
    }
    return lastNow;
  }

  private String suffix() {
    return Long.toString(random.nextLong() >>> 1, Character.MAX_RADIX);
  }

  private Parts parts() {
    return new Parts(this, open(), leases, dependencies, retired, feed);
  }

  @Override
  public String toString() {
    Store current = store;
    return current == null
        ? "LocalState(%s, closed)".formatted(sessionId)
        : "LocalState(%s, revision %d)".formatted(sessionId, current.committed.get());
  }

  /** What a batch works on while it holds the writers' lock. */
  record Parts(
      LocalState owner,
      Store store,
      LeaseBook leases,
      DependencyGraph dependencies,
      Map<String, Long> retired,
      ChangeFeed feed) {

    String where() {
      return owner.where();
    }

    /** Returns an id no variable has; 63 random bits make a second attempt a rarity. */
    String newId(String name) {
      while (true) {
        String id = VariableNames.ID_PREFIX + name + "_" + owner.suffix();
        if (!store.index.containsKey(id)) {
          return id;
        }
      }
    }
  }

  /** Collects the options of a state in memory. Not safe for several threads. */
  public static final class Builder {

    private final String sessionId;
    private InstantSource clock = Clock.tickMillis(ZoneOffset.UTC);
    private RandomGenerator random = new SplittableRandom();
    private @Nullable StateExport initial;
    private @Nullable ScheduledExecutorService scheduler;
    private @Nullable FeedThreads feedThreads;

    private Builder(String sessionId) {
      if (sessionId.isBlank() || sessionId.length() > 128 || !StorableText.is(sessionId)) {
        throw new IllegalArgumentException(
            "sessionId must have 1 to 128 characters that every backend can store, got \""
                + sessionId
                + "\"");
      }
      this.sessionId = sessionId;
    }

    /**
     * Takes the time of writes and leases from elsewhere than the system's clock.
     *
     * @param clock read once per write
     * @return this builder
     */
    public Builder clock(InstantSource clock) {
      this.clock = clock;
      return this;
    }

    /**
     * Takes the random part of ids from elsewhere, so that tests can foresee them.
     *
     * @param random used by one thread at a time
     * @return this builder
     */
    public Builder random(RandomGenerator random) {
      this.random = random;
      return this;
    }

    /**
     * Measures the debouncing and throttling of watches elsewhere than on an own daemon thread.
     *
     * @param scheduler runs short tasks after a delay; the caller shuts it down
     * @return this builder
     */
    public Builder scheduler(ScheduledExecutorService scheduler) {
      this.scheduler = scheduler;
      return this;
    }

    /** Lets a test decide when and where watchers are told. */
    Builder feedThreads(FeedThreads feedThreads) {
      this.feedThreads = feedThreads;
      return this;
    }

    /**
     * Begins with an exported state instead of an empty one.
     *
     * @param initial what a provider exported, or null for an empty state
     * @return this builder
     */
    public Builder initial(@Nullable StateExport initial) {
      this.initial = initial;
      return this;
    }

    /**
     * Opens the state.
     *
     * @return an open provider that the caller closes
     * @throws ImportException if the initial state contradicts itself
     */
    public LocalState build() {
      return new LocalState(this);
    }
  }
}
