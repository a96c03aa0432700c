package io.trimtab.state;

/**
 * What a state provider promises beyond single operations; the compliance kit keeps each claim
 * honest.
 */
public enum Capability {
  /** A batch is applied as a whole or not at all, and no reader sees half of it. */
  ATOMIC_UPDATES,
  /** Changes are delivered to watchers. */
  STREAMING,
  /** Acknowledged writes survive the end of the process that holds them. */
  PERSISTENCE,
  /** Several processes share one state. */
  DISTRIBUTION
}
