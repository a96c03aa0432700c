package io.trimtab.openai;

import io.trimtab.lm.LmTimeoutException.Deadline;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines of one attempt, as points of the ticker's time.
 *
 * @param connect how long connecting may take, for messages; the transport keeps this one
 * @param firstHeader how long the headers may take
 * @param idle longest silence after them
 * @param total how long all may take
 * @param totalKind whose deadline the total is
 * @param headBy when the headers must have come
 * @param totalBy when all must have come
 */
record TimeLimits(
    Duration connect,
    Duration firstHeader,
    Duration idle,
    Duration total,
    Deadline totalKind,
    long headBy,
    long totalBy) {

  /**
   * Combines a model's deadlines with a call's.
   *
   * @param deadlines the model's
   * @param timeout the deadline of the whole call, or null
   * @param callStarted when the call started
   * @param now when the attempt starts
   */
  static TimeLimits of(
      Deadlines deadlines, @Nullable Duration timeout, long callStarted, long now) {
    long attemptBy = now + deadlines.total().toNanos();
    long headBy = now + deadlines.firstHeader().toNanos();
    if (timeout != null && timeout.toDays() < 36_500) {
      long overallBy = callStarted + timeout.toNanos();
      if (overallBy - attemptBy <= 0) {
        return new TimeLimits(
            deadlines.connect(),
            deadlines.firstHeader(),
            deadlines.idle(),
            timeout,
            Deadline.OVERALL,
            headBy,
            overallBy);
      }
    }
    return new TimeLimits(
        deadlines.connect(),
        deadlines.firstHeader(),
        deadlines.idle(),
        deadlines.total(),
        Deadline.ATTEMPT,
        headBy,
        attemptBy);
  }

  /** Returns how long the headers may still take, whichever deadline comes first. */
  long headerNanos(long now) {
    return Math.min(headBy - now, totalBy - now);
  }
}
