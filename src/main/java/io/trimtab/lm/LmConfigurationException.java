package io.trimtab.lm;

import org.jspecify.annotations.Nullable;

/**
 * Says that the client cannot work as it is set up (no key, an unusable base URL): correct its
 * settings.
 */
public final class LmConfigurationException extends LmException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected and what came
   * @param origin where it comes from
   * @param cause what made it happen, or null
   */
  public LmConfigurationException(String message, LmErrorOrigin origin, @Nullable Throwable cause) {
    super(message, origin, cause);
  }

  @Override
  public boolean retryable() {
    return false;
  }
}
