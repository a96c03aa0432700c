package io.trimtab.session;

import io.trimtab.space.Configuration;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.InvalidConfigurationException;
import io.trimtab.state.VersionConflictException;
import io.trimtab.state.WriteContext;
import java.util.Map;

/**
 * A configuration space within a session: the handle by which its values are read together and
 * switched together.
 *
 * <pre>{@code
 * RegisteredConfiguration agent = session.configuration("react_agent");
 * agent.apply(Map.of("temperature", 0.2, "max_iters", 7));   // both or neither, checked against every rule
 * }</pre>
 *
 * <p>Holds no values of its own and stays valid through switches of providers. Safe for use by many
 * threads at once.
 */
public final class RegisteredConfiguration {

  private final Session session;
  private final ConfigurationSpace space;

  RegisteredConfiguration(Session session, ConfigurationSpace space) {
    this.session = session;
    this.space = space;
  }

  /**
   * Returns the space's name.
   *
   * @return the name it is registered under
   */
  public String name() {
    return space.name();
  }

  /**
   * Returns what may vary and under which rules.
   *
   * @return the space
   */
  public ConfigurationSpace space() {
    return space;
  }

  /**
   * Returns the session the space is registered in.
   *
   * @return the session
   */
  public Session session() {
    return session;
  }

  /**
   * Returns the version of the current values.
   *
   * @return 1 when the space was registered, +1 for every write to a member
   * @throws ConfigurationNotFoundException if the space is no longer registered
   */
  public long version() {
    return read().version();
  }

  /**
   * Returns the current values of all active parameters, from one revision.
   *
   * @return a valid configuration
   * @throws ConfigurationNotFoundException if the space is no longer registered
   */
  public Configuration current() {
    return read().configuration();
  }

  /**
   * Returns the current values together with their version.
   *
   * @return both, from one revision
   * @throws ConfigurationNotFoundException if the space is no longer registered
   */
  public ConfigurationVersion read() {
    return session.handover().read(provider -> SpaceGuard.read(provider, space));
  }

  /**
   * Changes some values in one atomic step: they are merged over the current ones and the whole is
   * checked against every rule.
   *
   * @param changes new values by name; others stay as they are
   * @return the new version and values
   * @throws InvalidConfigurationException if a key is unknown or the whole is not valid, with every
   *     violation; nothing has changed
   */
  public ConfigurationVersion apply(Map<String, ?> changes) {
    return apply(changes, WriteContext.JVM);
  }

  /**
   * Changes some values in one atomic step.
   *
   * @param changes new values by name; others stay as they are
   * @param context who writes, and what to note with every variable that changes
   * @return the new version and values
   * @throws InvalidConfigurationException if a key is unknown or the whole is not valid, with every
   *     violation; nothing has changed
   */
  public ConfigurationVersion apply(Map<String, ?> changes, WriteContext context) {
    return session
        .handover()
        .write(provider -> session.spaces().apply(provider, space, changes, context, null));
  }

  /**
   * Makes a whole configuration current in one atomic step.
   *
   * @param configuration a configuration of this space
   * @return the new version and values
   */
  public ConfigurationVersion apply(Configuration configuration) {
    return apply(configuration.toMap(), WriteContext.JVM);
  }

  /**
   * Changes some values in one atomic step if nobody has changed the configuration since the caller
   * read it.
   *
   * @param expectedVersion the version the caller read
   * @param changes new values by name; others stay as they are
   * @return the new version and values
   * @throws VersionConflictException if the configuration has another version; nothing has changed
   * @throws InvalidConfigurationException if a key is unknown or the whole is not valid, with every
   *     violation; nothing has changed
   */
  public ConfigurationVersion applyIf(long expectedVersion, Map<String, ?> changes) {
    return session
        .handover()
        .write(
            provider ->
                session
                    .spaces()
                    .apply(provider, space, changes, WriteContext.JVM, expectedVersion));
  }

  @Override
  public String toString() {
    return "configuration \"%s\" in %s".formatted(space.name(), session.describe());
  }
}
