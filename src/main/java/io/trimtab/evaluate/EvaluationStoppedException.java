package io.trimtab.evaluate;

import io.trimtab.TrimtabException;
import org.jspecify.annotations.Nullable;

/**
 * Says that an evaluation ended before its dataset did, and keeps what was found until then.
 * Nothing of it goes on.
 */
public final class EvaluationStoppedException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /** Why an evaluation stopped. */
  public enum Reason {
    /** More examples failed than allowed: look at the first errors. */
    TOO_MANY_ERRORS,
    /** The thread that waited was interrupted, or the future cancelled. */
    CANCELLED,
    /** A program went on long after its deadline although it was interrupted. */
    DEADLINE_IGNORED
  }

  /** Why it stopped. */
  private final Reason reason;

  private final transient Evaluation partial;

  EvaluationStoppedException(
      Reason reason, String words, Evaluation partial, @Nullable Throwable cause) {
    super(
        "%s; %d examples had ended, %d of them failed"
            .formatted(words, partial.rows().size(), partial.failures()),
        cause);
    this.reason = reason;
    this.partial = partial;
  }

  /**
   * Returns why it stopped.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }

  /**
   * Returns what was found until then.
   *
   * @return the rows that had ended, with their usage
   */
  public Evaluation partial() {
    return partial;
  }
}
