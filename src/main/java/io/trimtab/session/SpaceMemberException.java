package io.trimtab.session;

import io.trimtab.TrimtabException;

/**
 * Says that a variable cannot be deleted because it belongs to a registered space; the answer is to
 * unregister the space first.
 */
public final class SpaceMemberException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final String variable;

  SpaceMemberException(String variable, String where) {
    super(
        "%s: expected a variable outside every registered space, but it belongs to \"%s\""
            .formatted(variable, where));
    this.variable = variable;
  }

  /**
   * Returns the variable.
   *
   * @return its name
   */
  public String variable() {
    return variable;
  }
}
