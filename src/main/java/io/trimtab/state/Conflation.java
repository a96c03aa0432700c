package io.trimtab.state;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Merges what several commits did into the latest change per variable. */
final class Conflation {

  private Conflation() {}

  /**
   * Merges change sets.
   *
   * @param sets at least one, in order of revision
   * @return one set as of the last revision; without changes if they cancel each other out
   */
  static ChangeSet merge(Collection<ChangeSet> sets) {
    Map<String, Change> latest = new LinkedHashMap<>();
    long revision = 0;
    boolean conflated = sets.size() > 1;
    for (ChangeSet set : sets) {
      revision = set.revision();
      conflated |= set.conflated();
      for (Change change : set.changes()) {
        Change earlier = latest.remove(change.name()); // the latest change decides the place
        Change merged = earlier == null ? change : merge(earlier, change);
        if (merged != null) {
          latest.put(change.name(), merged);
        }
      }
    }
    List<Change> changes = new ArrayList<>(latest.values());
    return new ChangeSet(revision, changes, conflated);
  }

  /** Merges two changes of one variable; null if they cancel each other out. */
  private static @Nullable Change merge(Change earlier, Change later) {
    Object before = earlier.oldValue();
    boolean bornHere = earlier.kind() == Change.Kind.REGISTERED && before == null;
    return switch (later.kind()) {
      case DELETED ->
          bornHere ? null : new Change(later.kind(), later.name(), before, null, later.state());
      case INITIAL -> later;
      case REGISTERED ->
          // deleted and registered anew: another variable, but its old value is worth telling
          new Change(later.kind(), later.name(), before, later.newValue(), later.state());
      case CHANGED -> {
        Change.Kind kind =
            earlier.kind() == Change.Kind.REGISTERED ? Change.Kind.REGISTERED : later.kind();
        yield kind == Change.Kind.CHANGED && Objects.equals(before, later.newValue())
            ? null
            : new Change(kind, later.name(), before, later.newValue(), later.state());
      }
    };
  }
}
