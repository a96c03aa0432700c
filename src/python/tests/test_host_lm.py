"""DSPy programs whose models and tools are the JVM's."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from enum import Enum
from typing import Any, Literal

import pytest

dspy = pytest.importorskip("dspy", reason="DSPy is not installed")

from jvm import answering, attached, run  # noqa: E402
from models import fields_asked  # noqa: E402
from pydantic import BaseModel  # noqa: E402
from runs import programs_of, request, session_of  # noqa: E402

from trimtab._data import from_map, to_data, to_map  # noqa: E402
from trimtab._failures import to_failure  # noqa: E402
from trimtab._hosts import Hosts  # noqa: E402
from trimtab._values import to_wire  # noqa: E402
from trimtab._wire import enum_values, message  # noqa: E402
from trimtab.dspy import HostLM, VariableAwareChainOfThought, VariableAwareReAct, java_tools  # noqa: E402
from trimtab.exceptions import (  # noqa: E402
    DeadlineExceededError,
    IllegalCallError,
    InvalidValueError,
    LmFailedError,
    ProgramFailedError,
    ToolFailedError,
)

PredictorOverride = message("PredictorOverride")
ROLES = enum_values("Role")
ALL = ("STREAMING", "TOOLS", "JSON_OBJECT", "JSON_SCHEMA", "MULTIPLE_COMPLETIONS")


def chat(call: Any, values: dict[str, str] | None = None, **usage: int) -> dict[str, Any]:
    """What a model answers in DSPy's chat format: the fields that the last message asks for."""
    asked = fields_asked(call.model.request.messages[-1].text)
    text = "\n\n".join(f"[[ ## {field} ## ]]\n{(values or {}).get(field, 'a')}" for field in asked)
    completions = [
        {"index": index, "text": text, "finish_reason": 1} for index in range(call.model.request.options.n or 1)
    ]
    counts = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, **usage}
    return {"model": {"completions": completions, "usage": counts, "model": "jvm-model"}}


def qa(module: Callable[[], Any]) -> Callable[[Any], Any]:
    return lambda session: module()


def test_a_program_asks_the_jvms_model_by_default() -> None:
    """Messages and options reach the JVM; answer, usage and the run's id come back."""

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(
            session_of(),
            hosts,
            qa=qa(lambda: dspy.Predict("question -> answer", temperature=0.0, max_tokens=7, stop=["x"])),
        )
        asked = request("qa", question="why?")
        asked.run_id = "r1"
        async with answering(hosts, lambda call: chat(call, {"answer": "because"}, cached_tokens=3)) as jvm:
            answer = await programs.run(asked)
        assert from_map(answer.outputs) == {"answer": "because"}
        usage = answer.usage
        assert (usage.input_tokens, usage.output_tokens, usage.total_tokens, usage.cached_tokens) == (10, 5, 15, 3)
        call = jvm.seen[0]
        assert (call.run_id, call.model.name) == ("r1", "")
        sent = call.model.request
        assert [item.role for item in sent.messages] == [ROLES["SYSTEM"], ROLES["USER"]]
        assert "why?" in sent.messages[1].text
        assert sent.options.HasField("temperature") and sent.options.temperature == 0.0
        assert (sent.options.max_tokens, list(sent.options.stop)) == (7, ["x"])
        assert not sent.options.HasField("n")

    run(scenario)


def test_without_a_jvm_the_program_fails_with_the_reason() -> None:
    """No attached JVM is a configuration error of DSPy's, told as the program's failure."""

    async def scenario() -> None:
        programs = programs_of(qa=qa(lambda: dspy.Predict("question -> answer")))
        with pytest.raises(ProgramFailedError, match="no JVM attached") as caught:
            await programs.run(request("qa", question="x"))
        assert caught.value.type == "dspy.utils.exceptions.LMNotConfiguredError"

    run(scenario)


def test_models_are_selected_by_name_by_label_or_as_an_option_of_the_default() -> None:
    """A copy of the model with another name asks another offered model."""

    class Ask(dspy.Module):  # type: ignore[misc]
        def forward(self, model: str) -> Any:
            return {"text": HostLM().copy(model=model)("hi")[0]}

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(session_of(), hosts, ask=qa(Ask))
        async with answering(
            hosts, lambda call: {"model": {"completions": [{"text": call.model.name}]}}, models=("", "cheap")
        ) as jvm:
            for model, text in (("cheap", "cheap"), ("model-cheap", "cheap"), ("default", ""), ("gpt-x", "")):
                assert from_map((await programs.run(request("ask", model=model))).outputs) == {"text": text}
        assert [call.model.request.options.model for call in jvm.seen] == ["", "", "", "gpt-x"]

    run(scenario)


def test_several_candidates_are_one_call_if_the_model_can_give_them() -> None:
    """n goes to the JVM whole, usage is counted once, and all completions come back."""

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(
            session_of(), hosts, qa=qa(lambda: dspy.Predict("question -> answer", n=3, temperature=0.0))
        )
        async with answering(hosts, chat, capabilities=ALL) as jvm:
            answer = await programs.run(request("qa", question="x"))
        assert [call.model.request.options.n for call in jvm.seen] == [3]
        assert [from_map(completion) for completion in answer.completions] == [{"answer": "a"}] * 3
        assert answer.usage.input_tokens == 10

    run(scenario)


def test_several_candidates_are_calls_that_differ_if_the_model_gives_one() -> None:
    """Candidates asked for one by one carry different rollout ids, or a cache would answer them all alike."""

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(session_of(), hosts, qa=qa(lambda: dspy.Predict("question -> answer", n=3)))
        async with answering(hosts, chat) as jvm:
            answer = await programs.run(request("qa", question="x"))
        options = [call.model.request.options for call in jvm.seen]
        assert [option.rollout_id if option.HasField("rollout_id") else None for option in options] == [None, 1, 2]
        assert len(answer.completions) == 3
        assert answer.usage.input_tokens == 30

    run(scenario)


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        ("LmAuthenticationException", "LMAuthError"),
        ("LmConfigurationException", "LMConfigurationError"),
        ("LmContentFilteredException", "LMInvalidRequestError"),
        ("LmContextLengthException", "ContextWindowExceededError"),
        ("LmInvalidRequestException", "LMInvalidRequestError"),
        ("LmMalformedResponseException", "LMServerError"),
        ("LmOverloadedException", "LMRateLimitError"),
        ("LmQuotaExhaustedException", "LMBillingError"),
        ("LmRateLimitedException", "LMRateLimitError"),
        ("LmServerException", "LMServerError"),
        ("LmTimeoutException", "LMTimeoutError"),
        ("LmTransportException", "LMTransportError"),
        ("LmCircuitOpenException", "LMProviderError"),
        ("LmSomethingNewException", "LMProviderError"),
    ],
)
def test_the_jvms_exceptions_are_dspys(type: str, expected: str) -> None:
    """Each exception becomes the DSPy error with the same consequences; it goes along to the JVM as the cause."""

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(session_of(), hosts, qa=qa(lambda: dspy.Predict("question -> answer")))
        failure = to_failure(LmFailedError("it said no", type=type, retry_after=1.5))
        async with answering(hosts, lambda call: {"failure": failure}) as jvm:
            with pytest.raises(ProgramFailedError) as caught:
                await programs.run(request("qa", question="x"))
        assert caught.value.type == f"dspy.utils.exceptions.{expected}"
        assert isinstance(caught.value.cause, LmFailedError)
        assert (caught.value.cause.type, caught.value.cause.retry_after) == (type, 1.5)
        assert len(jvm.seen) == 1  # neither DSPy's retries nor its adapter's second format: the JVM has retried

    run(scenario)


def test_a_long_trajectory_is_shortened_when_the_jvm_says_so() -> None:
    """ReAct reacts to the JVM's context length exception as to any model's."""

    async def scenario() -> None:
        hosts = Hosts()
        steps = iter(["look", "look", "too long", "finish"])

        def answer(call: Any) -> dict[str, Any]:
            asked = fields_asked(call.model.request.messages[-1].text)
            if "next_tool_name" not in asked:
                return chat(call, {"answer": "done"})
            step = next(steps)
            if step == "too long":
                return {"failure": to_failure(LmFailedError("too long", type="LmContextLengthException"))}
            return chat(call, {"next_tool_name": step, "next_tool_args": "{}"})

        def look() -> str:
            """Looks."""
            return "seen"

        programs = programs_of(session_of(), hosts, agent=qa(lambda: dspy.ReAct("question -> answer", tools=[look])))
        async with answering(hosts, answer):
            outputs: Any = from_map((await programs.run(request("agent", question="x"))).outputs)
        assert outputs["answer"] == "done"
        assert "thought_0" not in outputs["trajectory"] and "thought_1" in outputs["trajectory"]

    run(scenario)


def test_structured_outputs_reach_the_jvm_as_a_schema() -> None:
    """The JSON adapter asks a model that keeps to schemas for one, and another for plain JSON."""

    class Point(BaseModel):
        x: int

    async def scenario() -> None:
        for capabilities, kind in ((ALL, "json_schema"), (("JSON_OBJECT",), "json_object"), ((), None)):
            hosts = Hosts()

            class Located(dspy.Module):  # type: ignore[misc]
                def __init__(self) -> None:
                    super().__init__()
                    signature = dspy.Signature("place -> point: Point", custom_types={"Point": Point})
                    self.predict = dspy.Predict(signature)

                def forward(self, place: str) -> Any:
                    with dspy.context(adapter=dspy.JSONAdapter()):
                        return self.predict(place=place)

            programs = programs_of(session_of(), hosts, locate=qa(Located))
            answer = {"model": {"completions": [{"text": json.dumps({"point": {"x": 4}})}]}}
            async with answering(hosts, lambda call, answer=answer: answer, capabilities=capabilities) as jvm:
                response = await programs.run(request("locate", place="here"))
            assert from_map(response.outputs) == {"point": {"x": 4}}
            sent = jvm.seen[0].model.request.response_format
            assert sent.WhichOneof("kind") == kind
            if kind == "json_schema":
                assert sent.json_schema.strict
                assert from_map(sent.json_schema.schema)["properties"]

    run(scenario)


def test_native_tool_calls_travel_both_ways() -> None:
    """A model that calls tools natively is offered them, and its calls come back parsed."""

    def search(query: str) -> str:
        """Searches."""
        return query

    class Caller(dspy.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.predict = dspy.Predict("question, tools: list[dspy.Tool] -> outputs: dspy.ToolCalls")

        def forward(self, question: str) -> Any:
            with dspy.context(adapter=dspy.ChatAdapter(use_native_function_calling=True)):
                answer = self.predict(question=question, tools=[dspy.Tool(search)])
            return {"calls": [[call.name, call.args] for call in answer.outputs.tool_calls]}

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(session_of(), hosts, caller=qa(Caller))
        called = {"id": "c1", "name": "search", "arguments": '{"query": "x"}'}
        answer = {"model": {"completions": [{"tool_calls": [called], "finish_reason": 3}]}}
        async with answering(hosts, lambda call: answer, capabilities=ALL) as jvm:
            outputs = from_map((await programs.run(request("caller", question="?"))).outputs)
        assert outputs == {"calls": [["search", {"query": "x"}]]}
        tool = jvm.seen[0].model.request.tools[0]
        assert (tool.name, tool.description) == ("search", "Searches.")
        assert from_map(tool.parameters)["properties"] == {"query": {"type": "string"}}

    run(scenario)


def test_async_programs_ask_the_jvm_too() -> None:
    """acall takes the awaiting engine."""

    class Both(dspy.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.predict = dspy.Predict("question -> answer")

        async def aforward(self, question: str) -> Any:
            answers = await asyncio.gather(*(self.predict.acall(question=f"{question}{n}") for n in range(4)))
            return {"answers": [answer.answer for answer in answers]}

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(session_of(), hosts, qa=qa(Both))
        async with answering(hosts, chat) as jvm:
            response = await programs.run(request("qa", question="x"))
        assert from_map(response.outputs) == {"answers": ["a"] * 4}
        assert len(jvm.seen) == 4
        assert response.usage.input_tokens == 40

    run(scenario)


def test_a_streamed_answer_reaches_dspys_listeners() -> None:
    """dspy.streamify gets the JVM's chunks as they come."""

    class Streams(dspy.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.predict = dspy.Predict("question -> answer")

        async def aforward(self, question: str) -> Any:
            listener = dspy.streaming.StreamListener(signature_field_name="answer")
            streamed = dspy.streamify(self.predict, stream_listeners=[listener], is_async_program=True)
            pieces, final = [], None
            async for value in streamed(question=question):
                if isinstance(value, dspy.Prediction):
                    final = value
                else:
                    pieces.append(value.chunk)
            return {"pieces": pieces, "answer": final.answer if final else None}

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(session_of(), hosts, qa=qa(Streams))
        async with attached(hosts, capabilities=ALL) as jvm:
            running = asyncio.create_task(programs.run(request("qa", question="x")))
            call = await jvm.calls.get()
            assert call.model.stream
            text = "[[ ## answer ## ]]\none two three four five six seven eight nine ten\n\n[[ ## completed ## ]]"
            for start in range(0, len(text), 8):
                jvm.answer(call.number, chunk={"text": text[start : start + 8]})
            end = {"completions": [{"text": text, "finish_reason": 1}], "usage": {"input_tokens": 4}, "model": "m"}
            jvm.answer(call.number, chunk={"end": end})
            response = await running
        outputs: Any = from_map(response.outputs)
        assert outputs["answer"] == "one two three four five six seven eight nine ten"
        assert len(outputs["pieces"]) > 1
        assert "".join(outputs["pieces"]).strip() == outputs["answer"]
        assert response.usage.input_tokens == 4

    run(scenario)


def test_a_cancelled_run_cancels_its_model_call() -> None:
    """The JVM learns at once that nobody waits for the answer, and the program's thread ends."""
    ended = threading.Event()

    class Waits(dspy.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.predict = dspy.Predict("question -> answer")

        def forward(self, question: str) -> Any:
            try:
                return self.predict(question=question)
            finally:
                ended.set()

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(session_of(), hosts, qa=qa(Waits))
        async with attached(hosts) as jvm:
            running = asyncio.create_task(programs.run(request("qa", question="x")))
            call = await jvm.calls.get()
            running.cancel()
            assert await jvm.cancelled() == [call.number]
            assert await asyncio.to_thread(ended.wait, 5)
            assert jvm.calls.empty()  # no second try in another format

    run(scenario)


def test_a_deadline_bounds_the_model_call() -> None:
    """A run hands what is left of its time to the JVM, and ends in time although the JVM does not answer."""

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(session_of(), hosts, qa=qa(lambda: dspy.Predict("question -> answer")))
        async with attached(hosts) as jvm:
            await programs.describe("s", "qa")  # built before, so that the time is the run's
            start = time.monotonic()
            with pytest.raises(DeadlineExceededError):
                await programs.run(request("qa", question="x"), timeout=1.0)
            assert time.monotonic() - start < 3
            assert 0 < (await jvm.calls.get()).timeout_ms <= 1000

    run(scenario)


TOOL = {
    "name": "lookup",
    "description": "Looks a word up.",
    "parameters": to_map(
        {
            "type": "object",
            "properties": {"word": {"type": "string"}, "limit": {"type": "integer"}},
            "required": ["word"],
        }
    ),
}


@pytest.mark.parametrize("asynchronous", [False, True])
def test_react_calls_the_jvms_tools(asynchronous: bool) -> None:
    """A Java tool is shown to the model with its schema, called with its arguments, and its result is observed."""

    class Agent(dspy.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.agent = dspy.ReAct("question -> answer", tools=java_tools())

        if asynchronous:

            async def aforward(self, question: str) -> Any:
                return await self.agent.acall(question=question)

        else:

            def forward(self, question: str) -> Any:
                return self.agent(question=question)

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(session_of(), hosts, agent=qa(Agent))
        steps = iter([("lookup", '{"word": "trim", "limit": 2}'), ("lookup", '{"word": "fail"}'), ("finish", "{}")])

        def answer(call: Any) -> dict[str, Any]:
            if call.WhichOneof("kind") == "tool":
                arguments = from_map(call.tool.arguments)
                if arguments["word"] == "fail":
                    return {"failure": to_failure(ToolFailedError("no such word"))}
                return {"tool": to_data({"meaning": f"{arguments['word']} x{arguments['limit']}"})}
            if "next_tool_name" in fields_asked(call.model.request.messages[-1].text):
                name, arguments = next(steps)
                return chat(call, {"next_tool_name": name, "next_tool_args": arguments})
            return chat(call)

        async with answering(hosts, answer, tools=(TOOL,)) as jvm:
            outputs: Any = from_map((await programs.run(request("agent", question="x"))).outputs)
        assert outputs["trajectory"]["observation_0"] == {"meaning": "trim x2"}
        assert "no such word" in outputs["trajectory"]["observation_1"]
        system = jvm.seen[0].model.request.messages[0].text
        assert "lookup, whose description is <desc>Looks a word up.</desc>" in system
        assert "{'type': 'string'}" in system

    run(scenario)


def test_tools_that_are_not_offered_are_named() -> None:
    """A program that needs a tool learns which there are."""

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(
            session_of(), hosts, agent=lambda session: dspy.ReAct("q -> a", tools=java_tools(session, ["x"]))
        )
        async with attached(hosts, tools=(TOOL,)):
            with pytest.raises(
                IllegalCallError, match=r"expected offered tools, got \['x'\]; offered are \['lookup'\]"
            ):
                await programs.run(request("agent", q="x"))

    run(scenario)


# What a request may change for one run


def test_parameters_and_predictors_of_a_request_hold_for_that_run_only() -> None:
    """Overrides reach the predictors they name; the next run has the module's own values."""

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(
            session_of(), hosts, qa=qa(lambda: dspy.ChainOfThought("question -> answer", temperature=0.9))
        )
        asked = request("qa", question="x")
        asked.parameters.CopyFrom(to_map({"temperature": 0.0, "predict.max_tokens": 9}))
        asked.predictors.append(
            PredictorOverride(
                name="predict",
                instructions="Answer in verse.",
                demonstrations={"examples": [to_map({"question": "q1", "reasoning": "r1", "answer": "a1"})]},
            )
        )
        async with answering(hosts, chat) as jvm:
            await asyncio.gather(programs.run(asked), programs.run(request("qa", question="y")))
        calls = {call.model.request.messages[-1].text.split("\n")[1]: call.model.request for call in jvm.seen}
        changed, plain = calls["x"], calls["y"]
        assert (changed.options.temperature, changed.options.max_tokens) == (0.0, 9)
        assert "Answer in verse." in changed.messages[0].text
        assert any("r1" in item.text for item in changed.messages)
        assert (plain.options.temperature, plain.options.HasField("max_tokens")) == (0.9, False)
        assert len(plain.messages) == 2

    run(scenario)


def test_parameters_of_a_request_beat_variables_and_variables_of_a_request_beat_the_sessions() -> None:
    """Precedence: call, then candidate, then session, then module."""

    async def scenario() -> None:
        hosts = Hosts()
        session = session_of(t=0.1)

        def build(context: Any) -> Any:
            return VariableAwareChainOfThought("question -> answer", session=context, bindings={"temperature": "t"})

        programs = programs_of(session, hosts, qa=build)

        async def temperature(variables: dict[str, float], parameters: dict[str, float]) -> float:
            asked = request("qa", question="x")
            for name, value in variables.items():
                asked.variables[name].CopyFrom(to_wire(value))
            asked.parameters.CopyFrom(to_map(parameters))
            jvm.seen.clear()
            await programs.run(asked)
            return float(jvm.seen[0].model.request.options.temperature)

        async with answering(hosts, chat) as jvm:
            assert await temperature({}, {}) == 0.1
            assert await temperature({"t": 0.2}, {}) == 0.2
            assert await temperature({"t": 0.2}, {"temperature": 0.3}) == 0.3
            session.set("t", 0.4)
            assert await temperature({}, {}) == 0.4

    run(scenario)


def test_a_program_is_not_built_anew_for_what_it_is_bound_to() -> None:
    """Bindings follow their variables by themselves; only what the factory read by itself makes another module."""
    built: list[int] = []

    def build(context: Any) -> Any:
        context.add_variable("late", "float", 0.5)  # a factory may register what it binds
        built.append(context["shots"])
        module = VariableAwareChainOfThought("question -> answer", session=context)
        module.bind("temperature", "t")
        module.bind("top_p", "late")
        return module

    async def scenario() -> None:
        hosts = Hosts()
        session = session_of(t=0.1, shots=1)
        programs = programs_of(session, hosts, qa=build)
        async with answering(hosts, chat) as jvm:
            for temperature in (0.1, 0.2, 0.3):
                session.set("t", temperature)
                await programs.run(request("qa", question="x"))
        assert [call.model.request.options.temperature for call in jvm.seen] == [0.1, 0.2, 0.3]
        assert [call.model.request.options.top_p for call in jvm.seen] == [0.5] * 3
        assert built == [1]
        described = await programs.describe("s", "qa")
        assert set(described.variables) == {"t", "shots", "late"}

    run(scenario)


def test_unknown_parameters_and_predictors_are_refused() -> None:
    """A typo in an override is an error, not a silent nothing."""

    async def scenario() -> None:
        programs = programs_of(qa=qa(lambda: dspy.Predict("question -> answer")))
        asked = request("qa", question="x")
        asked.parameters.CopyFrom(to_map({"temprature": 1}))
        with pytest.raises(IllegalCallError, match=r"got 'temprature'; known are .*temperature"):
            await programs.run(asked)
        asked = request("qa", question="x")
        asked.predictors.append(PredictorOverride(name="nope"))
        with pytest.raises(IllegalCallError, match=r"got \['nope'\]; its predictors are \['self'\]"):
            await programs.run(asked)

    run(scenario)


def test_a_trace_names_predictors_with_inputs_and_outputs() -> None:
    """What an optimizer learns from: each predictor's call, by its name."""

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(session_of(), hosts, agent=qa(lambda: dspy.ReAct("question -> answer", tools=[])))
        asked = request("agent", question="x")
        asked.trace = True
        async with answering(hosts, lambda call: chat(call, {"next_tool_name": "finish", "next_tool_args": "{}"})):
            trace = (await programs.run(asked)).trace
        assert [step.predictor for step in trace] == ["react", "extract.predict"]
        assert from_map(trace[0].inputs)["question"] == "x"
        assert from_map(trace[1].outputs) == {"reasoning": "a", "answer": "a"}

    run(scenario)


# Describing, and inputs


class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


class Ticket(BaseModel):
    text: str
    mood: Mood


def test_describe_tells_signature_predictors_and_bindings() -> None:
    """A JVM sees what it can set without reading Python."""

    async def scenario() -> None:
        def build(context: Any) -> Any:
            return VariableAwareReAct(
                "question: str, k: int -> answer: Literal['yes', 'no']",
                tools=[],
                session=context,
                bindings={"temperature": "t", "react.model": "m", "max_iters": "i", "instructions": "s"},
            )

        programs = programs_of(session_of(t=0.1, m="x", i=3, s="Be kind."), agent=build)
        described = await programs.describe("s", "agent")
        assert described.type == "trimtab.dspy._modules.VariableAwareReAct"
        assert [(field.name, field.type) for field in described.signature.inputs] == [("question", "str"), ("k", "int")]
        assert described.signature.outputs[0].type == "Literal['yes', 'no']"
        assert [predictor.name for predictor in described.predictors] == ["react", "extract.predict"]
        assert {(b.parameter, b.variable, b.target) for b in described.bindings} == {
            ("temperature", "t", "MODEL_ARGUMENT"),
            ("react.model", "m", "MODEL_IDENTITY"),
            ("max_iters", "i", "MODULE_ATTRIBUTE"),
            ("instructions", "s", "STRUCTURE"),
        }

    run(scenario)


def test_inputs_are_checked_and_typed_before_a_model_is_paid() -> None:
    """Missing, unknown and wrong inputs are told all at once; models and enums arrive as such."""
    seen: list[Any] = []

    class Triage(dspy.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.signature = dspy.Signature(
                "ticket: Ticket, note: Optional[str] -> category", custom_types={"Ticket": Ticket}
            )

        def forward(self, ticket: Any, note: Any = None) -> Any:
            seen.append(ticket)
            return dspy.Prediction(category="c", ticket=ticket)

    async def scenario() -> None:
        programs = programs_of(triage=qa(Triage))
        answer = await programs.run(request("triage", ticket={"text": "hi", "mood": "good"}))
        assert seen == [Ticket(text="hi", mood=Mood.GOOD)]
        assert from_map(answer.outputs)["ticket"] == {"text": "hi", "mood": "good"}
        with pytest.raises(InvalidValueError) as caught:
            await programs.run(request("triage", ticket={"text": "hi", "mood": "odd"}, extra=1))
        assert [violation.subject for violation in caught.value.violations] == ["triage.extra", "triage.ticket.mood"]
        with pytest.raises(InvalidValueError, match=r"triage\.ticket: expected an input, got none"):
            await programs.run(request("triage"))

    run(scenario)


def test_outputs_that_json_cannot_hold_are_the_programs_fault() -> None:
    """An object in an output is named with its path."""

    class Odd(dspy.Module):  # type: ignore[misc]
        def forward(self) -> Any:
            return dspy.Prediction(answer=object())

    async def scenario() -> None:
        with pytest.raises(IllegalCallError, match=r"outputs\.answer: expected what JSON can hold"):
            await programs_of(odd=qa(Odd)).run(request("odd"))

    run(scenario)


def test_a_program_that_configured_a_model_of_its_own_keeps_it() -> None:
    """A predictor with a model of its own does not ask the JVM."""
    from models import Recorder, recording_lm

    recorder = Recorder()

    def build(context: Any) -> Any:
        module = dspy.Predict("question -> answer")
        module.set_lm(recording_lm(recorder))
        return module

    async def scenario() -> None:
        answer = await programs_of(qa=build).run(request("qa", question="x"))
        assert from_map(answer.outputs) == {"answer": "a"}
        assert answer.usage.input_tokens == 10
        assert len(recorder.requests) == 1

    run(scenario)


def test_parallel_threads_belong_to_their_run() -> None:
    """Calls from threads that DSPy starts reach the JVM, are counted, and see the run's values."""

    class Fan(dspy.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.predict = dspy.Predict("question -> answer")

        def forward(self, question: str) -> Any:
            pairs = [(self.predict, dspy.Example(question=f"{question}{n}").with_inputs("question")) for n in range(5)]
            answers = dspy.Parallel(num_threads=3, disable_progress_bar=True)(pairs)
            return {"answers": [answer.answer for answer in answers]}

    async def scenario() -> None:
        hosts = Hosts()
        programs = programs_of(session_of(), hosts, qa=qa(Fan))
        asked = request("qa", question="x")
        asked.parameters.CopyFrom(to_map({"temperature": 0.3}))
        async with answering(hosts, chat) as jvm:
            response = await programs.run(asked)
        assert from_map(response.outputs) == {"answers": ["a"] * 5}
        assert response.usage.input_tokens == 50
        assert {call.model.request.options.temperature for call in jvm.seen} == {0.3}

    run(scenario)


def test_literals_survive() -> None:
    """Typed outputs come back as JSON values."""

    async def scenario() -> None:
        hosts = Hosts()
        signature = dspy.Signature("q -> kind: Kind, n: int", custom_types={"Kind": Literal["x", "y"]})
        programs = programs_of(session_of(), hosts, qa=qa(lambda: dspy.Predict(signature)))
        async with answering(hosts, lambda call: chat(call, {"kind": "y", "n": "3"})):
            assert from_map((await programs.run(request("qa", q="x"))).outputs) == {"kind": "y", "n": 3}

    run(scenario)
