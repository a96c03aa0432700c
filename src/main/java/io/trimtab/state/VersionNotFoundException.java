package io.trimtab.state;

import io.trimtab.TrimtabException;

/** Says that a version to roll back to was never written or has left the history. */
public final class VersionNotFoundException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient String key;
  private final transient long version;

  /**
   * Creates an exception.
   *
   * @param key the variable's name or id
   * @param version the version that was asked for
   * @param oldest the oldest version still kept
   * @param newest the current version
   */
  public VersionNotFoundException(String key, long version, long oldest, long newest) {
    super("%s: expected a version in [%d, %d], got %d".formatted(key, oldest, newest, version));
    this.key = key;
    this.version = version;
  }

  /**
   * Returns the variable that was asked about.
   *
   * @return its name or id
   */
  public String key() {
    return key;
  }

  /**
   * Returns the version that was asked for.
   *
   * @return the version
   */
  public long version() {
    return version;
  }
}
