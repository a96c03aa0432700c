package io.trimtab.bridge;

/** What the reads of a bridged state promise. */
public enum ReadMode {
  /**
   * A read sees every write that was acknowledged to anybody before it began. Costs one round trip,
   * shared by all reads under way.
   */
  LINEARIZABLE,
  /**
   * A read sees what this JVM has been told of: its own acknowledged writes, whole commits, never
   * going back, and others' writes a moment later. Costs what reading memory costs, and works while
   * the sidecar does not answer.
   */
  REPLICA
}
