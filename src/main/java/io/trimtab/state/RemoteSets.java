package io.trimtab.state;

import java.time.Instant;

/**
 * A commit of another provider that did nothing but set variables, as a {@link StateReplica} is
 * told of it. A {@link RemoteCommit} can say the same, with an object for each step.
 */
public final class RemoteSets {

  final long revision;
  final Instant at;
  final WriteContext context;
  final String[] keys;
  final long[] versions;
  final Object[] values;

  /**
   * Takes the arrays over, which have one length and must not change any more.
   *
   * @param revision the revision the commit made
   * @param at when it was made
   * @param context its source and the metadata merged into every variable written
   * @param keys names or ids of the variables, as the writer called them; no variable twice
   * @param versions the new version of each
   * @param values the new value of each, canonical
   */
  public RemoteSets(
      long revision,
      Instant at,
      WriteContext context,
      String[] keys,
      long[] versions,
      Object[] values) {
    if (versions.length != keys.length || values.length != keys.length) {
      throw new IllegalArgumentException(
          "revision %d: expected a version and a value for each of %d keys, got %d and %d"
              .formatted(revision, keys.length, versions.length, values.length));
    }
    this.revision = revision;
    this.at = at;
    this.context = context;
    this.keys = keys;
    this.versions = versions;
    this.values = values;
  }

  /**
   * Returns the revision the commit made.
   *
   * @return one more than that of the commit before it
   */
  public long revision() {
    return revision;
  }
}
