package io.trimtab.state;

import io.trimtab.TrimtabException;

/**
 * Says that a lease to renew or release has ended or belongs to another owner; the holder must stop
 * writing.
 */
public final class LeaseLostException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient String leaseId;

  /**
   * Creates an exception.
   *
   * @param leaseId the lease that is gone
   * @param owner who believed to hold it
   */
  public LeaseLostException(String leaseId, String owner) {
    super(
        "lease %s: expected to be held by \"%s\", but it has ended or is another's"
            .formatted(leaseId, owner));
    this.leaseId = leaseId;
  }

  /**
   * Returns the lease that is gone.
   *
   * @return its id
   */
  public String leaseId() {
    return leaseId;
  }
}
