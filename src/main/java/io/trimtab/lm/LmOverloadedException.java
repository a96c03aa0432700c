package io.trimtab.lm;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Says that one of our own limits refused the call before anything was sent. */
public final class LmOverloadedException extends LmException {

  private static final long serialVersionUID = 1L;

  /** Which limit refused. */
  public enum Limit {
    /** Calls at the same time. */
    CONCURRENCY,
    /** Requests per minute. */
    REQUESTS,
    /** Tokens per minute. */
    TOKENS
  }

  private final transient Limit limit;
  private final transient @Nullable Duration retryAfter;

  /**
   * Creates the exception.
   *
   * @param message what was expected and what came
   * @param limit which limit refused
   * @param retryAfter when there will be room, or null if unknown
   * @param origin where it comes from
   */
  public LmOverloadedException(
      String message, Limit limit, @Nullable Duration retryAfter, LmErrorOrigin origin) {
    super(message, origin, null);
    this.limit = limit;
    this.retryAfter = retryAfter;
  }

  /**
   * Returns which limit refused.
   *
   * @return the limit
   */
  public Limit limit() {
    return limit;
  }

  /**
   * Returns when there will be room.
   *
   * @return the wait counted from when this was thrown, or null if unknown
   */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** Returns false: sending again at once would only add to the load. */
  @Override
  public boolean retryable() {
    return false;
  }
}
