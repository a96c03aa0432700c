package io.trimtab.evaluate;

import io.trimtab.TrimtabException;
import org.jspecify.annotations.Nullable;

/** Says that a file is not the dataset that was expected, and where: the answer is to fix it. */
public final class DatasetException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /** Which file it is. */
  private final String origin;

  /** The line from 1, or 0. */
  private final long line;

  DatasetException(String origin, long line, String problem, @Nullable Throwable cause) {
    super(
        line > 0 ? "%s, line %d: %s".formatted(origin, line, problem) : origin + ": " + problem,
        cause);
    this.origin = origin;
    this.line = line;
  }

  /**
   * Returns which file it is.
   *
   * @return the file's name
   */
  public String origin() {
    return origin;
  }

  /**
   * Returns where in the file.
   *
   * @return the line from 1, or 0 if it is the file as a whole
   */
  public long line() {
    return line;
  }
}
