"""The code of docs/python.md, as it runs."""

from __future__ import annotations

import asyncio

import pytest
from conftest import TOKEN, Sidecar
from fake_jvm import FakeJvm
from test_spaces import cool_when_long

from trimtab import FloatDomain, IntegerDomain, SessionContext, Variable, current_session
from trimtab._context import running
from trimtab.exceptions import InvalidConfigurationError, InvalidValueError, VersionConflictError


def test_a_session_context(sidecar: Sidecar, capsys: pytest.CaptureFixture[str]) -> None:
    """Connecting, registering, reading and writing."""
    address, token = sidecar.address, TOKEN

    context = SessionContext.connect(address, token=token, session="support")
    context.register(
        Variable("temperature", FloatDomain(0.0, 2.0), 0.7, description="how daring the answers are"),
        Variable("max_tokens", IntegerDomain(64, 8192), 1024),
    )

    context["temperature"] = 0.3  # as an item
    context.max_tokens = 512.0  # or as an attribute; an integral number becomes the integer 512
    print(context.temperature, context["max_tokens"])  # 0.3 512

    with context.batch() as batch:  # all or nothing, one revision
        batch["temperature"] = 0.5
        batch["max_tokens"] = 256
    print(context.snapshot())  # {'temperature': 0.5, 'max_tokens': 256}, all of one revision

    try:
        context.temperature = 3.5
    except InvalidValueError as e:
        print(e)  # temperature: expected a finite number in [0.0, 2.0], got 3.5

    state = context.state("temperature")
    context.set("temperature", 0.2, expected_version=state.version, metadata={"why": "tuning"})
    try:
        context.set("temperature", 0.9, expected_version=state.version)
    except VersionConflictError as e:
        print(e)  # temperature: expected version 3, got version 4

    context.change("max_tokens", lambda tokens: tokens // 2)  # atomic, tried again if another writer was faster
    context.rollback("temperature", 1)
    print([old.value for old in context.history("temperature")])  # [0.7, 0.2, 0.5, 0.3, 0.7]
    context.close()

    assert capsys.readouterr().out.splitlines() == [
        "0.3 512",
        "{'temperature': 0.5, 'max_tokens': 256}",
        "temperature: expected a finite number in [0.0, 2.0], got 3.5",
        "temperature: expected version 3, got version 4",
        "[0.7, 0.2, 0.5, 0.3, 0.7]",
    ]


def test_watching(context: SessionContext, capsys: pytest.CaptureFixture[str]) -> None:
    """Being told of changes."""
    context.add_variable("llm.temperature", "float", 0.7, {"min": 0.0, "max": 2.0})

    with context.watch("llm.*", initial=True) as watch:
        context["llm.temperature"] = 0.1
        context["llm.temperature"] = 0.1  # the same value: its version rises, watches are not told
        context["llm.temperature"] = 0.2
    for changes in watch:  # what came before it was closed
        for change in changes.changes:
            print(change.kind, change.name, change.old, change.new)

    assert capsys.readouterr().out.splitlines() == [
        "INITIAL llm.temperature None 0.7",
        "CHANGED llm.temperature 0.7 0.1",
        "CHANGED llm.temperature 0.1 0.2",
    ]


def test_in_an_event_loop(context: SessionContext) -> None:
    """Writing from asynchronous code."""
    context.add_variable("temperature", "float", 0.7, {"min": 0.0, "max": 2.0})

    async def tune(context: SessionContext) -> None:
        await context.aset("temperature", 0.4)
        async with context.batch() as batch:
            batch["temperature"] = 0.6
        with context.watch("temperature") as watch:
            await context.aset("temperature", 0.8)
            async for changes in watch:
                print(changes.revision, changes.changes[0].new)
                break

    asyncio.run(tune(context))
    assert context.temperature == 0.8


def test_spaces(context: SessionContext, sidecar: Sidecar, capsys: pytest.CaptureFixture[str]) -> None:
    """Defining, registering and applying a space."""
    jvm = FakeJvm(sidecar, context.session_id, cool_when_long)

    space = (
        context.spaces.define("react_agent_config")
        .add_variable("temperature", "float", 0.7, {"min": 0.0, "max": 1.5})
        .add_variable("max_iters", "integer", 5, {"min": 3, "max": 10})
        .add_variable("model", "choice", "small", {"options": ["small", "large"]})
        .add_constraint("max_iters <= 6 || temperature < 1.0", "a hot agent gets few iterations")
        .register()
    )

    configuration = space.apply({"temperature": 0.3, "max_iters": 8})  # one step, or not at all
    print(configuration.version, space.get_current_values())
    try:
        context.temperature = 1.2  # the rules hold for plain writes too
    except InvalidConfigurationError as e:
        print(e)
    candidate = space.sample(seed=7)

    assert candidate
    assert capsys.readouterr().out.splitlines() == [
        "2 {'temperature': 0.3, 'max_iters': 8, 'model': 'small'}",
        "rule: expected a hot agent gets few iterations",
    ]
    jvm.detach()


def test_inside_a_program(context: SessionContext) -> None:
    """Reading the session of the program that runs."""
    context.add_variable("temperature", "float", 0.7, {"min": 0.0, "max": 2.0})

    def answer(question: str) -> str:
        values = current_session().snapshot()  # all of one revision; a trial's candidate values, if this run has some
        return f"{question} at {values['temperature']}"

    with running(context, {"temperature": 1.5}):
        assert answer("hot?") == "hot? at 1.5"


def test_moving_a_state(context: SessionContext) -> None:
    """Exporting and importing."""
    context.add_variable("temperature", "float", 0.7, {"min": 0.0, "max": 2.0})

    document = context.export_json()  # trimtab.state/1, which the JVM reads too
    context.temperature = 0.1
    context.import_json(document)  # one step; a document that contradicts itself changes nothing

    assert context.temperature == 0.7
