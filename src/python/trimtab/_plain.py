"""The short way of the most frequent operation: a JVM sets one variable, and nothing is out of the ordinary.

It refuses nothing: whatever it does not take goes the long way, which knows every rule. What is the same for all operations of a frame is
worked out once, and each number is encoded once for the event and the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from trimtab._changes import changed
from trimtab._events import asked_by, set_change, written
from trimtab._records import VariableState
from trimtab._store import MAX_REMEMBERED
from trimtab._wire import FRAME_EVENT, FRAME_RESULT, varint

if TYPE_CHECKING:
    from trimtab._store import Session

__all__ = ["no_sets", "plain_sets"]

_state = tuple.__new__  # half the time of VariableState's own constructor


def no_sets(operation: Any) -> bytes:
    """Sends every operation the long way."""
    return b""


def plain_sets(session: Session, client: int, source: str) -> Callable[[Any], bytes]:
    """Returns what carries out an operation and returns its encoded Result, or b"" if it has touched nothing.

    It may be used within one hold of the session's lock.
    """
    if session._journal is not None:
        return no_sets
    cells = session._cells
    remembered = session.remembered(client)
    now = session._clock()
    asked = asked_by(client)
    when = written(now, source)

    def plain_set(operation: Any) -> bytes:
        commit = operation.commit
        writes = commit.writes
        sequence = operation.sequence
        if (
            len(writes) != 1
            or session._leases.held
            or not session._open
            or commit.HasField("context")
            or commit.registrations
            or sequence in remembered
            or len(remembered) >= MAX_REMEMBERED
        ):
            return b""
        write = writes[0]
        cell = cells.get(write.key)
        if cell is None:
            return b""
        id, variable, _, version, _, metadata, created, _, _ = cell.state
        value = variable.domain.accepted(write.set)  # None if it is no set
        if value is None or (write.HasField("expected_version") and write.expected_version != version):
            return b""
        version += 1
        revision = session._revision + 1
        state = _state(VariableState, (id, variable, value, version, revision, metadata, created, now, source))
        if session._listeners:
            session._announce(revision, (changed(cell.state, state),))
        cell.history.append(state)
        cell.state = state
        session._revision = revision
        number, place = varint(sequence), varint(revision)
        event = b"\x08" + place + asked + number + when + set_change(cell.change_head, version, value)
        session._publish(revision, FRAME_EVENT + varint(len(event)) + event)
        body = b"\x08" + number + b"\x18" + place
        result = remembered[sequence] = FRAME_RESULT + varint(len(body)) + body
        return result

    return plain_set
