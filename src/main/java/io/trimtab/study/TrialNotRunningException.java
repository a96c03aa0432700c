package io.trimtab.study;

import io.trimtab.TrimtabException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says that a trial cannot be told because it has been told already or is not of this study; what
 * was told first stays.
 */
public final class TrialNotRunningException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient int number;
  private final transient @Nullable TrialState state;

  TrialNotRunningException(String study, int number, @Nullable TrialState state) {
    super(
        "trial %d of study \"%s\": expected a running trial, got %s"
            .formatted(number, study, state == null ? "a foreign one" : state));
    this.number = number;
    this.state = state;
  }

  /**
   * Returns which trial cannot be told.
   *
   * @return its number
   */
  public int number() {
    return number;
  }

  /**
   * Returns what the trial is instead of running.
   *
   * @return its state, or empty if it is not of this study
   */
  public Optional<TrialState> state() {
    return Optional.ofNullable(state);
  }
}
