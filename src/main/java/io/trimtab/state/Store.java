package io.trimtab.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The variables and documents of a {@link LocalState}: many lock-free readers, one writer. */
final class Store {
  /*
   * Multi-version concurrency control. A writer, alone under the writers' lock, puts new versions on top of cells,
   * then publishes them all by one volatile write of the committed revision, then settles them. A reader of one
   * variable takes the newest published version of its cell. A reader of several notes the committed revision and
   * takes from each cell the version that stood then, so it sees one revision without stopping writers.
   *
   * The index maps names and ids to cells. Entries appear before the commit that registers them (their versions are
   * not published yet) and go after the commit that deletes them (their versions say "deleted"), so a key missing from
   * the index is missing from the published state. A reader of several keys must not see an entry go between its note
   * of the revision and its lookup; it notices by the count of removals and tries again.
   *
   * The roster lists cells in order of registration. It grows in place, hence a reader trusts it only if the array is
   * the same before and after its note of the revision; cells without a version at that revision are skipped.
   */

  private static final int FIRST_CAPACITY = 16;

  final ConcurrentHashMap<String, Cell> index = new ConcurrentHashMap<>();
  final CommittedRevision committed;
  private volatile Cell[] roster = new Cell[FIRST_CAPACITY];
  private volatile long removals;
  private volatile DocumentShelf documents;

  // Guarded by the writers' lock.
  private int enrolled;
  private int deleted;
  private int nextSequence;
  private int marks;

  Store(long revision) {
    this.committed = new CommittedRevision(revision);
    this.documents = new DocumentShelf(revision, Map.of(), null);
  }

  // Reading, without a lock.

  @Nullable VariableState find(String key) {
    Cell cell = index.get(key);
    return cell == null ? null : cell.current(committed);
  }

  @Nullable StateDocument findDocument(String key) {
    while (true) {
      DocumentShelf shelf = shelfAsOf(committed.get());
      if (shelf != null) {
        return shelf.frozen.get(key);
      }
    }
  }

  /** Returns the variables of some keys, or null if writers were too fast for this attempt. */
  @Nullable StateSnapshot tryRead(String sessionId, Collection<String> keys) {
    long removalsBefore = removals;
    long revision = committed.get();
    List<Cell> cells = new ArrayList<>(keys.size());
    for (String key : keys) {
      Cell cell = index.get(key);
      if (cell != null) {
        cells.add(cell);
      }
    }
    if (removals != removalsBefore) {
      return null;
    }
    cells.sort(Comparator.comparingInt(cell -> cell.sequence));
    return snapshot(sessionId, revision, cells, name -> true);
  }

  /** Returns the variables of some names, or null if writers were too fast for this attempt. */
  @Nullable StateSnapshot tryList(String sessionId, Predicate<String> names) {
    Cell[] cells = roster;
    long revision = committed.get();
    if (roster != cells) {
      return null;
    }
    return snapshot(sessionId, revision, Arrays.asList(cells), names);
  }

  private @Nullable StateSnapshot snapshot(
      String sessionId,
      long revision,
      Iterable<? extends @Nullable Cell> cells,
      Predicate<String> names) {
    Map<String, VariableState> found = new LinkedHashMap<>();
    for (Cell cell : cells) {
      if (cell == null) {
        break; // the roster's free end
      }
      VariableState state = cell.asOf(revision);
      if (state != null && Cell.isCut(state)) {
        return null;
      }
      if (state != null && names.test(state.name())) {
        found.put(state.name(), state);
      }
    }
    DocumentShelf shelf = shelfAsOf(revision);
    return shelf == null ? null : new StateSnapshot(sessionId, revision, found, shelf.frozen);
  }

  private @Nullable DocumentShelf shelfAsOf(long revision) {
    DocumentShelf shelf = documents;
    while (shelf != null && shelf.revision > revision) {
      shelf = shelf.previous;
    }
    return shelf;
  }

  // Writing, under the writers' lock.

  /** Returns the cell of a variable that exists, staged writes not counted, or null. */
  @Nullable Cell live(String key) {
    Cell cell = index.get(key);
    return cell != null && cell.isAlive() ? cell : null;
  }

  /** Returns the cells of existing variables in order of registration. */
  List<Cell> liveCells() {
    List<Cell> cells = new ArrayList<>(enrolled - deleted);
    Cell[] all = roster;
    for (int i = 0; i < enrolled; i++) {
      if (all[i].isAlive()) {
        cells.add(all[i]);
      }
    }
    return cells;
  }

  Map<String, StateDocument> documents() {
    return documents.inOrder;
  }

  int nextSequence() {
    return nextSequence++;
  }

  /** Returns a number no cell was marked with lately. */
  int nextMark() {
    return ++marks;
  }

  void enroll(Cell cell) {
    Cell[] cells = roster;
    if (enrolled == cells.length) {
      cells = Arrays.copyOf(cells, enrolled * 2);
      roster = cells;
    }
    cells[enrolled++] = cell;
    VariableState state = cell.newest();
    index.put(state.id(), cell);
    index.put(state.name(), cell);
  }

  void shelve(long revision, Map<String, StateDocument> changed) {
    documents = new DocumentShelf(revision, changed, documents);
  }

  /** Publishes a commit: from here on every reader sees all of it. */
  void publish(long revision) {
    committed.publish(revision);
    DocumentShelf shelf = documents;
    if (shelf.previous != null) {
      shelf.previous = null;
    }
  }

  /** Drops the cells of variables whose deletion is published. */
  void discard(List<Cell> gone) {
    if (gone.isEmpty()) {
      return;
    }
    long before = removals;
    removals = before + gone.size(); // writers take turns
    for (Cell cell : gone) {
      VariableState last = cell.newest();
      index.remove(last.name(), cell);
      index.remove(last.id(), cell);
    }
    deleted += gone.size();
    if (deleted > enrolled / 2) {
      compactRoster();
    }
  }

  private void compactRoster() {
    List<Cell> cells = liveCells();
    Cell[] compact =
        cells.toArray(new Cell[Math.max(FIRST_CAPACITY, Integer.highestOneBit(cells.size()) * 2)]);
    enrolled = cells.size();
    deleted = 0;
    roster = compact;
  }
}
