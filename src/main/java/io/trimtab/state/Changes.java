package io.trimtab.state;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the changes that watchers are told of. */
final class Changes {

  private Changes() {}

  static Change initial(VariableState state) {
    return new Change(Change.Kind.INITIAL, state.name(), null, state.value(), state);
  }

  static Change registered(VariableState state) {
    return new Change(Change.Kind.REGISTERED, state.name(), null, state.value(), state);
  }

  /** Returns null if the value is the same: the version rises, but watchers are not told. */
  static @Nullable Change changed(VariableState before, VariableState after) {
    return before.value().equals(after.value())
        ? null
        : new Change(Change.Kind.CHANGED, after.name(), before.value(), after.value(), after);
  }

  static Change deleted(VariableState last) {
    return new Change(Change.Kind.DELETED, last.name(), last.value(), null, last);
  }

  /** Returns the visible changes among pairs of states before and after a set. */
  static List<Change> ofSets(VariableState[] beforeAndAfter) {
    List<Change> changes = new ArrayList<>(beforeAndAfter.length / 2);
    for (int i = 0; i < beforeAndAfter.length; i += 2) {
      Change change = changed(beforeAndAfter[i], beforeAndAfter[i + 1]);
      if (change != null) {
        changes.add(change);
      }
    }
    return changes;
  }
}
