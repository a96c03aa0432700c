package io.trimtab.bridge;

import io.trimtab.TrimtabException;
import java.util.List;

/** No Python program of that name is registered with the sidecar; look at {@link #known()}. */
public final class ProgramNotFoundException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /** The name that was asked for. */
  private final String program;

  private final transient List<String> known;

  /**
   * Creates an exception about a name.
   *
   * @param program the name that was asked for
   * @param known the names of the programs there are
   */
  public ProgramNotFoundException(String program, List<String> known) {
    super(
        "program \"%s\": expected one registered by the modules the sidecar was started with, which are %s"
            .formatted(program, known));
    this.program = program;
    this.known = List.copyOf(known);
  }

  /**
   * Returns the name that was asked for.
   *
   * @return the name
   */
  public String program() {
    return program;
  }

  /**
   * Returns the names there are.
   *
   * @return the registered programs, possibly none
   */
  public List<String> known() {
    return known;
  }
}
