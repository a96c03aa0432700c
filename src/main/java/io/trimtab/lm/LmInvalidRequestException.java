package io.trimtab.lm;

import org.jspecify.annotations.Nullable;

/** Says that the provider refused the request itself (400, 404, 413, 422): correct it. */
public final class LmInvalidRequestException extends LmException {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable String param;

  /**
   * Creates the exception.
   *
   * @param message what was expected and what came
   * @param param which field of the request is at fault, or null if the provider does not say
   * @param origin where it comes from
   * @param cause what made it happen, or null
   */
  public LmInvalidRequestException(
      String message, @Nullable String param, LmErrorOrigin origin, @Nullable Throwable cause) {
    super(message, origin, cause);
    this.param = param;
  }

  /**
   * Returns which field of the request is at fault.
   *
   * @return the field, or null if the provider does not say
   */
  public @Nullable String param() {
    return param;
  }

  @Override
  public boolean retryable() {
    return false;
  }
}
