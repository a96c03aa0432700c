package io.trimtab.session;

import io.trimtab.TrimtabException;

/**
 * Says that a different configuration space of the same name is registered already; it is
 * unchanged.
 */
public final class ConfigurationExistsException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final String name;

  ConfigurationExistsException(String name, String where) {
    super(
        "%s: expected a new name or an identical space, but another one is registered in %s"
            .formatted(name, where));
    this.name = name;
  }

  /**
   * Returns the space that exists already.
   *
   * @return its name
   */
  public String name() {
    return name;
  }
}
