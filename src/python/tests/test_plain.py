"""The short way of a single set does what the long way does, or nothing."""

from __future__ import annotations

import random
from typing import Any

import pytest
from conftest import COUNTER, FLAG, MODEL, NOTE, TEMPERATURE, Clock

from trimtab import _wire
from trimtab._plain import no_sets, plain_sets
from trimtab._store import Session

VARIABLES = (TEMPERATURE, COUNTER, MODEL, NOTE, FLAG)


class Notes:
    """A subscriber that keeps what it is told."""

    def __init__(self, session: Session) -> None:
        self.events: list[Any] = []
        session.subscribe(self, None)

    def event(self, piece: bytes) -> None:
        """Takes an Event."""
        self.events.extend(_wire.ServerFrame.FromString(piece).events)

    def replaced(self, piece: bytes, state: object) -> None:
        """Takes another state."""

    def closed(self) -> None:
        """Learns of the end."""


def new_session(clock: Clock) -> Session:
    """Returns a session whose ids are those of every other of these."""
    session = Session("s1", clock=clock, chance=random.Random(7))
    session.register(*VARIABLES)
    return session


def set_message(key: str, expected: int | None = None, **value: Any) -> Any:
    """Returns a Commit message that sets one variable."""
    commit = _wire.Commit()
    commit.writes.add(key=key, expected_version=expected, set=_wire.Value(**value))
    return commit


@pytest.mark.parametrize(
    "commit",
    [
        set_message("temperature", float_value=-0.0),
        set_message("temperature", float_value=1.25, expected=1),
        set_message("temperature", integer_value=2),
        set_message("counter", integer_value=-(1 << 63)),
        set_message("counter", integer_value=(1 << 63) - 1),
        set_message("model", text_value="large"),
        set_message("note", text_value="schön"),
        set_message("flag", boolean_value=True),
    ],
)
def test_same_as_long_way(clock: Clock, commit: Any) -> None:
    """State, event and result are those of the long way, bit for bit."""
    short, long = new_session(clock), new_session(clock)
    told, expected = Notes(short), Notes(long)

    piece = plain_sets(short, 77, "jvm")(_wire.Operation(sequence=300, commit=commit))
    revision = long.commit_message(commit, "jvm", 77, 300)

    (result,) = _wire.ServerFrame.FromString(piece).results
    assert (result.sequence, result.revision) == (300, revision)
    assert told.events == expected.events and len(told.events) == 1
    key = commit.writes[0].key
    assert repr(short.get(key)) == repr(long.get(key))
    assert list(map(repr, short.history(key))) == list(map(repr, long.history(key)))


@pytest.mark.parametrize(
    "commit",
    [
        _wire.Commit(),
        set_message("unknown", integer_value=1),
        set_message("counter", text_value="1"),
        set_message("temperature", float_value=2.5),
        set_message("counter", integer_value=1, expected=2),
        _wire.Commit(writes=[{"key": "counter", "delete": {}}]),
        _wire.Commit(writes=[{"key": "counter", "set": {"integer_value": 1}}], context={"source": "me"}),
        _wire.Commit(writes=[{"key": k, "set": {"integer_value": 1}} for k in ("counter", "temperature")]),
    ],
)
def test_leaves_the_rest_alone(clock: Clock, commit: Any) -> None:
    """What is refused or out of the ordinary is left to the long way, untouched."""
    session = new_session(clock)
    told = Notes(session)

    assert plain_sets(session, 77, "jvm")(_wire.Operation(sequence=1, commit=commit)) == b""
    assert (session.revision, told.events) == (1, [])


def set_operation() -> Any:
    return _wire.Operation(sequence=1, commit=set_message("counter", integer_value=1))


def test_carried_out_once(clock: Clock) -> None:
    """What is sent again goes the long way, which knows the result."""
    session = new_session(clock)
    sets = plain_sets(session, 77, "jvm")
    result = sets(set_operation())

    assert sets(set_operation()) == b""
    assert session.recall(77, 1) == result != b""


def test_leases_go_the_long_way(clock: Clock) -> None:
    """While there is a lease, the long way judges it."""
    session = new_session(clock)
    sets = plain_sets(session, 77, "jvm")
    session.acquire_lease("someone", ["counter"], 1000)

    assert sets(set_operation()) == b""


def test_closed_session_goes_the_long_way(clock: Clock) -> None:
    """The long way says that the session has ended."""
    session = new_session(clock)
    sets = plain_sets(session, 77, "jvm")
    session.close()

    assert sets(set_operation()) == b""
    assert no_sets(set_operation()) == b""
