package io.trimtab.bridge;

import io.trimtab.TrimtabException;

/**
 * Says that a sidecar speaks another version of the protocol; the answer is to install versions
 * that go together.
 */
public final class ProtocolMismatchException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient String theirs;

  /**
   * Creates an exception.
   *
   * @param message a sentence naming both versions
   * @param theirs the version of the other side
   */
  public ProtocolMismatchException(String message, String theirs) {
    super(message);
    this.theirs = theirs;
  }

  /**
   * Returns what the other side speaks.
   *
   * @return its version
   */
  public String theirs() {
    return theirs;
  }
}
