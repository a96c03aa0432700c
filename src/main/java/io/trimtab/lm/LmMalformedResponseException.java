package io.trimtab.lm;

import org.jspecify.annotations.Nullable;

/**
 * Says that the server answered something that is not an answer (no JSON, no choices, a stream
 * without end).
 */
public final class LmMalformedResponseException extends LmException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected and what came
   * @param origin where it comes from
   * @param cause what made it happen, or null
   */
  public LmMalformedResponseException(
      String message, LmErrorOrigin origin, @Nullable Throwable cause) {
    super(message, origin, cause);
  }

  @Override
  public boolean retryable() {
    return true;
  }
}
