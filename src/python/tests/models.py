"""Language models for tests of DSPy programs: they record what they are asked and answer in DSPy's chat format."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

import dspy
from dspy import lm15

_FIELDS = re.compile(r"\[\[ ## (\w+) ## \]\]")
_DEFAULTS: dict[str, str] = {
    "next_thought": "done",
    "next_tool_name": "finish",
    "next_tool_args": "{}",
    "generated_code": "print(1)",
    "finished": "True",
}


def text_of(request: lm15.Request) -> str:
    """The last message of a request."""
    return str(request.messages[-1].text)


def fields_asked(text: str) -> list[str]:
    """The output fields that a message in DSPy's chat format asks for."""
    return [name for name in _FIELDS.findall(text[text.rindex("Respond with") :]) if name != "completed"]


class Recorder:
    """An engine that records requests; ``answer`` gives a field's text, by default one that every parser takes."""

    def __init__(self, answer: Callable[[str, lm15.Request], str | None] = lambda field, request: None) -> None:
        self.requests: list[lm15.Request] = []
        self.answers = answer
        self._lock = threading.Lock()

    def complete(self, request: lm15.Request) -> lm15.Response:
        with self._lock:
            self.requests.append(request)
        text = text_of(request)
        parts = []
        for field in fields_asked(text):
            value = self.answers(field, request)
            parts.append(f"[[ ## {field} ## ]]\n{_DEFAULTS.get(field, 'a') if value is None else value}")
        return lm15.Response(
            id=None,
            model=request.model,
            message=lm15.Message.assistant([lm15.TextPart("\n\n".join([*parts, "[[ ## completed ## ]]"]))]),
            finish_reason="stop",
            usage=lm15.Usage(input_tokens=10, output_tokens=5),
        )

    def sent(self, name: str) -> list[Any]:
        """One argument of each recorded request."""
        return [getattr(request.config, name) for request in self.requests]


class AsyncRecorder:
    """The same for ``acall``."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    async def complete(self, request: lm15.Request) -> lm15.Response:
        return self._recorder.complete(request)


def recording_lm(recorder: Recorder, model: str = "test", **kwargs: Any) -> dspy.LM:
    """A DSPy model whose requests are recorded."""
    return dspy.LM(model, cache=False, engine=recorder, async_engine=AsyncRecorder(recorder), **kwargs)


class FakeSession:
    """A session's variables as modules read them: one revision at a time."""

    session_id = "s"

    def __init__(self, **values: Any) -> None:
        self._values = dict(values)
        self._lock = threading.Lock()
        self.reads = 0

    def get_many(self, names: Any) -> Mapping[str, Any]:
        with self._lock:
            self.reads += 1
            return {name: self._values[name] for name in names if name in self._values}

    def remove(self, name: str) -> None:
        """Deletes a variable."""
        with self._lock:
            del self._values[name]

    def apply(self, **values: Any) -> None:
        """Writes all values at once."""
        with self._lock:
            self._values.update(values)
