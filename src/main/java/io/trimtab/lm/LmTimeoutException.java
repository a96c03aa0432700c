package io.trimtab.lm;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says that a deadline passed before the answer was whole. */
public final class LmTimeoutException extends LmException {

  private static final long serialVersionUID = 1L;

  /** Which deadline passed. */
  public enum Deadline {
    /** The deadline of the whole call, {@link LmOptions#timeout()} or the client's own. */
    OVERALL,
    /** The deadline of one attempt. */
    ATTEMPT,
    /** The wait for a connection. */
    CONNECT,
    /** The wait for the first byte of the answer. */
    FIRST_BYTE,
    /** The wait between two pieces of the answer. */
    IDLE
  }

  private final transient Deadline deadline;
  private final transient Duration limit;

  /**
   * Creates the exception.
   *
   * @param deadline which deadline passed
   * @param limit how long it was
   * @param origin where it comes from
   * @param cause what made it happen, or null
   */
  public LmTimeoutException(
      Deadline deadline, Duration limit, LmErrorOrigin origin, @Nullable Throwable cause) {
    super(
        "expected an answer within %s (%s deadline), got none in time"
            .formatted(limit, deadline.name().toLowerCase(Locale.ROOT).replace('_', ' ')),
        origin,
        cause);
    this.deadline = deadline;
    this.limit = limit;
  }

  /**
   * Returns which deadline passed.
   *
   * @return the deadline
   */
  public Deadline deadline() {
    return deadline;
  }

  /**
   * Returns how long that deadline was.
   *
   * @return the limit
   */
  public Duration limit() {
    return limit;
  }

  /** Returns true unless the whole call's deadline passed, which no retry can bring back. */
  @Override
  public boolean retryable() {
    return deadline != Deadline.OVERALL;
  }
}
