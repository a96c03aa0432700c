package io.trimtab.session;

import io.trimtab.state.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Which provider keeps a session's state now, and which ones did before.
 *
 * @param name the provider's name, such as {@code local}
 * @param capabilities what it promises
 * @param requiresBridge whether it talks to a sidecar
 * @param switches every completed switch, oldest first
 */
public record Backend(
    String name, Set<Capability> capabilities, boolean requiresBridge, List<Switch> switches) {

  /**
   * Copies the collections.
   *
   * @param name the provider's name, such as {@code local}
   * @param capabilities what it promises
   * @param requiresBridge whether it talks to a sidecar
   * @param switches every completed switch, oldest first
   */
  public Backend {
    capabilities = Set.copyOf(capabilities);
    switches = List.copyOf(switches);
  }

  /**
   * One completed switch.
   *
   * @param from the provider that was left
   * @param to the provider that took over
   * @param at when the new provider was published
   * @param pause how long writers were held
   * @param variables how many variables moved
   * @param revision the revision that moved
   */
  public record Switch(
      String from, String to, Instant at, Duration pause, int variables, long revision) {}
}
