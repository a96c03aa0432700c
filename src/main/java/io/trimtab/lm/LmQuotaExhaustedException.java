package io.trimtab.lm;

import org.jspecify.annotations.Nullable;

/**
 * Says that a paid quota or a budget is used up: waiting does not help, paying or raising it does.
 */
public final class LmQuotaExhaustedException extends LmException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected and what came
   * @param origin where it comes from
   * @param cause what made it happen, or null
   */
  public LmQuotaExhaustedException(
      String message, LmErrorOrigin origin, @Nullable Throwable cause) {
    super(message, origin, cause);
  }

  @Override
  public boolean retryable() {
    return false;
  }
}
