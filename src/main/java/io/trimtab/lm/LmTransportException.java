package io.trimtab.lm;

import org.jspecify.annotations.Nullable;

/** Says that the network failed: no connection, or one that broke before the answer was whole. */
public final class LmTransportException extends LmException {

  private static final long serialVersionUID = 1L;

  private final transient boolean maybeSent;

  /**
   * Creates the exception.
   *
   * @param message what was expected and what came
   * @param maybeSent false only if it is certain that the server never saw the request
   * @param origin where it comes from
   * @param cause what made it happen, or null
   */
  public LmTransportException(
      String message, boolean maybeSent, LmErrorOrigin origin, @Nullable Throwable cause) {
    super(message, origin, cause);
    this.maybeSent = maybeSent;
  }

  /**
   * Tells whether the server may have seen the request, and may charge for it.
   *
   * @return false only if it is certain that nothing was sent
   */
  public boolean maybeSent() {
    return maybeSent;
  }

  @Override
  public boolean retryable() {
    return true;
  }
}
