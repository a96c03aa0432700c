package io.trimtab.session;

import io.trimtab.TrimtabException;

/**
 * Says that a session could not move to another state provider; it goes on with the old one,
 * untouched. The answer is to mend the cause and try again.
 */
public final class BackendSwitchException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient String from;
  private final transient String to;
  private final transient Step step;

  /** The steps of a switch, in their order. */
  public enum Step {
    /** The new provider is opened. */
    OPEN,
    /** Writers are paused; readers go on. */
    PAUSE,
    /** The old provider's state is exported. */
    EXPORT,
    /** The state is imported by the new provider. */
    IMPORT,
    /** What the new provider holds is compared with what was exported. */
    VERIFY,
    /** The session's watches are moved. */
    WATCHES
  }

  /**
   * Creates an exception.
   *
   * @param from the name of the provider in charge, before and after
   * @param to the name of the provider that was to take over
   * @param step where it failed
   * @param cause what happened there
   */
  public BackendSwitchException(String from, String to, Step step, Throwable cause) {
    super(
        "switch from %s to %s: expected %s to succeed, got %s; %s stays in charge"
            .formatted(from, to, step, cause, from),
        cause);
    this.from = from;
    this.to = to;
    this.step = step;
  }

  /**
   * Returns the provider in charge.
   *
   * @return its name
   */
  public String from() {
    return from;
  }

  /**
   * Returns the provider that was to take over.
   *
   * @return its name
   */
  public String to() {
    return to;
  }

  /**
   * Returns where the switch failed.
   *
   * @return the step
   */
  public Step step() {
    return step;
  }
}
