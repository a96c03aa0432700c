"""The leases of one session: who alone may write which variables, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from trimtab._records import Lease
from trimtab.exceptions import IllegalCallError, LeaseHeldError, LeaseLostError

_MAX_LEASE_MS = 1 << 60


class LeaseTable:
    """Leases by id; time is told by the caller, and whoever uses it holds the session's lock."""

    def __init__(self) -> None:
        self.held: Mapping[str, Lease] = {}  # some may have ended

    def replace(self, leases: Iterable[Lease]) -> None:
        """Holds these leases and no others."""
        self.held = {lease.id: lease for lease in leases}

    def alive(self, now: int) -> Sequence[Lease]:
        """Returns the leases that have not ended, and forgets the others."""
        self.replace(lease for lease in self.held.values() if lease.expires_ms > now)
        return tuple(self.held.values())

    def obstacle(self, name: str, owner: str | None, now: int) -> Lease | None:
        """Returns the lease that keeps an owner from writing a variable, or None."""
        for lease in self.held.values():
            if name in lease.names and lease.owner != owner and lease.expires_ms > now:
                return lease
        return None

    def acquire(self, id: str, owner: str, names: Sequence[str], duration_ms: int, now: int) -> Lease:
        """Takes the sole right to write some variables."""
        in_the_way = {name: lease for name in names if (lease := self.obstacle(name, owner, now)) is not None}
        if in_the_way:
            raise LeaseHeldError(in_the_way)
        return self._hold(Lease(id, owner, frozenset(names), _expiry(now, duration_ms)))

    def renew(self, lease: Lease, duration_ms: int, now: int) -> Lease:
        """Makes a lease last longer."""
        held = self.held.get(lease.id)
        if held is None or held.owner != lease.owner or held.expires_ms <= now:
            raise LeaseLostError(lease.id, lease.owner)
        return self._hold(held._replace(expires_ms=_expiry(now, duration_ms)))

    def release(self, lease: Lease) -> bool:
        """Ends a lease; returns whether there was one."""
        held = self.held.get(lease.id)
        if held is not None and held.owner != lease.owner:
            raise LeaseLostError(lease.id, lease.owner)
        self.held = {id: other for id, other in self.held.items() if id != lease.id}
        return held is not None

    def _hold(self, lease: Lease) -> Lease:
        self.held = {**self.held, lease.id: lease}
        return lease


def _expiry(now: int, duration_ms: int) -> int:
    if not 0 < duration_ms <= _MAX_LEASE_MS:
        raise IllegalCallError(f"a lease lasts a positive time, got {duration_ms} ms")
    return now + duration_ms
