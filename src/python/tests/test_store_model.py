"""The store against a plain model: whatever is done to both, both say the same."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import pytest
from conftest import Clock
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from trimtab import FloatDomain, IntegerDomain, Variable, _wire
from trimtab._batch import DELETE, EXPECT, PUT_DOCUMENT, SET, Batch, Write, WriteContext
from trimtab._exports import read_export, write_export
from trimtab._parts import PartReader, parts
from trimtab._replica import Replica
from trimtab._store import Session
from trimtab.exceptions import LeaseHeldError, PartialUpdateError, TrimtabError

NAMES = ["a", "b", "c", "d"]
VALUES = st.one_of(
    st.floats(min_value=-1, max_value=1), st.integers(-3, 3), st.just("x"), st.just(math.nan), st.just(None)
)


@dataclass
class ModelVariable:
    """What the model knows of one variable."""

    value: float
    version: int
    metadata: dict[str, str] = field(default_factory=dict)
    history: list[tuple[int, float]] = field(default_factory=list)


class Follower:
    """A subscriber that feeds a replica from the encoded events, as a client does."""

    def __init__(self, session: Session) -> None:
        self.replica = Replica(session.session_id)
        self.replica.load(_through_parts(session))
        session.subscribe(self, session.revision)

    def event(self, piece: bytes) -> None:
        """Applies an event."""
        frame = _wire.ServerFrame.FromString(piece)
        for event in frame.events:
            self.replica.apply(event)

    def replaced(self, piece: bytes, state: Any) -> None:
        """Takes over another state."""
        reader = PartReader()
        for part in parts(state):
            reader.take(part)
        self.replica.load(reader.state())

    def closed(self) -> None:
        """Does nothing."""


def _through_parts(session: Session) -> Any:
    reader = PartReader()
    for part in parts(session.export_state()):
        reader.take(_wire.Part.FromString(part.SerializeToString()))
    return reader.state()


class StoreMachine(RuleBasedStateMachine):
    """Registers, writes, deletes, leases, exports and imports at random."""

    @initialize()
    def begin(self) -> None:
        """Starts empty."""
        self.clock = Clock()
        self.session = Session("s1", clock=self.clock)
        self.follower = Follower(self.session)
        self.model: dict[str, ModelVariable] = {}
        self.retired: dict[str, int] = {}
        self.revision = 0
        self.documents: dict[str, tuple[str, int]] = {}
        self.lease: tuple[str, set[str]] | None = None
        self.lease_value: Any = None

    # Rules

    @rule(name=st.sampled_from(NAMES))
    def register(self, name: str) -> None:
        """Registers a variable, or is refused because it exists or is leased."""
        ok = name not in self.model and not self._locked(name, None)
        variable = Variable(name, FloatDomain(-1.0, 1.0), 0.5)
        assert self._commit(Batch((variable,), ())) is ok
        if ok:
            version = self.retired.pop(name, 0) + 1
            self.model[name] = ModelVariable(0.5, version, {}, [(version, 0.5)])
            self.revision += 1

    @rule(
        values=st.dictionaries(st.sampled_from([*NAMES, "nowhere"]), VALUES, min_size=1, max_size=4),
        by_id=st.booleans(),
        best_effort=st.booleans(),
        owner=st.sampled_from([None, "one", "two"]),
        note=st.sampled_from([{}, {"k": "v"}, {"k": "w", "l": "x"}]),
        expected=st.sampled_from([None, None, 1, 2]),
    )
    def write(
        self,
        values: dict[str, Any],
        by_id: bool,
        best_effort: bool,
        owner: str | None,
        note: dict[str, str],
        expected: int | None,
    ) -> None:
        """Sets several variables, all or none, or those that can be."""
        good = {
            name: float(value)
            for name, value in values.items()
            if name in self.model
            and isinstance(value, (int, float))
            and -1 <= value <= 1
            and expected in (None, self.model[name].version)
            and not self._locked(name, owner)
        }
        keys = {name: self.session.get(name).id if by_id and name in self.model else name for name in values}
        writes = tuple(Write(SET, keys[name], value, expected) for name, value in values.items())
        ok = len(good) == len(values)
        assert self._commit(Batch((), writes, WriteContext("python", owner, note), best_effort)) is ok
        if ok or (best_effort and good):
            self.revision += 1
            for name, value in good.items():
                variable = self.model[name]
                variable.value = value
                variable.version += 1
                variable.metadata |= note
                variable.history.append((variable.version, value))

    @rule(name=st.sampled_from(NAMES), expect=st.sampled_from(NAMES), version=st.integers(0, 3))
    def delete(self, name: str, expect: str, version: int) -> None:
        """Deletes a variable if another has a version."""
        current = self.model[expect].version if expect in self.model else 0
        ok = name in self.model and current == version and not self._locked(name, None) and expect != name
        if expect == name:
            return
        assert self._commit(Batch((), (Write(DELETE, name), Write(EXPECT, expect, None, version)))) is ok
        if ok:
            self.retired[name] = self.model.pop(name).version
            self.revision += 1

    @rule(key=st.sampled_from(["x", "y"]), content=st.text(max_size=3))
    def put_document(self, key: str, content: str) -> None:
        """Puts a document."""
        ok = "\0" not in content and not any(0xD800 <= ord(c) < 0xE000 for c in content)
        assert self._commit(Batch((), (Write(PUT_DOCUMENT, key, content),))) is ok
        if ok:
            self.documents[key] = (content, self.documents.get(key, ("", 0))[1] + 1)
            self.revision += 1

    @precondition(lambda self: self.lease is None and self.model)
    @rule(owner=st.sampled_from(["one", "two"]), data=st.data())
    def acquire(self, owner: str, data: Any) -> None:
        """Takes a lease for ten seconds."""
        names = data.draw(st.sets(st.sampled_from(sorted(self.model)), min_size=1))
        self.lease_value = self.session.acquire_lease(owner, sorted(names), 10_000)
        self.lease = (owner, set(names))

    @precondition(lambda self: self.lease is not None)
    @rule(expire=st.booleans())
    def end_lease(self, expire: bool) -> None:
        """Ends the lease by releasing it or by the passing of time."""
        if expire:
            self.clock.now += 10_000
        else:
            self.session.release_lease(self.lease_value)
        self.lease = None

    @rule()
    def time_passes(self) -> None:
        """Moves the clock a little."""
        self.clock.now += 7

    @rule()
    def import_own_export(self) -> None:
        """Replaces the state by its own export, through JSON; only the revision rises."""
        document = write_export(self.session.export_state())
        self.session.import_state(read_export(document))
        self.revision = self.revision + 1 if self.revision else 0

    @rule(document=st.sampled_from(["", "{}", '{"format":"trimtab.state/1"}', "[" * 40]))
    def import_nonsense(self, document: str) -> None:
        """Refuses what is no export, and changes nothing."""
        with pytest.raises(TrimtabError):
            self.session.import_state(read_export(document))

    def _locked(self, name: str, owner: str | None) -> bool:
        return self.lease is not None and name in self.lease[1] and owner != self.lease[0]

    def _commit(self, batch: Batch) -> bool:
        try:
            commit = self.session.commit(batch)
        except PartialUpdateError as e:
            assert e.failures
            return False
        except LeaseHeldError as e:
            assert self.lease is not None and next(iter(e.leases.values())).owner == self.lease[0]
            return False
        except TrimtabError:
            return False
        assert commit.revision == self.session.revision
        return True

    # Invariants

    @invariant()
    def same_as_the_model(self) -> None:
        """Values, versions, metadata, history, documents and revision agree."""
        snapshot = self.session.snapshot()
        assert snapshot.revision == self.revision
        assert {n: (s.value, s.version, dict(s.metadata)) for n, s in snapshot.variables.items()} == {
            n: (v.value, v.version, v.metadata) for n, v in self.model.items()
        }
        for name, variable in self.model.items():
            history = [(s.version, s.value) for s in self.session.history(name)]
            assert history == variable.history[:-51:-1]
        assert {k: (d.content, d.version) for k, d in snapshot.documents.items()} == self.documents

    @invariant()
    def replica_agrees(self) -> None:
        """A replica fed by events holds exactly what the session holds."""
        mine = self.session.export_state()._replace(exported_ms=0, metadata={})
        theirs = self.follower.replica.export_state()._replace(exported_ms=0, metadata={})
        alive = {lease.id for lease in mine.leases}
        theirs = theirs._replace(leases=tuple(lease for lease in theirs.leases if lease.id in alive))
        assert theirs == mine


StoreMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestStore = StoreMachine.TestCase


def test_same_batch_by_name_and_id_is_refused() -> None:
    """One variable written by name and by id is a call that no state accepts, whatever else the batch holds."""
    session = Session("s1")
    session.register(Variable("a", IntegerDomain(), 0))
    writes = (Write(SET, "a", 1), Write(SET, session.get("a").id, 2))
    with pytest.raises(ValueError, match="by name and by id"):
        session.commit(Batch((), writes, best_effort=True))
    with pytest.raises(ValueError, match="each key once"):
        session.commit(Batch((), (Write(SET, "a", 1), Write(SET, "a", 1))))
    assert session.get("a").version == 1


def test_register_write_and_delete_in_one_batch() -> None:
    """A batch may write what it registers; registering and deleting leaves the last version behind."""
    session = Session("s1")
    variable = Variable("a", IntegerDomain(), 0)
    commit = session.commit(Batch((variable,), (Write(SET, "a", 5, 1),)))
    assert (commit.variables["a"].value, commit.variables["a"].version) == (5, 2)
    assert [s.version for s in session.history("a")] == [2, 1]
    session.delete("a")
    session.commit(Batch((variable,), (Write(DELETE, "a"),)))
    assert session.find("a") is None
    assert session.register(variable)[0].version == 4
