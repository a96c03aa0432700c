"""A JVM played by a test: its end of an attachment, and answers by rule."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc

from trimtab._hosts import Hosts
from trimtab._wire import message

HostFrame = message("HostFrame")
HostAnswer = message("HostAnswer")


class Jvm:
    """The JVM's end of a stream: what it sends is read by the server, what the server writes is collected."""

    def __init__(self) -> None:
        self.frames: asyncio.Queue[Any] = asyncio.Queue()
        self.calls: asyncio.Queue[Any] = asyncio.Queue()
        self.written: list[Any] = []
        self.seen: list[Any] = []
        self.writable = asyncio.Event()
        self.writable.set()
        self.task: asyncio.Task[None] | None = None

    def read(self) -> Awaitable[Any]:
        return self.frames.get()

    async def write(self, frame: Any) -> None:
        await self.writable.wait()
        self.written.append(frame)
        for call in frame.calls:
            self.calls.put_nowait(call)

    def send(self, **fields: Any) -> None:
        self.frames.put_nowait(HostFrame(**fields))

    def answer(self, number: int, **fields: Any) -> None:
        self.send(answers=[HostAnswer(number=number, **fields)])

    def leave(self) -> None:
        self.frames.put_nowait(grpc.aio.EOF)

    async def cancelled(self) -> list[int]:
        while not (numbers := [number for frame in self.written for number in frame.cancelled]):
            await asyncio.sleep(0)
        return numbers


def offer(
    session: str = "s",
    host: str = "jvm",
    models: tuple[str, ...] = ("",),
    tools: tuple[Any, ...] = (),
    capabilities: tuple[str, ...] = (),
) -> Any:
    """An offer of models and tools; a tool is a name or its whole description."""
    return {
        "session_id": session,
        "host": host,
        "protocol": {"major": 1},
        "models": [{"name": name, "model": f"model-{name}", "capabilities": capabilities} for name in models],
        "tools": [{"name": tool} if isinstance(tool, str) else tool for tool in tools],
    }


@asynccontextmanager
async def attached(hosts: Hosts, **fields: Any) -> AsyncIterator[Jvm]:
    jvm = Jvm()
    jvm.send(offer=offer(**fields))
    task = asyncio.create_task(hosts.attach(jvm))
    jvm.task = task
    while not jvm.written:
        await asyncio.sleep(0)
    try:
        yield jvm
    finally:
        jvm.leave()
        await asyncio.wait_for(task, 5)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 30))  # type: ignore[arg-type]


@asynccontextmanager
async def answering(hosts: Hosts, rule: Callable[[Any], dict[str, Any]], **fields: Any) -> AsyncIterator[Jvm]:
    """An attached JVM that answers every call by a rule; ``jvm.seen`` lists the calls."""
    async with attached(hosts, **fields) as jvm:

        async def serve() -> None:
            while True:
                call = await jvm.calls.get()
                jvm.seen.append(call)
                jvm.answer(call.number, **rule(call))

        serving = asyncio.create_task(serve())
        try:
            yield jvm
        finally:
            serving.cancel()
