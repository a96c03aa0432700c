package io.trimtab.bridge;

import io.trimtab.bridge.wire.Operation;
import io.trimtab.bridge.wire.Result;
import io.trimtab.state.Batch;
import io.trimtab.state.Commit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** An operation whose result has not arrived, and the threads that wait for it. */
final class Pending {

  private static final long LOOKOUT_NANOS = 100_000;
  private static final long LOOKOUT_NANOS_PER_WRITE = 1_500;

  /** The answer to a larger batch takes so long that sleeping costs little beside it. */
  private static final int MAX_WRITES_TO_LOOK_OUT_FOR = 500;

  private final long sequence;

  // One of these is null.
  private final @Nullable Operation operation;
  private final @Nullable PlainSet set;

  private final @Nullable Batch batch;
  private final boolean alone;

  /** What the replica was told it did, which comes before the result; null if nothing yet. */
  private volatile @Nullable Commit commit;

  // Written under this.
  private volatile @Nullable Result result;
  private volatile @Nullable RuntimeException failure;
  private @Nullable WakeUps wakeUps;

  private final List<Thread> waiting = new ArrayList<>(1); // guarded by this

  Pending(Operation operation, @Nullable Batch batch, boolean alone) {
    this(operation.getSequence(), operation, null, batch, alone);
  }

  Pending(long sequence, PlainSet set, Batch batch, boolean alone) {
    this(sequence, null, set, batch, alone);
  }

  private Pending(
      long sequence,
      @Nullable Operation operation,
      @Nullable PlainSet set,
      @Nullable Batch batch,
      boolean alone) {
    this.sequence = sequence;
    this.operation = operation;
    this.set = set;
    this.batch = batch;
    this.alone = alone;
  }

  long sequence() {
    return sequence;
  }

  /** Returns the message to send, or null if it is a plain set. */
  @Nullable Operation operation() {
    return operation;
  }

  /** Returns what to set, or null if it is a message. */
  @Nullable PlainSet set() {
    return set;
  }

  /** Returns about how many bytes are to be sent. */
  int size() {
    return set != null ? set.size() : operation != null ? operation.getSerializedSize() : 0;
  }

  /** Returns what the caller asked to write, or null if it is another kind of operation. */
  @Nullable Batch batch() {
    return batch;
  }

  /** Tells whether nothing else waited when it came, and it is not known to take long. */
  boolean isAlone() {
    return alone && writes() <= MAX_WRITES_TO_LOOK_OUT_FOR;
  }

  private int writes() {
    return batch == null ? 0 : batch.writes().size();
  }

  boolean isBarrier() {
    return operation != null && operation.hasBarrier();
  }

  void applied(Commit commit) {
    this.commit = commit;
  }

  @Nullable Commit commit() {
    return commit;
  }

  // The end

  /** Notes the result; who waits for it is among those to be woken. */
  void complete(Result result, WakeUps wakeUps) {
    synchronized (this) {
      if (!isFinished()) {
        this.result = result;
        finish(wakeUps);
      }
    }
  }

  /** Notes that there will be no result. */
  void fail(RuntimeException failure, WakeUps wakeUps) {
    synchronized (this) {
      if (!isFinished()) {
        this.failure = failure;
        finish(wakeUps);
      }
    }
  }

  private void finish(WakeUps wakeUps) {
    this.wakeUps = wakeUps;
    waiting.forEach(wakeUps::add);
    waiting.clear();
  }

  private boolean isFinished() {
    return result != null || failure != null;
  }

  /**
   * Looks out for the end for a moment, without sleeping; tells whether it came and took no longer.
   */
  @SuppressWarnings("ThreadPriorityCheck") // whoever brings the result may need this very processor
  boolean lookOut() {
    long patience = LOOKOUT_NANOS + LOOKOUT_NANOS_PER_WRITE * writes();
    long start = SystemTime.NANOS.getAsLong();
    long passed = 0;
    while (!isFinished() && passed < patience) {
      Thread.yield();
      passed = SystemTime.NANOS.getAsLong() - start;
    }
    return passed < patience;
  }

  /**
   * Waits for the result for so many nanoseconds.
   *
   * @throws RuntimeException if there is none and there will be none
   */
  Result await(long patience, LongSupplier nanos) throws TimeoutException, InterruptedException {
    long end = nanos.getAsLong() + patience;
    synchronized (this) {
      if (!isFinished()) {
        waiting.add(Thread.currentThread());
      }
    }
    try {
      while (true) {
        Result arrived = result;
        if (arrived != null) {
          return arrived;
        }
        RuntimeException reason = failure;
        if (reason != null) {
          throw reason;
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        long left = end - nanos.getAsLong();
        if (left <= 0) {
          throw new TimeoutException();
        }
        LockSupport.parkNanos(this, left);
      }
    } finally {
      leave();
    }
  }

  private void leave() {
    WakeUps others;
    synchronized (this) {
      waiting.remove(Thread.currentThread());
      others = wakeUps;
    }
    if (others != null) {
      others.passOn();
    }
  }
}
