package io.trimtab.session;

import io.trimtab.state.Change;
import io.trimtab.state.ChangeSet;
import io.trimtab.state.StateProvider;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchQueue;
import io.trimtab.state.WatchQueues;
import io.trimtab.state.WatchRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One watch of a session: a queue of its own and the feed that fills it at present. */
final class SessionWatch implements Watch {

  private static final Logger LOG = LoggerFactory.getLogger(SessionWatch.class);

  private final SessionWatches all;
  private final String id;
  private final WatchRequest request;
  private final WatchQueue queue;
  private volatile @Nullable Feed feed;

  /**
   * What was last answered: the queue alone knows nothing of commits that did not concern it, and
   * would answer less.
   */
  private final AtomicLong progress = new AtomicLong();

  /**
   * A provider's watch that does nothing but fill the queue. What it is told before it is in use is
   * held back, for the switch it was prepared for may still fail.
   */
  final class Feed {

    private final boolean adopts;
    private @Nullable List<ChangeSet> heldBack = new ArrayList<>(); // guarded by this
    private final Watch watch;

    private Feed(StateProvider provider, WatchRequest request, boolean adopts) {
      this.adopts = adopts;
      this.watch = provider.watch(request, this::fill);
    }

    private synchronized void fill(ChangeSet changes) {
      ChangeSet news = adopts && changes.isInitial() ? asNews(changes) : changes;
      if (heldBack == null) {
        queue.offer(news);
      } else {
        heldBack.add(news);
      }
    }

    private synchronized void begin() {
      if (heldBack != null) {
        heldBack.forEach(queue::offer);
        heldBack = null;
      }
    }

    /** Ends the feed, which its provider may not be there for any more. */
    void close() {
      try {
        watch.close();
      } catch (RuntimeException e) {
        LOG.warn("{} did not end cleanly", watch.id(), e);
      }
    }
  }

  SessionWatch(
      SessionWatches all,
      WatchQueues queues,
      String id,
      WatchRequest request,
      WatchListener listener) {
    this.all = all;
    this.id = id;
    this.request = request;
    this.queue = queues.open(id, request, listener);
  }

  void feedFrom(StateProvider provider) {
    Feed first = new Feed(provider, request.withoutDelivery(), /* adopts= */ false);
    first.begin();
    feed = first;
  }

  /**
   * Prepares to be fed by another provider.
   *
   * @param revision what the listener is told of there is above it
   * @param adopts whether the listener is told of everything there instead, as of variables that
   *     are registered: to the session they are new
   */
  Feed prepareFeed(StateProvider provider, long revision, boolean adopts) {
    // By pattern even if single variables are watched: one of them may have been deleted, and the
    // queue sorts out the rest.
    String glob = request.glob() == null ? "*" : request.glob();
    WatchRequest.Builder continued =
        WatchRequest.matching(glob).queueCapacity(request.withoutDelivery().queueCapacity());
    return new Feed(
        provider, (adopts ? continued.withInitial() : continued.after(revision)).build(), adopts);
  }

  private static ChangeSet asNews(ChangeSet initial) {
    List<Change> news = new ArrayList<>();
    for (Change change : initial.changes()) {
      news.add(
          new Change(
              Change.Kind.REGISTERED, change.name(), null, change.newValue(), change.state()));
    }
    return new ChangeSet(initial.revision(), news, initial.conflated());
  }

  void switchTo(Feed next) {
    Feed previous = feed;
    next.begin();
    feed = next;
    if (previous != null) {
      previous.close();
    }
    if (!queue.isActive()) {
      next.close(); // the watch was closed meanwhile and may have seen the previous feed only
    }
  }

  void awaitFedUpTo(long revision, Duration patience)
      throws InterruptedException, TimeoutException {
    Feed current = feed;
    if (current != null && !current.watch.await(revision, patience)) {
      throw new TimeoutException(
          "%s was not told everything up to revision %d within %s"
              .formatted(id, revision, patience));
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
    Feed current = feed;
    long fed =
        current == null
            ? 0
            : current.watch.revision(); // read first: what it covers has been offered by now
    long told = queue.isIdle() ? fed : queue.revision();
    return progress.accumulateAndGet(told, Math::max);
  }

  @Override
  public boolean await(long revision, Duration timeout) throws InterruptedException {
    long end = SystemTime.NANOS.getAsLong() + TimeUnit.NANOSECONDS.convert(timeout);
    Feed current;
    do {
      current = feed;
      if (current == null) {
        return false;
      }
      if (current.watch.await(revision, left(end))) {
        return queue.awaitTold(left(end));
      }
    } while (current != feed); // a switch ended that feed, and another one goes on
    return false;
  }

  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(0, end - SystemTime.NANOS.getAsLong()));
  }

  @Override
  public boolean isActive() {
    return queue.isActive();
  }

  @Override
  public void close() {
    all.forget(this);
    queue.close(); // before the look at the feed, so that a switch at this moment ends the next one
    Feed current = feed;
    if (current != null) {
      current.close();
    }
  }

  @Override
  public String toString() {
    return id;
  }
}
