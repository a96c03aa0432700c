package io.trimtab.bridge;

import io.trimtab.bridge.wire.AcquireLease;
import io.trimtab.bridge.wire.ChangeDependency;
import io.trimtab.bridge.wire.Opened;
import io.trimtab.bridge.wire.Operation;
import io.trimtab.bridge.wire.ReleaseLease;
import io.trimtab.bridge.wire.RenewLease;
import io.trimtab.bridge.wire.Result;
import io.trimtab.state.Batch;
import io.trimtab.state.Capability;
import io.trimtab.state.Commit;
import io.trimtab.state.Dependency;
import io.trimtab.state.HistoryEntry;
import io.trimtab.state.Lease;
import io.trimtab.state.LeaseLostException;
import io.trimtab.state.PartialUpdateException;
import io.trimtab.state.StateDocument;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateReplica;
import io.trimtab.state.StateSnapshot;
import io.trimtab.state.StateUnavailableException;
import io.trimtab.state.VariableState;
import io.trimtab.state.VersionConflictException;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchRequest;
import io.trimtab.state.Write;
import io.trimtab.state.WriteContext;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.StorableText;
import io.trimtab.variable.VariableSource;
import io.trimtab.variable.Violation;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps variables in a sidecar, which Python programs share, and a replica of them in this JVM.
 *
 * <p>Declares {@link Capability#ATOMIC_UPDATES}, {@link Capability#STREAMING}, {@link
 * Capability#DISTRIBUTION}, and {@link Capability#PERSISTENCE} if the sidecar has a data directory.
 *
 * <p><b>Faults.</b> Every call ends within its deadline: with a result, or with {@link
 * StateUnavailableException}. A broken connection is mended and what was under way is sent again,
 * applied once. If the sidecar died and lost its memory, it gets the state back from the replica,
 * so every write acknowledged to this JVM survives. Watches go on across all of it without gap and
 * without duplicate.
 *
 * <p><b>Values</b> travel in messages of at most 60 MiB; a larger one is refused.
 *
 * <p>Safe for use by many threads at once. Closing it leaves the session in the sidecar for others.
 */
public final class BridgedState implements StateProvider {

  /** Leaves room in a message for what surrounds the values. */
  private static final int MAX_OPERATION_BYTES = 60 << 20;

  private static final Duration LONGEST_LEASE = Duration.ofDays(365_000);

  private final String sessionId;
  private final Sidecar sidecar;
  private final boolean ownsSidecar;
  private final ReadMode reads;
  private final Duration deadline;
  private final StateReplica replica;
  private final StateLink link;
  private final Set<Capability> capabilities;
  private final AtomicBoolean closed = new AtomicBoolean();

  private BridgedState(Builder builder) {
    this.sessionId = builder.sessionId;
    this.sidecar = builder.sidecar;
    this.ownsSidecar = builder.ownsSidecar;
    this.reads = builder.reads;
    this.deadline = builder.deadline;
    this.replica = new StateReplica(sessionId);
    this.link = new StateLink(sidecar, sessionId, replica, builder.client, builder.nanos);
    try {
      Opened opened = link.open(builder.openTimeout);
      this.capabilities = capabilities(opened.getDurable());
      StateExport initial = builder.initial;
      if (initial != null) {
        importState(initial);
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static Set<Capability> capabilities(boolean durable) {
    EnumSet<Capability> capabilities =
        EnumSet.of(Capability.ATOMIC_UPDATES, Capability.STREAMING, Capability.DISTRIBUTION);
    if (durable) {
      capabilities.add(Capability.PERSISTENCE);
    }
    return Set.copyOf(capabilities);
  }

  /**
   * Starts the choice of options. Defaults: linearizable reads, 10 seconds for an operation, 10
   * seconds to open.
   *
   * @param sessionId whose variables are kept; a session the sidecar holds is joined
   * @param sidecar where they are kept; stays open when the state is closed
   * @return a builder for use by one thread
   */
  public static Builder builder(String sessionId, Sidecar sidecar) {
    return new Builder(sessionId, sidecar);
  }

  @Override
  public String sessionId() {
    return sessionId;
  }

  @Override
  public Set<Capability> capabilities() {
    return capabilities;
  }

  @Override
  public boolean requiresBridge() {
    return true;
  }

  /**
   * Returns what this JVM holds of the state, for reads at local speed whatever the provider's
   * {@link ReadMode}.
   *
   * @return a live view, which never waits
   */
  public Replica replica() {
    return new Replica(sessionId, replica, link);
  }

  // Reading

  /** Returns the replica as it must be for a read that begins now. */
  private StateReplica current() {
    if (reads == ReadMode.LINEARIZABLE) {
      link.await("read", link.barrier(), deadline);
    }
    return replica;
  }

  @Override
  public long revision() {
    return current().revision();
  }

  @Override
  public @Nullable VariableState find(String key) {
    return current().find(key);
  }

  @Override
  public StateSnapshot getMany(Collection<String> keys) {
    return current().getMany(keys);
  }

  @Override
  public StateSnapshot list(String glob) {
    return current().list(glob);
  }

  @Override
  public @Nullable StateDocument findDocument(String key) {
    return current().findDocument(key);
  }

  @Override
  public Map<String, StateDocument> toldDocuments() {
    return replica.documents();
  }

  @Override
  public List<HistoryEntry> history(String key) {
    return current().history(key);
  }

  @Override
  public List<Lease> leases() {
    return current().leases();
  }

  @Override
  public Set<Dependency> dependencies() {
    return current().dependencies();
  }

  @Override
  public List<String> updateOrder() {
    return current().updateOrder();
  }

  @Override
  public StateExport exportState() {
    StateExport export = current().exportState();
    return new StateExport(
        export.sessionId(),
        export.revision(),
        export.exportedAt(),
        export.variables(),
        export.documents(),
        export.leases(),
        export.dependencies(),
        export.retiredVersions(),
        Map.of("provider", BridgedStateFactory.NAME));
  }

  // Watching

  @Override
  public Watch watch(WatchRequest request, WatchListener listener) {
    return current().watch(request, listener);
  }

  @Override
  public List<Watch> watches() {
    return replica.watches();
  }

  // Writing

  @Override
  public Commit commit(Batch batch) {
    OutgoingBatch outgoing = OutgoingBatch.of(batch, replica);
    Pending pending = submit(outgoing, batch);
    try {
      Result result = link.await("commit", pending, deadline);
      return commit(batch, pending, result);
    } catch (RuntimeException e) {
      throw outgoing.explain(e);
    }
  }

  private Pending submit(OutgoingBatch outgoing, Batch batch) {
    PlainSet single = outgoing.single();
    if (single != null) {
      return link.submit(single, batch);
    }
    Operation.Builder operation = Operation.newBuilder().setCommit(outgoing.message());
    requireSendable(operation);
    return link.submit(operation, batch);
  }

  private Commit commit(Batch batch, Pending pending, @Nullable Result result) {
    if (result != null && result.hasFailure()) {
      throw Failures.exception(result.getFailure(), where());
    }
    Commit commit = pending.commit();
    if (commit == null && result != null) {
      commit = Rebuilt.commit(batch, result, replica);
    }
    if (commit == null) {
      throw new AssertionError("a commit ends with a result or with the event before it");
    }
    if (result != null && result.getPartialCount() > 0) {
      throw new PartialUpdateException(commit, Failures.each(result.getPartialList(), where()));
    }
    return commit;
  }

  private static void requireSendable(Operation.Builder operation) {
    int size = operation.getCommit().getSerializedSize();
    if (size > MAX_OPERATION_BYTES) {
      throw new InvalidValueException(
          List.of(Violation.of("batch", "at most 60 MiB of values in one message", size + " B")));
    }
  }

  /** What the interface does, but the first attempt costs no read. */
  @Override
  public VariableState update(String key, UnaryOperator<Object> change, WriteContext context) {
    VariableState current = replica.find(key);
    while (true) {
      if (current == null) {
        current = get(key);
      }
      try {
        return compareAndSet(
            current.id(), change.apply(current.value()), current.version(), context);
      } catch (VersionConflictException e) {
        current = replica.find(key); // the conflict was with something it has been told of by now
      }
    }
  }

  // Leases and dependencies

  @Override
  public Lease acquireLease(String owner, Collection<String> keys, Duration duration) {
    if (owner.isBlank() || !StorableText.is(owner) || keys.isEmpty()) {
      throw new IllegalArgumentException(
          "a lease needs an owner that every backend can store and at least one variable, got owner \"%s\" and %s"
              .formatted(owner, keys));
    }
    AcquireLease.Builder request =
        AcquireLease.newBuilder()
            .setOwner(OutgoingBatch.text(owner))
            .setDurationMs(millis(duration));
    keys.forEach(key -> request.addKeys(OutgoingBatch.text(key)));
    Result result = run("lease", Operation.newBuilder().setAcquireLease(request));
    return WireStates.lease(result.getLease());
  }

  private static long millis(Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException("a lease lasts a positive time, got " + duration);
    }
    if (duration.compareTo(LONGEST_LEASE) > 0) {
      throw new IllegalArgumentException(
          "a lease lasts at most %s, got %s".formatted(LONGEST_LEASE, duration));
    }
    return Math.max(1, duration.toMillis());
  }

  @Override
  public Lease renewLease(Lease lease, Duration duration) {
    RenewLease.Builder request =
        RenewLease.newBuilder().setLease(WireStates.lease(lease)).setDurationMs(millis(duration));
    try {
      Result result = run("lease", Operation.newBuilder().setRenewLease(request));
      return WireStates.lease(result.getLease());
    } catch (LeaseLostException e) {
      throw new LeaseLostException(lease.id(), lease.owner());
    }
  }

  @Override
  public void releaseLease(Lease lease) {
    ReleaseLease.Builder request = ReleaseLease.newBuilder().setLease(WireStates.lease(lease));
    try {
      run("lease", Operation.newBuilder().setReleaseLease(request));
    } catch (LeaseLostException e) {
      throw new LeaseLostException(lease.id(), lease.owner());
    }
  }

  @Override
  public void addDependency(String from, String to) {
    run("dependency", Operation.newBuilder().setAddDependency(edge(from, to)));
  }

  @Override
  public void removeDependency(String from, String to) {
    run("dependency", Operation.newBuilder().setRemoveDependency(edge(from, to)));
  }

  private static ChangeDependency edge(String from, String to) {
    return ChangeDependency.newBuilder()
        .setFrom(OutgoingBatch.text(from))
        .setTo(OutgoingBatch.text(to))
        .build();
  }

  private Result run(String what, Operation.Builder operation) {
    Result result = link.await(what, link.submit(operation, null), deadline);
    if (result == null) {
      throw new AssertionError("only commits are known to be applied without a result");
    }
    if (result.hasFailure()) {
      throw Failures.exception(result.getFailure(), where());
    }
    return result;
  }

  @Override
  public void importState(StateExport state) {
    state.requireSound();
    link.replaceState(state, deadline);
  }

  private String where() {
    return "session \"" + sessionId + "\"";
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    link.close();
    replica.close();
    if (ownsSidecar) {
      sidecar.close();
    }
  }

  @Override
  public String toString() {
    return "BridgedState(%s, %s)".formatted(sessionId, sidecar);
  }

  /**
   * What this JVM holds of a bridged state: variables at local speed, as of {@link #revision}. A
   * source that programs can be run with.
   */
  public static final class Replica implements VariableSource {

    private final String sessionId;
    private final StateReplica held;
    private final StateLink link;

    private Replica(String sessionId, StateReplica held, StateLink link) {
      this.sessionId = sessionId;
      this.held = held;
      this.link = link;
    }

    @Override
    public @Nullable Object lookup(String key) {
      VariableState state = held.find(key);
      return state == null ? null : state.value();
    }

    /**
     * Returns one variable, if the replica holds it.
     *
     * @param key a name or an id
     * @return its state, or null
     */
    public @Nullable VariableState find(String key) {
      return held.find(key);
    }

    @Override
    public StateSnapshot snapshot() {
      return held.list("*");
    }

    /**
     * Returns the revision of the last commit this JVM has been told of.
     *
     * @return never less than before
     */
    public long revision() {
      return held.revision();
    }

    /**
     * Returns how long ago the sidecar last said anything; the replica holds everything committed
     * until then.
     *
     * @return well below a second while the sidecar answers
     */
    public Duration age() {
      return link.age();
    }

    @Override
    public String describe() {
      return "the replica of session \"" + sessionId + "\"";
    }
  }

  /** Makes up for an event that was not seen, after a whole state came in its stead. */
  private static final class Rebuilt {

    private Rebuilt() {}

    /** Returns what a commit wrote, as far as the replica still shows it. */
    static Commit commit(Batch batch, Result result, StateReplica replica) {
      Map<String, VariableState> variables = new LinkedHashMap<>();
      Map<String, StateDocument> documents = new LinkedHashMap<>();
      if (result.getRevision() > 0 && !isEmpty(batch)) {
        batch.registrations().forEach(variable -> add(variable.name(), replica, variables));
        for (Write write : batch.writes()) {
          if (write instanceof Write.SetValue) {
            add(write.key(), replica, variables);
          } else if (write instanceof Write.PutDocument) {
            StateDocument document = replica.findDocument(write.key());
            if (document != null) {
              documents.put(write.key(), document);
            }
          }
        }
      }
      return new Commit(result.getRevision(), variables, documents);
    }

    /** Tells whether a batch only expects versions or deletes documents that may not exist. */
    private static boolean isEmpty(Batch batch) {
      return batch.registrations().isEmpty()
          && batch.writes().stream()
              .noneMatch(
                  write -> write instanceof Write.SetValue || write instanceof Write.PutDocument);
    }

    private static void add(
        String key, StateReplica replica, Map<String, VariableState> variables) {
      VariableState state = replica.find(key);
      if (state != null) {
        variables.put(key, state);
      }
    }
  }

  /** Collects the options of a bridged state. Not safe for several threads. */
  public static final class Builder {

    private final String sessionId;
    private final Sidecar sidecar;
    private ReadMode reads = ReadMode.LINEARIZABLE;
    private Duration deadline = Duration.ofSeconds(10);
    private Duration openTimeout = Duration.ofSeconds(10);
    private @Nullable StateExport initial;
    private boolean ownsSidecar;
    private long client = new SecureRandom().nextLong() | 1; // never 0, which means nobody
    private LongSupplier nanos = SystemTime.NANOS;

    private Builder(String sessionId, Sidecar sidecar) {
      if (sessionId.isBlank() || sessionId.length() > 128) {
        throw new IllegalArgumentException(
            "sessionId must have 1 to 128 characters, got \"" + sessionId + "\"");
      }
      this.sessionId = sessionId;
      this.sidecar = sidecar;
    }

    /**
     * Chooses what reads promise.
     *
     * @param mode see there
     * @return this builder
     */
    public Builder reads(ReadMode mode) {
      this.reads = mode;
      return this;
    }

    /**
     * Bounds how long an operation may take, mending of the connection included.
     *
     * @param deadline positive
     * @return this builder
     */
    public Builder deadline(Duration deadline) {
      this.deadline = positive("deadline", deadline);
      return this;
    }

    /**
     * Bounds how long opening may take.
     *
     * @param timeout positive
     * @return this builder
     */
    public Builder openTimeout(Duration timeout) {
      this.openTimeout = positive("openTimeout", timeout);
      return this;
    }

    /**
     * Begins with an exported state, which replaces what the sidecar holds of the session.
     *
     * @param initial what a provider exported, or null to begin with what the sidecar holds
     * @return this builder
     */
    public Builder initial(@Nullable StateExport initial) {
      this.initial = initial;
      return this;
    }

    /** Closes the sidecar with the state. */
    Builder ownsSidecar() {
      this.ownsSidecar = true;
      return this;
    }

    private static Duration positive(String name, Duration duration) {
      if (duration.isNegative() || duration.isZero()) {
        throw new IllegalArgumentException(name + " must be positive, got " + duration);
      }
      return duration;
    }

    /**
     * Connects and waits until the replica holds what the sidecar holds.
     *
     * @return an open provider that the caller closes
     * @throws StateUnavailableException if the sidecar does not answer in time
     * @throws ProtocolMismatchException if it speaks another version
     * @throws io.trimtab.state.ImportException if the initial state contradicts itself
     */
    public BridgedState open() {
      return new BridgedState(this);
    }
  }
}
