package io.trimtab.lm;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches the deadlines of running calls. */
final class Deadlines {

  /*
   * A timer per call would cost more than everything else in the wrapper together, because each
   * one wakes the timer's thread. Deadlines of language models need no such precision, so all
   * running calls stand in one set that is swept every TICK; while no call runs, nothing ticks.
   */

  private static final Logger LOG = LoggerFactory.getLogger(ResilientLanguageModel.class);

  static final Duration TICK = Duration.ofMillis(20);

  /** Something with deadlines. */
  interface Bounded {
    /** Ends itself if one of its deadlines has passed. */
    void tick(long now);

    /** Ends itself because its owner closes. */
    void abort();
  }

  private final LmClock clock;
  private final Set<Bounded> running = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean ticking = new AtomicBoolean();

  Deadlines(LmClock clock) {
    this.clock = clock;
  }

  void watch(Bounded call) {
    running.add(call);
    keepTicking();
  }

  void forget(Bounded call) {
    running.remove(call);
  }

  int running() {
    return running.size();
  }

  void abortAll() {
    each(Bounded::abort);
  }

  /** Does something to every call, whatever the subscribers do that hear of an end by it. */
  private void each(Consumer<Bounded> action) {
    for (Bounded call : running) {
      try {
        action.accept(call);
      } catch (RuntimeException | Error e) { // the other calls need us still
        LOG.warn("a subscriber threw {} at the end of its stream", e.getClass().getName());
      }
    }
  }

  private void keepTicking() {
    if (!running.isEmpty() && ticking.compareAndSet(false, true)) {
      clock.schedule(TICK, this::tick);
    }
  }

  private void tick() {
    long now = clock.nanos();
    each(call -> call.tick(now));
    ticking.set(false);
    keepTicking();
  }
}
