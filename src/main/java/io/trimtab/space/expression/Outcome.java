package io.trimtab.space.expression;

/** What is known about a boolean expression while some variables have no value yet. */
public enum Outcome {
  /** True, whatever the missing values will be. */
  TRUE,

  /** False, whatever the missing values will be. */
  FALSE,

  /** An evaluation error, whatever the missing values will be. */
  ERROR,

  /** Not decided; the missing values may matter. */
  UNKNOWN;

  /**
   * Says whether no choice of the missing values can make the expression true.
   *
   * @return whether this is {@link #FALSE} or {@link #ERROR}
   */
  public boolean refuted() {
    return this == FALSE || this == ERROR;
  }

  static Outcome of(boolean value) {
    return value ? TRUE : FALSE;
  }
}
