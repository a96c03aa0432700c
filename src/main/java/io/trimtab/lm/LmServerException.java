package io.trimtab.lm;

import org.jspecify.annotations.Nullable;

/** Says that the server failed (5xx, 529, 408): the same request may succeed soon, or elsewhere. */
public final class LmServerException extends LmException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected and what came
   * @param origin where it comes from
   * @param cause what made it happen, or null
   */
  public LmServerException(String message, LmErrorOrigin origin, @Nullable Throwable cause) {
    super(message, origin, cause);
  }

  @Override
  public boolean retryable() {
    return true;
  }
}
