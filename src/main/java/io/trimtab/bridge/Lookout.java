package io.trimtab.bridge;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Decides whether a caller looks out for its answer before it sleeps, by how it went of late. */
final class Lookout {
  /*
   * Whoever looks out yields its processor, and on a busy machine has it back only after milliseconds. So a lookout in
   * vain forbids more of them for a while: for a moment if they are rare, for as long as a tenth of a second if one in
   * forty is. Callers race here, and may: a lost update is a lookout more or less.
   */

  private static final long SHORTEST = Duration.ofMillis(1).toNanos();
  private static final long LONGEST = Duration.ofMillis(100).toNanos();

  private final LongSupplier nanos;
  private volatile long pause = SHORTEST;
  private volatile long again;

  Lookout(LongSupplier nanos) {
    this.nanos = nanos;
    this.again = nanos.getAsLong();
  }

  boolean isWorthwhile() {
    return nanos.getAsLong() - again >= 0;
  }

  void ended(boolean inTime) {
    long last = pause;
    if (inTime) {
      pause = Math.max(SHORTEST, last - (last >> 6));
    } else {
      pause = Math.min(LONGEST, 2 * last);
      again = nanos.getAsLong() + last;
    }
  }
}
