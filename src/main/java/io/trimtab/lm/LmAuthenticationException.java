package io.trimtab.lm;

import org.jspecify.annotations.Nullable;

/** Says that the provider refused the key or its rights (401, 403): renew them. */
public final class LmAuthenticationException extends LmException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected and what came
   * @param origin where it comes from
   * @param cause what made it happen, or null
   */
  public LmAuthenticationException(
      String message, LmErrorOrigin origin, @Nullable Throwable cause) {
    super(message, origin, cause);
  }

  @Override
  public boolean retryable() {
    return false;
  }
}
