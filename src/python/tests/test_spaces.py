"""Configuration spaces: defined in Python, judged by a JVM, in one JSON form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Sidecar
from fake_jvm import FakeJvm

from trimtab import ConfigurationSpace, SessionContext
from trimtab.exceptions import (
    ConfigurationNotFoundError,
    IllegalCallError,
    InvalidConfigurationError,
    InvalidDefinitionError,
    NoHostError,
    UnsupportedError,
)


def cool_when_long(values: dict[str, Any]) -> str | None:
    """The rule of these tests."""
    hot = values.get("max_iters", 5) > 6 and values.get("temperature", 0.7) >= 1.0
    return "a hot agent gets few iterations" if hot else None


@pytest.fixture
def jvm(sidecar: Sidecar) -> Iterator[FakeJvm]:
    """A JVM attached to session s1."""
    attached = FakeJvm(sidecar, "s1", cool_when_long)
    yield attached
    attached.detach()


def agent(context: SessionContext | None = None) -> ConfigurationSpace:
    """The space of these tests."""
    return (
        ConfigurationSpace("agent", context, description="how the agent works")
        .add_variable("temperature", "float", 0.7, {"min": 0.0, "max": 1.5})
        .add_variable("max_iters", "integer", 5, {"min": 3, "max": 10}, "tool calls at most")
        .add_variable("model", "choice", "small", {"options": ["small", "large"]})
        .add_constraint("max_iters <= 6 || temperature < 1.0", "a hot agent gets few iterations")
    )


def test_json_form() -> None:
    """The document has the JVM's keys in the JVM's order, and is read back equal."""
    space = (
        ConfigurationSpace("all", prefix="p", metadata={"by": "test"})
        .add_variable("strategy", "module", "Predict", {"allowed": ["Predict", "ReAct"]})
        .add_variable("iters", "integer", 5, {"min": 3, "max": 10}, active_when="strategy == 'ReAct'")
        .add_constant("seed", 7)
        .forbid("iters == 9", "no nine")
        .forbid({"strategy": "ReAct", "iters": 10.0}, "no ten")
    )
    assert json.loads(space.to_json()) == {
        "format": "trimtab.space/1",
        "name": "all",
        "prefix": "p",
        "metadata": {"by": "test"},
        "parameters": [
            {
                "name": "strategy",
                "type": "MODULE",
                "default": "Predict",
                "constraints": {"allowed": ["Predict", "ReAct"]},
            },
            {
                "name": "iters",
                "type": "INTEGER",
                "default": 5,
                "constraints": {"min": 3, "max": 10},
                "active_when": ["strategy == 'ReAct'"],
            },
            {"name": "seed", "type": "INTEGER", "default": 7, "constant": True},
        ],
        "rules": [
            {"forbid": "iters == 9", "message": "no nine"},
            {"forbid": {"strategy": "ReAct", "iters": 10}, "message": "no ten"},
        ],
    }
    assert ConfigurationSpace.from_json(space.to_json()) == space
    assert space.members == {"strategy": "p.strategy", "iters": "p.iters", "seed": "p.seed"}


def test_bad_definitions() -> None:
    """A wrong parameter, a second one of a name, a function as a rule and a foreign document are refused."""
    space = agent()
    with pytest.raises(InvalidDefinitionError, match="max_iters: expected a name of its own"):
        space.add_variable("max_iters", "integer", 5)
    with pytest.raises(InvalidDefinitionError, match="least default"):
        space.add_variable("least", "float", 3.0, {"min": 0.0, "max": 1.0})
    with pytest.raises(InvalidDefinitionError):
        space.forbid({"nowhere": 1}, "no")
    with pytest.raises(UnsupportedError, match="an expression such as"):
        space.add_constraint(lambda c: True, "no")  # type: ignore[arg-type]
    for document in (
        "{}",
        "nope",
        '{"format":"trimtab.space/2"}',
        '{"format":"trimtab.space/1","name":"x","colour":1}',
    ):
        with pytest.raises(InvalidDefinitionError):
            ConfigurationSpace.from_json(document)
    with pytest.raises(IllegalCallError, match="expected a session"):
        space.register()


def test_register_apply_validate_sample(context: SessionContext, jvm: FakeJvm) -> None:
    """A space lives in a session by way of a JVM, inside the sidecar and outside of it alike."""
    space = agent(context).register()
    assert context.temperature == 0.7
    assert space.version == 1
    configuration = space.apply({"temperature": 0.3, "max_iters": 8})
    assert configuration.version == 2 and configuration.values["temperature"] == 0.3
    assert space.get_current_values() == {"temperature": 0.3, "max_iters": 8, "model": "small"}
    with pytest.raises(InvalidConfigurationError, match="a hot agent gets few iterations"):
        space.apply({"temperature": 1.2})
    assert space.validate({"temperature": 0.1, "max_iters": 3, "model": "large"})["model"] == "large"
    with pytest.raises(InvalidConfigurationError) as e:
        space.validate({"temperature": 1.2, "max_iters": 8, "model": "large"})
    assert len(e.value.violations) == 1
    assert space.sample(seed=4) == {"temperature": 0.4}
    assert len(space.sample_many(3, seed=1)) == 3


def test_spaces_by_name(context: SessionContext, jvm: FakeJvm) -> None:
    """Whoever defined a space, it is found by name; an unknown one is an error that names the known ones."""
    agent(context).register()
    assert list(context.spaces) == ["agent"]
    found = context.spaces["agent"]
    assert found == agent()
    assert found.apply({"temperature": 0.1}).values["temperature"] == 0.1
    with pytest.raises(ConfigurationNotFoundError, match=r"found only \['agent'\]"):
        context.spaces["nothing"]
    with pytest.raises(ConfigurationNotFoundError):
        ConfigurationSpace("nothing", context).get_current_values()


def test_plain_writes_to_members_are_judged(context: SessionContext, jvm: FakeJvm) -> None:
    """The rules hold for plain writes to members, which a JVM carries out; other writes need nobody."""
    agent(context).register()
    context.max_iters = 8
    assert "commit" in jvm.asked
    with pytest.raises(InvalidConfigurationError):
        context.temperature = 1.2
    assert context.temperature == 0.7
    asked = len(jvm.asked)
    context.add_variable("other", "boolean", True)
    context.other = False
    assert len(jvm.asked) == asked


def test_a_jvm_that_has_left(context: SessionContext, sidecar: Sidecar) -> None:
    """Without its JVM a member cannot be written, but everything can be read."""
    jvm = FakeJvm(sidecar, "s1", cool_when_long)
    space = agent(context).register()
    jvm.detach()
    with pytest.raises(NoHostError):
        context.temperature = 0.1
    with pytest.raises(NoHostError):
        space.sample()
    assert context.temperature == 0.7 and space.get_current_values()["max_iters"] == 5


def test_async_forms(context: SessionContext, jvm: FakeJvm) -> None:
    """Registering, applying, validating and sampling can be awaited."""
    import asyncio

    async def work() -> None:
        space = await agent(context).aregister()
        assert (await space.aapply({"max_iters": 4})).values["max_iters"] == 4
        assert (await space.avalidate({"temperature": 0.1}))["temperature"] == 0.1
        assert await space.asample(seed=2) == {"temperature": 0.2}

    asyncio.run(work())
