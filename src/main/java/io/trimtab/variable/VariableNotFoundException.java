package io.trimtab.variable;

import io.trimtab.TrimtabException;

/** Says that no variable of a name or id exists where it was looked for. */
public final class VariableNotFoundException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final String key;

  /**
   * Creates an exception for one name or id.
   *
   * @param key the name or id that was looked for
   * @param where where it was looked for, such as {@code session "s1"}
   */
  public VariableNotFoundException(String key, String where) {
    super("%s: expected an existing variable, found none in %s".formatted(key, where));
    this.key = key;
  }

  /**
   * Returns the name or id that was looked for.
   *
   * @return the name or id
   */
  public String key() {
    return key;
  }
}
