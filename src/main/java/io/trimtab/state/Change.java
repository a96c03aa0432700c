package io.trimtab.state;

import org.jspecify.annotations.Nullable;

/**
 * What happened to one variable.
 *
 * @param kind what happened
 * @param name the variable's name
 * @param oldValue the canonical value before, or null if there was none or it is no longer known
 * @param newValue the canonical value now, or null after a deletion
 * @param state the variable as of this change; for a deletion, as it was last
 */
public record Change(
    Kind kind,
    String name,
    @Nullable Object oldValue,
    @Nullable Object newValue,
    VariableState state) {

  /** What can happen to a variable. */
  public enum Kind {
    /** The value the variable had when the watch began. */
    INITIAL,
    /** The variable was registered. */
    REGISTERED,
    /** The variable got a value that differs from the old one. */
    CHANGED,
    /** The variable was deleted. */
    DELETED
  }
}
