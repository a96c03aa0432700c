package io.trimtab.lm;

import java.time.Duration;

/** Counts a duration in nanoseconds; one that overflows the count is as good as for ever. */
final class Nanos {

  /** So far below the overflow that adding it to a clock's counter is safe. */
  private static final Duration CENTURY = Duration.ofDays(36_500);

  private static final long FOREVER = CENTURY.toNanos();

  private Nanos() {}

  static long of(Duration duration) {
    return duration.compareTo(CENTURY) < 0 ? duration.toNanos() : FOREVER;
  }
}
