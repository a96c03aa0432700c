"""The one place where exceptions become the wire's Failure, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trimtab import _wire
from trimtab import exceptions as x
from trimtab._records import Commit, Lease

_STATUS = {
    "NOT_FOUND": "NOT_FOUND",
    "ALREADY_EXISTS": "ALREADY_EXISTS",
    "INVALID_VALUE": "INVALID_ARGUMENT",
    "INVALID_DEFINITION": "INVALID_ARGUMENT",
    "INVALID_CONFIGURATION": "INVALID_ARGUMENT",
    "INVALID_STATE": "INVALID_ARGUMENT",
    "ILLEGAL_ARGUMENT": "INVALID_ARGUMENT",
    "VERSION_CONFLICT": "ABORTED",
    "LEASE_HELD": "FAILED_PRECONDITION",
    "LEASE_LOST": "FAILED_PRECONDITION",
    "BATCH_REJECTED": "INVALID_ARGUMENT",
    "DEPENDENCY_CYCLE": "FAILED_PRECONDITION",
    "COMPACTED": "OUT_OF_RANGE",
    "VERSION_NOT_FOUND": "NOT_FOUND",
    "SESSION_UNKNOWN": "NOT_FOUND",
    "SESSION_CLOSED": "FAILED_PRECONDITION",
    "PROTOCOL_MISMATCH": "FAILED_PRECONDITION",
    "UNAVAILABLE": "UNAVAILABLE",
    "UNSUPPORTED": "UNIMPLEMENTED",
    "INTERNAL": "INTERNAL",
    "CONFIGURATION_NOT_FOUND": "NOT_FOUND",
    "SPACE_MEMBER": "FAILED_PRECONDITION",
    "SAMPLING_FAILED": "FAILED_PRECONDITION",
    "NO_HOST": "FAILED_PRECONDITION",
    "PROGRAM_NOT_FOUND": "NOT_FOUND",
    "PROGRAM_FAILED": "UNKNOWN",
    "CANCELLED": "CANCELLED",
    "DEADLINE_EXCEEDED": "DEADLINE_EXCEEDED",
    "LM_FAILED": "UNAVAILABLE",
    "TOOL_FAILED": "UNKNOWN",
}

FAILURE_TRAILER = "trimtab-failure-bin"


def status_name(failure: Any) -> str:
    """Returns the name of the gRPC status that goes with a failure on a unary call."""
    return _STATUS.get(_wire.REASON_NAMES.get(failure.reason, ""), "UNKNOWN")


# To the wire

Fill = Callable[[Any, Any], None]


def _violations(failure: Any, e: Any) -> None:
    for v in e.violations:
        failure.violations.add(subject=v.subject, expected=v.expected, actual=v.actual)


def _configuration(failure: Any, e: x.InvalidConfigurationError) -> None:
    failure.names.append(e.space)
    _violations(failure, e)


def _named(name: str) -> Fill:
    def fill(failure: Any, e: Any) -> None:
        value = getattr(e, name)
        failure.names.extend([value] if isinstance(value, str) else value)

    return fill


def _conflicts(failure: Any, e: x.VersionConflictError) -> None:
    for subject, conflict in e.conflicts.items():
        failure.conflicts.add(subject=subject, expected=conflict.expected & _U64, current=conflict.current)


def _leases(failure: Any, e: x.LeaseHeldError) -> None:
    for name, lease in e.leases.items():
        failure.leases.add(name=name, lease=lease.to_wire())


def _failures(failure: Any, e: x.BatchRejectedError | x.PartialUpdateError) -> None:
    for key, cause in e.failures.items():
        failure.failures.add(key=key, failure=to_failure(cause))


def _program(failure: Any, e: x.ProgramFailedError) -> None:
    failure.type = e.type
    failure.detail = e.traceback
    if e.cause is not None:
        failure.failures.add(key="cause", failure=to_failure(e.cause))


def _wanted(failure: Any, e: x.ProgramNotFoundError) -> None:
    failure.names.extend((e.name, *e.known))


def _lm(failure: Any, e: x.LmFailedError) -> None:
    failure.type = e.type
    failure.number = 0 if e.retry_after is None else round(e.retry_after * 1000)


def _nothing(failure: Any, e: x.TrimtabError) -> None:
    pass


def _oldest(failure: Any, e: x.RevisionCompactedError) -> None:
    failure.number = e.oldest


def _other(failure: Any, e: x.ProtocolMismatchError) -> None:
    failure.detail = e.other


def _version(failure: Any, e: x.VersionNotFoundError) -> None:
    failure.names.append(e.key)
    failure.number = e.version


_U64 = (1 << 64) - 1

_TO: dict[type[x.TrimtabError], tuple[str, Any]] = {
    x.VariableNotFoundError: ("NOT_FOUND", _named("keys")),
    x.VariableAlreadyExistsError: ("ALREADY_EXISTS", _named("names")),
    x.InvalidValueError: ("INVALID_VALUE", _violations),
    x.InvalidDefinitionError: ("INVALID_DEFINITION", _violations),
    x.IllegalCallError: ("ILLEGAL_ARGUMENT", _nothing),
    x.VersionConflictError: ("VERSION_CONFLICT", _conflicts),
    x.VersionNotFoundError: ("VERSION_NOT_FOUND", _version),
    x.LeaseHeldError: ("LEASE_HELD", _leases),
    x.LeaseLostError: ("LEASE_LOST", _named("lease_id")),
    x.BatchRejectedError: ("BATCH_REJECTED", _failures),
    x.DependencyCycleError: ("DEPENDENCY_CYCLE", _named("cycle")),
    x.RevisionCompactedError: ("COMPACTED", _oldest),
    x.StateImportError: ("INVALID_STATE", _nothing),
    x.InvalidConfigurationError: ("INVALID_CONFIGURATION", _configuration),
    x.ConfigurationNotFoundError: ("CONFIGURATION_NOT_FOUND", _named("name")),
    x.SpaceMemberError: ("SPACE_MEMBER", _nothing),
    x.SamplingError: ("SAMPLING_FAILED", _nothing),
    x.SessionUnknownError: ("SESSION_UNKNOWN", _named("session_id")),
    x.SessionClosedError: ("SESSION_CLOSED", _named("session_id")),
    x.ProtocolMismatchError: ("PROTOCOL_MISMATCH", _other),
    x.StateUnavailableError: ("UNAVAILABLE", _nothing),
    x.UnsupportedError: ("UNSUPPORTED", _nothing),
    x.InternalError: ("INTERNAL", _nothing),
    x.NoHostError: ("NO_HOST", _nothing),
    x.ProgramNotFoundError: ("PROGRAM_NOT_FOUND", _wanted),
    x.ProgramFailedError: ("PROGRAM_FAILED", _program),
    x.RunCancelledError: ("CANCELLED", _nothing),
    x.DeadlineExceededError: ("DEADLINE_EXCEEDED", _nothing),
    x.LmFailedError: ("LM_FAILED", _lm),
    x.ToolFailedError: ("TOOL_FAILED", _nothing),
}


def to_failure(e: BaseException) -> Any:
    """Returns the Failure message of an exception; of one that is not ours, an INTERNAL one that names its type."""
    for kind in type(e).__mro__:
        entry = _TO.get(kind)
        if entry is not None:
            failure = _wire.Failure(reason=_wire.REASONS[entry[0]], message=str(e))
            entry[1](failure, e)
            return failure
    return _wire.Failure(reason=_wire.REASONS["INTERNAL"], message=f"sidecar: unexpected {type(e).__name__}")


# From the wire


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number


def from_failure(failure: Any) -> x.TrimtabError:
    """Returns the exception of a Failure message."""
    reason = _wire.REASON_NAMES.get(failure.reason, "")
    message = failure.message
    names = list(failure.names)
    first = names[0] if names else ""
    violations = [
        x.Violation(v.subject, v.expected, v.actual if v.HasField("actual") else None) for v in failure.violations
    ]
    if reason == "NOT_FOUND":
        return x.VariableNotFoundError(names, "", message)
    if reason == "ALREADY_EXISTS":
        return x.VariableAlreadyExistsError(names, "", message)
    if reason == "INVALID_CONFIGURATION":
        return x.InvalidConfigurationError(violations, message, space=first)
    for kind in (x.InvalidValueError, x.InvalidDefinitionError):
        if _TO[kind][0] == reason:
            return kind(violations, message)
    if reason == "VERSION_CONFLICT":
        conflicts = {c.subject: x.Conflict(_signed(c.expected), c.current) for c in failure.conflicts}
        return x.VersionConflictError(conflicts, message)
    if reason == "VERSION_NOT_FOUND":
        return x.VersionNotFoundError(first, failure.number, message)
    if reason == "LEASE_HELD":
        return x.LeaseHeldError({held.name: Lease.from_wire(held.lease) for held in failure.leases}, message)
    if reason == "LEASE_LOST":
        return x.LeaseLostError(first, "", message)
    if reason == "BATCH_REJECTED":
        return x.BatchRejectedError({f.key: from_failure(f.failure) for f in failure.failures}, message)
    if reason == "DEPENDENCY_CYCLE":
        return x.DependencyCycleError(names, message)
    if reason == "COMPACTED":
        return x.RevisionCompactedError(failure.number, 0, message)
    if reason == "CONFIGURATION_NOT_FOUND":
        return x.ConfigurationNotFoundError(first, message)
    if reason == "SESSION_UNKNOWN":
        return x.SessionUnknownError(first, message)
    if reason == "SESSION_CLOSED":
        return x.SessionClosedError(first, message)
    if reason == "PROTOCOL_MISMATCH":
        return x.ProtocolMismatchError(message, failure.detail)
    if reason == "PROGRAM_NOT_FOUND":
        return x.ProgramNotFoundError(first, message, names[1:])
    if reason == "PROGRAM_FAILED":
        causes = [from_failure(f.failure) for f in failure.failures if f.key == "cause"]
        return x.ProgramFailedError(
            message, type=failure.type, traceback=failure.detail, cause=causes[0] if causes else None
        )
    if reason == "LM_FAILED":
        retry_after = failure.number / 1000 if failure.number else None
        return x.LmFailedError(message, type=failure.type, retry_after=retry_after)
    for plain, (name, _) in _TO.items():
        if name == reason:
            return plain(message)
    return x.InternalError(
        message or f"the other side failed for a reason this version does not know: {failure.reason}"
    )


def partial(commit: Commit, failures: Any) -> x.PartialUpdateError:
    """Returns the exception of a best-effort commit that was not written in full."""
    return x.PartialUpdateError(commit, {f.key: from_failure(f.failure) for f in failures})
