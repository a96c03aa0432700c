package io.trimtab.bridge;

import io.trimtab.bridge.wire.Barrier;
import io.trimtab.bridge.wire.ClientFrame;
import io.trimtab.bridge.wire.Event;
import io.trimtab.bridge.wire.Operation;
import io.trimtab.bridge.wire.Result;
import io.trimtab.state.Batch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The operations of one link: those that wait to be sent, and those that wait for their results.
 */
final class PendingOperations {
  /*
   * Callers come here from all sides at once, so the monitor is held for moments only: nothing is sent, completed or built
   * under it but an operation's own message, whose number must be in the order of the queue.
   */

  /** Frames under way before operations wait for company. */
  private static final int WINDOW = 2;

  private static final int FRAME_BYTES = 1 << 20;
  private static final int FRAME_OPERATIONS = 4096;

  // All guarded by this.
  private final Deque<Pending> waiting = new ArrayDeque<>();
  private final Map<Long, Pending> sent = new LinkedHashMap<>(); // in order of their sequences
  private final Deque<Long> frames = new ArrayDeque<>(); // the last sequence of each
  private long lastSequence;
  private @Nullable Pending barrier;
  private boolean closed;

  /** Queues an operation; returns null after the end. */
  synchronized @Nullable Pending add(Operation.Builder operation, @Nullable Batch batch) {
    if (closed) {
      return null;
    }
    return queued(new Pending(operation.setSequence(++lastSequence).build(), batch, isIdle()));
  }

  /** Queues a plain set; returns null after the end. */
  synchronized @Nullable Pending add(PlainSet set, Batch batch) {
    return closed ? null : queued(new Pending(++lastSequence, set, batch, isIdle()));
  }

  private boolean isIdle() {
    return waiting.isEmpty() && sent.isEmpty();
  }

  private Pending queued(Pending pending) {
    waiting.addLast(pending);
    return pending;
  }

  /**
   * Returns a barrier that has not been sent yet, so that it covers whoever asks now; null after
   * the end.
   */
  synchronized @Nullable Pending barrier() {
    if (barrier == null) {
      barrier = add(Operation.newBuilder().setBarrier(Barrier.getDefaultInstance()), null);
    }
    return barrier;
  }

  /** Returns the number of an operation that goes another way. */
  synchronized long takeSequence() {
    return ++lastSequence;
  }

  /** Returns the sequence up to which nobody waits for a result any more. */
  synchronized long acknowledged() {
    if (!sent.isEmpty()) {
      return sent.keySet().iterator().next() - 1;
    }
    Pending next = waiting.peekFirst();
    return next == null ? lastSequence : next.sequence() - 1;
  }

  /** Tells whether something waits that may be sent. */
  synchronized boolean isSendable() {
    return frames.size() < WINDOW && !waiting.isEmpty();
  }

  /** Returns what is to be sent now, if anything; by one thread at a time, which sends it. */
  @Nullable ClientFrame nextFrame() {
    ClientFrame.Builder frame = ClientFrame.newBuilder();
    List<Pending> taken;
    synchronized (this) {
      if (!isSendable()) {
        return null;
      }
      frame.setAcknowledged(acknowledged());
      taken = takeWaiting();
    }
    List<PlainSet> sets = new ArrayList<>(taken.size());
    for (Pending pending : taken) {
      Operation operation = pending.operation();
      PlainSet set = pending.set();
      if (operation != null) {
        frame.addOperations(operation);
      } else if (set != null) {
        frame.getSetsBuilder().addSequences(pending.sequence());
        sets.add(set);
      }
    }
    if (!sets.isEmpty()) {
      frame.getSetsBuilder().setColumns(WireColumns.of(sets));
    }
    return frame.build();
  }

  private List<Pending> takeWaiting() {
    List<Pending> taken = new ArrayList<>(Math.min(waiting.size(), FRAME_OPERATIONS));
    int bytes = 0;
    long last = 0;
    while (!waiting.isEmpty() && bytes < FRAME_BYTES && taken.size() < FRAME_OPERATIONS) {
      Pending next = waiting.removeFirst();
      if (next == barrier) {
        barrier = null;
      }
      taken.add(next);
      bytes += next.size();
      last = next.sequence();
      sent.put(last, next);
    }
    frames.addLast(last);
    return taken;
  }

  /** Returns an operation that was sent and has no result yet. */
  synchronized @Nullable Pending sent(long sequence) {
    return sent.get(sequence);
  }

  /** Returns those of a run of commits that were sent and have no result yet. */
  synchronized @Nullable Pending[] sent(Event run) {
    @Nullable Pending[] found = new Pending[run.getSequencesCount()];
    for (int i = 0; i < found.length; i++) {
      found[i] = sent.get(run.getSequences(i));
    }
    return found;
  }

  /** Takes what has a result off; null stands for what nobody waits for any more. */
  synchronized List<@Nullable Pending> finished(List<Result> results) {
    List<@Nullable Pending> finished = new ArrayList<>(results.size());
    for (Result result : results) {
      finished.add(sent.remove(result.getSequence()));
      Long oldest = frames.peekFirst();
      if (oldest != null && oldest <= result.getSequence()) {
        frames.removeFirst();
      }
    }
    return finished;
  }

  /** Forgets an operation nobody waits for; returns whether it may have been applied. */
  synchronized boolean abandon(Pending pending) {
    if (waiting.remove(pending)) {
      return false;
    }
    sent.remove(pending.sequence());
    return true;
  }

  /** Notes that no result comes any more for what was sent. */
  synchronized void interrupt() {
    frames.clear();
  }

  /** Returns what was sent, in order, and has it no more. */
  synchronized List<Pending> takeSent() {
    List<Pending> taken = new ArrayList<>(sent.values());
    sent.clear();
    return taken;
  }

  /** Puts operations that were sent before all that wait. */
  synchronized void sendAgain(List<Pending> operations) {
    for (int i = operations.size() - 1; i >= 0; i--) {
      waiting.addFirst(operations.get(i));
    }
  }

  /** Takes nothing any more and returns everything there was. */
  synchronized List<Pending> close() {
    closed = true;
    List<Pending> rest = new ArrayList<>(sent.values());
    rest.addAll(waiting);
    sent.clear();
    waiting.clear();
    barrier = null;
    return rest;
  }
}
