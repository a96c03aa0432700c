package io.trimtab.openai;

import java.time.Duration;

/**
 * How long one attempt may take, phase by phase; whichever runs out first ends the attempt and
 * closes its connection.
 *
 * @param connect until the connection stands, TLS included; positive
 * @param firstHeader from the start of the attempt until the response's headers have arrived;
 *     positive. A server that does not stream sends them when the whole answer is ready
 * @param idle longest silence within a response once its headers have arrived; positive. Any byte
 *     counts, keep-alive comments included
 * @param total from the start of the attempt to the last byte of the response; positive
 */
public record Deadlines(Duration connect, Duration firstHeader, Duration idle, Duration total) {

  /** 10 s to connect, 10 min to the headers, 2 min of silence, 10 min in total. */
  public static final Deadlines DEFAULT =
      new Deadlines(
          Duration.ofSeconds(10),
          Duration.ofMinutes(10),
          Duration.ofMinutes(2),
          Duration.ofMinutes(10));

  /**
   * Rejects durations that are not positive or are longer than a hundred years.
   *
   * @param connect until the connection stands
   * @param firstHeader until the response's headers have arrived
   * @param idle longest silence within a response
   * @param total until the last byte of the response
   */
  public Deadlines {
    check("connect", connect);
    check("firstHeader", firstHeader);
    check("idle", idle);
    check("total", total);
  }

  /**
   * Returns these deadlines with another total.
   *
   * @param total from the start of the attempt to the last byte of the response
   * @return the changed copy
   */
  public Deadlines withTotal(Duration total) {
    return new Deadlines(connect, firstHeader, idle, total);
  }

  private static void check(String phase, Duration duration) {
    // The upper bound keeps sums of nanoseconds far from overflow.
    if (duration.isNegative() || duration.isZero() || duration.toDays() > 36_500) {
      throw new IllegalArgumentException(
          "%s deadline must be positive and at most 100 years, got %s".formatted(phase, duration));
    }
  }
}
