package io.trimtab.state;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The leases of one provider. Guarded by the provider's writers' lock. */
final class LeaseBook {

  private final Map<String, Lease> leases = new LinkedHashMap<>();
  private final InstantSource clock;
  private final Supplier<String> ids;

  LeaseBook(InstantSource clock, Supplier<String> ids) {
    this.clock = clock;
    this.ids = ids;
  }

  boolean isEmpty() {
    return leases.isEmpty();
  }

  Lease acquire(String owner, Collection<String> names, Duration duration) {
    Set<String> wanted = new LinkedHashSet<>(names);
    Instant now = clock.instant();
    Map<String, Lease> inTheWay = new LinkedHashMap<>();
    for (String name : wanted) {
      Lease other = obstacle(name, owner, now);
      if (other != null) {
        inTheWay.put(name, other);
      }
    }
    if (!inTheWay.isEmpty()) {
      throw new LeaseHeldException(inTheWay);
    }
    Lease lease = new Lease(ids.get(), owner, wanted, expiry(now, duration));
    leases.put(lease.id(), lease);
    return lease;
  }

  Lease renew(Lease lease, Duration duration) {
    Instant now = clock.instant();
    Lease held = leases.get(lease.id());
    if (held == null || !held.owner().equals(lease.owner()) || hasEnded(held, now)) {
      throw new LeaseLostException(lease.id(), lease.owner());
    }
    Lease renewed = new Lease(held.id(), held.owner(), held.names(), expiry(now, duration));
    leases.put(renewed.id(), renewed);
    return renewed;
  }

  void release(Lease lease) {
    Lease held = leases.get(lease.id());
    if (held != null && !held.owner().equals(lease.owner())) {
      throw new LeaseLostException(lease.id(), lease.owner());
    }
    leases.remove(lease.id());
  }

  /** Returns the leases that have not ended and forgets the others. */
  List<Lease> alive() {
    Instant now = clock.instant();
    leases.values().removeIf(lease -> hasEnded(lease, now));
    return List.copyOf(leases.values());
  }

  /** Returns the lease that keeps an owner from writing a variable, or null. */
  @Nullable Lease obstacle(String name, @Nullable String owner, Instant now) {
    for (Lease lease : leases.values()) {
      if (lease.names().contains(name) && !lease.owner().equals(owner) && !hasEnded(lease, now)) {
        return lease;
      }
    }
    return null;
  }

  void replaceAll(Collection<Lease> imported) {
    leases.clear();
    imported.forEach(lease -> leases.put(lease.id(), lease));
  }

  private static boolean hasEnded(Lease lease, Instant now) {
    return !now.isBefore(lease.expiresAt());
  }

  private static Instant expiry(Instant now, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException("a lease lasts a positive time, got " + duration);
    }
    try {
      return now.plus(duration);
    } catch (DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "a lease ends before %s, got a duration of %s".formatted(Instant.MAX, duration), e);
    }
  }
}
