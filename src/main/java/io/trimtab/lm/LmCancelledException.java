package io.trimtab.lm;

import org.jspecify.annotations.Nullable;

/**
 * Says that the caller gave up: its thread was interrupted, or the call was cancelled. An
 * interrupted thread keeps its flag.
 */
public final class LmCancelledException extends LmException {

  private static final long serialVersionUID = 1L;

  private final transient boolean interrupted;

  /**
   * Creates the exception.
   *
   * @param message what happened
   * @param interrupted whether the caller's thread was interrupted
   * @param origin who was asked
   * @param cause what made it happen, or null
   */
  public LmCancelledException(
      String message, boolean interrupted, LmErrorOrigin origin, @Nullable Throwable cause) {
    super(message, origin, cause);
    this.interrupted = interrupted;
  }

  /**
   * Tells whether the caller's thread was interrupted.
   *
   * @return false if the call was cancelled in another way
   */
  public boolean interrupted() {
    return interrupted;
  }

  @Override
  public boolean retryable() {
    return false;
  }
}
