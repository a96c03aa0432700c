package io.trimtab.state;

import java.util.List;

/** Tells watchers what commits changed. */
final class ChangeFeed implements AutoCloseable {

  ChangeFeed(long revision) {}

  void publish(long revision, List<Change> changes) {}

  void restart(long revision, List<Change> difference) {}

  Watch watch(WatchRequest request, WatchListener listener, StateSnapshot current) {
    if (request.queueCapacity() > 0) {
      throw new IllegalStateException("watches come with the next commit");
    }
    return watches().get(0);
  }

  List<Watch> watches() {
    return List.of();
  }

  @Override
  public void close() {}
}
