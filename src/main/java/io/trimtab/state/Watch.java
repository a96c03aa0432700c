package io.trimtab.state;

import java.time.Duration;

/** A running watch; closing it ends the deliveries. Safe for use by many threads at once. */
public interface Watch extends AutoCloseable {

  /**
   * Returns the watch's identity within its provider.
   *
   * @return a name for lists and logs
   */
  String id();

  /**
   * Returns what is watched.
   *
   * @return the request the watch was made with
   */
  WatchRequest request();

  /**
   * Returns the revision up to which the listener has been told everything it asked for; it also
   * rises with commits that do not concern the listener.
   *
   * @return a revision from which a new watch can resume
   */
  long revision();

  /**
   * Waits until the listener has been told everything up to a revision, for instance before the
   * watch is moved to another provider, or in a test.
   *
   * @param revision the revision to wait for
   * @param timeout how long to wait at most
   * @return false if the time ran out or the watch ended first
   * @throws InterruptedException if the waiting thread is interrupted
   */
  boolean await(long revision, Duration timeout) throws InterruptedException;

  /**
   * Tells whether changes are still delivered.
   *
   * @return false once the watch or its provider is closed
   */
  boolean isActive();

  /**
   * Ends the watch; no delivery begins after this returns, though one may still be running. Closing
   * again does nothing.
   */
  @Override
  void close();
}
