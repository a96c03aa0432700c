"""What can go wrong, one type per decision a caller can take.

::

    TrimtabError
    |-- VariableNotFoundError (also a KeyError)     .keys
    |-- VariableAlreadyExistsError                  .names
    |-- InvalidValueError (also a ValueError)       .violations
    |-- InvalidDefinitionError (also a ValueError)  .violations
    |-- IllegalCallError (also a ValueError)
    |-- VersionConflictError                        .conflicts
    |-- VersionNotFoundError                        .key, .version
    |-- LeaseHeldError                              .leases
    |-- LeaseLostError                              .lease_id
    |-- BatchRejectedError                          .failures
    |-- PartialUpdateError                          .commit, .failures
    |-- DependencyCycleError                        .cycle
    |-- RevisionCompactedError                      .oldest
    |-- StateImportError
    |-- InvalidConfigurationError (also a ValueError)  .space .violations
    |-- ConfigurationNotFoundError (also a KeyError)   .name
    |-- SpaceMemberError
    |-- SamplingError
    |-- BridgeError
    |   |-- SessionUnknownError                     .session_id
    |   |-- SessionClosedError                      .session_id
    |   |-- ProtocolMismatchError                   .other
    |   |-- StateUnavailableError
    |   |-- UnsupportedError
    |   |-- NoHostError
    |   `-- InternalError
    `-- ProgramError
        |-- ProgramNotFoundError                    .name, .known
        |-- ProgramFailedError                      .type, .traceback, .cause
        |-- RunCancelledError
        |-- DeadlineExceededError
        |-- LmFailedError                           .type, .retry_after
        `-- ToolFailedError

Messages are whole sentences: what was expected, what came, where. The facts are in fields, so nobody parses text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from trimtab._records import Commit, Lease

__all__ = [
    "BatchRejectedError",
    "BridgeError",
    "ConfigurationNotFoundError",
    "Conflict",
    "DeadlineExceededError",
    "DependencyCycleError",
    "IllegalCallError",
    "InternalError",
    "InvalidConfigurationError",
    "InvalidDefinitionError",
    "InvalidValueError",
    "LeaseHeldError",
    "LeaseLostError",
    "LmFailedError",
    "NoHostError",
    "PartialUpdateError",
    "ProgramError",
    "ProgramFailedError",
    "ProgramNotFoundError",
    "ProtocolMismatchError",
    "RevisionCompactedError",
    "RunCancelledError",
    "SamplingError",
    "SessionClosedError",
    "SessionUnknownError",
    "SpaceMemberError",
    "StateImportError",
    "StateUnavailableError",
    "ToolFailedError",
    "TrimtabError",
    "UnsupportedError",
    "VariableAlreadyExistsError",
    "VariableNotFoundError",
    "VersionConflictError",
    "VersionNotFoundError",
    "Violation",
]


class Violation(NamedTuple):
    """One broken rule: what it is about, what was expected there, and what came."""

    subject: str
    expected: str
    actual: str | None = None

    def __str__(self) -> str:
        got = "" if self.actual is None else f", got {self.actual}"
        return f"{self.subject}: expected {self.expected}{got}"


class Conflict(NamedTuple):
    """A version a writer expected and the one it met; 0 stands for "does not exist"."""

    expected: int
    current: int


class TrimtabError(Exception):
    """The root of everything this package raises on purpose."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


# State


class VariableNotFoundError(TrimtabError, KeyError):
    """No variable of a name or id exists where it was looked for."""

    def __init__(self, keys: Iterable[str], where: str, message: str | None = None) -> None:
        self.keys = tuple(keys)
        super().__init__(message or f"{', '.join(self.keys)}: expected an existing variable, found none in {where}")


class VariableAlreadyExistsError(TrimtabError):
    """A variable of a name to register exists already; the first one is unchanged."""

    def __init__(self, names: Iterable[str], where: str, message: str | None = None) -> None:
        self.names = tuple(names)
        super().__init__(message or f"{', '.join(self.names)}: expected a new name, but it is registered in {where}")


class _ViolationsError(TrimtabError, ValueError):
    def __init__(self, violations: Iterable[Violation], message: str | None = None) -> None:
        self.violations = tuple(violations)
        super().__init__(message or "; ".join(map(str, self.violations)))


class InvalidValueError(_ViolationsError):
    """One or more values lie outside their domains; nothing was written."""


class InvalidDefinitionError(_ViolationsError):
    """A variable, domain or space contradicts itself; every fault is listed."""


class IllegalCallError(TrimtabError, ValueError):
    """A call that no state could accept, such as one variable written by name and by id."""


class VersionConflictError(TrimtabError):
    """A variable or document no longer has the version the writer saw: read again and decide anew."""

    def __init__(self, conflicts: Mapping[str, Conflict], message: str | None = None) -> None:
        self.conflicts = dict(conflicts)
        super().__init__(
            message
            or "; ".join(
                f"{subject}: expected version {c.expected}, got version {c.current}"
                for subject, c in self.conflicts.items()
            )
        )


class VersionNotFoundError(TrimtabError):
    """A version to roll back to was never written or has left the history."""

    def __init__(self, key: str, version: int, message: str) -> None:
        self.key = key
        self.version = version
        super().__init__(message)


class LeaseHeldError(TrimtabError):
    """Another owner holds a lease on a variable; the lease says who and until when."""

    def __init__(self, leases: Mapping[str, Lease], message: str | None = None) -> None:
        self.leases = dict(leases)
        super().__init__(
            message
            or "; ".join(
                f'{name}: expected a write by its lease holder "{lease.owner}" (lease until {lease.expires_at}), got another writer'
                for name, lease in self.leases.items()
            )
        )


class LeaseLostError(TrimtabError):
    """A lease has ended or belongs to somebody else."""

    def __init__(self, lease_id: str, owner: str, message: str | None = None) -> None:
        self.lease_id = lease_id
        super().__init__(
            message or f'lease {lease_id}: expected to be held by "{owner}", but it has ended or is another\'s'
        )


class BatchRejectedError(TrimtabError):
    """An all-or-nothing batch failed for several different reasons; nothing was written."""

    def __init__(self, failures: Mapping[str, TrimtabError], message: str | None = None) -> None:
        self.failures = dict(failures)
        super().__init__(message or "; ".join(map(str, self.failures.values())))


class PartialUpdateError(TrimtabError):
    """A best-effort batch was applied in part: the good writes are in, those named here are not."""

    def __init__(self, commit: Commit, failures: Mapping[str, TrimtabError], message: str | None = None) -> None:
        self.commit = commit
        self.failures = dict(failures)
        super().__init__(message or "; ".join(map(str, self.failures.values())))


class DependencyCycleError(TrimtabError):
    """A dependency would close a cycle; it was not added."""

    def __init__(self, cycle: Sequence[str], message: str | None = None) -> None:
        self.cycle = tuple(cycle)
        super().__init__(message or f"dependency: expected no cycle, got {' -> '.join(self.cycle)}")


class RevisionCompactedError(TrimtabError):
    """A revision to resume from is no longer kept: watch anew with initial values."""

    def __init__(self, oldest: int, requested: int, message: str | None = None) -> None:
        self.oldest = oldest
        super().__init__(message or f"watch: expected to resume from revision {oldest} or later, got {requested}")


class StateImportError(TrimtabError):
    """An exported state contradicts itself or is not in the format; nothing has changed."""


# Configurations


class InvalidConfigurationError(_ViolationsError):
    """Values break domains, conditions or rules of a space; all of them are listed."""

    def __init__(self, violations: Iterable[Violation], message: str | None = None, *, space: str = "") -> None:
        self.space = space
        super().__init__(violations, message)


class ConfigurationNotFoundError(TrimtabError, KeyError):
    """No space of a name is registered in the session."""

    def __init__(self, name: str, message: str | None = None) -> None:
        self.name = name
        super().__init__(message or f"{name}: expected a registered configuration space, found none")


class SpaceMemberError(TrimtabError):
    """A registered space forbids a write altogether, such as deleting a member."""


class SamplingError(TrimtabError):
    """A space has no valid configuration, or none was found within the budget."""


# Bridge


class BridgeError(TrimtabError):
    """Something between the two processes, not a matter of variables."""


class SessionUnknownError(BridgeError):
    """This incarnation of the sidecar does not hold the session: open it."""

    def __init__(self, session_id: str, message: str | None = None) -> None:
        self.session_id = session_id
        super().__init__(message or f'session "{session_id}": expected an open session, found none')


class SessionClosedError(BridgeError):
    """The session was ended for everybody."""

    def __init__(self, session_id: str, message: str | None = None) -> None:
        self.session_id = session_id
        super().__init__(message or f'session "{session_id}" is closed')


class ProtocolMismatchError(BridgeError):
    """The other side speaks another major version of the protocol."""

    def __init__(self, message: str, other: str) -> None:
        self.other = other
        super().__init__(message)


class StateUnavailableError(BridgeError):
    """Nobody answers, or the disk does not: try again later. Whether a write was applied may be unknown."""


class UnsupportedError(BridgeError):
    """The other side does not offer what was asked for."""


class NoHostError(BridgeError):
    """The operation needs a JVM and none is attached to the session."""


class InternalError(BridgeError):
    """A fault of this package; the message says where."""


# Programs and models


class ProgramError(TrimtabError):
    """A program, or a model or tool it called, did not give an answer."""


class ProgramNotFoundError(ProgramError):
    """No program of a name is registered in the sidecar."""

    def __init__(self, name: str, message: str | None = None, known: Iterable[str] = ()) -> None:
        self.name = name
        self.known = tuple(known)
        super().__init__(message or f"{name}: expected a registered program, found none")


class ProgramFailedError(ProgramError):
    """A program raised an exception; its type and traceback are kept as text, and what a model or tool of the JVM said
    as ``cause``, None if that was not it.
    """

    def __init__(self, message: str, *, type: str = "", traceback: str = "", cause: TrimtabError | None = None) -> None:
        self.type = type
        self.traceback = traceback
        self.cause = cause
        super().__init__(message)


class RunCancelledError(ProgramError):
    """A run ended because nobody waits for it any more."""


class DeadlineExceededError(ProgramError):
    """A call did not end in the time it was given."""


class LmFailedError(ProgramError):
    """A language model in the JVM refused or failed; ``retry_after`` is in seconds, None if unknown."""

    def __init__(self, message: str, *, type: str = "", retry_after: float | None = None) -> None:
        self.type = type
        self.retry_after = retry_after
        super().__init__(message)


class ToolFailedError(ProgramError):
    """A tool in the JVM failed."""
