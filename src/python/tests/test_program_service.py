"""Programs and hosts over a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from conftest import TOKEN, Sidecar

from trimtab import SessionContext
from trimtab._data import from_map, to_map
from trimtab._failures import FAILURE_TRAILER, from_failure
from trimtab._programs import ProgramDefinition
from trimtab._wire import PACKAGE, message
from trimtab.exceptions import ProgramFailedError, ProgramNotFoundError, SessionUnknownError

METADATA = (("authorization", f"Bearer {TOKEN}"),)


class Client:
    """A client of ProgramService and HostService on an event loop of the test's."""

    def __init__(self, address: str) -> None:
        self.channel = grpc.aio.insecure_channel(address)

    async def call(self, method: str, request: Any, timeout: float = 10) -> Any:
        kind, answer = {
            "List": ("ListProgramsRequest", "ListProgramsResponse"),
            "Describe": ("DescribeProgramRequest", "ProgramDescription"),
            "Run": ("RunRequest", "RunResponse"),
        }[method]
        stub = self.channel.unary_unary(
            f"/{PACKAGE}.ProgramService/{method}",
            request_serializer=message(kind).SerializeToString,
            response_deserializer=message(answer).FromString,
        )
        return await stub(message(kind)(**request), metadata=METADATA, timeout=timeout)

    def stream(self, service: str, method: str, sent: str, received: str) -> Any:
        stub = self.channel.stream_stream(
            f"/{PACKAGE}.{service}/{method}",
            request_serializer=message(sent).SerializeToString,
            response_deserializer=message(received).FromString,
        )
        return stub(metadata=METADATA)


def failure_in(error: grpc.aio.AioRpcError) -> Any:
    trailers = dict(error.trailing_metadata())
    return from_failure(message("Failure").FromString(trailers[FAILURE_TRAILER]))


def _echo(session: Any) -> Callable[..., Any]:
    def echo(text: str) -> Any:
        if text == "fail":
            raise ValueError("no")
        return {"text": text, "k": session["k"]}

    return echo


@pytest.fixture
def running(short_dir: Path) -> Iterator[Sidecar]:
    """A server with one program."""
    sidecar = Sidecar(short_dir, programs={"echo": ProgramDefinition("echo", _echo, "Echoes.")}).start()
    yield sidecar
    sidecar.stop()
    sidecar.end()


@pytest.fixture
def session(running: Sidecar) -> Iterator[SessionContext]:
    """A session with one variable."""
    with SessionContext.connect(running.address, token=TOKEN, session="s", timeout=20) as context:
        context.add_variable("k", "integer", 1)
        yield context


def test_list_describe_and_run_over_the_wire(running: Sidecar, session: SessionContext) -> None:
    """What a JVM does with a program: find it, read its inputs, run it."""

    async def scenario() -> None:
        client = Client(running.address)
        listed = await client.call("List", {"session_id": "s"})
        assert [(program.name, program.description) for program in listed.programs] == [("echo", "Echoes.")]
        described = await client.call("Describe", {"session_id": "s", "program": "echo"})
        assert [field.name for field in described.signature.inputs] == ["text"]
        session["k"] = 5
        answer = await client.call("Run", {"session_id": "s", "program": "echo", "inputs": to_map({"text": "hi"})})
        assert from_map(answer.outputs) == {"text": "hi", "k": 5}
        await client.channel.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("request_", "status", "error"),
    [
        ({"session_id": "s", "program": "nope"}, grpc.StatusCode.NOT_FOUND, ProgramNotFoundError),
        ({"session_id": "other", "program": "echo"}, grpc.StatusCode.NOT_FOUND, SessionUnknownError),
        (
            {"session_id": "s", "program": "echo", "inputs": to_map({"text": "fail"})},
            grpc.StatusCode.UNKNOWN,
            ProgramFailedError,
        ),
    ],
)
def test_failures_travel_in_the_trailer(
    running: Sidecar, session: SessionContext, request_: Any, status: grpc.StatusCode, error: type[Exception]
) -> None:
    """A refused run has a status for everybody and the whole failure for us."""

    async def scenario() -> None:
        client = Client(running.address)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.call("Run", request_)
        assert isinstance(failure_in(caught.value), error)
        assert caught.value.code() is status
        await client.channel.close()

    asyncio.run(scenario())


def test_many_runs_on_one_stream(running: Sidecar, session: SessionContext) -> None:
    """Runs of one frame are all answered, by number."""

    async def scenario() -> None:
        client = Client(running.address)
        call = client.stream("ProgramService", "RunMany", "RunFrame", "RunResults")
        request = {"session_id": "s", "program": "echo"}
        await call.write(
            message("RunFrame")(
                runs=[
                    {"number": n, "request": {**request, "inputs": to_map({"text": str(n)})}, "timeout_ms": 5000}
                    for n in range(1, 51)
                ]
            )
        )
        answers: dict[int, Any] = {}
        while len(answers) < 50:
            frame = await call.read()
            answers.update({result.number: from_map(result.response.outputs) for result in frame.results})
        assert answers == {n: {"text": str(n), "k": 1} for n in range(1, 51)}
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
        await client.channel.close()

    asyncio.run(scenario())


def test_a_jvm_attaches_and_answers_a_space_call(running: Sidecar, session: SessionContext) -> None:
    """Attach works over the wire, from the offer to an answer that Python gets; a wrong offer is refused with its reason."""

    async def scenario() -> None:
        client = Client(running.address)
        call = client.stream("HostService", "Attach", "HostFrame", "HostCalls")
        await call.write(message("HostFrame")(offer={"session_id": "s", "host": "jvm", "protocol": {"major": 1}}))
        assert (await call.read()).attached
        assert running.server is not None
        hosts = running.server.hosts
        host_call = message("HostCall")()
        host_call.space.unregister = "x"
        asked = asyncio.create_task(asyncio.to_thread(hosts.call_blocking, "s", host_call, timeout=5.0))
        frame = await call.read()
        assert frame.calls[0].space.unregister == "x"
        await call.write(message("HostFrame")(answers=[{"number": frame.calls[0].number, "space": {"version": 3}}]))
        assert (await asked).space.version == 3
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF

        refused = client.stream("HostService", "Attach", "HostFrame", "HostCalls")
        await refused.write(message("HostFrame")(offer={"session_id": "s", "host": "j", "protocol": {"major": 9}}))
        with pytest.raises(grpc.aio.AioRpcError, match="expected protocol 1"):
            await refused.read()
        await client.channel.close()

    asyncio.run(scenario())
