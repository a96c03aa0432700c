package io.trimtab.bridge;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.trimtab.bridge.wire.ClientFrame;
import io.trimtab.bridge.wire.Event;
import io.trimtab.bridge.wire.Failure;
import io.trimtab.bridge.wire.ImportResponse;
import io.trimtab.bridge.wire.Open;
import io.trimtab.bridge.wire.OpenMode;
import io.trimtab.bridge.wire.Opened;
import io.trimtab.bridge.wire.Operation;
import io.trimtab.bridge.wire.Part;
import io.trimtab.bridge.wire.Position;
import io.trimtab.bridge.wire.Reason;
import io.trimtab.bridge.wire.Result;
import io.trimtab.bridge.wire.ServerFrame;
import io.trimtab.state.Batch;
import io.trimtab.state.RemoteSets;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateReplica;
import io.trimtab.state.StateUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one stream between a session's replica and its sidecar, mended whenever it breaks. */
final class StateLink {
  /*
   * Operations. Callers put operations into a queue; while a frame is under way the queue grows, and goes out as one frame
   * when the results of an earlier one arrive. Results come after the events of what they report, so the replica already
   * holds what a result tells; the event of plain sets is their result. Reads share barriers: one that is still in the
   * queue serves every read that begins before it is sent (Raft's ReadIndex).
   *
   * Waiting. To be woken costs a caller as much as everything else that is done for its read. Over a direct lane an answer
   * takes some tens of microseconds, so a caller without company looks out for it as long before it sleeps. One with company
   * sleeps at once: processors have work to do then, and callers are woken in turns (WakeUps).
   *
   * Faults. A stream does not wait for a connection, so that why there is none (a certificate, say) can be told. The
   * heartbeat thread ends a stream that is silent for too long, since a stopped process looks healthy to gRPC. A new
   * stream resumes where the replica stands. Operations without a result are sent again under the same sequence number,
   * which the sidecar recognizes; those whose event the replica has seen are done. If the sidecar lost its memory it
   * says it does not know the session, and gets it back from the replica before anything is sent again. Callers wait
   * for none of this beyond their deadline.
   *
   * Threads. Frames are handled on gRPC's I/O thread, one at a time; sending, mending and heartbeats share "lock",
   * for which no caller waits: who finds it held leaves what is to be sent to whoever holds it. The
   * replica is told of changes by the I/O thread of the current stream only.
   */

  private static final Logger LOG = LoggerFactory.getLogger(StateLink.class);

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
  private static final Duration TICK = Duration.ofMillis(100);
  private static final int HEARTBEAT_TICKS = 5;
  private static final Duration OPENING = Duration.ofSeconds(2);
  private static final Duration SHORTEST_SILENCE = Duration.ofMillis(1500);
  private static final Duration MAX_PAUSE = Duration.ofMillis(500);
  private static final Duration RESTORE = Duration.ofSeconds(10);

  private final Sidecar sidecar;
  private final String sessionId;
  private final StateReplica replica;
  private final long client;
  private final LongSupplier nanos;
  private final ScheduledThreadPoolExecutor mender;

  @SuppressWarnings("UnnecessaryLambda") // one object, so that it can be taken off again
  private final Runnable restartListener = () -> onMender(this::connectAtOnce);

  private final CompletableFuture<Opened> firstReady = new CompletableFuture<>();
  private final ReentrantLock lock = new ReentrantLock();

  private final PendingOperations operations = new PendingOperations();
  private final Lookout lookout = new Lookout(SystemTime.NANOS);
  private final StateImports imports;

  // Written under lock.
  private volatile @Nullable Stream stream;
  private volatile boolean ready;
  private volatile @Nullable Supplier<RuntimeException> ended;
  private volatile String problem = "it has not answered yet";

  // Guarded by lock.
  private int failedAttempts;
  private boolean laneRefused; // the next stream does without the direct lane
  private int ticks;

  /** Where the replica stands; null while it holds nothing of any incarnation. */
  private volatile @Nullable Long incarnation;

  /** Those whose results came last. */
  private volatile WakeUps wakeUps = new WakeUps();

  private volatile long lastHeard;
  private volatile Duration silence = SHORTEST_SILENCE;

  StateLink(
      Sidecar sidecar, String sessionId, StateReplica replica, long client, LongSupplier nanos) {
    this.sidecar = sidecar;
    this.sessionId = sessionId;
    this.replica = replica;
    this.client = client;
    this.nanos = nanos;
    this.lastHeard = nanos.getAsLong();
    this.imports = new StateImports(sidecar, sessionId, client);
    this.mender =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "trimtab-bridge-" + sessionId);
              thread.setDaemon(true);
              return thread;
            });
    mender.setRemoveOnCancelPolicy(true);
  }

  /** Connects and waits until the replica holds what the sidecar holds. */
  Opened open(Duration timeout) {
    sidecar.addRestartListener(restartListener);
    onMender(this::connect);
    long period = TICK.toMillis();
    Future<?> unused =
        mender.scheduleWithFixedDelay(this::tick, period, period, TimeUnit.MILLISECONDS);
    try {
      return firstReady.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException known
          ? known
          : unavailable("open", timeout, e);
    } catch (TimeoutException e) {
      throw unavailable("open", timeout, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StateUnavailableException(
          "open: interrupted while waiting for " + sidecar, /* applied= */ false, e);
    }
  }

  // Operations

  /** Sends an operation as soon as possible and returns its result as soon as it is there. */
  Pending submit(Operation.Builder operation, @Nullable Batch batch) {
    return submitted(operations.add(operation, batch));
  }

  /** Sends a set as soon as possible and returns its result as soon as it is there. */
  Pending submit(PlainSet set, Batch batch) {
    return submitted(operations.add(set, batch));
  }

  /** Returns a barrier that has not been sent yet, so that it covers whoever asks now. */
  Pending barrier() {
    return submitted(operations.barrier());
  }

  private Pending submitted(@Nullable Pending pending) {
    if (pending == null) {
      throw whyEnded();
    }
    pump();
    return pending;
  }

  private RuntimeException whyEnded() {
    Supplier<RuntimeException> why = ended;
    if (why == null) {
      throw new AssertionError("operations are refused only after the end");
    }
    return why.get();
  }

  /**
   * Sends what may be sent, unless somebody holds the lock, who then does so after releasing it.
   */
  private void pump() {
    while (ready && operations.isSendable() && lock.tryLock()) {
      try {
        flush();
      } finally {
        lock.unlock();
      }
    }
  }

  private void release() {
    lock.unlock();
    pump();
  }

  private void flush() {
    Stream current = stream;
    while (ready && current != null) {
      ClientFrame frame = operations.nextFrame();
      if (frame == null) {
        return;
      }
      current.send(frame);
    }
  }

  /**
   * Waits for an operation.
   *
   * @param what its kind, for messages
   * @return its result, or null if it is known to have been applied although no result came
   * @throws StateUnavailableException if no result came in time
   */
  @Nullable Result await(String what, Pending pending, Duration timeout) {
    try {
      if (pending.isAlone() && isQuick() && lookout.isWorthwhile()) {
        lookout.ended(pending.lookOut());
      }
      return pending.await(timeout.toNanos(), nanos);
    } catch (TimeoutException e) {
      boolean wasSent = abandon(pending);
      if (pending.commit() != null) {
        return null;
      }
      throw pending.isBarrier() || !wasSent
          ? unavailable(what, timeout, e)
          : new StateUnavailableException(
              "%s: expected an answer of %s within %s, but %s; whether it was applied is not known"
                  .formatted(what, sidecar, timeout, problem()),
              /* applied= */ false,
              e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      boolean wasSent = abandon(pending);
      throw new StateUnavailableException(
          what + ": interrupted" + (wasSent ? "; whether it was applied is not known" : ""),
          /* applied= */ false,
          e);
    }
  }

  /** Tells whether an answer may come sooner than a thread falls asleep and wakes up. */
  private boolean isQuick() {
    Stream current = stream;
    return ready && current != null && current.direct && PROCESSORS > 1;
  }

  private StateUnavailableException unavailable(String what, Duration timeout, Exception cause) {
    return new StateUnavailableException(
        "%s: expected an answer of %s within %s, but %s; nothing was applied"
            .formatted(what, sidecar, timeout, problem()),
        /* applied= */ false,
        cause);
  }

  private String problem() {
    return ready ? "it is silent" : problem;
  }

  /** Forgets an operation nobody waits for; returns whether it may have been applied. */
  private boolean abandon(Pending pending) {
    boolean shared = pending.isBarrier(); // others may be waiting for the same one
    return !shared && operations.abandon(pending);
  }

  /** Replaces the sidecar's state and waits until the replica holds it. */
  void replaceState(StateExport state, Duration timeout) {
    long deadline = nanos.getAsLong() + timeout.toNanos();
    long sequence = takeSequence();
    ImportResponse response = null;
    while (response == null) {
      long left = deadline - nanos.getAsLong();
      if (left <= 0) {
        throw unavailable("import", timeout, new TimeoutException());
      }
      try {
        response = imports.send(state, sequence, /* restore= */ false, Duration.ofNanos(left));
      } catch (StateUnavailableException e) {
        if (isClosed()) {
          throw e;
        }
        if (deadline <= nanos.getAsLong()) {
          throw unavailable("import", timeout, e);
        }
        await("import", barrier(), leftUntil(deadline)); // which needs a mended stream
      }
    }
    await("import", barrier(), leftUntil(deadline));
  }

  private Duration leftUntil(long deadline) {
    return Duration.ofNanos(Math.max(1, deadline - nanos.getAsLong()));
  }

  private long takeSequence() {
    if (isClosed()) {
      throw whyEnded();
    }
    return operations.takeSequence();
  }

  private String where() {
    return "session \"" + sessionId + "\"";
  }

  // Keeping the stream

  private void onMender(Runnable task) {
    try {
      mender.execute(task);
    } catch (RejectedExecutionException e) {
      // closed meanwhile
    }
  }

  private void connect() {
    lock.lock();
    try {
      if (ended != null || stream != null) {
        return;
      }
      Stream next = new Stream(nanos.getAsLong());
      stream = next;
      next.begin();
    } finally {
      release();
    }
  }

  /** What waits for a process that is gone now has no use. */
  private void connectAtOnce() {
    lock.lock();
    try {
      failedAttempts = 0;
      laneRefused = false;
      Stream current = stream;
      if (current != null) {
        stream = null;
        suspend("its process was started again");
        current.cancel("the sidecar was started again");
      }
    } finally {
      release();
    }
    connect();
  }

  private void tick() {
    try {
      wakeUps.finish();
      Stream current;
      boolean stuck;
      lock.lock();
      try {
        current = stream;
        if (current == null || ended != null) {
          return;
        }
        if (ready && nanos.getAsLong() - lastHeard < silence.toNanos()) {
          if (++ticks % HEARTBEAT_TICKS == 0) {
            current.heartbeat(operations.acknowledged());
          }
          return;
        }
        if (!ready && nanos.getAsLong() - current.progress < OPENING.toNanos()) {
          sidecar.reconnectNow();
          return;
        }
        // After 1, 2, 4, 8... attempts: what is merely slow gets more and more time.
        stuck = !ready && Integer.bitCount(failedAttempts) == 1;
      } finally {
        release();
      }
      if (stuck) {
        sidecar.abandonConnection();
      }
      broken(current, "it is silent", null);
    } catch (RuntimeException e) {
      LOG.warn("the bridge of {} stumbled", where(), e); // the next tick tries again
    }
  }

  private void broken(Stream broken, String why, @Nullable Throwable cause) {
    Duration pause;
    lock.lock();
    try {
      if (stream != broken || ended != null) {
        return;
      }
      if (broken.direct && !broken.heard) {
        laneRefused = true; // it is not to be had; gRPC is, or says what is wrong
      }
      stream = null;
      suspend(why);
      pause = failedAttempts++ == 0 ? Duration.ZERO : pause(failedAttempts);
    } finally {
      release();
    }
    LOG.debug("{}: the stream broke, next attempt in {}: {}", where(), pause, why, cause);
    broken.cancel(why);
    connectAfter(pause);
  }

  private void connectAfter(Duration pause) {
    try {
      Future<?> unused = mender.schedule(this::connect, pause.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // closed meanwhile
    }
  }

  private static Duration pause(int attempts) {
    Duration pause = Duration.ofMillis(10L << Math.min(attempts, 10));
    return pause.compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : pause;
  }

  /** Notes that nothing can be sent; what was sent waits for the next stream. */
  private void suspend(String why) {
    ready = false;
    operations.interrupt();
    problem = why;
  }

  /** Gives the sidecar back what it has forgotten. */
  private void restore() {
    StateExport state = replica.exportState();
    try {
      ImportResponse response = imports.send(state, takeSequence(), /* restore= */ true, RESTORE);
      LOG.info(
          "{}: {} at revision {}",
          where(),
          response.getApplied() ? "restored from the replica" : "found restored",
          response.getPosition().getRevision());
      if (response.getApplied() || response.getPosition().getRevision() == state.revision()) {
        incarnation =
            response.getPosition().getIncarnation(); // it holds just what the replica does
      }
      connect();
    } catch (RuntimeException e) {
      lock.lock();
      try {
        problem = "it does not take back the state: " + e.getMessage();
        failedAttempts++;
      } finally {
        release();
      }
      connectAfter(MAX_PAUSE);
    }
  }

  /** Ends the link for good. */
  private void end(Supplier<RuntimeException> why) {
    List<Pending> rest;
    Stream current;
    lock.lock();
    try {
      if (ended != null) {
        return;
      }
      ended = why;
      current = stream;
      stream = null;
      ready = false;
      rest = operations.close();
    } finally {
      release();
    }
    sidecar.removeRestartListener(restartListener);
    firstReady.completeExceptionally(why.get());
    WakeUps wakeUps = new WakeUps();
    rest.forEach(pending -> pending.fail(why.get(), wakeUps));
    wakeUps.begin();
    wakeUps.finish();
    if (current != null) {
      current.cancel("closed");
    }
    mender.shutdownNow();
  }

  void close() {
    end(() -> new IllegalStateException("the state of %s is closed".formatted(where())));
  }

  boolean isClosed() {
    return ended != null;
  }

  /** Returns how long ago the replica was known to hold everything. */
  Duration age() {
    return Duration.ofNanos(Math.max(0, nanos.getAsLong() - lastHeard));
  }

  /** One stream, from its opening to its end. */
  private final class Stream implements StreamObserver<ServerFrame> {

    private @Nullable FrameConnection connection;
    private volatile boolean direct;
    private volatile boolean heard;
    private @Nullable StateAssembly assembly;
    private @Nullable Opened opened;

    /** When it last came closer to being ready. */
    private volatile long progress;

    Stream(long startedAt) {
      this.progress = startedAt;
    }

    /** Opens the stream; under the lock, so that nothing else is sent first. */
    void begin() {
      sidecar.reconnectNow();
      FrameConnection lane = laneRefused ? null : sidecar.openLane(this);
      direct = lane != null;
      connection = lane != null ? lane : GrpcConnection.open(sidecar.channel(), this);
      Open.Builder open =
          Open.newBuilder()
              .setSessionId(sessionId)
              .setProtocol(Protocol.VERSION)
              .setClient(client)
              .setMode(OpenMode.OPEN_OR_CREATE);
      Long known = incarnation;
      if (known != null) {
        open.setMode(OpenMode.OPEN_EXISTING)
            .setResumeAfter(
                Position.newBuilder().setIncarnation(known).setRevision(replica.revision()));
      }
      send(ClientFrame.newBuilder().setOpen(open).build());
    }

    void send(ClientFrame frame) {
      FrameConnection open = connection;
      if (open != null) {
        open.send(frame);
      }
    }

    void heartbeat(long acknowledged) {
      FrameConnection open = connection;
      if (open != null && open.isReady()) {
        open.send(ClientFrame.newBuilder().setAcknowledged(acknowledged).build());
      }
    }

    void cancel(String why) {
      FrameConnection open = connection;
      if (open != null) {
        open.cancel(why);
      }
    }

    @Override
    public void onNext(ServerFrame frame) {
      if (!isCurrent()) {
        return;
      }
      heard = true;
      lastHeard = nanos.getAsLong();
      progress = lastHeard;
      try {
        handle(frame);
      } catch (RuntimeException e) {
        if (!isCurrent()) {
          return; // closed under its hands
        }
        LOG.warn("{}: starting over with a whole state", where(), e);
        incarnation = incarnation == null ? null : 0L; // no incarnation is 0, so nothing is resumed
        broken(this, "a frame could not be used: " + e.getMessage(), e);
      }
    }

    private boolean isCurrent() {
      return stream == this;
    }

    private void handle(ServerFrame frame) {
      if (frame.hasFailure()) {
        refused(frame.getFailure());
        return;
      }
      if (frame.hasOpened() && !accepts(frame.getOpened(), frame.getRevision())) {
        return;
      }
      for (Part part : frame.getPartsList()) {
        take(part);
      }
      List<Result> results = new ArrayList<>(frame.getResultsList());
      for (Event event : frame.getEventsList()) {
        if (event.getSequencesCount() > 0) {
          takeRun(event, results);
        } else {
          take(event);
        }
      }
      if (!results.isEmpty()) {
        take(results);
      }
      if (frame.hasReady()) {
        begun(frame.getReady());
      }
    }

    private void refused(Failure failure) {
      if (failure.getReason() == Reason.SESSION_UNKNOWN && incarnation != null) {
        forgotten("it does not know the session any more");
      } else if (failure.getReason() == Reason.UNAVAILABLE) {
        broken(this, failure.getMessage(), null);
      } else {
        end(() -> Failures.exception(failure, where()));
      }
    }

    private void forgotten(String why) {
      lock.lock();
      try {
        if (stream != this) {
          return;
        }
        stream = null;
        suspend(why);
      } finally {
        release();
      }
      cancel(why);
      onMender(StateLink.this::restore);
    }

    /**
     * Returns false if the sidecar holds less than the replica, or may hold something else at the
     * same revision; it is offered what the replica holds then.
     */
    private boolean accepts(Opened beginning, long theirRevision) {
      opened = beginning;
      silence = silence(beginning.getHeartbeatMs());
      long ours = replica.revision();
      boolean less = incarnation != null && theirRevision < ours;
      if (less || (theirRevision == ours && isRestored(beginning))) {
        forgotten("it holds revision %d of %d".formatted(theirRevision, ours));
        return false;
      }
      return true;
    }

    /** Tells whether another client gave the sidecar its state, after an earlier one had died. */
    private boolean isRestored(Opened beginning) {
      Long known = incarnation;
      return known != null
          && known != 0
          && known != beginning.getIncarnation()
          && !beginning.getDurable();
    }

    private Duration silence(int heartbeatMillis) {
      Duration four = Duration.ofMillis(4L * heartbeatMillis);
      return four.compareTo(SHORTEST_SILENCE) > 0 ? four : SHORTEST_SILENCE;
    }

    private void take(Part part) {
      StateAssembly pieces = assembly;
      if (pieces == null) {
        pieces = new StateAssembly();
        assembly = pieces;
      }
      StateExport whole = pieces.take(part);
      if (whole != null) {
        assembly = null;
        replica.replace(whole);
      }
    }

    private void take(Event event) {
      if (event.hasLeases()) {
        replica.replaceLeases(WireStates.leases(event.getLeases().getLeasesList()));
      }
      if (event.hasDependencies()) {
        replica.replaceDependencies(
            WireStates.dependencies(event.getDependencies().getDependenciesList()));
      }
      if (event.getReplaced() || event.getRevision() <= replica.revision()) {
        return; // the state follows, or it is no commit, or one that is held already
      }
      Pending mine = event.getClient() == client ? operations.sent(event.getSequence()) : null;
      io.trimtab.state.Commit commit =
          event.hasSets()
              ? replica.apply(WireStates.sets(event))
              : replica.apply(WireStates.commit(event), mine == null ? null : mine.batch());
      if (mine != null) {
        mine.applied(commit);
      }
    }

    /** Takes one commit after the other, and adds the results that the run stands for. */
    private void takeRun(Event event, List<Result> results) {
      boolean ours = event.getClient() == client;
      @Nullable Pending[] mine = ours ? operations.sent(event) : new Pending[0];
      List<RemoteSets> run = WireStates.run(event);
      for (int i = 0; i < run.size(); i++) {
        long revision = run.get(i).revision();
        io.trimtab.state.Commit commit =
            revision > replica.revision() ? replica.apply(run.get(i)) : null;
        if (ours) {
          Pending pending = mine[i];
          if (pending != null && commit != null) {
            pending.applied(commit);
          }
          results.add(
              Result.newBuilder().setSequence(event.getSequences(i)).setRevision(revision).build());
        }
      }
    }

    private void take(List<Result> results) {
      if (!isCurrent()) {
        return;
      }
      List<@Nullable Pending> finished = operations.finished(results);
      pump(); // the next frame goes out before the callers wake up
      WakeUps next = new WakeUps();
      for (int i = 0; i < finished.size(); i++) {
        Pending pending = finished.get(i);
        if (pending != null) { // else nobody waits for it any more
          pending.complete(results.get(i), next);
        }
      }
      wakeUps.finish();
      wakeUps = next;
      next.begin();
    }

    private void begun(Position position) {
      List<Pending> applied = new ArrayList<>();
      List<Pending> unknown = new ArrayList<>();
      Opened beginning = opened;
      lock.lock();
      try {
        if (stream != this) {
          return;
        }
        boolean restored = beginning != null && isRestored(beginning);
        incarnation = position.getIncarnation();
        failedAttempts = 0;
        laneRefused = false; // for the stream after this one
        List<Pending> again = new ArrayList<>();
        for (Pending pending : operations.takeSent()) {
          if (restored && !pending.isBarrier()) {
            unknown.add(pending); // who gave the state back may have been told of it, or not
          } else if (pending.commit() != null) {
            applied.add(pending);
          } else {
            again.add(pending);
          }
        }
        operations.sendAgain(again);
        ready = true;
        flush();
      } finally {
        release();
      }
      WakeUps rest = new WakeUps();
      for (Pending pending : applied) {
        pending.complete(Result.newBuilder().setSequence(pending.sequence()).build(), rest);
      }
      for (Pending pending : unknown) {
        pending.fail(
            new StateUnavailableException(
                "%s died and another client gave it the state of %s back; whether this was applied is not known"
                    .formatted(sidecar, where()),
                /* applied= */ false,
                null),
            rest);
      }
      rest.begin();
      rest.finish();
      if (beginning != null) {
        firstReady.complete(beginning);
      }
    }

    @Override
    public void onError(Throwable error) {
      Status status = Status.fromThrowable(error);
      if (status.getCode() == Status.Code.UNAUTHENTICATED && !firstReady.isDone()) {
        end(
            () ->
                new StateUnavailableException(
                    "open: %s does not accept the token".formatted(sidecar),
                    /* applied= */ false,
                    error));
      } else if (status.getCode() == Status.Code.UNIMPLEMENTED) {
        end(() -> new ProtocolMismatchException(sidecar + " does not serve states", "unknown"));
      } else {
        broken(this, Failures.reason(status), error);
      }
    }

    @Override
    public void onCompleted() {
      broken(this, "it ended the stream", null);
    }
  }
}
