"""What a program can do with its session, inside the sidecar and outside of it alike."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from conftest import COUNTER, MODEL, NOTE, TEMPERATURE, Sidecar

from trimtab import SessionContext, current_session
from trimtab._context import running
from trimtab.exceptions import (
    DependencyCycleError,
    IllegalCallError,
    InvalidValueError,
    LeaseHeldError,
    NoHostError,
    PartialUpdateError,
    StateImportError,
    VariableAlreadyExistsError,
    VariableNotFoundError,
    VersionConflictError,
    VersionNotFoundError,
)


def test_items_and_attributes(context: SessionContext) -> None:
    """A variable is read and written as an item and as an attribute."""
    context.register(TEMPERATURE, COUNTER)
    context["temperature"] = 1
    context.counter = 42.0

    assert context["temperature"] == 1.0 and type(context["temperature"]) is float
    assert context.temperature == 1.0
    assert context["counter"] == 42 and type(context["counter"]) is int
    assert dict(context) == {"temperature": 1.0, "counter": 42}
    assert "temperature" in context and "nowhere" not in context
    assert len(context) == 2


def test_missing_names(context: SessionContext) -> None:
    """A miss is a KeyError as an item, an AttributeError as an attribute, and the default for get."""
    with pytest.raises(VariableNotFoundError, match="nowhere: expected an existing variable"):
        context["nowhere"]
    with pytest.raises(KeyError):
        context["nowhere"] = 1
    with pytest.raises(AttributeError, match="nowhere"):
        _ = context.nowhere
    with pytest.raises(VariableNotFoundError):
        del context["nowhere"]
    assert context.get("nowhere", 3) == 3


def test_refused_value_changes_nothing(context: SessionContext) -> None:
    """A value outside the domain is refused with the rule, and nothing is written."""
    context.register(TEMPERATURE)
    with pytest.raises(InvalidValueError) as e:
        context.temperature = 3.5
    assert str(e.value) == "temperature: expected a finite number in [0.0, 2.0], got 3.5"
    assert e.value.violations[0].subject == "temperature"
    with pytest.raises(InvalidValueError):
        context["temperature"] = None
    assert context.state("temperature").version == 1


def test_methods_are_not_overwritten(context: SessionContext) -> None:
    """A variable named like a method is reached as an item only."""
    with pytest.raises(AttributeError, match="is a method"):
        context.snapshot = 3  # type: ignore[method-assign,assignment]


def test_batch_is_whole_or_not_at_all(context: SessionContext) -> None:
    """A batch is written at its end in one revision, or not at all, with every violation."""
    context.register(TEMPERATURE, COUNTER, NOTE)
    with context.batch() as batch:
        batch["temperature"] = 0.5
        batch["counter"] = 7
        assert context["counter"] == 0
    assert batch.result.revision == context.revision
    assert context.state("temperature").revision == context.state("counter").revision

    with pytest.raises(InvalidValueError) as e, context.batch() as batch:
        batch["temperature"] = 9
        batch["counter"] = "x"
        batch["note"] = "fine"
    assert [v.subject for v in e.value.violations] == ["temperature", "counter"]
    assert context["note"] == ""


def test_batch_with_exception_is_dropped(context: SessionContext) -> None:
    """An exception inside the with statement leaves the session as it was."""
    context.register(COUNTER)
    with pytest.raises(ZeroDivisionError), context.batch() as batch:
        batch["counter"] = 1 // 0
    assert context.revision == 1


def test_best_effort_keeps_the_good_writes(context: SessionContext) -> None:
    """A best-effort batch applies what is good and names what is not."""
    context.register(TEMPERATURE, COUNTER)
    with pytest.raises(PartialUpdateError) as e, context.batch(best_effort=True) as batch:
        batch["temperature"] = 9
        batch["counter"] = 5
        batch["nonexistent"] = 1
    assert set(e.value.failures) == {"temperature", "nonexistent"}
    assert isinstance(e.value.failures["nonexistent"], VariableNotFoundError)
    assert e.value.commit.variables["counter"].value == 5
    assert context["counter"] == 5


def test_update_is_atomic(context: SessionContext) -> None:
    """Updating several items at once is one commit."""
    context.register(TEMPERATURE, COUNTER)
    before = context.revision
    context.update({"temperature": 0.1}, counter=3)
    assert context.revision == before + 1
    assert context.snapshot() == {"temperature": 0.1, "counter": 3}
    assert context.snapshot("temp*") == {"temperature": 0.1}


def test_versions_history_and_rollback(context: SessionContext) -> None:
    """Each write is a version; an old one can be written again, an unknown one cannot."""
    context.register(COUNTER)
    for i in range(1, 60):
        assert context.set("counter", i).version == i + 1
    history = list(context.history("counter"))
    assert [state.value for state in history] == list(range(59, 9, -1))
    assert context.rollback("counter", 30).value == 29
    with pytest.raises(VersionNotFoundError, match=r"expected a version in \[12, 61\], got 5"):
        context.rollback("counter", 5)


def test_compare_and_set(context: SessionContext) -> None:
    """A write with a version the variable no longer has is refused with both versions."""
    context.register(COUNTER)
    context.set("counter", 1, expected_version=1)
    with pytest.raises(VersionConflictError) as e:
        context.set("counter", 2, expected_version=1)
    assert e.value.conflicts["counter"] == (1, 2)


def test_concurrent_changes_lose_nothing(context: SessionContext) -> None:
    """A function of the current value is applied atomically by many threads."""
    context.register(COUNTER)

    def work() -> None:
        for _ in range(20):
            context.change("counter", lambda value: value + 1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert context["counter"] == 80
    assert context.state("counter").version == 81


def test_delete_and_register_again(context: SessionContext) -> None:
    """A name that comes back goes on counting its versions."""
    context.register(COUNTER)
    context["counter"] = 5
    last = context.delete("counter")
    assert (last.value, last.version) == (5, 2)
    assert context.register(COUNTER)[0].version == 3
    with pytest.raises(VariableAlreadyExistsError):
        context.register(COUNTER)


def test_metadata_source_and_times(context: SessionContext) -> None:
    """A write's metadata is merged over the variable's; who wrote and when is noted."""
    context.register(TEMPERATURE)
    state = context.set("temperature", 0.2, metadata={"why": "test"})
    assert state.metadata == {"why": "test"}
    assert state.source == "python"
    assert state.updated_at >= state.created_at


def test_leases(context: SessionContext) -> None:
    """While a lease is held others cannot write, and its owner can."""
    context.register(COUNTER)
    with context.lease("study", ["counter"], 60):
        with pytest.raises(LeaseHeldError, match="study"):
            context.counter = 1
        context.set("counter", 2, owner="study")
        assert [lease.owner for lease in context.leases()] == ["study"]
    context.counter = 3


def test_dependencies(context: SessionContext) -> None:
    """Dependencies order the variables; one that closes a cycle is refused with the cycle."""
    context.register(COUNTER, TEMPERATURE)
    context.add_dependency("temperature", "counter")
    assert list(context.update_order()) == ["temperature", "counter"]
    with pytest.raises(DependencyCycleError) as e:
        context.add_dependency("counter", "temperature")
    assert e.value.cycle == ("counter", "temperature", "counter")
    context.remove_dependency("temperature", "counter")
    assert list(context.update_order()) == ["counter", "temperature"]


def test_watch_tells_every_change_in_order(context: SessionContext) -> None:
    """A watch gets the current value first, then every change, but no write of an equal value."""
    context.register(COUNTER, TEMPERATURE)
    with context.watch("counter", initial=True) as watch:
        for i in range(1, 6):
            context.counter = i
            context.counter = i
            context.temperature = i / 10
    told = list(watch)
    assert told[0].initial and told[0].changes[0].new == 0
    assert [(c.old, c.new) for changes in told[1:] for c in changes.changes] == [(i - 1, i) for i in range(1, 6)]
    assert [changes.revision for changes in told] == sorted({changes.revision for changes in told})


def test_watch_of_a_glob_sees_later_variables(context: SessionContext) -> None:
    """A glob covers variables that are registered later; a single name must exist."""
    with pytest.raises(VariableNotFoundError):
        context.watch("counter")
    with context.watch("c*") as watch:
        context.register(COUNTER)
        context.counter = 1
        context.delete("counter")
    assert [changes.changes[0].kind for changes in watch] == ["REGISTERED", "CHANGED", "DELETED"]


def test_slow_watch_is_conflated(context: SessionContext) -> None:
    """A watcher that falls behind gets the latest change per variable, marked, and the last value for certain."""
    context.register(COUNTER)
    with context.watch("counter", capacity=4) as watch:
        for i in range(1, 101):
            context.counter = i
    told = list(watch)
    assert told[0].conflated and told[0].changes[0].old == 0
    assert told[-1].changes[-1].new == 100
    assert len(told) <= 5


def test_watch_callback_survives_its_own_error(context: SessionContext) -> None:
    """A callback that raises is told of the next change all the same, and the writer never notices."""
    context.register(COUNTER)
    seen: list[object] = []
    done = threading.Event()

    def callback(changes: object) -> None:
        seen.append(changes)
        if len(seen) == 1:
            raise RuntimeError("no")
        done.set()

    with context.watch("counter", callback=callback):
        context.counter = 1
        context.counter = 2
        assert done.wait(20)
    assert len(seen) == 2


def test_async_forms(context: SessionContext) -> None:
    """Everything that waits can be awaited, and the waiting forms work inside a running event loop too."""

    async def work() -> None:
        context.register(COUNTER, TEMPERATURE)
        assert (await context.aset("counter", 1)).value == 1
        await context.aupdate(counter=2, temperature=0.3)
        async with context.batch() as batch:
            batch["counter"] = 3
        context.counter = context.counter + 1
        await context.arefresh()
        with context.watch("counter") as watch:
            await context.aset("counter", 5)
            async for changes in watch:
                assert changes.changes[0].new == 5
                break
        with pytest.raises(InvalidValueError):
            await context.aset("temperature", 9)
        assert (await context.adelete("counter")).value == 5

    asyncio.run(work())


def test_export_and_import(context: SessionContext) -> None:
    """An exported state is imported exactly, and a corrupt one changes nothing."""
    context.register(TEMPERATURE, COUNTER, MODEL)
    context.counter = 9_007_199_254_740_993
    context.temperature = -0.0
    document = context.export_json()
    before = context.select()
    context.counter = 1
    context.import_json(document)
    after = context.select()
    assert {n: s._replace(revision=0) for n, s in after.variables.items()} == {
        n: s._replace(revision=0) for n, s in before.variables.items()
    }
    with pytest.raises(InvalidValueError):
        context.temperature = 2.5
    with pytest.raises(StateImportError):
        context.import_json(document.replace("trimtab.state/1", "trimtab.state/2"))
    with pytest.raises(StateImportError):
        context.import_json(document[:-1])
    assert context["counter"] == 9_007_199_254_740_993


def test_current_session_and_overlay(context: SessionContext) -> None:
    """Inside a run reads see the run's values, all of them; outside there is no current session."""
    context.register(TEMPERATURE, COUNTER)
    with pytest.raises(IllegalCallError):
        current_session()
    with running(context, {"temperature": 1.5}):
        assert current_session() is context
        assert current_session()["temperature"] == 1.5
        assert current_session().snapshot() == {"temperature": 1.5, "counter": 0}
        context.temperature = 0.1
        assert context.temperature == 1.5
    assert context.temperature == 0.1


def test_two_contexts_share_one_session(sidecar: Sidecar, connect: Callable[..., SessionContext]) -> None:
    """What one writes the other reads once it has refreshed, and a watch hears it without that."""
    one, other = connect(), connect()
    one.register(COUNTER)
    other.refresh()
    with other.watch("counter") as watch:
        one.counter = 5
        changes = watch.next(20)
    assert changes is not None and changes.changes[0].new == 5
    assert other.counter == 5
    assert connect("another").snapshot() == {}


def test_spaces_need_a_jvm(context: SessionContext) -> None:
    """Rules are judged by a JVM, so without one registering a space says so."""
    space = context.spaces.define("agent").add_variable("temperature", "float", 0.7, {"min": 0.0, "max": 1.0})
    with pytest.raises(NoHostError):
        space.register()
    assert list(context.spaces) == []
