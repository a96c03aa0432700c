package io.trimtab.state;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Compares what a watcher was told with what was committed: ordered, unique, without gap, batches
 * never split, nothing from before the start, initial values right, only what was asked for, old
 * values right, conflated sets up to date.
 */
public final class WatchCheck {

  /** What was committed: by revision, the new value of each variable written, null if deleted. */
  public static final class Ledger {

    private final TreeMap<Long, Map<String, Object>> commits = new TreeMap<>();

    /** The whole state after each commit, made when it is asked for. */
    private final TreeMap<Long, Map<String, Object>> states = new TreeMap<>();

    /**
     * Notes a commit.
     *
     * @param revision its revision
     * @param values what it wrote, by name
     */
    public synchronized void add(long revision, Map<String, Object> values) {
      if (commits.put(revision, new LinkedHashMap<>(values)) != null) {
        throw new AssertionError("two commits at revision " + revision);
      }
    }

    synchronized Map<String, Object> asOf(long revision) {
      if (states.size() != commits.size()) {
        states.clear();
        Map<String, Object> state = new HashMap<>();
        commits.forEach(
            (at, values) -> {
              state.putAll(values);
              state.values().removeIf(Objects::isNull);
              states.put(at, new HashMap<>(state));
            });
      }
      Map.Entry<Long, Map<String, Object>> newest = states.floorEntry(revision);
      return newest == null ? new HashMap<>() : new HashMap<>(newest.getValue());
    }

    synchronized TreeMap<Long, Map<String, Object>> between(long after, long upTo) {
      return upTo <= after
          ? new TreeMap<>()
          : new TreeMap<>(commits.subMap(after, false, upTo, true));
    }
  }

  /**
   * What one watcher was told.
   *
   * @param names which variables it asked for
   * @param conflating whether its queue may overflow; commits that cancel each other out may then
   *     be left out
   * @param initial whether it asked for initial values
   * @param after the revision it began after
   * @param upTo the revision up to which it was told everything
   */
  public record Record(
      Predicate<String> names,
      boolean conflating,
      boolean initial,
      long after,
      long upTo,
      List<ChangeSet> told) {}

  private final Ledger ledger;
  private final Record record;
  private final Set<String> violations = new HashSet<>();

  private WatchCheck(Ledger ledger, Record record) {
    this.ledger = ledger;
    this.record = record;
  }

  /**
   * Returns the names of the promises that were broken.
   *
   * @param ledger what was committed
   * @param record what a watcher was told
   * @return empty if all is well
   */
  public static Set<String> violations(Ledger ledger, Record record) {
    WatchCheck check = new WatchCheck(ledger, record);
    check.run();
    return check.violations;
  }

  private void require(boolean holds, String promise) {
    if (!holds) {
      violations.add(promise);
    }
  }

  private void run() {
    List<ChangeSet> changes = new ArrayList<>(record.told());
    long last = record.after();
    require(
        record.initial() == (!changes.isEmpty() && changes.get(0).isInitial())
            || ledger.asOf(record.after()).keySet().stream().noneMatch(record.names()),
        "initial");
    if (record.initial() && !changes.isEmpty()) {
      checkInitial(changes.remove(0));
    }
    Set<Long> seen = new HashSet<>();
    Set<Long> covered = new HashSet<>();
    long previous = last;
    for (ChangeSet set : changes) {
      require(!set.isInitial(), "initial");
      require(set.revision() > record.after(), "resumable");
      require(seen.add(set.revision()), "unique");
      require(set.revision() >= previous, "ordered");
      checkFilter(set);
      coverCancelled(covered, last, set.revision() - 1);
      if (set.conflated()) {
        checkConflated(set, last);
        covered.addAll(ledger.between(last, set.revision()).keySet());
      } else {
        checkCommit(set);
        covered.add(set.revision());
      }
      previous = set.revision();
      last = Math.max(last, set.revision());
    }
    coverCancelled(covered, last, record.upTo());
    checkComplete(covered);
  }

  /** What a full queue merged into nothing is not missing. */
  private void coverCancelled(Set<Long> covered, long from, long to) {
    if (record.conflating() && visible(from, to).isEmpty()) {
      covered.addAll(ledger.between(from, to).keySet());
    }
  }

  private void checkInitial(ChangeSet set) {
    Map<String, Object> told = new HashMap<>();
    set.changes().forEach(change -> told.put(change.name(), change.newValue()));
    Map<String, Object> expected = ledger.asOf(record.after());
    expected.keySet().removeIf(record.names().negate());
    require(told.equals(expected) && set.revision() == record.after(), "initial");
  }

  private void checkFilter(ChangeSet set) {
    for (Change change : set.changes()) {
      require(record.names().test(change.name()), "filter");
    }
  }

  /** A commit is told whole: every visible change of a watched variable, with its old value. */
  private void checkCommit(ChangeSet set) {
    Map<String, Object> expected = visible(set.revision() - 1, set.revision());
    Map<String, Object> before = ledger.asOf(set.revision() - 1);
    Set<String> told = new HashSet<>();
    for (Change change : set.changes()) {
      require(told.add(change.name()), "unique");
      require(
          expected.containsKey(change.name())
              && Objects.equals(expected.get(change.name()), change.newValue()),
          "values");
      require(Objects.equals(before.get(change.name()), change.oldValue()), "old values");
    }
    require(told.containsAll(expected.keySet()), "atomic");
  }

  private void checkConflated(ChangeSet set, long last) {
    Map<String, Object> expected = visible(last, set.revision());
    Map<String, Object> before = ledger.asOf(last);
    Map<String, Object> told = new HashMap<>();
    for (Change change : set.changes()) {
      told.put(change.name(), change.newValue());
      require(Objects.equals(before.get(change.name()), change.oldValue()), "old values");
    }
    require(told.equals(expected), "conflated");
  }

  /** Returns what differs between two revisions among the watched variables. */
  private Map<String, Object> visible(long from, long to) {
    Map<String, Object> before = ledger.asOf(from);
    Map<String, Object> after = ledger.asOf(to);
    Map<String, Object> different = new HashMap<>();
    Set<String> names = new HashSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      if (record.names().test(name) && !Objects.equals(before.get(name), after.get(name))) {
        different.put(name, after.get(name));
      }
    }
    return different;
  }

  private void checkComplete(Set<Long> covered) {
    for (long revision : ledger.between(record.after(), record.upTo()).keySet()) {
      boolean concerns = !visible(revision - 1, revision).isEmpty();
      require(!concerns || covered.contains(revision), "no gap");
    }
  }
}
