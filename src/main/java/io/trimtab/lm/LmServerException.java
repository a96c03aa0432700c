package io.trimtab.lm;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Says that the server failed (5xx, 529, 408): the same request may succeed soon, or elsewhere. */
public final class LmServerException extends LmException {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable Duration retryAfter;

  /**
   * Creates the exception of a server that does not say when it will be well.
   *
   * @param message what was expected and what came
   * @param origin where it comes from
   * @param cause what made it happen, or null
   */
  public LmServerException(String message, LmErrorOrigin origin, @Nullable Throwable cause) {
    this(message, null, origin, cause);
  }

  /**
   * Creates the exception.
   *
   * @param message what was expected and what came
   * @param retryAfter how long the server wants to be left alone, or null if it does not say
   * @param origin where it comes from
   * @param cause what made it happen, or null
   */
  public LmServerException(
      String message,
      @Nullable Duration retryAfter,
      LmErrorOrigin origin,
      @Nullable Throwable cause) {
    super(message, origin, cause);
    this.retryAfter = retryAfter;
  }

  /**
   * Returns how long the server wants to be left alone.
   *
   * @return the wait counted from when this was thrown, or null if it does not say
   */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  @Override
  public boolean retryable() {
    return true;
  }
}
