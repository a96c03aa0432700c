package io.trimtab;

import org.jspecify.annotations.Nullable;

/**
 * The root of everything Trimtab throws on purpose.
 *
 * <p>Each final subtype stands for one decision a caller can take (fix the value, read again, retry
 * later, give up) and keeps its subject in fields, so that nobody has to parse a message. Misuse of
 * the API itself, such as a call after {@code close()}, is reported with the JDK's own {@link
 * IllegalStateException} and {@link IllegalArgumentException}.
 */
public abstract class TrimtabException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception without a cause.
   *
   * @param message what was expected, what came, and where
   */
  protected TrimtabException(String message) {
    super(message);
  }

  /**
   * Creates an exception that wraps another.
   *
   * @param message what was expected, what came, and where
   * @param cause what made it happen, or null
   */
  protected TrimtabException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
