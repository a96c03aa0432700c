package io.trimtab.session;

import io.trimtab.TrimtabException;

/** Says that no configuration space of a name is registered in the session. */
public final class ConfigurationNotFoundException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final String name;

  ConfigurationNotFoundException(String name, String where) {
    super("%s: expected a registered configuration space, found only %s".formatted(name, where));
    this.name = name;
  }

  /**
   * Returns the space that was looked for.
   *
   * @return its name
   */
  public String name() {
    return name;
  }
}
