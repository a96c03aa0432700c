package io.trimtab.state;

import io.trimtab.TrimtabException;
import org.jspecify.annotations.Nullable;

/**
 * Says that an exported state cannot be imported, and where it is wrong; the provider is as it was.
 */
public final class ImportException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was expected, what came, and where in the document
   */
  public ImportException(String message) {
    super(message);
  }

  /**
   * Creates an exception that wraps another.
   *
   * @param message what was expected, what came, and where in the document
   * @param cause what made it fail, or null
   */
  public ImportException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
