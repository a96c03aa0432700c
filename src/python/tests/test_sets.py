"""The short way of sets in columns does what the long way does, or nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from conftest import COUNTER, FLAG, MODEL, NOTE, TEMPERATURE, Clock

from trimtab import _wire
from trimtab._columns import Sets, columns, sets_of_columns, sets_of_writes, spell_out
from trimtab._domains import BooleanDomain, Domain, FloatDomain, IntegerDomain, StringDomain
from trimtab._replica import Replica
from trimtab._sets import set_each, set_together
from trimtab._store import MAX_REMEMBERED, Session
from trimtab.exceptions import IllegalCallError

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


def sets(*written: tuple[str, Any], expected: Sequence[int] = ()) -> Sets:
    """Returns sets as they arrive."""
    message = columns([key for key, _ in written], [value for _, value in written])
    message.expected_versions.extend(expected)
    return sets_of_columns(_wire.SetColumns.FromString(message.SerializeToString()))


def long_way(session: Session, sets: Sets, sequence: int = 0) -> int:
    """Commits the sets at once with a message of writes that the short way does not take."""
    commit = _wire.Commit()
    spell_out(sets, commit)
    commit.context.metadata["long"] = "way"  # which the short way leaves alone
    outcome = session.commit_message(commit, "jvm", 77, sequence)
    return outcome if isinstance(outcome, int) else outcome.revision


PLAIN = [
    ("temperature", -0.0),
    ("temperature", 1.25),
    ("counter", -(1 << 63)),
    ("counter", (1 << 63) - 1),
    ("model", "large"),
    ("note", "schön"),
    ("flag", True),
    ("flag", False),
]


def essence(session: Session) -> list[Any]:
    """Returns every version of every variable, but for metadata, in which the long way here differs."""
    return [[repr(past._replace(metadata={})) for past in session.history(v.name)] for v in VARIABLES]


def test_each_is_a_commit_of_its_own(clock: Clock) -> None:
    """State and revisions are those of the long way, bit for bit; one event tells of all."""
    short, long = new_session(clock), new_session(clock)
    told = Notes(short)
    written = sets(*PLAIN)

    assert set_each(short, written, 0, "jvm", 77, range(300, 308)) == 8
    for at in range(8):
        long_way(long, written.one(at))

    assert essence(short) == essence(long)
    (event,) = told.events
    assert (event.revision, event.client, event.source) == (9, 77, "jvm")
    assert list(event.sequences) == list(range(300, 308))
    assert list(event.versions) == [2, 3, 2, 3, 2, 2, 2, 3]
    again = sets_of_columns(event.sets)
    assert list(map(repr, again.values)) == [repr(value) for _, value in PLAIN]
    assert list(again.keys) == [key for key, _ in PLAIN]
    for at in range(8):
        (result,) = _wire.ServerFrame.FromString(short.recall(77, 300 + at) or b"").results
        assert (result.sequence, result.revision) == (300 + at, 2 + at)


def test_together_they_are_one_commit(clock: Clock) -> None:
    """A batch in columns does what the same batch in writes does."""
    short, long = new_session(clock), new_session(clock)
    told = Notes(short)
    written = sets(("temperature", 1.0), ("counter", 5), ("model", "large"), ("note", ""), ("flag", True))

    assert set_together(short, written, "jvm", 77, 12) == 2
    assert long_way(long, written) == 2

    assert essence(short) == essence(long)
    (event,) = told.events
    assert (event.revision, event.sequence, list(event.sequences), list(event.versions)) == (2, 12, [], [2] * 5)


@pytest.mark.parametrize("each", [True, False])
def test_a_replica_follows(clock: Clock, each: bool) -> None:
    """What was told in columns makes a Python replica hold the same, also if it holds the beginning of a run already."""
    owner = new_session(clock)
    replica = Replica("s1", clock=clock)
    replica.load(owner.export_state())
    told = Notes(owner)
    written = sets(*PLAIN) if each else sets(("counter", 1), ("flag", True))

    if each:
        set_each(owner, written, 0, "jvm", 77, range(1, 9))
    else:
        set_together(owner, written, "jvm", 77, 1)
    (event,) = told.events
    replica.apply(event)
    replica.apply(event)  # all of it is held already

    assert (replica.revision, essence(replica)) == (owner.revision, essence(owner))


def test_a_run_held_in_part_is_taken_from_there(clock: Clock) -> None:
    """A client that comes back is told of whole runs."""
    owner = new_session(clock)
    beginning = Notes(owner)
    set_each(owner, sets(("counter", 1), ("counter", 2)), 0, "jvm", 77, [1, 2])
    replica = Replica("s1", clock=clock)
    other = new_session(clock)
    replica.load(other.export_state())
    (event,) = beginning.events
    first = type(event).FromString(event.SerializeToString())
    first.revision = 2
    del first.versions[1:], first.sequences[1:], first.sets.keys[1:], first.sets.integers[1:]
    replica.apply(first)

    replica.apply(event)

    assert essence(replica) == essence(owner)


REFUSED = [
    ("unknown", 1),
    ("counter", "1"),
    ("counter", True),
    ("counter", 1.0),
    ("temperature", 1),
    ("temperature", 2.5),
    ("temperature", float("nan")),
    ("temperature", float("inf")),
    ("model", "none"),
    ("flag", 1),
]


@pytest.mark.parametrize("refused", REFUSED)
def test_what_is_refused_is_left_alone(clock: Clock, refused: tuple[str, Any]) -> None:
    """A run stops before it, and a batch with it is left untouched."""
    session = new_session(clock)
    told = Notes(session)
    written = sets(("counter", 7), refused, ("counter", 8))

    assert set_together(session, sets(("flag", True), refused), "jvm", 77, 1) == 0
    assert (session.revision, told.events) == (1, [])
    assert set_each(session, written, 0, "jvm", 77, [1, 2, 3]) == 1
    assert set_each(session, written, 1, "jvm", 77, [1, 2, 3]) == 1
    assert set_each(session, written, 2, "jvm", 77, [1, 2, 3]) == 3
    assert [(e.revision, list(e.sequences), list(e.sets.integers)) for e in told.events] == [
        (2, [1], [7]),
        (3, [3], [8]),
    ]


def test_expected_versions_are_held_against(clock: Clock) -> None:
    """0 stands for any; a run sees what its own beginning did."""
    session = new_session(clock)
    written = sets(("counter", 1), ("counter", 2), ("counter", 3), expected=[1, 0, 9])

    assert set_each(session, written, 0, "jvm", 77, [1, 2, 3]) == 2
    assert session.get("counter").value == 2
    assert set_together(session, sets(("counter", 5), ("flag", True), expected=[9, 0]), "jvm", 77, 4) == 0
    assert set_together(session, sets(("counter", 5), ("flag", True), expected=[3, 1]), "jvm", 77, 4) == 4


def test_a_variable_named_twice_is_left_alone(clock: Clock) -> None:
    """Once by its name and once by its id."""
    session = new_session(clock)
    by_id = session.get("counter").id

    assert set_together(session, sets(("counter", 1), (by_id, 2)), "jvm", 77, 1) == 0
    assert set_each(session, sets(("counter", 1), (by_id, 2)), 0, "jvm", 77, [1, 2]) == 2


def test_carried_out_once(clock: Clock) -> None:
    """What is sent again goes the long way, which knows the result."""
    session = new_session(clock)
    assert set_each(session, sets(("counter", 1)), 0, "jvm", 77, [1]) == 1

    assert set_each(session, sets(("flag", True), ("counter", 1)), 0, "jvm", 77, [2, 1]) == 0
    assert session.revision == 2


def test_leases_and_the_end_go_the_long_way(clock: Clock) -> None:
    """While there is a lease, or no session any more, the long way judges."""
    session = new_session(clock)
    session.acquire_lease("someone", ["counter"], 1000)
    assert set_each(session, sets(("flag", True)), 0, "jvm", 77, [1]) == 0
    assert set_together(session, sets(("flag", True)), "jvm", 77, 1) == 0

    other = new_session(clock)
    other.close()
    assert set_each(other, sets(("flag", True)), 0, "jvm", 77, [1]) == 0


def test_memory_is_bounded(clock: Clock) -> None:
    """Of results nobody acknowledges, the oldest go."""
    session = new_session(clock)
    session.remember_each(77, range(1, MAX_REMEMBERED + 1), 1)

    set_each(session, sets(("counter", 1)), 0, "jvm", 77, [1 << 40])

    assert session.recall(77, 1) is None
    assert session.recall(77, 2) is not None and session.recall(77, 1 << 40) is not None


@pytest.mark.parametrize(
    "message",
    [
        {"keys": ["a"], "integers": [1]},
        {"keys": ["a", "b"], "integers": [1], "columns": b"\x04"},
        {"keys": ["a"], "integers": [1, 2], "columns": b"\x04"},
        {"keys": ["a", "b"], "integers": [1], "texts": ["x"], "columns": b"\x04\x04"},
        {"keys": ["a", "b"], "integers": [1], "texts": ["x"], "columns": b"\x04\x09"},
        {"keys": ["a", "b"], "integers": [1, 2], "columns": b"\x04", "expected_versions": [1]},
    ],
)
def test_columns_that_contradict_themselves_are_refused(message: dict[str, Any]) -> None:
    """Nothing is guessed."""
    with pytest.raises(IllegalCallError, match="sets: expected"):
        sets_of_columns(_wire.SetColumns(**message))


@pytest.mark.parametrize(
    "write",
    [
        {"key": "a", "delete": {}},
        {"key": "a", "set": {}},
        {"key": "a", "set": {"embedding_value": b"\0\0\0\0"}},
        {"key": "a", "set": {"integer_value": 1}, "expected_version": 0},
    ],
)
def test_other_writes_have_no_columns(write: dict[str, Any]) -> None:
    """A write that columns cannot say stays what it is."""
    assert sets_of_writes([_wire.Commit(writes=[write]).writes[0]]) is None


@pytest.mark.parametrize(
    ("domain", "good"),
    [
        (IntegerDomain(-3, 3), [-3, 0, 3]),
        (FloatDomain(), [1.7976931348623157e308, -1.7976931348623157e308, -0.0]),
        (FloatDomain(0.0, 1.0, allow_non_finite=True), [0.0, 1.0]),
        (BooleanDomain(), [False, True]),
    ],
)
def test_intervals_agree_with_the_rules(domain: Domain, good: list[Any]) -> None:
    """Whatever lies in the interval belongs to the domain."""
    assert domain.interval is not None
    kind, least, most = domain.interval
    assert all(type(value) is kind and least <= value <= most and domain.broken_rule(value) is None for value in good)
    assert all(domain.broken_rule(bound) is None for bound in (least, most))


@pytest.mark.parametrize("domain", [IntegerDomain(0, 9, step=3), FloatDomain(0, 1, step=0.1), StringDomain()])
def test_other_domains_have_no_interval(domain: Domain) -> None:
    """A grid or a text needs the whole rule."""
    assert domain.interval is None
