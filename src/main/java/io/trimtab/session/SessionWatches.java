package io.trimtab.session;

import io.trimtab.state.Capability;
import io.trimtab.state.StateProvider;
import io.trimtab.state.Watch;
import io.trimtab.state.WatchListener;
import io.trimtab.state.WatchQueues;
import io.trimtab.state.WatchRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** The watches of a session, which move with it from provider to provider. */
final class SessionWatches implements AutoCloseable {
  /*
   * A session watch is a queue of its own, fed by a watch of the provider in charge. The feeding listener only puts changes into
   * the queue, so the old provider is soon through with everything up to the exported revision, however slow the user's
   * listener is; then the new provider feeds the same queue from that revision on. No gap, no duplicate, and writers never wait
   * for a listener.
   */

  private static final Duration DRAIN = Duration.ofSeconds(10);

  private final Handover<StateProvider> handover;
  private final WatchQueues queues = new WatchQueues();
  private final Map<String, SessionWatch> running = new LinkedHashMap<>(); // guarded by this
  private boolean closed; // guarded by this
  private long started; // guarded by this

  SessionWatches(Handover<StateProvider> handover) {
    this.handover = handover;
  }

  /** Starts a watch while no switch is under way, as a write would. */
  Watch start(WatchRequest request, WatchListener listener) {
    return handover.write(
        provider -> {
          synchronized (this) {
            if (closed) {
              throw new IllegalStateException("the session is closed");
            }
            SessionWatch watch =
                new SessionWatch(this, queues, "session-watch-" + ++started, request, listener);
            watch.feedFrom(provider);
            running.put(watch.id(), watch);
            return watch;
          }
        });
  }

  synchronized List<Watch> running() {
    return List.copyOf(running.values());
  }

  synchronized void forget(SessionWatch watch) {
    running.remove(watch.id());
  }

  @Override
  public void close() {
    List<SessionWatch> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(running.values());
    }
    all.forEach(SessionWatch::close);
    queues.close();
  }

  /**
   * Prepares all watches to be fed by another provider, from now on or, if the session adopts what
   * is there, with all of it; nothing is moved before {@code complete}.
   */
  synchronized Relocation relocate(StateProvider target, long revision, boolean adopts)
      throws InterruptedException, TimeoutException {
    Relocation relocation = new Relocation();
    if (running.isEmpty()) {
      return relocation;
    }
    if (!target.capabilities().contains(Capability.STREAMING)) {
      throw new IllegalArgumentException(
          "the session has %d watches, but the provider does not declare STREAMING"
              .formatted(running.size()));
    }
    try {
      for (SessionWatch watch : running.values()) {
        watch.awaitFedUpTo(revision, DRAIN);
        relocation.moves.put(watch, watch.prepareFeed(target, target.revision(), adopts));
      }
      return relocation;
    } catch (InterruptedException | TimeoutException | RuntimeException e) {
      relocation.cancel();
      throw e;
    }
  }

  /** The new feeds of all watches, not yet in use. */
  static final class Relocation {

    private final Map<SessionWatch, SessionWatch.Feed> moves = new LinkedHashMap<>();

    void complete() {
      moves.forEach(SessionWatch::switchTo);
    }

    void cancel() {
      moves.values().forEach(SessionWatch.Feed::close);
    }
  }
}
