package io.trimtab.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.state.Change;
import io.trimtab.state.ChangeSet;
import io.trimtab.state.WatchListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Notes every change set a watch delivers, and waits for those that must come. */
final class ChangeLog implements WatchListener {

  private final List<ChangeSet> sets = new ArrayList<>();
  private final Duration patience;

  ChangeLog(Duration patience) {
    this.patience = patience;
  }

  @Override
  public synchronized void onChange(ChangeSet changes) {
    sets.add(changes);
    notifyAll();
  }

  synchronized List<ChangeSet> sets() {
    return List.copyOf(sets);
  }

  List<Change> changes() {
    return sets().stream().flatMap(set -> set.changes().stream()).toList();
  }

  /** Returns the new values told so far, without the initial ones. */
  List<Object> values() {
    return changes().stream()
        .filter(change -> change.kind() != Change.Kind.INITIAL)
        .map(Change::newValue)
        .toList();
  }

  /** Waits until so many change sets have come. */
  ChangeLog awaitSets(int count) {
    await(all -> all.size() >= count, "at least " + count + " change sets");
    return this;
  }

  /** Waits until the latest value told of a variable is the given one. */
  ChangeLog awaitValue(String name, Object value) {
    await(
        all -> {
          Object last = null;
          for (ChangeSet set : all) {
            for (Change change : set.changes()) {
              last = change.name().equals(name) ? change.newValue() : last;
            }
          }
          return value.equals(last);
        },
        name + " = " + value);
    return this;
  }

  private synchronized void await(Predicate<List<ChangeSet>> enough, String expected) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      while (!enough.test(sets)) {
        long left = (end - System.nanoTime()) / 1_000_000;
        assertThat(left)
            .as("the watch must deliver %s within %s, it delivered %s", expected, patience, sets)
            .isPositive();
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + expected, e);
    }
  }
}
