package io.trimtab.state;

import io.trimtab.variable.Embedding;
import io.trimtab.variable.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The most recent commits, so that a watch can resume where an earlier one ended. */
final class ChangeLog {
  /*
   * Bounded by commits and by the rough size of the values in them, so that a few commits of ten-megabyte texts do not
   * stay in memory for the sake of watchers that may never come.
   */

  private static final long MAX_WEIGHT = 32L << 20;
  private static final int WEIGHT_OF_CHANGE = 128;

  private final int maxCommits;
  private final Deque<ChangeSet> commits = new ArrayDeque<>();
  private long weight;
  private long oldest;

  /**
   * Creates an empty log.
   *
   * @param revision the revision before the first commit to come
   * @param maxCommits how many commits are kept at most
   */
  ChangeLog(long revision, int maxCommits) {
    this.oldest = revision;
    this.maxCommits = maxCommits;
  }

  void add(ChangeSet commit) {
    commits.addLast(commit);
    weight += weight(commit);
    while (commits.size() > maxCommits || weight > MAX_WEIGHT) {
      ChangeSet dropped = commits.removeFirst();
      weight -= weight(dropped);
      oldest = dropped.revision();
    }
  }

  /** Forgets everything, so that no watch can resume from before a revision. */
  void restart(long revision) {
    commits.clear();
    weight = 0;
    oldest = revision;
  }

  /**
   * Returns the commits after a revision.
   *
   * @throws RevisionCompactedException if one of them is no longer kept
   */
  List<ChangeSet> after(long revision) {
    if (revision < oldest) {
      throw new RevisionCompactedException(revision, oldest);
    }
    List<ChangeSet> later = new ArrayList<>();
    for (ChangeSet commit : commits) {
      if (commit.revision() > revision) {
        later.add(commit);
      }
    }
    return later;
  }

  private static long weight(ChangeSet commit) {
    long sum = 0;
    for (Change change : commit.changes()) {
      sum += WEIGHT_OF_CHANGE + weight(change.newValue()) + weight(change.oldValue());
    }
    return sum;
  }

  private static long weight(@Nullable Object value) {
    if (value instanceof String text) {
      return text.length();
    }
    if (value instanceof Embedding embedding) {
      return (long) embedding.dimensions() * Float.BYTES;
    }
    return value instanceof Tensor tensor ? (long) tensor.size() * Double.BYTES : 0;
  }
}
