package io.trimtab.state;

import java.time.Duration;
import java.util.List;

/**
 * The change sets one listener has not been told of yet; see {@link WatchQueues}. Safe for use by
 * many threads at once.
 */
public final class WatchQueue implements AutoCloseable {

  private final FeedWatch watch;

  WatchQueue(FeedWatch watch) {
    this.watch = watch;
    watch.begin(null, List.of(), /* current= */ -1); // so that revision 0 is already news
  }

  /**
   * Queues changes and returns at once; the listener runs elsewhere.
   *
   * @param changes initial values, or a commit whose revision is higher than all before
   */
  public void offer(ChangeSet changes) {
    if (changes.isInitial()) {
      watch.offerInitial(changes);
    } else {
      watch.offer(changes);
    }
  }

  /**
   * Returns the revision up to which the listener has been told everything that was offered.
   *
   * @return at least 0
   */
  public long revision() {
    return Math.max(0, watch.revision());
  }

  /**
   * Waits until the listener has been told everything offered so far.
   *
   * @param timeout how long to wait at most
   * @return false if the time ran out or the queue was closed first
   * @throws InterruptedException if the waiting thread is interrupted
   */
  public boolean awaitTold(Duration timeout) throws InterruptedException {
    return watch.awaitTold(timeout);
  }

  /**
   * Tells whether the listener has been told everything offered so far.
   *
   * @return false while something waits or is being told
   */
  public boolean isIdle() {
    return watch.hasToldAll();
  }

  /**
   * Tells whether changes are still delivered.
   *
   * @return false once the queue is closed
   */
  public boolean isActive() {
    return watch.isActive();
  }

  /**
   * Drops what is queued; no delivery begins after this returns, though one may still be running.
   */
  @Override
  public void close() {
    watch.close();
  }
}
