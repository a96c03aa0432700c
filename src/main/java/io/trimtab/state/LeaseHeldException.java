package io.trimtab.state;

import io.trimtab.TrimtabException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Says that another owner holds a lease on a variable; the answer is to wait until it ends or ask
 * its holder.
 */
public final class LeaseHeldException extends TrimtabException {

  private static final long serialVersionUID = 1L;

  private final transient Map<String, Lease> leases;

  /**
   * Creates an exception for one variable.
   *
   * @param name the variable that cannot be written
   * @param lease the lease that covers it
   */
  public LeaseHeldException(String name, Lease lease) {
    this(Map.of(name, lease));
  }

  /**
   * Creates an exception for several variables.
   *
   * @param leases the lease that covers each variable that cannot be written, by name, at least one
   */
  public LeaseHeldException(Map<String, Lease> leases) {
    super(
        leases.entrySet().stream()
            .map(
                entry ->
                    "%s: expected a write by its lease holder \"%s\" (lease until %s), got another writer"
                        .formatted(
                            entry.getKey(), entry.getValue().owner(), entry.getValue().expiresAt()))
            .collect(Collectors.joining("; ")));
    this.leases = Collections.unmodifiableMap(new LinkedHashMap<>(leases));
  }

  /**
   * Returns the first lease that stands in the way.
   *
   * @return the lease, with its owner and expiry
   */
  public Lease lease() {
    return leases.values().iterator().next();
  }

  /**
   * Returns every lease that stands in the way.
   *
   * @return the leases by the name of the variable each covers
   */
  public Map<String, Lease> leases() {
    return leases;
  }
}
