package io.trimtab.state;

import io.trimtab.TrimtabException;

/**
 * Says that a watch cannot resume from a revision because the changes after it are no longer kept;
 * the answer is to watch anew with initial values.
 */
public final class RevisionCompactedException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient long requested;
  private final transient long oldest;

  /**
   * Creates an exception.
   *
   * @param requested the revision to resume from
   * @param oldest the oldest revision a watch can resume from now
   */
  public RevisionCompactedException(long requested, long oldest) {
    super(
        "watch: expected to resume from revision %d or later, got %d".formatted(oldest, requested));
    this.requested = requested;
    this.oldest = oldest;
  }

  /**
   * Returns the revision to resume from that was asked for.
   *
   * @return the revision
   */
  public long requested() {
    return requested;
  }

  /**
   * Returns the oldest revision a watch can resume from now.
   *
   * @return the revision
   */
  public long oldest() {
    return oldest;
  }
}
