package io.trimtab.state;

/**
 * Queues between someone who has change sets and the listeners they are for: what a {@link Watch}
 * that is fed from changing places is made of.
 *
 * <p>Each {@link WatchQueue} filters, paces, bounds and conflates as its {@link WatchRequest} asks,
 * and runs its listener on daemon threads that all queues share and that exist only while something
 * is delivered. Safe for use by many threads at once.
 */
public final class WatchQueues implements AutoCloseable {

  private final FeedThreads threads = new FeedThreads(null);

  /** Creates an empty set of queues; no thread is started. */
  public WatchQueues() {}

  /**
   * Opens a queue.
   *
   * @param id how the queue is called in logs
   * @param request how to deliver; where the watch begins is the business of whoever fills the
   *     queue
   * @param listener told of each change set; calls never overlap
   * @return an empty queue that the caller closes
   */
  public WatchQueue open(String id, WatchRequest request, WatchListener listener) {
    return new WatchQueue(new FeedWatch(id, request, listener, threads, watch -> {}));
  }

  /** Ends all threads; listeners still running get a second to end, then an interrupt. */
  @Override
  public void close() {
    threads.close();
  }
}
