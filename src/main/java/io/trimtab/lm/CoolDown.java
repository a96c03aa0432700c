package io.trimtab.lm;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Remembers until when a provider wants to be left alone, for all callers of a key. */
final class CoolDown {

  private final LmClock clock;
  private final long origin;
  private final AtomicLong until = new AtomicLong(); // nanoseconds after origin

  CoolDown(LmClock clock) {
    this.clock = clock;
    this.origin = clock.nanos();
  }

  /** Extends the cool-down; a shorter one than the present has no effect. */
  void extend(Duration wait) {
    until.accumulateAndGet(clock.nanos() - origin + Nanos.of(wait), Math::max);
  }

  /** Returns the nanoseconds left, zero if none. */
  long remaining() {
    long end = until.get();
    return end == 0 ? 0 : Math.max(0, end - (clock.nanos() - origin));
  }
}
