package io.trimtab.state;

/** The revision of the last published commit, on a cache line of its own. */
@SuppressWarnings({"unused", "UnusedVariable"}) // the padding is there to be unused
final class CommittedRevision {
  /*
   * Every commit writes this field. Without padding it could share a line with what every read needs, and one writer
   * would slow all readers.
   */

  private long before1;
  private long before2;
  private long before3;
  private long before4;
  private long before5;
  private long before6;
  private long before7;
  private volatile long revision;
  private long after1;
  private long after2;
  private long after3;
  private long after4;
  private long after5;
  private long after6;
  private long after7;

  CommittedRevision(long revision) {
    this.revision = revision;
  }

  long get() {
    return revision;
  }

  /** Publishes everything installed so far; the commit point. Only under the writers' lock. */
  void publish(long revision) {
    this.revision = revision;
  }
}
