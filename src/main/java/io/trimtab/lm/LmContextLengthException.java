package io.trimtab.lm;

import org.jspecify.annotations.Nullable;

/** Says that request and answer together exceed the model's context: shorten the prompt. */
public final class LmContextLengthException extends LmException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected and what came
   * @param origin where it comes from
   * @param cause what made it happen, or null
   */
  public LmContextLengthException(String message, LmErrorOrigin origin, @Nullable Throwable cause) {
    super(message, origin, cause);
  }

  @Override
  public boolean retryable() {
    return false;
  }
}
