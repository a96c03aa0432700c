package io.trimtab.lm;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Says that the provider has had too many requests or tokens for now (429): ask again later. */
public final class LmRateLimitedException extends LmException {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable Duration retryAfter;

  /**
   * Creates the exception.
   *
   * @param message what was expected and what came
   * @param retryAfter how long the provider wants to be left alone, or null if unknown
   * @param origin where it comes from
   * @param cause what made it happen, or null
   */
  public LmRateLimitedException(
      String message,
      @Nullable Duration retryAfter,
      LmErrorOrigin origin,
      @Nullable Throwable cause) {
    super(message, origin, cause);
    this.retryAfter = retryAfter;
  }

  /**
   * Returns how long the provider wants to be left alone.
   *
   * @return the wait counted from when this was thrown, or null if unknown
   */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  @Override
  public boolean retryable() {
    return true;
  }
}
