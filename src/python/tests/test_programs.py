"""Programs that know nothing of DSPy: registering, running, stopping."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import types
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from jvm import run
from runs import programs_of, request, session_of

import trimtab
from trimtab._data import from_map, to_map
from trimtab._failures import to_failure
from trimtab._hosts import Hosts
from trimtab._programs import Programs, load, program
from trimtab._runs import Run, RunStopped
from trimtab._values import to_wire
from trimtab._wire import message
from trimtab.exceptions import (
    DeadlineExceededError,
    IllegalCallError,
    ProgramFailedError,
    ProgramNotFoundError,
    RunCancelledError,
)

RunFrame = message("RunFrame")
Failure = message("Failure")


@pytest.fixture
def module() -> Iterator[types.ModuleType]:
    """A module named ``demo_programs`` for the loader to import."""
    made = types.ModuleType("demo_programs")
    sys.modules["demo_programs"] = made
    yield made
    del sys.modules["demo_programs"]


def test_load_finds_the_programs_of_a_module(module: types.ModuleType) -> None:
    """What a named module decorates is a program; its description is the docstring's first line."""
    exec(
        "import trimtab\n"
        "@trimtab.program('qa', space='qa_space')\n"
        "def build(session):\n"
        "    '''Answers questions.\n\n    And more.'''\n"
        "    return lambda question: question\n",
        module.__dict__,
    )
    found = load(["demo_programs"])
    assert list(found) == ["qa"]
    assert (found["qa"].description, found["qa"].space) == ("Answers questions.", "qa_space")


def test_load_refuses_a_module_without_programs_and_doubled_names(module: types.ModuleType) -> None:
    """A wrong module name in a launch command, or two programs of one name, are found at the start."""
    with pytest.raises(IllegalCallError, match="demo_programs: expected at least one factory"):
        load(["demo_programs"])
    exec(
        "import trimtab\n@trimtab.program('a')\n@trimtab.program('a')\ndef build(session): return print\n",
        module.__dict__,
    )
    with pytest.raises(IllegalCallError, match='program "a": expected to be registered once'):
        load(["demo_programs"])


def test_names_are_checked() -> None:
    """A program's name can be written anywhere without quoting."""
    with pytest.raises(IllegalCallError, match="program name"):
        trimtab.program("a b")


def test_a_plain_function_runs_with_inputs_by_name() -> None:
    """The smallest program is a function; a mapping is its outputs, another value its one output."""

    async def scenario() -> None:
        programs = programs_of(add=lambda session: lambda a, b: {"sum": a + b}, one=lambda session: lambda: 7)
        answer = await programs.run(request("add", a=1, b=2))
        assert from_map(answer.outputs) == {"sum": 3}
        assert from_map((await programs.run(request("one"))).outputs) == {"output": 7}

    run(scenario)


def test_an_async_function_runs_on_a_loop_of_its_own() -> None:
    """Async programs block nobody but themselves."""

    async def answer(question: str) -> str:
        await asyncio.sleep(0)
        return question.upper()

    async def scenario() -> None:
        assert from_map((await programs_of(qa=lambda session: answer).run(request("qa", question="hi"))).outputs) == {
            "output": "HI"
        }

    run(scenario)


def test_unknown_programs_and_wrong_inputs_are_named() -> None:
    """A caller learns what there is."""

    async def scenario() -> None:
        programs = programs_of(add=lambda session: lambda a: a)
        with pytest.raises(ProgramNotFoundError, match=r'program "sub": expected a registered one, got none; .* add'):
            await programs.run(request("sub"))
        with pytest.raises(IllegalCallError, match=r"add: missing a required argument: 'a'; its inputs are \(a\)"):
            await programs.run(request("add", b=1))
        with pytest.raises(IllegalCallError, match=r"plain function, got \['temperature'\]"):
            wrong = request("add", a=1)
            wrong.parameters.CopyFrom(to_map({"temperature": 0.1}))
            await programs.run(wrong)

    run(scenario)


def test_an_exception_comes_back_with_type_and_traceback_and_without_keys() -> None:
    """The JVM is told where a program failed, and no secret that its message held."""

    def fail(question: str) -> None:
        raise LookupError("no answer with sk-abcdef0123456789 as key")

    async def scenario() -> None:
        with pytest.raises(ProgramFailedError) as caught:
            await programs_of(qa=lambda session: fail).run(request("qa", question="x"))
        failure = to_failure(caught.value)
        assert failure.type == "LookupError"
        assert failure.message == "the program raised LookupError: no answer with [redacted] as key"
        assert "in fail" in failure.detail
        assert "sk-abc" not in failure.detail

    run(scenario)


def test_a_run_sees_its_own_values() -> None:
    """Values of a request stand before the session's, for that run only."""

    def build(session: Any) -> Any:
        return lambda: session["k"]

    async def scenario() -> None:
        programs = programs_of(session_of(k=1), qa=build)
        candidate = request("qa")
        candidate.variables["k"].CopyFrom(to_wire(2))
        answers = await asyncio.gather(programs.run(candidate), programs.run(request("qa")))
        assert [from_map(answer.outputs)["output"] for answer in answers] == [2, 1]

    run(scenario)


def test_a_program_is_built_once_per_session_and_per_value_its_factory_read() -> None:
    """A factory runs again only when what it read has another value."""
    built: list[str] = []

    def build(session: Any) -> Any:
        strategy = session["strategy"]
        built.append(strategy)
        return lambda: f"{strategy} {session['k']}"

    async def scenario() -> None:
        session = session_of(strategy="a", k=1)
        programs = programs_of(session, qa=build)
        for k in range(3):
            session.set("k", k)
            assert from_map((await programs.run(request("qa"))).outputs) == {"output": f"a {k}"}
        session.set("strategy", "b")
        assert from_map((await programs.run(request("qa"))).outputs) == {"output": "b 2"}
        session.set("strategy", "a")
        assert from_map((await programs.run(request("qa"))).outputs) == {"output": "a 2"}
        assert built == ["a", "b"]

    run(scenario)


def test_cancelling_stops_a_busy_python_loop() -> None:
    """The Python work of a cancelled run ends although it never waits for anything."""
    ended = threading.Event()
    started = threading.Event()

    def spin() -> None:
        started.set()
        try:
            while True:
                try:
                    sum(range(10))
                except Exception:  # as an agent does with its tools' errors
                    continue
        except RunStopped:
            ended.set()
            raise

    async def scenario() -> None:
        task = asyncio.create_task(programs_of(qa=lambda session: spin).run(request("qa")))
        await asyncio.to_thread(started.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(ended.wait, 5)

    run(scenario)


def test_cancelling_stops_an_async_program_at_its_await() -> None:
    """An awaiting program is cancelled like any task."""
    ended = threading.Event()
    started = threading.Event()

    async def forever() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def scenario() -> None:
        task = asyncio.create_task(programs_of(qa=lambda session: forever).run(request("qa")))
        await asyncio.to_thread(started.wait, 5)
        task.cancel()
        assert await asyncio.to_thread(ended.wait, 5)

    run(scenario)


def test_a_deadline_is_kept_although_the_program_blocks() -> None:
    """A program that blocks outside Python cannot hold its caller, and its thread serves again once it returns."""
    release = threading.Event()

    def block(held: bool) -> str:
        if held:
            release.wait(30)
        return "done"

    async def scenario() -> None:
        programs = programs_of(qa=lambda session: block)
        start = time.monotonic()
        with pytest.raises(DeadlineExceededError, match="expected an answer before its deadline"):
            await programs.run(request("qa", held=True), timeout=0.05)
        assert time.monotonic() - start < 5
        assert from_map((await programs.run(request("qa", held=False), timeout=5)).outputs) == {"output": "done"}
        release.set()

    run(scenario)


def test_an_interrupt_that_comes_late_strikes_nobody_else() -> None:
    """An interrupt meant for one run is taken back when the run has left its thread."""
    for _ in range(200):
        one = Run(session_of(), Hosts())
        try:
            with one.on_this_thread():
                threading.Thread(target=one.interrupt).start()
        except RunStopped:
            pass
        finally:
            assert not one.interrupt()
        sum(range(1000))  # a stray interrupt would strike here


def test_many_runs_share_a_stream_and_one_can_be_cancelled() -> None:
    """Answers carry their number, failures travel inside, a cancelled run answers CANCELLED."""
    started = threading.Event()

    def work(kind: str) -> str:
        if kind == "fail":
            raise ValueError("no")
        while kind == "spin":
            started.set()
            sum(range(10))
        return kind

    async def scenario() -> None:
        programs = programs_of(qa=lambda session: work)
        frames: asyncio.Queue[Any] = asyncio.Queue()
        results: dict[int, Any] = {}

        async def incoming() -> AsyncIterator[Any]:
            while (frame := await frames.get()) is not None:
                yield frame

        async def write(frame: Any) -> None:
            results.update({result.number: result for result in frame.results})

        serving = asyncio.create_task(programs.run_many(incoming(), write))
        kinds = {1: "ok", 2: "fail", 3: "spin"}
        frames.put_nowait(RunFrame(runs=[{"number": n, "request": request("qa", kind=k)} for n, k in kinds.items()]))
        await asyncio.to_thread(started.wait, 5)
        frames.put_nowait(RunFrame(cancelled=[3], runs=[{"number": 4, "request": request("nope"), "timeout_ms": 100}]))
        frames.put_nowait(None)
        await serving
        assert from_map(results[1].response.outputs) == {"output": "ok"}
        reasons = {n: Failure.FromString(results[n].failure) for n in (2, 3, 4)}
        assert reasons[2].type == "ValueError"
        assert "cancelled" in reasons[3].message
        assert list(reasons[4].names) == ["nope", "qa"]

    run(scenario)


def test_stopping_ends_what_a_run_waits_for() -> None:
    """A run that waits for a future leaves at once with RunStopped, and the future is cancelled."""
    from concurrent.futures import Future

    one = Run(session_of(), Hosts())
    future: Future[int] = Future()
    waiting = threading.Thread(target=lambda: outcome.append(_raised_by(lambda: one.wait(future, 30))))
    outcome: list[type[BaseException] | None] = []
    waiting.start()
    one.stop(RunCancelledError("enough"))
    waiting.join(5)
    assert outcome == [RunStopped]
    assert future.cancelled()
    with pytest.raises(RunStopped):
        one.check()


def _raised_by(call: Callable[[], Any]) -> type[BaseException] | None:
    try:
        call()
    except BaseException as error:
        return type(error)
    return None


def test_factory_errors_are_the_programs_failure() -> None:
    """A factory that raises fails the run with its traceback, and is tried again by the next one."""
    calls: list[int] = []

    def build(session: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("no model file")
        return lambda: "ready"

    async def scenario() -> None:
        programs = programs_of(qa=build)
        with pytest.raises(ProgramFailedError, match="OSError: no model file"):
            await programs.run(request("qa"))
        assert from_map((await programs.run(request("qa"))).outputs) == {"output": "ready"}

    run(scenario)


def test_describe_shows_a_functions_inputs() -> None:
    """Without a signature a description tells the arguments; a declared one tells more."""

    def answer(question: str, k: int = 3) -> str:
        return question

    async def scenario() -> None:
        described = await programs_of(qa=lambda session: answer).describe("s", "qa")
        assert [(field.name, field.type) for field in described.signature.inputs] == [("question", "str"), ("k", "int")]

    run(scenario)


def test_a_session_that_was_closed_takes_its_programs_along() -> None:
    """A new session of the same id gets programs of its own."""
    built: list[str] = []

    def build(session: Any) -> Any:
        built.append(session["name"])
        return lambda: built[-1]

    async def scenario() -> None:
        sessions = {"s": session_of(name="old")}
        program("qa")(build)
        programs = Programs({"qa": build.__trimtab_program__[-1]}, Hosts(), sessions.__getitem__)  # type: ignore[attr-defined]
        await programs.run(request("qa"))
        sessions["s"].close()
        sessions["s"] = session_of(name="new")
        await programs.run(request("qa"))
        assert built == ["old", "new"]

    run(scenario)


def test_a_factory_may_use_the_current_session() -> None:
    """Code deep in a program finds its session without being handed it."""

    def build(session: Any) -> Any:
        return lambda: trimtab.current_session()["k"]

    async def scenario() -> None:
        assert from_map((await programs_of(session_of(k=3), qa=build).run(request("qa"))).outputs) == {"output": 3}

    run(scenario)


def test_describe_names_the_variables_that_a_program_reads() -> None:
    """A JVM sends candidates for what was declared, read by the factory, or seen to be read; only what exists."""

    def build(session: Any) -> Any:
        strategy = session["strategy"]
        return lambda: f"{strategy} {session['k']}"

    async def scenario() -> None:
        programs = programs_of(session_of(strategy="a", k=1, other=2, late=3), qa=build)
        assert list((await programs.describe("s", "qa")).variables) == ["strategy"]
        await programs.run(request("qa"))
        assert list((await programs.describe("s", "qa")).variables) == ["strategy", "k"]
        program("more", reads=["late", "gone"])(build)
        definition = build.__trimtab_program__[-1]  # type: ignore[attr-defined]
        held = session_of(strategy="a", late=3)
        described = await Programs({"more": definition}, Hosts(), lambda session_id: held).describe("s", "more")
        assert list(described.variables) == ["late", "strategy"]

    run(scenario)


def test_a_declared_signature_is_the_one_described() -> None:
    """What a decorator declares stands before what Python shows."""

    def build(session: Any) -> Any:
        return lambda text: {"said": text}

    async def scenario() -> None:
        program("echo", signature="text: dict[str, int], more -> said, n: Literal['a', 'b']")(build)
        definition = build.__trimtab_program__[-1]  # type: ignore[attr-defined]
        held = session_of()
        described = await Programs({"echo": definition}, Hosts(), lambda session_id: held).describe("s", "echo")
        assert [(field.name, field.type) for field in described.signature.inputs] == [
            ("text", "dict[str, int]"),
            ("more", "str"),
        ]
        assert [(field.name, field.type) for field in described.signature.outputs] == [
            ("said", "str"),
            ("n", "Literal['a', 'b']"),
        ]

    run(scenario)
