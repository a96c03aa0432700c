"""The code blocks of docs/dspy.md, run."""

from __future__ import annotations

from typing import Any

import pytest

dspy = pytest.importorskip("dspy", reason="DSPy is not installed")

from models import FakeSession, Recorder, recording_lm  # noqa: E402

import trimtab  # noqa: E402
from trimtab.dspy import (  # noqa: E402
    ModuleVariableResolver,
    VariableAwareChainOfThought,
    VariableAwareReAct,
)


def search(query: str) -> str:
    """Searches."""
    return query


@trimtab.program("qa", description="Answers questions.")
def build(session: trimtab.SessionContext) -> dspy.Module:
    answer = VariableAwareChainOfThought("question -> answer", session=session)
    answer.bind("temperature", "llm_temperature")
    answer.bind("model", "llm_model")
    return answer


def test_the_factory_binds_what_it_says() -> None:
    """The first block."""
    session: Any = FakeSession(llm_temperature=0.3, llm_model="large")
    recorder = Recorder()
    with dspy.context(lm=recording_lm(recorder)):
        build(session)(question="q")
    assert (recorder.requests[0].config.temperature, recorder.requests[0].model) == (0.3, "large")


def test_an_agent_follows_its_variables(capsys: pytest.CaptureFixture[str]) -> None:
    """The second block."""
    session: Any = FakeSession(llm_temperature=0.3, tool_model="large", max_iters=2)
    recorder = Recorder()
    with dspy.context(lm=recording_lm(recorder)):
        agent = VariableAwareReAct("question -> answer", tools=[search], session=session)
        agent.bind("temperature", "llm_temperature")
        agent.bind("react.model", "tool_model")
        agent.bind("max_iters", "max_iters", lambda name, old, new: print(f"{name}: {old} -> {new}"))
        prediction = agent(question="What is a trim tab?")
        assert prediction.answer == "a"
        session.apply(max_iters=3)
        agent(question="q")
    assert capsys.readouterr().out == "max_iters: 2 -> 3\n"
    assert [request.model for request in recorder.requests] == ["large", "test"] * 2


def test_a_strategy_follows_its_variable() -> None:
    """The third block."""

    class Careful(dspy.Module):  # type: ignore[misc]
        def __init__(self, signature: str) -> None:
            super().__init__()
            self.predict = dspy.Predict(signature)

        def forward(self, **inputs: Any) -> Any:
            return self.predict(**inputs)

    session: Any = FakeSession(llm_temperature=0.3, strategy="SLOW")
    recorder = Recorder()
    with dspy.context(lm=recording_lm(recorder)):
        resolver = ModuleVariableResolver(session)
        resolver.register("Careful", Careful, "slow")
        program = resolver.strategy("strategy", "question -> answer", tools=[search])
        program.bind("temperature", "llm_temperature")
        prediction = program(question="What is a trim tab?")
    assert prediction.answer == "a"
    assert recorder.sent("temperature") == [0.3]
