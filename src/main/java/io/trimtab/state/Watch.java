package io.trimtab.state;

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
   * Returns the newest revision the listener has been told of, or the one the watch began at.
   *
   * @return a revision from which a new watch can resume
   */
  long revision();

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
