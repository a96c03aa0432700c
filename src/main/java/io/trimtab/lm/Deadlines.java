package io.trimtab.lm;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Watches the deadlines of running calls. */
final class Deadlines {

  /*
   * A timer per call would cost more than everything else in the wrapper together, because each
   * one wakes the timer's thread. Deadlines of language models need no such precision, so all
   * running calls stand in one set that is swept every TICK; while no call runs, nothing ticks.
   */

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
    running.forEach(Bounded::abort);
  }

  private void keepTicking() {
    if (!running.isEmpty() && ticking.compareAndSet(false, true)) {
      clock.schedule(TICK, this::tick);
    }
  }

  private void tick() {
    long now = clock.nanos();
    running.forEach(call -> call.tick(now));
    ticking.set(false);
    keepTicking();
  }
}
