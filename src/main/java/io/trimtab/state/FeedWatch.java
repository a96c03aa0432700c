package io.trimtab.state;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One watcher of a feed: its queue, its pace and its listener. */
final class FeedWatch implements Watch {
  /*
   * offer() queues; drain() takes and delivers, one task at a time ("scheduled"). A full queue collapses into one
   * conflated set, so it never holds more than its capacity. A paced watch (debounced or throttled) lets the queue
   * fill until it may speak, then merges all of it. The listener runs without the lock held.
   */

  private static final Logger LOG = LoggerFactory.getLogger(FeedWatch.class);

  /** Deliveries of one task before it queues up behind others on its executor. */
  private static final int BURST = 256;

  private final String id;
  private final WatchRequest request;
  private final WatchListener listener;
  private final FeedThreads threads;
  private final Consumer<FeedWatch> onClose;
  private final @Nullable Glob glob;
  private final Set<String> keys;
  private final boolean debounced;
  private final boolean throttled;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition progress = lock.newCondition();
  private volatile long revision;
  private volatile boolean closed;

  // Guarded by lock.
  private final Deque<ChangeSet> queue = new ArrayDeque<>();
  private @Nullable ChangeSet initial;
  private long offered;
  private boolean scheduled;
  private boolean delivering;
  private boolean initialPending;
  private boolean resting;
  private boolean quiet;
  private long changesSeen;
  private @Nullable Future<?> quietTimer;
  private @Nullable Future<?> restTimer;

  FeedWatch(
      String id,
      WatchRequest request,
      WatchListener listener,
      FeedThreads threads,
      Consumer<FeedWatch> onClose) {
    this.id = id;
    this.request = request;
    this.listener = listener;
    this.threads = threads;
    this.onClose = onClose;
    String pattern = request.glob();
    this.glob = pattern == null ? null : Glob.of(pattern);
    this.keys = new HashSet<>(request.keys());
    this.debounced = !request.debounce().isZero();
    this.throttled = !request.throttle().isZero();
    this.offered = Long.MAX_VALUE; // nothing is queued before begin()
  }

  /** Queues what comes first; from then on commits above the current revision are accepted. */
  void begin(@Nullable ChangeSet first, List<ChangeSet> missed, long current) {
    lock.lock();
    try {
      Long from = request.fromRevision();
      revision = from == null ? current : from;
      initial = first == null ? null : matching(first);
      initialPending = initial != null;
      missed.forEach(this::enqueue);
      offered = Math.max(current, revision);
      schedule();
      noteProgress();
    } finally {
      lock.unlock();
    }
  }

  /** Queues initial values that come from elsewhere, ahead of everything not told yet. */
  void offerInitial(ChangeSet first) {
    lock.lock();
    try {
      initial = matching(first);
      initialPending = initial != null;
      offered = Math.max(offered, first.revision());
      schedule();
      noteProgress();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until everything offered so far has been told. */
  boolean awaitTold(Duration timeout) throws InterruptedException {
    long wanted;
    lock.lock();
    try {
      wanted = offered;
    } finally {
      lock.unlock();
    }
    return await(wanted, timeout);
  }

  /** Takes notice of a commit; never runs code of others. */
  void offer(ChangeSet commit) {
    lock.lock();
    try {
      if (!closed && commit.revision() > offered) {
        offered = commit.revision();
        enqueue(commit);
        schedule();
        noteProgress();
      }
    } finally {
      lock.unlock();
    }
  }

  private void enqueue(ChangeSet commit) {
    ChangeSet mine = matching(commit);
    if (mine == null) {
      return;
    }
    queue.addLast(mine);
    if (queue.size() > request.queueCapacity()) {
      ChangeSet merged = Conflation.merge(queue);
      queue.clear();
      queue.addLast(merged);
    }
    if (debounced) {
      awaitQuiet();
    }
  }

  private @Nullable ChangeSet matching(ChangeSet commit) {
    List<Change> mine = new ArrayList<>(commit.changes().size());
    for (Change change : commit.changes()) {
      if (watches(change)) {
        mine.add(change);
      }
    }
    if (mine.isEmpty()) {
      return null;
    }
    return mine.size() == commit.changes().size()
        ? commit
        : new ChangeSet(commit.revision(), mine, commit.conflated());
  }

  private boolean watches(Change change) {
    return glob == null
        ? keys.contains(change.name()) || keys.contains(change.state().id())
        : glob.matches(change.name());
  }

  // Pace.

  private void awaitQuiet() {
    quiet = false;
    long seen = ++changesSeen;
    cancel(quietTimer);
    quietTimer = threads.runAfter(request.debounce(), () -> becomeQuiet(seen));
  }

  private void becomeQuiet(long seen) {
    lock.lock();
    try {
      if (seen == changesSeen) {
        quiet = true;
        schedule();
      }
    } finally {
      lock.unlock();
    }
  }

  private void rest() {
    resting = true;
    restTimer = threads.runAfter(request.throttle(), this::wakeUp);
  }

  private void wakeUp() {
    lock.lock();
    try {
      resting = false;
      schedule();
    } finally {
      lock.unlock();
    }
  }

  private boolean mayDeliver() {
    if (closed || resting) {
      return false;
    }
    return initial != null || (!queue.isEmpty() && (!debounced || quiet));
  }

  // Delivery.

  private void schedule() {
    if (!scheduled && mayDeliver()) {
      scheduled = true;
      Executor executor = request.executor();
      threads.run(executor == null ? this::drain : () -> handOver(executor));
    }
  }

  /** Runs on a thread of the feed, so that an executor that blocks or runs inline harms nobody. */
  private void handOver(Executor executor) {
    try {
      executor.execute(this::drain);
    } catch (RuntimeException e) {
      LOG.warn("{} of {}: its executor refuses to run it, delivering without", id, request, e);
      drain();
    }
  }

  private void drain() {
    for (int i = 0; i < BURST; i++) {
      ChangeSet next = take();
      if (next == null) {
        return;
      }
      deliver(next);
      delivered(next);
    }
    lock.lock();
    try {
      scheduled = false;
      schedule();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable ChangeSet take() {
    lock.lock();
    try {
      scheduled = mayDeliver();
      if (!scheduled) {
        return null;
      }
      ChangeSet next = next();
      delivering = true;
      if (throttled && !next.changes().isEmpty()) {
        rest();
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  private ChangeSet next() {
    ChangeSet first = initial;
    if (first != null) {
      initial = null;
      return first;
    }
    if (!debounced && !throttled) {
      return queue.removeFirst();
    }
    ChangeSet merged = Conflation.merge(queue);
    queue.clear();
    quiet = false;
    return merged;
  }

  private void delivered(ChangeSet set) {
    lock.lock();
    try {
      delivering = false;
      initialPending = false; // it is always the first delivery
      revision = Math.max(revision, set.revision());
      noteProgress();
    } finally {
      lock.unlock();
    }
  }

  /** With nothing left to tell, the listener knows everything up to the last commit offered. */
  private void noteProgress() {
    if (!initialPending && queue.isEmpty() && !delivering && revision < offered) {
      revision = offered;
    }
    progress.signalAll();
  }

  private void deliver(ChangeSet set) {
    List<Change> wanted = new ArrayList<>(set.changes().size());
    for (Change change : set.changes()) {
      if (isWanted(change)) {
        wanted.add(change);
      }
    }
    if (wanted.isEmpty()) {
      return;
    }
    try {
      listener.onChange(new ChangeSet(set.revision(), wanted, set.conflated()));
    } catch (Throwable e) { // a listener must not harm the watch, whatever it throws
      LOG.warn("{} of {}: its listener failed at revision {}", id, request, set.revision(), e);
    }
  }

  private boolean isWanted(Change change) {
    try {
      return request.filter().test(change);
    } catch (RuntimeException e) {
      return true; // better told once too often than never
    }
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public WatchRequest request() {
    return request;
  }

  @Override
  public long revision() {
    return revision;
  }

  @Override
  public boolean await(long revision, Duration timeout) throws InterruptedException {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (!closed && !hasTold(revision)) {
        if (left <= 0) {
          return false;
        }
        left = progress.awaitNanos(left);
      }
      return hasTold(revision);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until a commit has reached this watch, told or not yet. */
  boolean awaitOffered(long wanted, Duration timeout) throws InterruptedException {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (offered < wanted && left > 0) {
        left = progress.awaitNanos(left);
      }
      return offered >= wanted;
    } finally {
      lock.unlock();
    }
  }

  boolean hasToldAll() {
    lock.lock();
    try {
      return hasTold(offered);
    } finally {
      lock.unlock();
    }
  }

  private boolean hasTold(long wanted) {
    return revision >= wanted && !initialPending;
  }

  @Override
  public boolean isActive() {
    return !closed;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      queue.clear();
      initial = null;
      cancel(quietTimer);
      cancel(restTimer);
      progress.signalAll();
    } finally {
      lock.unlock();
    }
    onClose.accept(this);
  }

  private static void cancel(@Nullable Future<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  @Override
  public String toString() {
    return "%s of %s".formatted(id, request);
  }
}
