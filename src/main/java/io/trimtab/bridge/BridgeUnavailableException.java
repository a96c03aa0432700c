package io.trimtab.bridge;

import io.trimtab.TrimtabException;
import org.jspecify.annotations.Nullable;

/** The sidecar did not answer or its connection broke; trying again later may help. */
public final class BridgeUnavailableException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /** Whether the work may have begun. */
  private final boolean begun;

  /**
   * Creates an exception.
   *
   * @param message what was tried
   * @param begun whether the work may have begun in Python
   * @param cause what the transport said, or null
   */
  public BridgeUnavailableException(String message, boolean begun, @Nullable Throwable cause) {
    super(message, cause);
    this.begun = begun;
  }

  /**
   * Tells whether the work may have begun.
   *
   * @return false if it certainly has not, so that trying again does nothing twice
   */
  public boolean begun() {
    return begun;
  }
}
