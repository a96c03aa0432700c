package io.trimtab.json;

import io.trimtab.TrimtabException;
import org.jspecify.annotations.Nullable;

/**
 * Says that a text is not the JSON that was expected, and where: the answer is to fix the document.
 */
public final class JsonException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception without a cause.
   *
   * @param message what was expected, what came, and where in the document
   */
  public JsonException(String message) {
    super(message);
  }

  /**
   * Creates an exception that wraps a parser's.
   *
   * @param message what was expected, what came, and where in the document
   * @param cause the parser's own exception, or null
   */
  public JsonException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
