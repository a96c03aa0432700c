"""Programs: Python code that a JVM may run, and how one run of it goes.

A module registers a program by decorating its factory with :func:`program`. The sidecar loads only the modules that the
operator named at launch, and nothing else can be run.

A program is built once per session by its factory, in a worker thread, with the session's context. What the factory reads
of the session is remembered: when a run sees another value of it, the program is built anew for that value, and both are
kept. So a factory may choose modules by a variable, and two runs with different values do not disturb each other.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import re
import sys
import threading
import traceback
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any, Protocol, TypeAlias, TypeVar

from trimtab._context import SessionContext
from trimtab._data import from_map, to_map
from trimtab._failures import to_failure
from trimtab._hosts import Hosts
from trimtab._local import Local
from trimtab._members import PREFIX, definition_of, names_of
from trimtab._rpc import end
from trimtab._runs import Run, RunStopped, values_seen_of
from trimtab._store import Session
from trimtab._values import from_wire
from trimtab._wire import message
from trimtab._workers import Workers
from trimtab.exceptions import (
    IllegalCallError,
    InternalError,
    ProgramFailedError,
    ProgramNotFoundError,
    RunCancelledError,
    TrimtabError,
)

__all__ = ["Outcome", "Program", "ProgramDefinition", "Programs", "program"]

Message: TypeAlias = Any  # of the bridge's protocol
F = TypeVar("F", bound=Callable[..., Any])

ProgramDescription = message("ProgramDescription")
RunResponse = message("RunResponse")
RunResults = message("RunResults")
NumberedResult = message("NumberedResult")

_MARK = "__trimtab_program__"
_COMMA = re.compile(r",(?![^\[]*\])")  # between fields, not within brackets
_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,128}")
_MAX_TRACEBACK = 16_000  # characters
_MAX_VARIANTS = 16  # of one program in one session, by what its factory read
_INTERRUPT_AFTER = 0.05  # seconds a stopped run has to end by itself, and between interrupts from then on
_ABANDON_AFTER = 20  # interrupts, before its thread is replaced


# Registering


@dataclass(frozen=True)
class ProgramDefinition:
    """What a module said of one program."""

    name: str
    factory: Callable[[Any], Any]
    description: str = ""
    signature: str = ""
    space: str = ""
    reads: tuple[str, ...] = ()


def program(
    name: str, *, description: str = "", signature: str = "", space: str = "", reads: Iterable[str] = ()
) -> Callable[[F], F]:
    """Registers a factory of programs under a name.

    The factory is called with the session's context and returns what is run: a ``dspy.Module``, or any callable, which is
    called with the inputs by name and returns a mapping of outputs, or one value, which becomes the output ``output``.
    ``description`` defaults to the first line of the factory's docstring. ``signature``, such as ``"question -> answer"``,
    describes programs whose fields cannot be seen from outside. ``space`` names the configuration space that it registers,
    and ``reads`` variables that it reads as it runs: a JVM sends the values of those that it knows a program reads, which
    are these, the members of its space, those that its modules are bound to and those that it has been seen to read.
    """
    if not _NAME.fullmatch(name):
        raise IllegalCallError(f'program name: expected 1 to 128 letters, digits, "_", "-" or ".", got {name!r}')

    def register(factory: F) -> F:
        if not callable(factory):
            raise IllegalCallError(f"program {name}: expected a factory to decorate, got {type(factory).__name__}")
        first_line = (inspect.getdoc(factory) or "").partition("\n")[0]
        definition = ProgramDefinition(name, factory, description or first_line, signature, space, tuple(reads))
        setattr(factory, _MARK, (*getattr(factory, _MARK, ()), definition))
        return factory

    return register


def load(modules: Iterable[str]) -> dict[str, ProgramDefinition]:
    """Imports modules and returns the programs they register, by name."""
    found: dict[str, ProgramDefinition] = {}
    origin: dict[str, str] = {}
    for module_name in modules:
        module = importlib.import_module(module_name)
        definitions = [
            definition
            for value in vars(module).values()
            if getattr(value, "__module__", None) == module_name  # not those that it merely imports
            for definition in getattr(value, _MARK, ())
        ]
        if not definitions:
            raise IllegalCallError(f"{module_name}: expected at least one factory decorated with @trimtab.program")
        for definition in definitions:
            if definition.name in found:
                raise IllegalCallError(
                    f'program "{definition.name}": expected to be registered once,'
                    f" got it in {origin[definition.name]} and {module_name}"
                )
            found[definition.name] = definition
            origin[definition.name] = module_name
    return found


# Running


@dataclass(frozen=True)
class Outcome:
    """What a program answered, before it is written down for the wire."""

    outputs: Mapping[str, Any]
    completions: Sequence[Mapping[str, Any]] = ()
    usage: Mapping[str, int] = field(default_factory=dict)
    trace: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = ()


class Program(Protocol):
    """What a factory returned, ready to be described and run."""

    def describe(self, description: Message) -> None:
        """Fills in what can be seen of the program."""

    def run(self, request: Message, run: Run) -> Outcome:
        """Runs the program on this thread; raises whatever it raises."""


class _PlainProgram:
    """A callable that knows nothing of DSPy."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self._signature = inspect.signature(call)

    def describe(self, description: Message) -> None:
        if description.HasField("signature"):
            return
        for name, parameter in self._signature.parameters.items():
            if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                described = description.signature.inputs.add(name=name)
                if parameter.annotation is not parameter.empty:
                    described.type = str(getattr(parameter.annotation, "__name__", parameter.annotation))

    def run(self, request: Message, run: Run) -> Outcome:
        unknown = [entry.key for entry in request.parameters.entries] + [own.name for own in request.predictors]
        if unknown:
            raise IllegalCallError(
                f"{request.program}: expected no parameters or predictors, since it is a plain function, got {unknown}"
            )
        inputs = from_map(request.inputs)
        try:
            self._signature.bind(**inputs)
        except TypeError as error:
            raise IllegalCallError(f"{request.program}: {error}; its inputs are {self._signature}") from None
        answer = self._call(**inputs)
        if inspect.isawaitable(answer):
            awaited = answer

            async def wait() -> Any:
                return await awaited

            answer = run.run_async(wait)
        return Outcome(answer if isinstance(answer, Mapping) else {"output": answer})


@dataclass
class _Variants:
    """One program in one session: what its factory read, and what it built for the values it saw."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    names: tuple[str, ...] = ()
    seen: dict[str, None] = field(default_factory=dict)  # what its runs have read, as a set that keeps its order
    built: OrderedDict[tuple[Any, ...], Program] = field(default_factory=OrderedDict)


@dataclass
class _SessionPrograms:
    """What one session's programs share."""

    session: Session
    context: SessionContext
    variants: dict[str, _Variants] = field(default_factory=dict)


class Programs:
    """The programs of a sidecar. One per server; its methods run on the server's event loop."""

    def __init__(
        self,
        definitions: Mapping[str, ProgramDefinition],
        hosts: Hosts,
        session_of: Callable[[str], Session],
        workers: Workers | None = None,
    ) -> None:
        """``session_of`` returns an open session, or refuses."""
        self._definitions = dict(definitions)
        self._hosts = hosts
        self._session_of = session_of
        self._workers = workers or Workers()
        self._lock = threading.Lock()  # guards _sessions
        self._sessions: dict[str, _SessionPrograms] = {}

    def names(self) -> list[str]:
        """The names of all programs, in the order in which they were registered."""
        return list(self._definitions)

    def close(self) -> None:
        """Takes no further runs."""
        self._workers.close()

    async def describe(self, session_id: str, name: str, *, timeout: float | None = None) -> Message:
        """Describes a program, which is built if it has not been."""
        definition = self._definition(name)
        run = self._new_run(session_id, timeout=timeout)

        def work() -> Message:
            built, variants = self._built(definition, run)
            description = ProgramDescription(name=name, description=definition.description, space=definition.space)
            if definition.signature:
                _declared(description.signature, definition.signature)
            built.describe(description)
            known = (
                *definition.reads,
                *variants.names,
                *(binding.variable for binding in description.bindings),
                *_members(run.session, definition.space),
                *variants.seen,
            )
            description.variables.extend(name for name in dict.fromkeys(known) if run.session.find(name) is not None)
            return description

        return await self._in_worker(run, work, timeout)

    async def run(self, request: Message, *, timeout: float | None = None) -> Message:
        """Runs a program and returns its answer; cancelling the task or the end of ``timeout`` stops the Python work."""
        definition = self._definition(request.program)
        overlay = {name: _value(name, value) for name, value in request.variables.items()}
        run = self._new_run(
            request.session_id, host=request.host, run_id=request.run_id, timeout=timeout, overlay=overlay
        )

        def work() -> Message:
            start = perf_counter_ns()
            built, variants = self._built(definition, run)
            outcome = built.run(request, run)
            for names in (run.values.read, run.values.bound):
                if not variants.seen.keys() >= names.keys():
                    variants.seen.update(names)
            return _response(outcome, perf_counter_ns() - start)

        return await self._in_worker(run, work, timeout)

    async def run_many(self, frames: AsyncIterator[Message], write: Callable[[Message], Awaitable[None]]) -> None:
        """Runs what comes in frames, many at once, and writes answers as they come; those that are ready leave together."""
        running: dict[int, asyncio.Task[None]] = {}
        ready: list[Message] = []
        wake = asyncio.Event()
        ended = False

        async def one(number: int, request: Message, timeout: float | None) -> None:
            result = NumberedResult(number=number)
            try:
                result.response.CopyFrom(await self.run(request, timeout=timeout))
            except asyncio.CancelledError:
                result.failure = to_failure(RunCancelledError(f"run {number} was cancelled")).SerializeToString()
            except Exception as error:
                result.failure = to_failure(error).SerializeToString()
            finally:
                running.pop(number, None)
            ready.append(result)
            wake.set()

        async def read() -> None:
            nonlocal ended
            async for frame in frames:
                for item in frame.runs:
                    timeout = item.timeout_ms / 1000 if item.HasField("timeout_ms") else None
                    running[item.number] = asyncio.create_task(one(item.number, item.request, timeout))
                for number in frame.cancelled:
                    if number in running:
                        running[number].cancel()
            ended = True
            wake.set()

        reader = asyncio.create_task(read())
        try:
            while not (ended and not running and not ready):
                await wake.wait()
                wake.clear()
                while ready:
                    results, ready = ready, []
                    await write(RunResults(results=results))
                if reader.done():
                    reader.result()
        finally:
            for task in running.values():
                task.cancel()
            await end(reader)

    # One run

    def _new_run(
        self,
        session_id: str,
        *,
        host: str = "",
        run_id: str = "",
        timeout: float | None = None,
        overlay: Mapping[str, Any] | None = None,
    ) -> Run:
        session = self._session_of(session_id)
        return Run(
            session,
            self._hosts,
            host=host,
            run_id=run_id,
            timeout=timeout,
            overlay=overlay,
        )

    async def _in_worker(self, run: Run, work: Callable[[], Message], timeout: float | None) -> Message:
        """Does a run's work in a thread and waits for it; the answer comes at once when the run is stopped, though it works on."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Message] = loop.create_future()
        left = threading.Event()

        def finish(answer: Message | None, error: Exception | None) -> None:
            if not done.done():
                if error is None:
                    done.set_result(answer)
                else:
                    done.set_exception(error)

        def on_worker() -> None:
            answer, error = _done(run, work)
            left.set()
            with contextlib.suppress(RuntimeError):  # The server has ended meanwhile, and with it who waited.
                loop.call_soon_threadsafe(finish, answer, error)

        self._workers.submit(on_worker)
        deadline = None if timeout is None else loop.call_later(timeout, self._stop, run, run.overdue(), finish, left)
        try:
            return await done
        except asyncio.CancelledError:
            self._stop(run, run.cancelled(), finish, left)
            raise
        finally:
            if deadline is not None:
                deadline.cancel()

    def _stop(
        self,
        run: Run,
        reason: TrimtabError,
        finish: Callable[[Message | None, Exception | None], None],
        left: threading.Event,
    ) -> None:
        run.stop(reason)
        finish(None, reason)
        self._press(run, left, 0)

    def _press(self, run: Run, left: threading.Event, pressed: int) -> None:
        """Interrupts a stopped run until it has left its thread; a thread that does not come back is replaced."""
        if left.is_set():
            if pressed >= _ABANDON_AFTER:
                self._workers.recover()
            return
        if pressed:
            run.interrupt()
        if pressed == _ABANDON_AFTER:
            self._workers.abandon()
        pause = _INTERRUPT_AFTER if pressed < _ABANDON_AFTER else 1.0
        asyncio.get_running_loop().call_later(pause, self._press, run, left, pressed + 1)

    # Building

    def _definition(self, name: str) -> ProgramDefinition:
        definition = self._definitions.get(name)
        if definition is None:
            known = ", ".join(self._definitions) or "none"
            raise ProgramNotFoundError(
                name, f'program "{name}": expected a registered one, got none; registered: {known}', self._definitions
            )
        return definition

    def _built(self, definition: ProgramDefinition, run: Run) -> tuple[Program, _Variants]:
        """The program built for what a run sees, among its variants."""
        run.context, variants = self._of_session(run.session, definition.name)
        with variants.lock:
            key = _key(variants.names, run)
            built = variants.built.get(key)
            if built is not None:
                variants.built.move_to_end(key)
                return built, variants
            built = _prepared(definition.factory(run.context), definition)
            new = [name for name in run.values.read if name not in variants.names]
            if new:  # earlier keys lack the names that only this build has read
                variants.names += tuple(new)
                variants.built.clear()
            variants.built[_key(variants.names, run)] = built
            if len(variants.built) > _MAX_VARIANTS:
                variants.built.popitem(last=False)
            return built, variants

    def _of_session(self, session: Session, program: str) -> tuple[SessionContext, _Variants]:
        """The context of a session and what was built in it; sessions that have ended are forgotten."""
        with self._lock:
            entry = self._sessions.get(session.session_id)
            if entry is None or entry.session is not session:
                for id, old in list(self._sessions.items()):
                    if not old.session.is_open:
                        del self._sessions[id]
                context = SessionContext(Local(session, self._hosts), overlay=lambda: values_seen_of(session))
                entry = self._sessions[session.session_id] = _SessionPrograms(session, context)
            return entry.context, entry.variants.setdefault(program, _Variants())


def _key(names: Sequence[str], run: Run) -> tuple[Any, ...]:
    return tuple((type(value := run.values.get(name)), value) for name in names) if names else ()


def _prepared(made: Any, definition: ProgramDefinition) -> Program:
    dspy = sys.modules.get("dspy")
    if dspy is not None and isinstance(made, dspy.Module):
        from trimtab.dspy._running import DspyProgram

        return DspyProgram(made, definition.name)
    if not callable(made):
        raise IllegalCallError(
            f"program {definition.name}: expected its factory to return a dspy.Module or another callable,"
            f" got {type(made).__name__}"
        )
    return _PlainProgram(made)


def _done(run: Run, work: Callable[[], Message]) -> tuple[Message | None, Exception | None]:
    """Does a run's work on this thread; an interrupt that strikes late is caught here too."""
    try:
        try:
            with run.on_this_thread():
                return work(), None
        except TrimtabError as error:
            return None, error
        except RunStopped:
            return None, run.stopped or InternalError("run: stopped without a reason")
        except BaseException as error:
            return None, run.stopped or _failed(error)
    except RunStopped:
        return None, run.stopped or InternalError("run: stopped without a reason")


def _value(name: str, value: Message) -> Any:
    read = from_wire(value)
    if read is None:
        raise IllegalCallError(f"RunRequest.variables: expected a value this version knows for {name}, got none")
    return read


def _response(outcome: Outcome, elapsed_ns: int) -> Message:
    response = RunResponse(outputs=to_map(outcome.outputs, "outputs"), elapsed_us=elapsed_ns // 1000)
    for number, completion in enumerate(outcome.completions):
        response.completions.append(to_map(completion, f"completions[{number}]"))
    for name, count in outcome.usage.items():
        setattr(response.usage, name, count)
    for predictor, inputs, outputs in outcome.trace:
        response.trace.add(
            predictor=predictor,
            inputs=to_map(inputs, f"trace of {predictor}"),
            outputs=to_map(outputs, f"trace of {predictor}"),
        )
    return response


def _members(session: Session, space: str) -> Iterable[str]:
    """The variables of a space, none as long as it is not registered."""
    document = session.find_document(PREFIX + space) if space else None
    definition = None if document is None else definition_of(document)
    return () if definition is None else names_of(definition).values()


def _declared(wire: Message, signature: str) -> None:
    inputs, _, outputs = signature.partition("->")
    for text, fields in ((inputs, wire.inputs), (outputs, wire.outputs)):
        for part in filter(str.strip, _COMMA.split(text)):
            name, _, kind = part.partition(":")
            fields.add(name=name.strip(), type=kind.strip() or "str")


# Failures


_SECRETS = re.compile(
    r"(?i)\b(sk-[\w-]{8,}|AKIA[A-Z0-9]{12,}|ghp_\w{20,}|(?<=bearer )[\w.~+/=-]{8,}"
    r"|(?<=api_key=)['\"]?[\w-]{8,}|(?<=api_key': )['\"]?[\w-]{8,})"
)


def _failed(error: BaseException) -> ProgramFailedError:
    """A program's exception as the JVM is told of it: type, message and traceback as text, without what looks like a key."""
    kind = type(error)
    text = str(error) or "no message"
    trace = "".join(traceback.format_exception(error))
    if len(trace) > _MAX_TRACEBACK:
        trace = f"{trace[:1000]}\n[{len(trace) - _MAX_TRACEBACK} characters left out]\n{trace[1000 - _MAX_TRACEBACK :]}"
    return ProgramFailedError(
        _without_secrets(f"the program raised {kind.__qualname__}: {text}"),
        type=kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}",
        traceback=_without_secrets(trace),
        cause=_root(error),
    )


def _without_secrets(text: str) -> str:
    return _SECRETS.sub("[redacted]", text)


def _root(error: BaseException) -> TrimtabError | None:
    """What a model or tool of the JVM said, if that is why a program failed."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        if isinstance(current, TrimtabError):
            return current
        seen.add(id(current))
        current = current.__cause__ or current.__context__
    return None
