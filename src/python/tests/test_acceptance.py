"""The acceptance cases of the design that concern Python: names, types, batches, bulk, watches, concurrency."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from conftest import COUNTER, TEMPERATURE, Sidecar

from trimtab import (
    Embedding,
    EmbeddingDomain,
    IntegerDomain,
    ModuleDomain,
    SessionContext,
    StringDomain,
    Variable,
)
from trimtab._store import Session
from trimtab.exceptions import InvalidDefinitionError, InvalidValueError, SessionClosedError


def test_ids_and_names(context: SessionContext) -> None:
    """An id carries the reserved prefix and the name, and stands for the name in every operation."""
    state = context.register(TEMPERATURE)[0]
    assert state.id.startswith("var_temperature_")
    context[state.id] = 0.2
    assert context["temperature"] == context[state.id] == 0.2
    assert [s.version for s in context.history(state.id)] == [2, 1]
    assert context.delete(state.id).name == "temperature"


def test_unknown_types_and_bad_defaults(context: SessionContext) -> None:
    """An unknown type and a default outside of its domain are refused when they are declared."""
    with pytest.raises(InvalidDefinitionError, match="type: expected one of"):
        context.add_variable("x", "complex", 1)
    with pytest.raises(InvalidDefinitionError, match="x default: expected an integer"):
        context.add_variable("x", "integer", "not a number")
    with pytest.raises(InvalidDefinitionError):
        context.add_variable("x", "float", 1.5, {"max": 1.0})
    assert context.snapshot() == {}


def test_globs_match_whole_names(context: SessionContext) -> None:
    """A glob lists the names it covers from beginning to end, and no others."""
    names = ["temp_1", "temp_2", "my_temp_x", "temperature"]
    context.register(*(Variable(name, IntegerDomain(), 0) for name in names))
    assert list(context.snapshot("temp_*")) == ["temp_1", "temp_2"]
    assert list(context.snapshot("*")) == names


def test_missing_names_are_left_out_of_reads(session: Session) -> None:
    """Reading several variables skips those that do not exist."""
    session.register(COUNTER, TEMPERATURE)
    assert session.get_many(["temperature", "missing", "counter"]).values == {"counter": 0, "temperature": 0.7}


def test_large_values(context: SessionContext) -> None:
    """A text of 100 KB and an embedding of 1,000 floats are given back as they were."""
    context.register(Variable("text", StringDomain(), ""), Variable("vector", EmbeddingDomain(1000), [0.0] * 1000))
    text, vector = "0123456789" * 10_240, [i / 1000 for i in range(1000)]
    with context.batch() as batch:
        batch["text"] = text
        batch["vector"] = vector
    assert context.text == text
    assert context.vector == Embedding(vector)


def test_modules_by_name(context: SessionContext) -> None:
    """A module is one of the allowed names, or any well-formed one; another is refused and the value stays."""
    context.register(
        Variable("listed", ModuleDomain(["Strategies.Optimized", "Predict"]), "Predict"),
        Variable("free", ModuleDomain(), "CustomProcessor"),
    )
    context.listed = "Strategies.Optimized"
    context.free = "My.Deep.Nested.Processor"
    for name, bad in (
        ("listed", "Other.Module"),
        ("listed", "Strategies.Custom"),
        ("free", "1Invalid"),
        ("free", "a b"),
    ):
        with pytest.raises(InvalidValueError, match="module"):
            context[name] = bad
    assert dict(context) == {"listed": "Strategies.Optimized", "free": "My.Deep.Nested.Processor"}


def test_a_hundred_variables_at_once(context: SessionContext) -> None:
    """A hundred variables are registered and set in one commit each."""
    context.register(*(Variable(f"v{i}", IntegerDomain(), 0) for i in range(100)))
    context.update({f"v{i}": i for i in range(100)})
    assert context.revision == 2
    assert context.snapshot() == {f"v{i}": i for i in range(100)}


def test_concurrent_writers(sidecar: Sidecar, connect: Callable[..., SessionContext]) -> None:
    """Ten writers at once make ten versions, of which the last is one of theirs."""
    contexts = [connect() for _ in range(5)]
    contexts[0].register(COUNTER)
    for context in contexts:
        context.refresh()

    def write(i: int) -> None:
        contexts[i % 5].counter = i + 1

    threads = [threading.Thread(target=write, args=(i,)) for i in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for context in contexts:
        context.refresh()
        assert context.state("counter").version == 11
        assert context.counter == contexts[0].counter and 1 <= context.counter <= 10  # type: ignore[operator]


def test_ten_watchers_hear_the_same(context: SessionContext) -> None:
    """Every watcher gets every change; one that has left delays nobody."""
    context.register(COUNTER)
    gone = context.watch("counter")
    gone.close()
    watches = [context.watch("counter") for _ in range(10)]
    context.counter = 42
    for watch in watches:
        changes = watch.next(20)
        assert changes is not None and changes.changes[0].new == 42
        watch.close()
        assert watch.next(20) is None
    assert gone.next(20) is None


def test_initial_value_and_changes_leave_no_gap(context: SessionContext) -> None:
    """Current values come first, then what was written after; nothing between is lost."""
    context.register(COUNTER)
    context.counter = 1
    with context.watch("counter", initial=True) as watch:
        context.counter = 2
        context.counter = 3
    told = list(watch)
    assert told[0].initial and not told[1].initial
    assert [changes.changes[0].new for changes in told] == [1, 2, 3]


def test_a_thousand_rapid_updates(context: SessionContext) -> None:
    """Of a thousand rapid updates a watcher with a small queue hears few, and the last for certain."""
    context.register(COUNTER)
    with context.watch("counter", capacity=16) as watch:
        for i in range(1, 1001):
            context.counter = i
    told = list(watch)
    assert len(told) <= 17
    assert told[-1].changes[-1].new == 1000


def test_waiting_has_an_end(context: SessionContext) -> None:
    """Waiting for a change that does not come ends in a TimeoutError."""
    context.register(COUNTER)
    with context.watch("counter") as watch, pytest.raises(TimeoutError):
        watch.next(0.01)


def test_a_closed_session_answers_nothing(sidecar: Sidecar, context: SessionContext) -> None:
    """When a session is ended for everybody its watches end and its names are gone."""
    context.register(COUNTER)
    watch = context.watch("counter")
    assert sidecar.server is not None
    sidecar.run(_close(sidecar))
    assert watch.next(20) is None
    with pytest.raises(SessionClosedError):
        _ = context["counter"]


async def _close(sidecar: Sidecar) -> None:
    assert sidecar.server is not None
    sidecar.server.sessions.close("s1")
