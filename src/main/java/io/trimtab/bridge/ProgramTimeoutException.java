package io.trimtab.bridge;

import io.trimtab.TrimtabException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A Python program did not answer in time; its work was told to stop. */
public final class ProgramTimeoutException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /** The program's name. */
  private final String program;

  /** How long was waited. */
  private final Duration limit;

  /**
   * Creates an exception about one run.
   *
   * @param program the program's name
   * @param limit how long was waited
   * @param cause what the transport said, or null
   */
  public ProgramTimeoutException(String program, Duration limit, @Nullable Throwable cause) {
    super("program \"%s\": expected an answer within %s".formatted(program, limit), cause);
    this.program = program;
    this.limit = limit;
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
   * Returns how long was waited.
   *
   * @return the limit of the run
   */
  public Duration limit() {
    return limit;
  }
}
