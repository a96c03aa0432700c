package io.trimtab.bridge;

import io.trimtab.TrimtabException;
import org.jspecify.annotations.Nullable;

/**
 * A Python program raised an exception. If a language model of this JVM failed it, that failure is
 * the {@linkplain #getCause() cause}.
 */
public final class ProgramFailedException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /** The program's name. */
  private final String program;

  /** The Python exception's type. */
  private final String pythonType;

  /** Where it was raised, in Python's words. */
  private final String traceback;

  /**
   * Creates an exception from what Python raised.
   *
   * @param program the program's name
   * @param pythonType the Python exception's type, such as {@code ValueError}
   * @param message the Python exception's message
   * @param traceback where it was raised, in Python's words; empty if unknown
   * @param cause the failure in this JVM that led to it, or null
   */
  public ProgramFailedException(
      String program,
      String pythonType,
      String message,
      String traceback,
      @Nullable Throwable cause) {
    super("program \"%s\" raised %s: %s".formatted(program, pythonType, message), cause);
    this.program = program;
    this.pythonType = pythonType;
    this.traceback = traceback;
  }

  /**
   * Returns the program's name.
   *
   * @return the name
   */
  public String program() {
    return program;
  }

  /**
   * Returns the type of the Python exception.
   *
   * @return such as {@code ValueError}
   */
  public String pythonType() {
    return pythonType;
  }

  /**
   * Returns where the exception was raised.
   *
   * @return the Python traceback, several lines; empty if unknown
   */
  public String traceback() {
    return traceback;
  }
}
