package io.trimtab.lm;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Says that a circuit breaker refused the call because the model failed too often: nothing was
 * sent.
 */
public final class LmCircuitOpenException extends LmException {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable Duration retryAfter;

  /**
   * Creates the exception.
   *
   * @param message what was expected and what came
   * @param retryAfter how long until the breaker lets a probe through, or null if unknown
   * @param origin where it comes from
   * @param cause what made it happen, or null
   */
  public LmCircuitOpenException(
      String message,
      @Nullable Duration retryAfter,
      LmErrorOrigin origin,
      @Nullable Throwable cause) {
    super(message, origin, cause);
    this.retryAfter = retryAfter;
  }

  /**
   * Returns how long until the breaker lets a probe through.
   *
   * @return the wait counted from when this was thrown, or null if unknown
   */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  @Override
  public boolean retryable() {
    return false;
  }
}
