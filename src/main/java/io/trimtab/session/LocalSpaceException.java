package io.trimtab.session;

import io.trimtab.TrimtabException;

/**
 * Says that a registered space cannot leave this process because some of its rules are written in
 * Java; the answer is to write them as expressions.
 */
public final class LocalSpaceException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final String space;

  LocalSpaceException(String space, String where) {
    super(
        "%s: expected only expressions as rules, but some are Java predicates, which %s cannot hold"
            .formatted(space, where));
    this.space = space;
  }

  /**
   * Returns the space.
   *
   * @return its name
   */
  public String space() {
    return space;
  }
}
