package io.trimtab.state;

import io.trimtab.TrimtabException;

/**
 * Says that another owner holds a lease on a variable; the answer is to wait until it ends or ask
 * its holder.
 */
public final class LeaseHeldException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient Lease lease;

  /**
   * Creates an exception.
   *
   * @param name the variable that cannot be written
   * @param lease the lease that covers it
   */
  public LeaseHeldException(String name, Lease lease) {
    super(
        "%s: expected a write by its lease holder \"%s\" (lease until %s), got another writer"
            .formatted(name, lease.owner(), lease.expiresAt()));
    this.lease = lease;
  }

  /**
   * Returns the lease that stands in the way.
   *
   * @return the lease, with its owner and expiry
   */
  public Lease lease() {
    return lease;
  }
}
