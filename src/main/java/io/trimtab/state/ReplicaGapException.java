package io.trimtab.state;

import io.trimtab.TrimtabException;

/**
 * Says that a commit does not follow on what a replica holds; the answer is to give it the whole
 * state anew.
 */
public final class ReplicaGapException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what the replica holds and what the commit builds on
   */
  public ReplicaGapException(String message) {
    super(message);
  }
}
