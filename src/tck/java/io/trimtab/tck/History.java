package io.trimtab.tck;

import io.trimtab.state.VariableState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What competing threads did and were told, checked against the promise of linearizability. */
final class History {
  /*
   * Revision-witness check. In general deciding whether a history is linearizable is NP-complete (Gibbons and Korach,
   * Testing Shared Memories, 1997). Here every reply carries the revision at which it took effect, so the order is
   * given and need only be verified: (1) each revision was written once and without gap; (2) each reply shows exactly
   * what the commits up to its revision left behind; (3) the order of revisions agrees with real time: an operation
   * that began after another had ended has no lower revision, and a reader is never told of a commit that had not
   * begun when the reader had ended. Costs O(n log n) for n operations.
   *
   * A read of one variable carries the revision that wrote it; it took effect somewhere before the variable's next
   * write, so it must not have begun after anybody had been told of that write or of a later one.
   */

  /** A commit that was acknowledged: what each variable became, null for deleted. */
  record Written(
      long began, long ended, long revision, Map<String, @Nullable VariableState> effect) {}

  /** A reply that showed several variables as of one revision. */
  record Seen(long began, long ended, long revision, Map<String, VariableState> shown) {}

  /** A reply that showed one variable, or that it does not exist. */
  record SeenOne(long began, long ended, String name, @Nullable VariableState shown) {}

  private final long firstRevision;
  private final List<String> names;
  private final List<Written> writes = Collections.synchronizedList(new ArrayList<>());
  private final List<Seen> reads = Collections.synchronizedList(new ArrayList<>());
  private final List<SeenOne> singles = Collections.synchronizedList(new ArrayList<>());

  /** Starts a history over some variables that do not exist before it, after a revision. */
  History(long firstRevision, List<String> names) {
    this.firstRevision = firstRevision;
    this.names = List.copyOf(names);
  }

  void add(Written write) {
    writes.add(write);
  }

  void add(Seen read) {
    reads.add(read);
  }

  void add(SeenOne read) {
    singles.add(read);
  }

  int size() {
    return writes.size() + reads.size() + singles.size();
  }

  /** Returns what contradicts linearizability, empty if nothing does. */
  List<String> violations() {
    List<String> found = new ArrayList<>();
    List<Written> inOrder = new ArrayList<>(writes);
    inOrder.sort(Comparator.comparingLong(Written::revision));
    checkRevisions(inOrder, found);
    if (found.isEmpty()) {
      Map<String, NavigableMap<Long, Written>> byName = byName(inOrder);
      checkEffects(byName, found);
      checkRealTime(inOrder, found);
      NavigableMap<Long, Long> knowledge = knowledge();
      checkReads(inOrder, byName, knowledge, found);
      checkSingles(byName, knowledge, found);
    }
    return found;
  }

  private void checkRevisions(List<Written> inOrder, List<String> found) {
    long expected = firstRevision;
    for (Written write : inOrder) {
      expected++;
      if (write.revision() != expected) {
        found.add("revision %d is missing or was given twice: %s".formatted(expected, write));
        return;
      }
    }
  }

  private static Map<String, NavigableMap<Long, Written>> byName(List<Written> inOrder) {
    Map<String, NavigableMap<Long, Written>> byName = new HashMap<>();
    for (Written write : inOrder) {
      write
          .effect()
          .keySet()
          .forEach(
              name ->
                  byName.computeIfAbsent(name, n -> new TreeMap<>()).put(write.revision(), write));
    }
    return byName;
  }

  /** Versions of a name rise by one per write while it lives, and never fall. */
  private static void checkEffects(
      Map<String, NavigableMap<Long, Written>> byName, List<String> found) {
    byName.forEach(
        (name, writes) -> {
          long version = 0;
          boolean alive = false;
          for (Written write : writes.values()) {
            VariableState state = write.effect().get(name);
            if (state != null) {
              if (alive ? state.version() != version + 1 : state.version() <= version) {
                found.add("%s went from version %d to %s".formatted(name, version, state));
              }
              if (state.revision() != write.revision()) {
                found.add("%s was written at revision %d".formatted(state, write.revision()));
              }
              version = state.version();
            }
            alive = state != null;
          }
        });
  }

  /** A commit that began after another had ended comes after it. */
  private static void checkRealTime(List<Written> inOrder, List<String> found) {
    Written latestBegun = null;
    for (Written write : inOrder) {
      if (latestBegun != null && write.ended() < latestBegun.began()) {
        found.add("commit %s comes after %s, which it preceded".formatted(write, latestBegun));
      }
      latestBegun =
          latestBegun == null || write.began() > latestBegun.began() ? write : latestBegun;
    }
  }

  /** Returns which revision everybody can know of after each time: told by any reply until then. */
  private NavigableMap<Long, Long> knowledge() {
    TreeMap<Long, Long> told = new TreeMap<>();
    writes.forEach(write -> told.merge(write.ended(), write.revision(), Math::max));
    reads.forEach(read -> told.merge(read.ended(), read.revision(), Math::max));
    for (SeenOne read : singles) {
      if (read.shown() != null) {
        told.merge(read.ended(), read.shown().revision(), Math::max);
      }
    }
    long highest = firstRevision;
    for (Map.Entry<Long, Long> entry : told.entrySet()) {
      highest = Math.max(highest, entry.getValue());
      entry.setValue(highest);
    }
    return told;
  }

  private void checkReads(
      List<Written> inOrder,
      Map<String, NavigableMap<Long, Written>> byName,
      NavigableMap<Long, Long> knowledge,
      List<String> found) {
    for (Seen read : reads) {
      long least = below(knowledge, read.began());
      if (read.revision() < least) {
        found.add("stale: %s, although revision %d was known".formatted(read, least));
      }
      int index = (int) (read.revision() - firstRevision) - 1;
      if (index >= inOrder.size() || (index >= 0 && inOrder.get(index).began() > read.ended())) {
        found.add("from the future: " + read);
      } else {
        checkShown(read, byName, found);
      }
    }
  }

  private long below(NavigableMap<Long, Long> revisions, long time) {
    Map.Entry<Long, Long> entry = revisions.lowerEntry(time);
    return entry == null ? firstRevision : entry.getValue();
  }

  private void checkShown(
      Seen read, Map<String, NavigableMap<Long, Written>> byName, List<String> found) {
    for (String name : names) {
      NavigableMap<Long, Written> writes = byName.get(name);
      Map.Entry<Long, Written> last = writes == null ? null : writes.floorEntry(read.revision());
      VariableState expected = last == null ? null : last.getValue().effect().get(name);
      VariableState actual = read.shown().get(name);
      if (expected == null ? actual != null : !expected.equals(actual)) {
        found.add(
            "at revision %d %s was %s, but was shown as %s"
                .formatted(read.revision(), name, expected, actual));
      }
    }
  }

  private void checkSingles(
      Map<String, NavigableMap<Long, Written>> byName,
      NavigableMap<Long, Long> knowledge,
      List<String> found) {
    for (SeenOne read : singles) {
      NavigableMap<Long, Written> writes = byName.getOrDefault(read.name(), new TreeMap<>());
      VariableState shown = read.shown();
      if (shown == null) {
        checkAbsence(read, writes, found);
        continue;
      }
      Written write = writes.get(shown.revision());
      if (write == null || !shown.equals(write.effect().get(read.name()))) {
        found.add("shown what was never written: " + read);
      } else if (write.began() > read.ended()) {
        found.add("from the future: " + read);
      } else {
        Map.Entry<Long, Written> next = writes.higherEntry(shown.revision());
        if (next != null && next.getKey() <= below(knowledge, read.began())) {
          found.add("stale: %s, although %s was known".formatted(read, next.getValue()));
        }
      }
    }
  }

  /** Nothing was shown: there must have been a moment during the read without the variable. */
  private static void checkAbsence(
      SeenOne read, NavigableMap<Long, Written> writes, List<String> found) {
    long absentSince = Long.MIN_VALUE;
    boolean possible = false;
    for (Written write : writes.values()) {
      boolean gone = write.effect().get(read.name()) == null;
      if (gone) {
        absentSince = write.began();
      } else if (absentSince != Long.MAX_VALUE) {
        // absent from some time after absentSince until some time before this write ended
        possible |= absentSince <= read.ended() && write.ended() >= read.began();
        absentSince = Long.MAX_VALUE;
      }
    }
    possible |= absentSince != Long.MAX_VALUE && absentSince <= read.ended();
    if (!possible) {
      found.add("shown as missing while it existed: " + read);
    }
  }
}
