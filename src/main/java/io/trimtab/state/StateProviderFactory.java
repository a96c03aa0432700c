package io.trimtab.state;

import org.jspecify.annotations.Nullable;

/**
 * Opens providers of one kind; found with {@link java.util.ServiceLoader} or constructed by hand.
 *
 * <pre>{@code
 * StateProviderFactory postgres = new JdbcStateFactory(dataSource);
 * session.switchTo(postgres);
 * }</pre>
 */
public interface StateProviderFactory {

  /**
   * Returns what kind of provider this opens.
   *
   * @return a short lower-case word such as {@code local}
   */
  String name();

  /**
   * Opens a provider.
   *
   * @param sessionId the session whose variables it keeps
   * @param initial a state to begin with, or null for an empty one
   * @return an open provider that the caller closes
   * @throws ImportException if the initial state contradicts itself
   * @throws StateUnavailableException if what it needs does not answer within its deadline
   */
  StateProvider open(String sessionId, @Nullable StateExport initial);
}
