package io.trimtab.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** One version of one variable, linked to the versions before and after it. */
final class Version {
  /*
   * Readers follow previous without a lock while a writer may cut the chain; whoever meets a null on a version that is
   * not the lowest starts again. Settled means "its commit is known to be published": it spares readers of settled
   * versions the look at the store's committed revision, whose cache line every writer dirties. It is written after
   * the commit and read with acquire, so that a reader who saw it also sees the revision.
   */

  /** Stands for "there was one, but it has left the history while we looked". */
  static final Version CUT = new Version();

  private static final VarHandle SETTLED;

  static {
    try {
      SETTLED = MethodHandles.lookup().findVarHandle(Version.class, "settled", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The variable as of this version; for a deletion, as it was last but with its revision. */
  private final @Nullable VariableState state;

  /** Whether the variable ends here. */
  final boolean deleted;

  /** Whether the store never held an older version of the variable. */
  final boolean lowest;

  /** Written under the writers' lock, read by everyone. */
  @Nullable Version previous;

  /** Guarded by the writers' lock. */
  @Nullable Version next;

  @SuppressWarnings("UnusedVariable") // accessed through SETTLED
  private boolean settled;

  private Version() {
    this.state = null;
    this.deleted = true;
    this.lowest = true;
  }

  private Version(VariableState state, boolean deleted, boolean lowest) {
    this.state = state;
    this.deleted = deleted;
    this.lowest = lowest;
  }

  /** Returns the version a variable begins with in this store. */
  static Version lowest(VariableState state) {
    return new Version(state, /* deleted= */ false, /* lowest= */ true);
  }

  static Version of(VariableState state) {
    return new Version(state, /* deleted= */ false, /* lowest= */ false);
  }

  static Version deletion(VariableState last) {
    return new Version(last, /* deleted= */ true, /* lowest= */ false);
  }

  VariableState state() {
    VariableState present = state;
    if (present == null) {
      throw new AssertionError("CUT is compared by identity and never read");
    }
    return present;
  }

  long revision() {
    return state().revision();
  }

  boolean isSettled() {
    return (boolean) SETTLED.getAcquire(this);
  }

  void settle() {
    SETTLED.setRelease(this, true);
  }
}
