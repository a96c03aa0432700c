package io.trimtab.session;

import io.trimtab.state.Lease;
import io.trimtab.state.WriteContext;
import java.util.Set;

/**
 * The sole right to write some variables of a session until it is closed; see {@link
 * Session#lease}. Safe for use by many threads at once.
 */
public final class SessionLease implements AutoCloseable {

  private final SessionLeases leases;
  private final SessionLeases.Held held;

  SessionLease(SessionLeases leases, SessionLeases.Held held) {
    this.leases = leases;
    this.held = held;
  }

  /**
   * Returns who holds the lease.
   *
   * @return the owner
   */
  public String owner() {
    return lease().owner();
  }

  /**
   * Returns the variables the lease covers.
   *
   * @return their names
   */
  public Set<String> names() {
    return lease().names();
  }

  /**
   * Returns the lease as of its last renewal.
   *
   * @return the lease with its expiry
   */
  public Lease lease() {
    return held.lease();
  }

  /**
   * Returns the context that writes of the holder go through.
   *
   * @return a context on behalf of the owner
   */
  public WriteContext context() {
    return WriteContext.JVM.onBehalfOf(owner());
  }

  /**
   * Tells whether the lease still holds.
   *
   * @return false once it is closed or was lost because it could not be renewed in time
   */
  public boolean isHeld() {
    return held.isHeld();
  }

  /** Ends the lease; ending it again does nothing. */
  @Override
  public void close() {
    leases.release(held);
  }
}
