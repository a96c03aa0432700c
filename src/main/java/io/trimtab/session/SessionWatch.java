package io.trimtab.session;

import io.trimtab.state.ChangeSet;
import io.trimtab.state.StateProvider;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchQueue;
import io.trimtab.state.WatchQueues;
import io.trimtab.state.WatchRequest;
import java.time.Duration;
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

  /** A provider's watch that does nothing but fill the queue. */
  static final class Feed {

    private final Watch watch;

    private Feed(Watch watch) {
      this.watch = watch;
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
    feed = new Feed(provider.watch(request.withoutDelivery(), this::fill));
  }

  Feed prepareFeed(StateProvider provider, long revision) {
    // By pattern even if single variables are watched: one of them may have been deleted, and the
    // queue sorts out the rest.
    String glob = request.glob() == null ? "*" : request.glob();
    WatchRequest continued =
        WatchRequest.matching(glob)
            .after(revision)
            .queueCapacity(request.withoutDelivery().queueCapacity())
            .build();
    return new Feed(provider.watch(continued, this::fill));
  }

  void switchTo(Feed next) {
    Feed previous = feed;
    feed = next;
    if (previous != null) {
      previous.close();
    }
    if (!queue.isActive()) {
      next.close(); // the watch was closed meanwhile and may have seen the previous feed only
    }
  }

  private void fill(ChangeSet changes) {
    queue.offer(changes);
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
    long end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(timeout);
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
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
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
