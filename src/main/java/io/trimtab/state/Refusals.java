package io.trimtab.state;

import io.trimtab.TrimtabException;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.VariableNotFoundException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Turns the failures of one batch into the one exception its writer receives. */
final class Refusals {

  private Refusals() {}

  /**
   * Returns the failures' own type if they are all of one, with every subject in it; else {@link
   * BatchRejectedException}.
   *
   * @param failures at least one, by the key the writer used
   * @param where such as {@code session "s1"}
   */
  static TrimtabException asOne(Map<String, TrimtabException> failures, String where) {
    Collection<TrimtabException> all = failures.values();
    TrimtabException first = all.iterator().next();
    if (all.size() == 1) {
      return first;
    }
    Class<?> kind = first.getClass();
    if (!all.stream().allMatch(kind::isInstance)) {
      return new BatchRejectedException(failures);
    }
    if (kind == InvalidValueException.class) {
      return new InvalidValueException(
          gather(all, InvalidValueException.class, InvalidValueException::violations));
    }
    if (kind == VariableNotFoundException.class) {
      return new VariableNotFoundException(
          gather(all, VariableNotFoundException.class, VariableNotFoundException::keys), where);
    }
    if (kind == VariableAlreadyExistsException.class) {
      return new VariableAlreadyExistsException(
          gather(all, VariableAlreadyExistsException.class, VariableAlreadyExistsException::names),
          where);
    }
    if (kind == VersionConflictException.class) {
      Map<String, VersionConflictException.Conflict> conflicts = new LinkedHashMap<>();
      all.forEach(e -> conflicts.putAll(((VersionConflictException) e).conflicts()));
      return new VersionConflictException(conflicts);
    }
    if (kind == LeaseHeldException.class) {
      Map<String, Lease> leases = new LinkedHashMap<>();
      all.forEach(e -> leases.putAll(((LeaseHeldException) e).leases()));
      return new LeaseHeldException(leases);
    }
    return new BatchRejectedException(failures);
  }

  private static <E, T> List<T> gather(
      Collection<TrimtabException> failures, Class<E> kind, Function<E, List<T>> subjects) {
    return failures.stream().flatMap(e -> subjects.apply(kind.cast(e)).stream()).toList();
  }
}
