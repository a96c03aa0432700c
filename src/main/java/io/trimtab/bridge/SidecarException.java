package io.trimtab.bridge;

import io.trimtab.TrimtabException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says that a sidecar could not be started; the answer is to mend the machine's Python, or what the
 * message names.
 */
public final class SidecarException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient List<String> output;

  /**
   * Creates an exception.
   *
   * @param message what was expected and what came
   * @param output the last lines the process printed, oldest first
   * @param cause the underlying failure, or null
   */
  public SidecarException(String message, List<String> output, @Nullable Throwable cause) {
    super(
        output.isEmpty() ? message : message + "; it printed:\n" + String.join("\n", output),
        cause);
    this.output = List.copyOf(output);
  }

  /**
   * Returns what the process printed before it failed.
   *
   * @return its last lines, oldest first; empty if it printed nothing or never ran
   */
  public List<String> output() {
    return output;
  }
}
