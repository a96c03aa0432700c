package io.trimtab.variable;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gathers the faults of one definition so that all are reported together. */
final class Definition {

  private final List<Violation> faults = new ArrayList<>();

  /** Records a fault unless the rule holds. */
  Definition require(boolean holds, String subject, String expected, @Nullable Object actual) {
    if (!holds) {
      faults.add(Violation.of(subject, expected, actual));
    }
    return this;
  }

  /** Records a fault that was found elsewhere. */
  Definition add(Violation fault) {
    faults.add(fault);
    return this;
  }

  boolean isSound() {
    return faults.isEmpty();
  }

  /** Throws if any fault was recorded. */
  void check() {
    if (!faults.isEmpty()) {
      throw new InvalidDefinitionException(faults);
    }
  }
}
