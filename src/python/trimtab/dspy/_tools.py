"""Tools of the JVM as DSPy's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, TypeAlias

import dspy

from trimtab._data import from_data, from_map, to_map
from trimtab._failures import from_failure
from trimtab._runs import Run, current_run
from trimtab._wire import message
from trimtab.exceptions import IllegalCallError

__all__ = ["java_tools"]

Message: TypeAlias = Any  # of the bridge's protocol
HostCall = message("HostCall")

CALL_TIMEOUT = 600.0  # seconds for one tool call of a run without a deadline


def java_tools(session: Any = None, names: Iterable[str] | None = None) -> list[dspy.Tool]:
    """Returns the tools that the session's JVM offers, or those named, for ``dspy.ReAct`` and others to call.

    ``session`` may be left out; it is that of the run.

    Each has the name, description and JSON schema that the JVM gave it. A call is answered by the JVM of the run that makes
    it. A tool that fails raises :class:`trimtab.exceptions.ToolFailedError`, which ReAct shows the model as an observation.
    """
    run = current_run()
    if run is None:
        raise IllegalCallError(
            "java_tools: expected to be called by a program or its factory, since a run knows its JVM"
        )
    offered = run.hosts.offer(run.session_id, run.host).tools
    wanted = list(offered) if names is None else list(names)
    missing = [name for name in wanted if name not in offered]
    if missing:
        raise IllegalCallError(f"java_tools: expected offered tools, got {missing}; offered are {sorted(offered)}")
    return [_tool(offered[name]) for name in wanted]


def _tool(spec: Message) -> dspy.Tool:
    schema: Any = from_map(spec.parameters)
    required = schema.get("required") or []
    # DSPy takes an argument for required unless it has a default.
    arguments = {
        name: described if name in required else {"default": None, **described}
        for name, described in (schema.get("properties") or {}).items()
    }

    def call(**values: Any) -> Any:
        run, request, timeout = _prepared(spec.name, values)
        future = run.hosts.submit(run.session_id, request, host=run.host, run_id=run.run_id, timeout=timeout)
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return _result(run.wait(future, timeout + 1))
        return _awaited(future)

    return dspy.Tool(call, name=spec.name, desc=spec.description, args=arguments)


async def _awaited(future: Future[Message]) -> Any:
    return _result(await asyncio.wrap_future(future))


def _prepared(name: str, arguments: dict[str, Any]) -> tuple[Run, Message, float]:
    run = current_run()
    if run is None:
        raise IllegalCallError(f"tool {name}: expected to be called within a run, since a run knows its JVM")
    run.check()
    call = HostCall()
    call.tool.name = name
    call.tool.arguments.CopyFrom(to_map(arguments, name))
    return run, call, run.remaining(CALL_TIMEOUT)


def _result(answer: Message) -> Any:
    if answer.HasField("failure"):
        raise from_failure(answer.failure)
    return from_data(answer.tool)
