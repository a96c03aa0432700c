package io.trimtab.program;

import io.trimtab.TrimtabException;

/** Says that the text of a signature cannot be read, and where: the answer is to fix the text. */
public final class SignatureException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /** The text that could not be read. */
  private final String text;

  /** Where reading failed. */
  private final int position;

  SignatureException(String problem, String text, int position) {
    super("%s at column %d of \"%s\"".formatted(problem, position + 1, text));
    this.text = text;
    this.position = position;
  }

  /**
   * Returns the text that could not be read.
   *
   * @return the whole signature or type
   */
  public String text() {
    return text;
  }

  /**
   * Returns where reading failed.
   *
   * @return an index into {@link #text()}, or its length where more was expected
   */
  public int position() {
    return position;
  }
}
