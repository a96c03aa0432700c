"""Language models of the JVM as DSPy's.

DSPy 3.4 splits a model into ``dspy.LM``, which owns requests, candidates, history and callbacks, and an *engine*, which
carries out one request. :class:`HostLM` is a ``dspy.LM`` whose engine asks the JVM through the run's attachment, so that
the breakers, limits, retries, cache and keys there hold for Python too. Hence its defaults: no cache and no retries here.

Which model. ``HostLM("x")`` asks the model offered under the name ``x``, or the one that calls itself ``x``, or else the
default model with ``x`` as the request's model option; ``HostLM()`` asks the default model as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import dspy
from dspy import lm15
from dspy.clients.provider import Provider

from trimtab._data import to_map
from trimtab._failures import from_failure
from trimtab._hosts import Offer
from trimtab._runs import Run, current_run
from trimtab._wire import enum_values, message
from trimtab.exceptions import DeadlineExceededError, IllegalCallError, LmFailedError, NoHostError, TrimtabError

__all__ = ["HostLM"]

Message: TypeAlias = Any  # of the bridge's protocol

HostCall = message("HostCall")
ModelRequest = message("ModelRequest")

DEFAULT = "default"
CALL_TIMEOUT = 600.0  # seconds for one model call of a run without a deadline

_ROLES = enum_values("Role")
_FINISH = {number: name for name, number in enum_values("FinishReason").items()}
_FINISH_REASONS = {"STOP": "stop", "LENGTH": "length", "TOOL_CALLS": "tool_call", "CONTENT_FILTER": "content_filter"}

# The JVM's exceptions by what DSPy does with an error: what it retries when asked to (rate limits, timeouts, servers,
# transport) are those that a retry may cure, and an open breaker is not one.
_ERRORS: dict[str, type[lm15.LM15Error]] = {
    "LmAuthenticationException": lm15.AuthError,
    "LmConfigurationException": lm15.ConfigurationError,
    "LmContentFilteredException": lm15.InvalidRequestError,
    "LmContextLengthException": lm15.ContextLengthError,
    "LmInvalidRequestException": lm15.InvalidRequestError,
    "LmMalformedResponseException": lm15.ServerError,
    "LmOverloadedException": lm15.RateLimitError,
    "LmQuotaExhaustedException": lm15.BillingError,
    "LmRateLimitedException": lm15.RateLimitError,
    "LmServerException": lm15.ServerError,
    "LmTimeoutException": lm15.TimeoutError,
    "LmTransportException": lm15.TransportError,
}


class HostLM(dspy.LM):  # type: ignore[misc]  # DSPy has no types
    """A language model that the JVM offers; programs run by the sidecar use it by default.

    It works inside a run only, since a run knows its JVM. ``copy(model=...)`` selects another offered model.
    """

    def __init__(self, model: str = DEFAULT, *, cache: bool = False, num_retries: int = 0, **kwargs: Any) -> None:
        super().__init__(
            model,
            cache=cache,
            num_retries=num_retries,
            provider=Provider(),
            engine=_ENGINE,
            async_engine=_ASYNC_ENGINE,
            **kwargs,
        )

    def _get_initial_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        # Rules for models by their names are the JVM's, which knows what a name stands for.
        return {name: value for name, value in kwargs.items() if value is not None}

    def __call__(self, prompt: Any = None, *, messages: Any = None, **kwargs: Any) -> Any:
        """Asks the model and returns its answers as ``dspy.LM`` does."""
        with _candidates(self, kwargs):
            return super().__call__(prompt, messages=messages, **kwargs)

    async def acall(self, prompt: Any = None, *, messages: Any = None, **kwargs: Any) -> Any:
        """As a call, on an event loop."""
        with _candidates(self, kwargs):
            return await super().acall(prompt, messages=messages, **kwargs)

    def _offers(self, capability: str) -> bool:
        run = current_run()
        if run is None:
            return False
        try:
            offer = run.hosts.offer(run.session_id, run.host)
        except NoHostError:
            return False
        name, _ = _selected(offer, self.model)
        return name in offer.models and capability in offer.models[name].capabilities

    @property
    def supports_function_calling(self) -> bool:
        """Whether the JVM's model takes tools."""
        return self._offers("TOOLS")

    @property
    def supports_reasoning(self) -> bool:
        """Always false: whether a model reasons is not part of what a JVM offers."""
        return False

    @property
    def supports_response_schema(self) -> bool:
        """Whether the JVM's model keeps to a JSON schema."""
        return self._offers("JSON_SCHEMA")

    @property
    def supported_params(self) -> set[str]:
        """The arguments that reach the JVM's model."""
        params = {"temperature", "max_tokens", "top_p", "stop", "seed", "presence_penalty", "frequency_penalty", "n"}
        if self._offers("JSON_OBJECT") or self._offers("JSON_SCHEMA"):
            params.add("response_format")
        if self._offers("TOOLS"):
            params |= {"tools", "tool_choice"}
        return params

    def dump_state(self) -> dict[str, Any]:
        """The model's name and arguments; which JVM answers is the run's affair."""
        return {
            "_dspy_lm_class": f"{HostLM.__module__}.{HostLM.__qualname__}",
            "model": self.model,
            "cache": self.cache,
            "num_retries": self.num_retries,
            **self.kwargs,
        }

    @classmethod
    def load_state(cls, state: dict[str, Any], *, allow_custom_lm_class: bool = False) -> HostLM:
        """Makes a model of what :meth:`dump_state` returned."""
        return cls(**{name: value for name, value in state.items() if name != "_dspy_lm_class"})


# Candidates. DSPy asks an engine once per candidate, knowing neither n nor the rollout's id. Those of one call share this
# record: the first request asks the JVM for all candidates if its model can give several, the others take what is left.


@dataclass
class _Candidates:
    count: int
    rollout_id: int | None
    asked: int = 0
    spare: list[lm15.Response] = field(default_factory=list)

    def rollout(self) -> int | None:
        """The id of the next request: candidates asked for one by one must differ, or a cache would answer all alike."""
        if self.asked == 0:
            return self.rollout_id
        return (self.rollout_id or 0) * 1000 + self.asked


_current: ContextVar[_Candidates | None] = ContextVar("trimtab_candidates", default=None)


@contextlib.contextmanager
def _candidates(lm: HostLM, kwargs: dict[str, Any]) -> Iterator[None]:
    merged = {**lm.kwargs, **kwargs}
    token = _current.set(_Candidates(merged.get("n") or 1, merged.get("rollout_id")))
    try:
        yield
    finally:
        _current.reset(token)


# Engines


class _HostEngine:
    """Carries out one request on the calling thread."""

    def complete(self, request: lm15.Request) -> lm15.Response:
        candidates = _current.get() or _Candidates(1, None)
        if candidates.spare:
            return candidates.spare.pop(0)
        run, call, offer = _prepared(request, candidates, stream=False)
        with _translated():
            timeout = _timeout(run)
            answer = run.wait(
                run.hosts.submit(run.session_id, call, host=offer.host, run_id=run.run_id, timeout=timeout), timeout + 1
            )
            return _first(answer, candidates)

    def stream(self, request: lm15.Request) -> Iterator[Any]:
        run, call, offer = _prepared(request, _current.get() or _Candidates(1, None), stream=True)
        with _translated():
            events = _Events()
            answers = run.hosts.stream_blocking(
                run.session_id, call, host=offer.host, run_id=run.run_id, timeout=_timeout(run)
            )
            with run.ends(answers):
                for answer in answers:
                    yield from events.of(_chunk(answer))

    def close(self) -> None:
        """Does nothing: the engine holds nothing."""


class _AsyncHostEngine:
    """Carries out one request on an event loop."""

    async def complete(self, request: lm15.Request) -> lm15.Response:
        candidates = _current.get() or _Candidates(1, None)
        if candidates.spare:
            return candidates.spare.pop(0)
        run, call, offer = _prepared(request, candidates, stream=False)
        with _translated():
            future = run.hosts.submit(run.session_id, call, host=offer.host, run_id=run.run_id, timeout=_timeout(run))
            return _first(await asyncio.wrap_future(future), candidates)

    async def stream(self, request: lm15.Request) -> AsyncIterator[Any]:
        run, call, offer = _prepared(request, _current.get() or _Candidates(1, None), stream=True)
        with _translated():
            events = _Events()
            async with contextlib.aclosing(
                run.hosts.stream(run.session_id, call, host=offer.host, run_id=run.run_id, timeout=_timeout(run))
            ) as answers:
                async for answer in answers:
                    for event in events.of(_chunk(answer)):
                        yield event

    async def aclose(self) -> None:
        """Does nothing: the engine holds nothing."""


_ENGINE = _HostEngine()
_ASYNC_ENGINE = _AsyncHostEngine()


def _timeout(run: Run) -> float:
    return run.remaining(CALL_TIMEOUT)


def _prepared(request: lm15.Request, candidates: _Candidates, *, stream: bool) -> tuple[Run, Message, Offer]:
    """The run that asks, the call to make, and who is to answer it."""
    run = current_run()
    if run is None:
        raise lm15.NotConfiguredError(
            f"HostLM({request.model}): expected to be asked within a run of a program, since a run knows its JVM"
        )
    run.check()
    try:
        offer = run.hosts.offer(run.session_id, run.host)
    except NoHostError as error:
        raise lm15.NotConfiguredError(str(error)) from error
    name, option = _selected(offer, request.model)
    if name not in offer.models:
        raise lm15.UnsupportedModelError(
            f'host "{offer.host}": expected the model "{request.model}" or a default model to be offered,'
            f" got {sorted(offer.models)}"
        )
    call = HostCall()
    call.model.name = name
    call.model.stream = stream
    _fill_request(call.model.request, request)
    options = call.model.request.options
    if option:
        options.model = option
    missing = candidates.count - candidates.asked
    if not stream and missing > 1 and "MULTIPLE_COMPLETIONS" in offer.models[name].capabilities:
        options.n = missing
    if (rollout := candidates.rollout()) is not None:
        options.rollout_id = rollout
    candidates.asked += options.n or 1
    return run, call, offer


def _selected(offer: Offer, model: str) -> tuple[str, str]:
    """The name of the offered model that a model's name stands for, and the model option to send with it."""
    if model == DEFAULT:
        return "", ""
    if model in offer.models:
        return model, ""
    for name, offered in offer.models.items():
        if offered.model == model:
            return name, ""
    return "", model


# Requests


def _fill_request(wire: Message, request: lm15.Request) -> None:
    if request.system is not None:
        wire.messages.add(role=_ROLES["SYSTEM"], text=_joined(request.system, "the system prompt"))
    for number, item in enumerate(request.messages):
        _add_message(wire, item, f"messages[{number}]")
    for tool in request.tools:
        if not isinstance(tool, lm15.FunctionTool):
            raise _unsupported(f"the built-in tool {tool.name}", "tools")
        wire.tools.add(
            name=tool.name, description=tool.description or "", parameters=to_map(_plain(tool.parameters), tool.name)
        )
    config = request.config
    if config.response_format is not None:
        _fill_format(wire.response_format, config.response_format)
    options = wire.options
    for name in ("temperature", "top_p", "max_tokens", "seed", "presence_penalty", "frequency_penalty"):
        value = getattr(config, name)
        if value is not None:
            setattr(options, name, value)
    options.stop.extend(config.stop)
    extra = _plain(config.extensions or {})
    if config.top_k is not None:
        extra["top_k"] = config.top_k
    if config.logprobs is not None:
        raise _unsupported("log probabilities", "logprobs")
    if config.reasoning is not None and config.reasoning.effort is not None:
        extra["reasoning_effort"] = config.reasoning.effort
    if config.tool_choice is not None:
        extra["tool_choice"] = config.tool_choice.mode
    if extra:
        options.extra.CopyFrom(to_map(extra, "config"))


def _add_message(wire: Message, item: lm15.Message, where: str) -> None:
    if item.role == "tool":
        for part in item.parts:
            wire.messages.add(role=_ROLES["TOOL"], text=_joined(part.content, where), tool_call_id=part.id)
        return
    role = {"user": "USER", "assistant": "ASSISTANT", "developer": "SYSTEM"}[item.role]
    added = wire.messages.add(role=_ROLES[role])
    thinking = [part.text for part in item.parts if isinstance(part, lm15.ThinkingPart)]
    calls = [part for part in item.parts if isinstance(part, lm15.ToolCallPart)]
    rest = [part for part in item.parts if not isinstance(part, (lm15.ThinkingPart, lm15.ToolCallPart))]
    added.text = _joined(rest, where)
    if thinking:
        added.reasoning = "".join(thinking)
    for call in calls:
        added.tool_calls.add(id=call.id, name=call.name, arguments=json.dumps(_plain(call.input), ensure_ascii=False))


def _joined(parts: Any, where: str) -> str:
    if isinstance(parts, str):
        return parts
    texts = []
    for part in parts:
        if isinstance(part, (lm15.TextPart, lm15.RefusalPart)):
            texts.append(part.text)
        elif isinstance(part, lm15.DataPart):
            texts.append(json.dumps(_plain(part.value), ensure_ascii=False))
        else:
            raise _unsupported(f"{part.type} in {where}", part.type)
    return "".join(texts)


def _fill_format(wire: Message, response_format: Any) -> None:
    if response_format["type"] == "json_object":
        wire.json_object = True
        return
    wire.json_schema.name = response_format.get("name", "answer")
    wire.json_schema.schema.CopyFrom(to_map(_plain(response_format["schema"]), "response_format"))
    wire.json_schema.strict = response_format.get("strict", False)


def _plain(tree: Any) -> Any:
    """A copy of a frozen JSON tree in plain containers."""
    if isinstance(tree, dict) or hasattr(tree, "items"):
        return {name: _plain(value) for name, value in tree.items()}
    return [_plain(value) for value in tree] if isinstance(tree, (list, tuple)) else tree


def _unsupported(what: str, feature: str) -> lm15.UnsupportedFeatureError:
    return lm15.UnsupportedFeatureError(f"HostLM: expected text, tools and schemas, got {what}", feature=feature)


# Answers


def _first(answer: Message, candidates: _Candidates) -> lm15.Response:
    """The first candidate of an answer; the others are kept for the requests that follow. The first one bears the usage."""
    if answer.HasField("failure"):
        raise from_failure(answer.failure)
    response = answer.model
    if not response.completions:
        raise lm15.ServerError("HostLM: expected at least one completion from the JVM, got none")
    usage = _usage(response.usage)
    made = [
        _response(response, completion, usage if index == 0 else lm15.Usage())
        for index, completion in enumerate(response.completions)
    ]
    candidates.spare.extend(made[1:])
    return made[0]


def _response(response: Message, completion: Message, usage: lm15.Usage) -> lm15.Response:
    parts: list[Any] = []
    if completion.HasField("reasoning"):
        parts.append(lm15.ThinkingPart(completion.reasoning))
    if completion.text or not completion.tool_calls:
        parts.append(lm15.TextPart(completion.text))
    parts.extend(
        lm15.ToolCallPart(id=call.id or f"call_{number}", name=call.name, input=_arguments(call))
        for number, call in enumerate(completion.tool_calls)
    )
    return lm15.Response(
        id=response.id or None,
        model=response.model or DEFAULT,
        message=lm15.Message.assistant(parts),
        finish_reason=_FINISH_REASONS.get(_FINISH[completion.finish_reason], "stop"),
        usage=usage,
        provider_data={"cached": True} if response.cached else None,
    )


def _arguments(call: Message) -> dict[str, Any]:
    try:
        arguments = json.loads(call.arguments or "{}")
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        raise lm15.ServerError(f"HostLM: expected a JSON object as arguments of the tool {call.name}, got other text")
    return arguments


def _usage(wire: Message) -> lm15.Usage:
    def known(name: str) -> int | None:
        return getattr(wire, name) if wire.HasField(name) else None

    return lm15.Usage(
        input_tokens=known("input_tokens"),
        output_tokens=known("output_tokens"),
        total_tokens=known("total_tokens"),
        cache_read_tokens=known("cached_tokens"),
        reasoning_tokens=known("reasoning_tokens"),
    )


def _chunk(answer: Message) -> Message:
    if answer.HasField("failure"):
        raise from_failure(answer.failure)
    return answer.chunk


class _Events:
    """Turns the chunks of one stream into DSPy's events. The text is part 1, so that reasoning comes before it."""

    def __init__(self) -> None:
        self._started = False
        self._empty = True

    def of(self, chunk: Message) -> Iterator[Any]:
        kind = chunk.WhichOneof("kind")
        if not self._started:
            self._started = True
            model = chunk.end.model if kind == "end" else None
            yield lm15.StreamStartEvent(model=model or None)
        if kind == "end":
            yield from self._end(chunk.end)
        elif (delta := _delta(chunk, kind)) is not None:
            self._empty = False
            yield lm15.StreamDeltaEvent(delta=delta)

    def _end(self, response: Message) -> Iterator[Any]:
        completion = response.completions[0] if response.completions else None
        if self._empty and completion is not None:  # a model that does not stream answers in one piece
            whole = _response(response, completion, lm15.Usage())
            yield from (event for event in lm15.response_to_events(whole) if event.type == "delta")
        reason = "stop" if completion is None else _FINISH_REASONS.get(_FINISH[completion.finish_reason], "stop")
        yield lm15.StreamEndEvent(finish_reason=reason, usage=_usage(response.usage))


def _delta(chunk: Message, kind: str) -> Any:
    if kind == "text":
        return lm15.TextDelta(text=chunk.text, part_index=1)
    if kind == "reasoning":
        return lm15.ThinkingDelta(text=chunk.reasoning, part_index=0)
    if kind == "tool_call":
        call = chunk.tool_call
        return lm15.ToolCallDelta(
            input=call.arguments,
            part_index=2 + call.tool_index,
            id=call.id or None,
            name=call.name or None,
        )
    return None


# Failures


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turns what the bridge raises into the errors that engines raise; the bridge's own is kept as the cause."""
    try:
        yield
    except LmFailedError as error:
        kind = _ERRORS.get(error.type, lm15.ProviderError)
        raise kind(
            error.message, provider="jvm", provider_code=error.type or None, retry_after=error.retry_after
        ) from error
    except DeadlineExceededError as error:
        _stop_if_wanted()
        raise lm15.TimeoutError(error.message, provider="jvm") from error
    except NoHostError as error:
        raise lm15.TransportError(error.message, provider="jvm") from error
    except IllegalCallError as error:
        raise lm15.InvalidRequestError(error.message, provider="jvm") from error
    except TrimtabError as error:
        _stop_if_wanted()
        raise lm15.ProviderError(error.message, provider="jvm") from error


def _stop_if_wanted() -> None:
    run = current_run()
    if run is not None:
        run.check()
