package io.trimtab.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Delivers commits to watchers; what a {@link StateProvider} needs to declare {@link
 * Capability#STREAMING}.
 *
 * <p>The provider publishes what each commit changed; the feed does the rest: initial values,
 * resumption from a bounded log, filters, debouncing and throttling, bounded queues with
 * conflation, isolation of slow and throwing listeners.
 *
 * <p><b>Threads.</b> {@link #publish}, {@link #restart} and {@link #watch} are called under one
 * lock of the provider, so that they follow the order of commits; all other methods may be called
 * from anywhere. Listeners and filters never run on the caller's thread. Costs a publisher the
 * same, however many watchers there are.
 */
public final class ChangeFeed implements AutoCloseable {
  /*
   * A commit goes through three hands. The publisher appends it to the log and the inbox. The pump, a task on the
   * feed's own threads that is running only while the inbox holds something, offers it to every watch. Each watch
   * queues what concerns it and runs its listener as a task of its own. Only the last step runs code of others. If the
   * pump falls far behind, the publisher lends it a hand, which bounds the inbox.
   */

  /** How many of the latest commits a watch can resume across. */
  public static final int WINDOW = 1024;

  private static final int INBOX_LIMIT = 8192;

  private final FeedThreads threads;
  private final CopyOnWriteArrayList<FeedWatch> watches = new CopyOnWriteArrayList<>();
  private final Queue<ChangeSet> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicBoolean pumpScheduled = new AtomicBoolean();
  private final ReentrantLock pump = new ReentrantLock(/* fair= */ true);
  private volatile boolean closed;

  // Guarded by the provider's lock.
  private final ChangeLog log;
  private long watchesStarted;

  /**
   * Creates a feed without watchers.
   *
   * @param revision the provider's revision now
   */
  public ChangeFeed(long revision) {
    this(revision, new FeedThreads((ScheduledExecutorService) null));
  }

  /**
   * Creates a feed that measures debouncing and throttling with a given scheduler.
   *
   * @param revision the provider's revision now
   * @param scheduler runs short tasks after a delay; not shut down by the feed; null for a thread
   *     of the feed's own
   */
  public ChangeFeed(long revision, @Nullable ScheduledExecutorService scheduler) {
    this(revision, new FeedThreads(scheduler));
  }

  ChangeFeed(long revision, FeedThreads threads) {
    this.log = new ChangeLog(revision, WINDOW);
    this.threads = threads;
  }

  /**
   * Tells the watchers what a commit changed.
   *
   * @param revision the commit's revision, higher than all before
   * @param changes what it changed, in order, never two of one variable; may be empty, for watches
   *     still take notice of the revision
   */
  public void publish(long revision, List<Change> changes) {
    if (!changes.isEmpty()) {
      log.add(revision, changes);
    }
    if (!watches.isEmpty()) {
      distribute(new ChangeSet(revision, changes, /* conflated= */ false));
    }
  }

  /**
   * What {@link #publish} does for sets, given as pairs of states before and after; the changes are
   * worked out only if somebody asks for them.
   */
  void publishSets(long revision, VariableState... beforeAndAfter) {
    log.add(revision, beforeAndAfter);
    if (!watches.isEmpty()) {
      distribute(new ChangeSet(revision, Changes.ofSets(beforeAndAfter), /* conflated= */ false));
    }
  }

  /**
   * Tells the watchers that the whole state was replaced; no watch can resume from before.
   *
   * @param revision the revision from now on
   * @param difference what differs from the state before
   */
  public void restart(long revision, List<Change> difference) {
    log.restart(revision);
    distribute(new ChangeSet(revision, difference, /* conflated= */ false));
  }

  private void distribute(ChangeSet commit) {
    inbox.add(commit);
    if (waiting.incrementAndGet() > INBOX_LIMIT) {
      pumpOne();
      pumpOne(); // one more than was added, so the inbox shrinks again
    }
    schedulePump();
  }

  private void schedulePump() {
    if (pumpScheduled.compareAndSet(false, true)) {
      threads.run(
          () -> {
            pumpScheduled.set(false); // before the work: what comes later schedules anew
            while (pumpOne()) {
              // the lock is let go in between, for a publisher that lends a hand
            }
          });
    }
  }

  /** Offers the oldest commit of the inbox to every watch; returns false if there is none. */
  private boolean pumpOne() {
    pump.lock();
    try {
      ChangeSet commit = inbox.poll();
      if (commit == null) {
        return false;
      }
      waiting.decrementAndGet();
      for (FeedWatch watch : watches) {
        watch.offer(commit);
      }
      return true;
    } finally {
      pump.unlock();
    }
  }

  /**
   * Starts a watch.
   *
   * @param request what to watch and how; its keys exist
   * @param listener told of each change set
   * @param current the state as of the last published commit; it need not hold variables unless the
   *     request asks for initial values
   * @return the running watch
   * @throws RevisionCompactedException if the revision to resume from is no longer in the log
   */
  public Watch watch(WatchRequest request, WatchListener listener, StateSnapshot current) {
    Long from = request.fromRevision();
    List<ChangeSet> missed = from == null ? List.of() : log.after(from);
    String id = "watch-" + ++watchesStarted;
    FeedWatch watch = new FeedWatch(id, request, listener, threads, watches::remove);
    watches.add(watch);
    watch.begin(request.initial() ? initial(current) : null, missed, current.revision());
    if (closed) {
      watch.close();
    }
    return watch;
  }

  private static ChangeSet initial(StateSnapshot current) {
    List<Change> changes = new ArrayList<>();
    current.variables().values().forEach(state -> changes.add(Changes.initial(state)));
    return new ChangeSet(current.revision(), changes, /* conflated= */ false);
  }

  /**
   * Returns the running watches.
   *
   * @return an unmodifiable list in order of their start
   */
  public List<Watch> watches() {
    return List.copyOf(watches);
  }

  /**
   * Ends all watches and threads. Listeners still running get a second to end, then an interrupt.
   */
  @Override
  public void close() {
    closed = true;
    watches.forEach(FeedWatch::close);
    threads.close();
  }
}
