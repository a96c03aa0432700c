"""DSPy modules that follow variables, under the real DSPy, with a model that records what it is asked."""

from __future__ import annotations

import asyncio
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

dspy = pytest.importorskip("dspy", reason="DSPy is not installed")

from models import FakeSession, Recorder, fields_asked, recording_lm, text_of  # noqa: E402

import trimtab.dspy as td  # noqa: E402
from trimtab.dspy import (  # noqa: E402
    ModuleVariableResolver,
    StrategyModule,
    Target,
    VariableAwareBestOfN,
    VariableAwareChainOfThought,
    VariableAwareMixin,
    VariableAwareMultiChainComparison,
    VariableAwarePredict,
    VariableAwareReAct,
    VariableAwareRefine,
    create_variable_aware_module,
    variable_aware,
)
from trimtab.exceptions import IllegalCallError  # noqa: E402


@pytest.fixture
def recorder() -> Recorder:
    """What the model was asked."""
    return Recorder()


@pytest.fixture(autouse=True)
def model(recorder: Recorder) -> Iterator[Any]:
    """A model for every test; DSPy's announcements are not what is tested."""
    with warnings.catch_warnings(), dspy.context(lm=recording_lm(recorder)):
        warnings.simplefilter("ignore")
        yield


def seek() -> str:
    """Seeks."""
    return "found"


class FakeInterpreter:
    """Runs code by saying that it did."""

    tools: dict[str, Any] = {}  # noqa: RUF012
    execution_instructions = ""

    def start(self) -> None: ...

    def execute(self, code: str, variables: Any = None) -> Any:
        return "1"

    def shutdown(self) -> None: ...


MAKERS: dict[str, Callable[..., Any]] = {
    "Predict": lambda **aware: VariableAwarePredict("question -> answer", **aware),
    "ChainOfThought": lambda **aware: VariableAwareChainOfThought("question -> answer", **aware),
    "ReAct": lambda **aware: VariableAwareReAct("question -> answer", tools=[seek], **aware),
    "BestOfN": lambda **aware: VariableAwareBestOfN(
        dspy.ChainOfThought("question -> answer"), N=2, reward_fn=lambda args, pred: 0.0, threshold=1.0, **aware
    ),
    "MultiChainComparison": lambda **aware: VariableAwareMultiChainComparison("question -> answer", M=2, **aware),
    "ProgramOfThought": lambda **aware: variable_aware(dspy.ProgramOfThought)(
        "question -> answer", interpreter_factory=FakeInterpreter, **aware
    ),
    "CodeAct": lambda **aware: variable_aware(dspy.CodeAct)(
        "question -> answer", tools=[seek], interpreter_factory=FakeInterpreter, **aware
    ),
}
ASKED = {
    "Predict": [("answer",)],
    "ChainOfThought": [("reasoning", "answer")],
    "ReAct": [("next_thought", "next_tool_name", "next_tool_args"), ("reasoning", "answer")],
    "BestOfN": [("reasoning", "answer")] * 2,
    "MultiChainComparison": [("rationale", "answer")],
    "ProgramOfThought": [("reasoning", "generated_code"), ("reasoning", "answer")],
    "CodeAct": [("generated_code", "finished"), ("reasoning", "answer")],
}


def inputs_of(kind: str) -> dict[str, Any]:
    completions = [{"reasoning": "r", "answer": "a"}] * 2
    return {"question": "q", **({"completions": completions} if kind == "MultiChainComparison" else {})}


@pytest.mark.parametrize("temperature", [0.0, 0.3])
@pytest.mark.parametrize("kind", MAKERS)
def test_a_bound_temperature_is_in_the_request_of_every_predictor(
    kind: str, temperature: float, recorder: Recorder
) -> None:
    """The value reaches the model, for each module and each predictor within, and 0.0 is a value."""
    session = FakeSession(t=temperature)
    module = MAKERS[kind](session=session, bindings={"temperature": "t"})
    module(**inputs_of(kind))
    assert [tuple(fields_asked(text_of(request))) for request in recorder.requests] == ASKED[kind]
    assert recorder.sent("temperature") == [temperature] * len(ASKED[kind])


@pytest.mark.parametrize("kind", MAKERS)
def test_awaiting_does_the_same(kind: str, recorder: Recorder) -> None:
    """acall sees what a call sees, also for modules to which DSPy gives no awaiting form."""
    module = MAKERS[kind](session=FakeSession(t=0.3), bindings={"temperature": "t"})
    asyncio.run(module.acall(**inputs_of(kind)))
    assert set(recorder.sent("temperature")) == {0.3}


@pytest.mark.parametrize("kind", MAKERS)
def test_forward_may_be_called_directly(kind: str, recorder: Recorder) -> None:
    """Code that calls forward instead of the module is served too."""
    module = MAKERS[kind](session=FakeSession(t=0.3), bindings={"temperature": "t"})
    module.forward(**inputs_of(kind))
    assert set(recorder.sent("temperature")) == {0.3}


def test_binding_reads_the_value_and_a_change_reaches_the_next_call(recorder: Recorder) -> None:
    """A binding shows its value; a written variable is used by the next call, without anybody syncing."""
    session = FakeSession(t=0.7)
    module = VariableAwarePredict("question -> answer", session=session)
    binding = module.bind("temperature", "t")
    assert (binding.value, binding.target, binding.variable) == (0.7, Target.MODEL_ARGUMENT, "t")
    assert list(module.bindings) == ["temperature"]
    module(question="q")
    session.apply(t=0.9)
    module(question="q")
    assert recorder.sent("temperature") == [0.7, 0.9]
    assert module.bindings["temperature"].value == 0.9


def test_sync_tells_only_what_changed() -> None:
    """{parameter: (old, new)} of changed ones, and nothing the second time."""
    session = FakeSession(t=0.7, m=256, p=0.5)
    module = VariableAwarePredict(
        "question -> answer", session=session, bindings={"temperature": "t", "max_tokens": "m", "top_p": "p"}
    )
    session.apply(t=0.9, m=512)
    assert module.sync_variables() == {"temperature": (0.7, 0.9), "max_tokens": (256, 512)}
    assert module.sync_variables() == {}
    session.apply(p=0.25)
    assert asyncio.run(module.async_variables()) == {"top_p": (0.5, 0.25)}


def test_a_callback_hears_of_its_own_binding_alone() -> None:
    """Callbacks belong to bindings: called once per change, and no more after unbinding."""
    session = FakeSession(t=0.7, m=256)
    heard: list[Any] = []
    module = VariableAwarePredict("question -> answer", session=session)
    module.bind("temperature", "t", lambda *change: heard.append(change))
    module.bind("max_tokens", "m", lambda *change: heard.append(change))
    assert heard == []
    session.apply(t=0.8)
    module(question="q")
    module(question="q")
    assert heard == [("temperature", 0.7, 0.8)]
    module.unbind("temperature")
    session.apply(t=0.9, m=512)
    module.sync_variables()
    assert heard == [("temperature", 0.7, 0.8), ("max_tokens", 256, 512)]


def test_unbinding_returns_to_the_modules_own_value(recorder: Recorder) -> None:
    """What the module was made with was never lost."""
    module = VariableAwarePredict("question -> answer", session=FakeSession(t=0.3), temperature=0.9)
    module.bind("temperature", "t")
    module(question="q")
    module.unbind("temperature")
    module(question="q")
    assert recorder.sent("temperature") == [0.3, 0.9]
    with pytest.raises(IllegalCallError, match="temperature: expected a bound parameter"):
        module.unbind("temperature")


def test_an_argument_of_the_call_beats_the_binding(recorder: Recorder) -> None:
    """Precedence: call, binding, module."""
    module = VariableAwareReAct("question -> answer", tools=[seek], session=FakeSession(t=0.3, i=1))
    module.bind("temperature", "t")
    module.bind("max_iters", "i")
    predict = VariableAwarePredict("question -> answer", session=FakeSession(t=0.3), bindings={"temperature": "t"})
    predict(question="q", config={"temperature": 0.0})
    assert recorder.sent("temperature") == [0.0]
    module(question="q", max_iters=0)
    assert len(recorder.requests) == 2  # no step, only the extraction


def test_without_auto_sync_values_stay_until_synced(recorder: Recorder) -> None:
    """auto_sync off: a call uses the values of the last sync; on again: those of the moment."""
    session = FakeSession(t=0.1)
    module = VariableAwarePredict("question -> answer", session=session, auto_sync=False, bindings={"temperature": "t"})
    session.apply(t=0.2)
    module(question="q")
    module.sync_variables()
    module(question="q")
    session.apply(t=0.3)
    module.auto_sync = True
    module(question="q")
    assert recorder.sent("temperature") == [0.1, 0.2, 0.3]


def test_what_cannot_be_bound_is_refused_with_what_can() -> None:
    """A typo is found at bind time; nothing is bound then."""
    module = VariableAwareReAct("question -> answer", tools=[], session=FakeSession(t=0.3))
    with pytest.raises(ValueError, match=r"got 'temprature'; known are .*max_iters.*temperature.* such of extract"):
        module.bind("temprature", "t")
    with pytest.raises(ValueError, match=r"react\.max_iters"):
        module.bind("react.max_iters", "t")
    with pytest.raises(ValueError, match=r'variable nope not found in session "s"'):
        module.bind("temperature", "nope")
    assert not module.bindings
    assert not hasattr(module, "temprature")


def test_a_variable_that_is_deleted_later_is_named() -> None:
    """A call fails with the variable's name rather than with an old value."""
    session = FakeSession(t=0.3)
    module = VariableAwarePredict("question -> answer", session=session, bindings={"temperature": "t"})
    session.remove("t")
    with pytest.raises(td.MissingVariableError, match="variable t not found"):
        module(question="q")


def test_no_session_is_a_clear_error() -> None:
    """Outside of a sidecar's programs a session must be given."""
    with pytest.raises(RuntimeError, match="No session context available"):
        VariableAwarePredict("question -> answer")


# Targets


def test_paths_bind_one_predictor_and_beat_the_module(recorder: Recorder) -> None:
    """react.temperature is the step's; temperature is everybody's else."""
    module = VariableAwareReAct("question -> answer", tools=[seek], session=FakeSession(step=0.9, rest=0.1, k=5))
    module.bind("react.temperature", "step")
    module.bind("temperature", "rest")
    module.bind("extract.max_tokens", "k")
    module(question="q")
    assert recorder.sent("temperature") == [0.9, 0.1]
    assert recorder.sent("max_tokens") == [None, 5]


def test_all_sampling_arguments_reach_the_request(recorder: Recorder) -> None:
    """What DSPy's models take can be bound."""
    values = {"temperature": 0.1, "max_tokens": 9, "top_p": 0.5, "seed": 7, "presence_penalty": 0.3, "stop": ["x"]}
    module = VariableAwarePredict(
        "question -> answer", session=FakeSession(**values), bindings={name: name for name in values}
    )
    module(question="q")
    config = recorder.requests[0].config
    sent = {name: getattr(config, name) for name in values}
    assert sent == {**values, "stop": ("x",)}


@pytest.mark.parametrize("temperature", [0.0, 0.1])
def test_low_temperatures_stand_although_several_answers_are_asked_for(temperature: float, recorder: Recorder) -> None:
    """DSPy would replace them by 0.7; a bound value is not adjusted."""
    module = VariableAwarePredict("question -> answer", session=FakeSession(t=temperature, n=2))
    module.bind("temperature", "t")
    module.bind("n", "n")
    assert len(module(question="q").completions) == 2
    assert recorder.sent("temperature") == [temperature] * 2


def test_a_model_variable_switches_the_model(recorder: Recorder) -> None:
    """Another model is asked by the next call; the model in use is copied, not changed."""
    session = FakeSession(m="small")
    module = VariableAwareReAct("question -> answer", tools=[], session=session, bindings={"extract.model": "m"})
    before = dspy.settings.lm.model
    module(question="q")
    session.apply(m="large")
    module(question="q")
    assert [request.model for request in recorder.requests] == ["test", "small", "test", "large"]
    assert dspy.settings.lm.model == before


@pytest.mark.parametrize("name", ["o3-mini", "openai/gpt-5", "gpt-5.1-mini", "o1"])
def test_a_temperature_is_left_out_for_models_that_reject_it(name: str, recorder: Recorder) -> None:
    """A reasoning model is asked without it, an ordinary one with it; who wants the error can have it."""
    session = FakeSession(t=0.3, m=name, k=50)
    module = VariableAwarePredict("question -> answer", session=session)
    module.bind("temperature", "t")
    module.bind("model", "m")
    module.bind("max_tokens", "k")
    module(question="q")
    session.apply(m="gpt-5-chat-latest")
    module(question="q")
    session.apply(m=name)
    module.bind("temperature", "t", droppable=False)
    module(question="q")
    assert recorder.sent("temperature") == [None, 0.3, 0.3]
    assert recorder.sent("max_tokens") == [50] * 3


def test_an_attribute_reads_as_bound_within_the_call_only(recorder: Recorder) -> None:
    """max_iters holds for the call; the module keeps its own."""
    recorder.answers = lambda field, request: {"next_tool_name": "seek"}.get(field)
    module = VariableAwareReAct("question -> answer", tools=[seek], max_iters=9, session=FakeSession(i=2))
    module.bind("max_iters", "i")
    module(question="q")
    assert len(recorder.requests) == 3  # two steps and the extraction
    assert module.max_iters == 9


def test_n_and_threshold_of_best_of_n(recorder: Recorder) -> None:
    """Attempts and threshold follow variables, and failures of one call do not count in the next."""
    session = FakeSession(n=2, limit=5.0)
    fails: list[int] = []

    def reward(args: Any, prediction: Any) -> float:
        fails.append(1)
        raise ValueError("no")

    module = VariableAwareBestOfN(
        dspy.Predict("question -> answer"), N=1, reward_fn=reward, threshold=1.0, session=session
    )
    module.bind("N", "n")
    module.bind("threshold", "limit")
    for _ in range(3):
        assert module(question="q") is None
    assert len(fails) == 6
    assert (module.N, module.fail_count) == (1, 1)


def test_refine_follows_variables_too(recorder: Recorder) -> None:
    """Copies that Refine makes of its module see the values of the call."""
    module = VariableAwareRefine(
        dspy.Predict("question -> answer"),
        N=5,
        reward_fn=lambda args, pred: 1.0,
        threshold=1.0,
        session=FakeSession(n=1, t=0.2),
    )
    module.bind("N", "n")
    module.bind("temperature", "t")
    module(question="q")
    assert recorder.sent("temperature") == [0.2]


def test_structure_another_m_makes_the_module_anew(recorder: Recorder) -> None:
    """M of MultiChainComparison changes the signature, so the module is rebuilt for it."""
    session = FakeSession(m=3, t=0.4)
    module = VariableAwareMultiChainComparison("question -> answer", M=2, session=session)
    module.bind("M", "m")
    module.bind("temperature", "t")
    assert module.bindings["M"].target is Target.STRUCTURE
    module(question="q", completions=[{"reasoning": "r", "answer": "a"}] * 3)
    assert "Student Attempt #3" in text_of(recorder.requests[0]) or "reasoning_attempt_3" in text_of(
        recorder.requests[0]
    )
    assert recorder.sent("temperature") == [0.4]


def test_structure_instructions_and_signature(recorder: Recorder) -> None:
    """Instructions and signature follow variables; a rebuilt module keeps demonstrations and models of the original."""
    session = FakeSession(words="Answer in verse.", sig="question -> answer, mood")
    predict = VariableAwarePredict("question -> answer", session=session, bindings={"instructions": "words"})
    predict(question="q")
    assert "Answer in verse." in str(recorder.requests[-1].system)

    thought = VariableAwareChainOfThought("question -> answer", session=session, bindings={"signature": "sig"})
    thought.predict.demos = [dspy.Example(question="q1", reasoning="r1", answer="a1", mood="m1")]
    assert list(thought(question="q").keys()) == ["reasoning", "answer", "mood"]
    assert any("r1" in str(message.text) for message in recorder.requests[-1].messages)

    agent = VariableAwareReAct("question -> answer", tools=[seek], session=session, bindings={"instructions": "words"})
    recorder.requests.clear()
    agent(question="q")
    assert all("Answer in verse." in str(request.system) for request in recorder.requests)
    session.apply(words="Be brief.")
    agent(question="q")
    assert "Be brief." in str(recorder.requests[-1].system)


def test_nested_modules_and_lists_are_reached(recorder: Recorder) -> None:
    """A program of modules, lists and dictionaries of modules is bound as a whole and by path."""

    class Program(dspy.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.steps = [dspy.Predict("question -> a"), dspy.ChainOfThought("question -> b")]
            self.k = 3

        def forward(self, question: str) -> Any:
            for step in self.steps:
                step(question=question)
            return dspy.Prediction(k=self.k)

    module = variable_aware(Program)(session=FakeSession(t=0.2, u=0.6, k=4))
    module.bind("temperature", "t")
    module.bind("steps[1].temperature", "u")
    module.bind("k", "k")
    assert module(question="q").k == 4
    assert recorder.sent("temperature") == [0.2, 0.6]
    assert module.k == 3


def test_a_variable_aware_module_within_another(recorder: Recorder) -> None:
    """The inner one's own bindings are nearer; what only the outer one binds reaches inside."""
    session = FakeSession(inner=0.1, outer=0.9, k=7)

    class Program(dspy.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = VariableAwarePredict("question -> answer", session=session, bindings={"temperature": "inner"})

        def forward(self, question: str) -> Any:
            return self.inner(question=question)

    module = variable_aware(Program)(session=session, bindings={"temperature": "outer", "max_tokens": "k"})
    module(question="q")
    assert recorder.sent("temperature") == [0.1]
    assert recorder.sent("max_tokens") == [7]


def test_demonstrations_may_be_bound_as_json(recorder: Recorder) -> None:
    """A text variable carries demonstrations; what is none is refused with its reason."""
    session = FakeSession(d='[{"question": "q1", "answer": "a1"}]', n=3)
    module = VariableAwarePredict("question -> answer", session=session, bindings={"demos": "d"})
    module(question="q")
    assert any("a1" in str(message.text) for message in recorder.requests[0].messages)
    module.bind("demos", "n")
    with pytest.raises(IllegalCallError, match="demos: expected examples, or the JSON text"):
        module(question="q")


# Isolation


def test_concurrent_threads_never_mix_values() -> None:
    """Each call uses the values of its own moment, held until its end, while others run with other values."""
    session = FakeSession(t=0.0)
    lock = threading.Lock()
    gates = {value: threading.Event() for value in (0.25, 0.75)}
    started = {value: threading.Event() for value in (0.25, 0.75)}
    seen: list[tuple[Any, Any]] = []

    def answer(field: str, request: Any) -> str | None:
        value = request.config.temperature
        mine = float(text_of(request).split("temp ")[1][:4])
        if field == "next_thought":
            started[mine].set()
            assert gates[mine].wait(10)
        with lock:
            seen.append((mine, value))
        return None

    module = VariableAwareReAct("question -> answer", tools=[seek], session=session, bindings={"temperature": "t"})
    lm = recording_lm(Recorder(answer))

    def call(value: float) -> None:
        with dspy.context(lm=lm):
            module(question=f"temp {value}")

    threads = []
    for value in (
        0.25,
        0.75,
    ):  # the second call starts, with another value, while the first one is within its first step
        session.apply(t=value)
        threads.append(threading.Thread(target=call, args=(value,)))
        threads[-1].start()
        assert started[value].wait(10)
    gates[0.75].set()
    threads[1].join(10)
    gates[0.25].set()
    threads[0].join(10)
    assert len(seen) == 10  # three fields of the step and two of the extraction, twice
    assert all(mine == value for mine, value in seen)


def test_concurrent_tasks_never_mix_values(recorder: Recorder) -> None:
    """The same on an event loop: tasks that start with different values keep them across their awaits."""
    session = FakeSession(t=0.0)
    module = VariableAwareReAct("question -> answer", tools=[seek], session=session, bindings={"temperature": "t"})

    async def scenario() -> None:
        tasks = []
        for number in range(20):
            session.apply(t=number / 20)
            tasks.append(asyncio.create_task(module.acall(question=f"temp {number / 20:.2f}")))
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)

    asyncio.run(scenario())
    pairs = {(float(text_of(r).split("temp ")[1][:4]), r.config.temperature) for r in recorder.requests}
    assert pairs == {(number / 20, number / 20) for number in range(20)}


def test_two_bound_variables_come_from_one_revision() -> None:
    """While a writer changes both together, no request has one old and one new value."""
    session = FakeSession(a=0, b=0)
    recorder = Recorder()
    module = VariableAwarePredict("question -> answer", session=session, bindings={"seed": "a", "max_tokens": "b"})
    session.apply(a=1, b=1)
    done = threading.Event()
    wrote = threading.Event()  # the interpreter may keep the writer waiting for as long as all calls take

    def write() -> None:
        number = 1
        while not done.is_set():
            number += 1
            session.apply(a=number, b=number)
            wrote.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with dspy.context(lm=recording_lm(recorder)):
            for _ in range(200):
                wrote.clear()
                assert wrote.wait(10)
                module(question="q")
    finally:
        done.set()
        writer.join(10)
    assert all(request.config.seed == request.config.max_tokens for request in recorder.requests)
    assert len({request.config.seed for request in recorder.requests}) == 200


def test_one_call_reads_once() -> None:
    """However many bindings and predictors, a call asks the session once."""
    session = FakeSession(t=0.1, i=1, m="x")
    module = VariableAwareReAct("question -> answer", tools=[], session=session)
    for parameter, variable in (("temperature", "t"), ("max_iters", "i"), ("model", "m")):
        module.bind(parameter, variable)
    before = session.reads
    module(question="q")
    assert session.reads == before + 1


def test_the_shared_module_is_never_written_to(recorder: Recorder) -> None:
    """Configuration, model, signature, demonstrations and attributes of the module are the same after calls."""
    module = VariableAwareReAct("question -> answer", tools=[], session=FakeSession(t=0.1, i=1, m="x", s="Hi."))
    for parameter, variable in (("temperature", "t"), ("max_iters", "i"), ("model", "m"), ("react.instructions", "s")):
        module.bind(parameter, variable)

    def state() -> list[Any]:
        return [
            (dict(p.config), p.lm, p.signature, list(p.demos), p.signature.instructions) for p in module.predictors()
        ] + [module.max_iters]

    before = state()
    module(question="q")
    assert state() == before


# DSPy's own machinery


def test_dspy_saves_copies_and_traces_variable_aware_modules(recorder: Recorder, tmp_path: Any) -> None:
    """Saved state, deep copies, traces and optimizers see the modules and predictors that they know."""
    module = VariableAwareReAct(
        "question -> answer", tools=[seek], session=FakeSession(t=0.3), bindings={"temperature": "t"}
    )
    assert isinstance(module, dspy.ReAct)
    assert [name for name, _ in module.named_predictors()] == ["react", "extract.predict"]
    module.save(tmp_path / "state.json")
    module.load(tmp_path / "state.json")
    copied = module.deepcopy()
    copied.unbind("temperature")
    with dspy.context(trace=[]):
        module(question="q")
        assert [step[0] for step in dspy.settings.trace] == module.predictors()
    copied(question="q")
    assert recorder.sent("temperature") == [0.3, 0.3, None, None]
    assert list(module.bindings) == ["temperature"]


def test_an_optimizer_of_dspy_runs_on_a_variable_aware_module(recorder: Recorder) -> None:
    """BootstrapFewShot compiles it, and the compiled copy still follows the variables."""
    module = VariableAwareChainOfThought(
        "question -> answer", session=FakeSession(t=0.3), bindings={"temperature": "t"}
    )
    train = [dspy.Example(question=f"q{n}", answer="a").with_inputs("question") for n in range(3)]
    compiled = dspy.BootstrapFewShot(metric=lambda example, prediction, trace=None: True).compile(
        module, trainset=train
    )
    assert compiled.predict.demos
    recorder.requests.clear()
    compiled(question="q")
    assert recorder.sent("temperature") == [0.3]


def test_threads_of_parallel_see_the_calls_values(recorder: Recorder) -> None:
    """A module that fans out with dspy.Parallel fans its values out too."""

    class Fan(dspy.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.predict = dspy.Predict("question -> answer")

        def forward(self, question: str) -> Any:
            pairs = [(self.predict, {"question": f"{question}{n}"}) for n in range(4)]
            return dspy.Prediction(answers=dspy.Parallel(num_threads=2, disable_progress_bar=True)(pairs))

    module = variable_aware(Fan)(session=FakeSession(t=0.3), bindings={"temperature": "t"})
    module(question="q")
    assert recorder.sent("temperature") == [0.3] * 4


# Resolver


def test_names_are_resolved_without_case_and_by_alias() -> None:
    """However a name is written, it is one module."""
    resolver = ModuleVariableResolver(FakeSession())
    for name in ("ChainOfThought", "chainofthought", "chain_of_thought", "COT", "cot"):
        assert resolver.resolve(name) is dspy.ChainOfThought
    assert resolver.resolve("REACT") is dspy.ReAct
    assert resolver.resolve("pot") is dspy.ProgramOfThought


def test_unknown_names_are_refused_with_what_there_is() -> None:
    """A near miss is suggested; what is no name at all is refused as well."""
    resolver = ModuleVariableResolver(FakeSession(strategy="Predit", number=3))
    with pytest.raises(ValueError, match=r"Unknown module 'Predit': known are Predict, .*; did you mean Predict\?"):
        resolver.resolve_module("strategy")
    with pytest.raises(ValueError, match="Unknown module 3: expected a name, got int"):
        resolver.create_module("number")
    with pytest.raises(ValueError, match="variable nope not found"):
        resolver.resolve_module("nope")


def test_resolving_and_creating_follow_the_variable() -> None:
    """resolve_module and create_module never disagree and are never out of date."""
    session = FakeSession(strategy="predict")
    resolver = ModuleVariableResolver(session)
    for name, kind in (("predict", dspy.Predict), ("CoT", dspy.ChainOfThought)):
        session.apply(strategy=name)
        assert resolver.resolve_module("strategy") is kind
        made = resolver.create_module("strategy", "question -> answer")
        assert isinstance(made, kind) and isinstance(made, VariableAwareMixin)


def test_own_modules_can_be_registered(recorder: Recorder) -> None:
    """A custom module has a name and aliases like DSPy's, and a taken name is refused."""

    class Twice(dspy.Module):  # type: ignore[misc]
        def __init__(self, signature: str) -> None:
            super().__init__()
            self.predict = dspy.Predict(signature)

        def forward(self, **inputs: Any) -> Any:
            self.predict(**inputs)
            return self.predict(**inputs)

    session = FakeSession(strategy="TWICE", t=0.2)
    resolver = ModuleVariableResolver(session)
    resolver.register("Twice", Twice, "double")
    assert resolver.resolve("DOUBLE") is Twice
    made = resolver.create_module("strategy", "question -> answer", variable_bindings={"temperature": "t"})
    made(question="q")
    assert recorder.sent("temperature") == [0.2, 0.2]
    with pytest.raises(ValueError, match="predict: expected a new name, but it stands for Predict"):
        resolver.register("predict", Twice)


def test_a_changed_strategy_changes_the_module(recorder: Recorder) -> None:
    """One module object is ChainOfThought now and ReAct after the variable has changed; bindings go along."""
    session = FakeSession(strategy="Predict", t=0.2, i=1)
    module = StrategyModule("strategy", "question -> answer", session=session, tools=[seek])
    module.bind("temperature", "t")
    module.bind("max_iters", "i")
    for name, keys in (
        ("Predict", ["answer"]),
        ("cot", ["reasoning", "answer"]),
        ("react", ["trajectory", "reasoning", "answer"]),
    ):
        session.apply(strategy=name)
        assert list(module(question="q").keys()) == keys
    asyncio.run(module.acall(question="q"))
    assert set(recorder.sent("temperature")) == {0.2}
    assert module.bindings["strategy"].value == "react"
    with pytest.raises(ValueError, match="temprature"):
        module.bind("temprature", "t")
    session.apply(strategy="nope")
    with pytest.raises(ValueError, match="Unknown module 'nope'"):
        module(question="q")


def test_a_strategy_and_its_values_come_from_one_revision() -> None:
    """A configuration that belongs together is used together."""
    session = FakeSession(strategy="Predict", t=0.1)
    recorder = Recorder()
    module = StrategyModule("strategy", "question -> answer", session=session, bindings={"temperature": "t"})
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            session.apply(strategy="ChainOfThought", t=0.9)
            session.apply(strategy="Predict", t=0.1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with dspy.context(lm=recording_lm(recorder)):
            for _ in range(100):
                module(question="q")
    finally:
        done.set()
        writer.join(10)
    for request in recorder.requests:
        assert ("reasoning" in fields_asked(text_of(request))) == (request.config.temperature == 0.9)


def test_create_takes_names_classes_and_plain_classes(recorder: Recorder) -> None:
    """Variable-aware or not, a module or a mere callable: bindings are applied."""
    session = FakeSession(t=0.3, k=2)
    for module in ("predict", dspy.Predict, VariableAwarePredict):
        made = create_variable_aware_module(
            session, module, "question -> answer", variable_bindings={"temperature": "t"}
        )
        made(question="q")
    assert recorder.sent("temperature") == [0.3] * 3

    class Retriever:
        def __init__(self, k: int) -> None:
            self.k = k

        def __call__(self, query: str) -> list[str]:
            return [query] * self.k

    plain = create_variable_aware_module(session, Retriever, k=5, variable_bindings={"k": "k"})
    assert plain(query="x") == ["x"] * 2
    assert plain.k == 5
    with pytest.raises(ValueError, match="Unknown module"):
        create_variable_aware_module(session, "nope")


def test_everything_that_dspy_has_can_be_variable_aware() -> None:
    """Modules that DSPy announced to remove, or has on trial, have their form as long as they exist."""
    for name in ("ProgramOfThought", "CodeAct", "RLM", "ReActV2", "Flex"):
        if hasattr(dspy, name):
            aware = getattr(td, f"VariableAware{name}")
            assert issubclass(aware, getattr(dspy, name)) and issubclass(aware, VariableAwareMixin)
    with pytest.raises(AttributeError):
        td.VariableAwareChainOfThoughtWithHint  # noqa: B018
