package io.trimtab.state;

import io.trimtab.variable.Embedding;
import io.trimtab.variable.Tensor;
import java.util.ArrayList;
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

  private static final int FIRST_SLOTS = 16;

  private final int maxCommits;
  private long[] revisions = new long[FIRST_SLOTS];
  private long[] weights = new long[FIRST_SLOTS];

  /** A list of changes, or states before and after sets, per commit. */
  private @Nullable Object[] commits = new Object[FIRST_SLOTS];

  private int first;
  private int size;
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

  void add(long revision, List<Change> changes) {
    long sum = 0;
    for (Change change : changes) {
      sum += WEIGHT_OF_CHANGE + weight(change.newValue()) + weight(change.oldValue());
    }
    append(revision, changes, sum);
  }

  /** Appends sets as pairs of states before and after. */
  void add(long revision, VariableState[] beforeAndAfter) {
    long sum = 0;
    for (VariableState state : beforeAndAfter) {
      sum += WEIGHT_OF_CHANGE / 2 + weight(state.value());
    }
    append(revision, beforeAndAfter, sum);
  }

  private void append(long revision, Object commit, long commitWeight) {
    if (size == maxCommits) {
      drop();
    } else if (size == commits.length) {
      grow();
    }
    int slot = slot(size++);
    revisions[slot] = revision;
    commits[slot] = commit;
    weights[slot] = commitWeight;
    weight += commitWeight;
    while (weight > MAX_WEIGHT) {
      drop();
    }
  }

  private void grow() {
    int larger = Math.min(maxCommits, size * 2);
    long[] newRevisions = new long[larger];
    long[] newWeights = new long[larger];
    @Nullable Object[] newCommits = new Object[larger];
    for (int i = 0; i < size; i++) {
      int slot = slot(i);
      newRevisions[i] = revisions[slot];
      newWeights[i] = weights[slot];
      newCommits[i] = commits[slot];
    }
    revisions = newRevisions;
    weights = newWeights;
    commits = newCommits;
    first = 0;
  }

  private void drop() {
    weight -= weights[first];
    oldest = revisions[first];
    commits[first] = null;
    first = slot(1);
    size--;
  }

  private int slot(int position) {
    int slot = first + position;
    return slot < commits.length ? slot : slot - commits.length;
  }

  /** Forgets everything, so that no watch can resume from before a revision. */
  void restart(long revision) {
    while (size > 0) {
      drop();
    }
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
    for (int i = 0; i < size; i++) {
      int slot = slot(i);
      List<Change> changes = revisions[slot] > revision ? changes(slot) : List.of();
      if (!changes.isEmpty()) {
        later.add(new ChangeSet(revisions[slot], changes, /* conflated= */ false));
      }
    }
    return later;
  }

  @SuppressWarnings("unchecked") // what is no array of states is a list of changes, see add()
  private List<Change> changes(int slot) {
    Object commit = commits[slot];
    if (commit == null) {
      throw new AssertionError("every slot in use holds a commit");
    }
    return commit instanceof VariableState[] sets ? Changes.ofSets(sets) : (List<Change>) commit;
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
