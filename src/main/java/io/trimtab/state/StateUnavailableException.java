package io.trimtab.state;

import io.trimtab.TrimtabException;
import org.jspecify.annotations.Nullable;

/**
 * Says that a provider could not answer within its deadline; the answer is to retry later. Whether
 * a write was applied is unknown unless {@link #applied} says otherwise.
 */
public final class StateUnavailableException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient boolean applied;

  /**
   * Creates an exception.
   *
   * @param message what did not answer, and within which deadline
   * @param applied whether the operation is known to have been applied
   * @param cause the transport's own exception, or null
   */
  public StateUnavailableException(String message, boolean applied, @Nullable Throwable cause) {
    super(message, cause);
    this.applied = applied;
  }

  /**
   * Tells whether the operation is known to have been applied.
   *
   * @return false if it was not, or if nobody knows
   */
  public boolean applied() {
    return applied;
  }
}
