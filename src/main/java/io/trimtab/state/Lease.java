package io.trimtab.state;

import java.time.Instant;
import java.util.Set;

/**
 * The sole right to write some variables for a while, as a study holds it while it optimizes them.
 *
 * @param id the lease's identity within its provider
 * @param owner who holds it; writes must carry the same {@link WriteContext#owner()}
 * @param names the names of the variables it covers
 * @param expiresAt when it ends unless renewed
 */
public record Lease(String id, String owner, Set<String> names, Instant expiresAt) {

  /**
   * Copies the names.
   *
   * @param id the lease's identity within its provider
   * @param owner who holds it; writes must carry the same {@link WriteContext#owner()}
   * @param names the names of the variables it covers
   * @param expiresAt when it ends unless renewed
   */
  public Lease {
    names = Set.copyOf(names);
  }
}
