"""The methods of HostService and ProgramService for the gRPC server."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio

from trimtab._hosts import Hosts
from trimtab._programs import Programs
from trimtab._rpc import stream, unary
from trimtab._wire import PACKAGE, message

__all__ = ["host_handler", "program_handler"]


def host_handler(hosts: Hosts) -> Any:
    """Returns the methods of HostService."""

    async def attach(_: Any, context: Any) -> None:
        await hosts.attach(context)

    return grpc.method_handlers_generic_handler(
        f"{PACKAGE}.HostService", {"Attach": stream(attach, message("HostFrame"), message("HostCalls"))}
    )


def program_handler(programs: Programs) -> Any:
    """Returns the methods of ProgramService; a call's deadline is the run's, and cancelling it stops the run."""

    async def list_programs(request: Any, timeout: float | None) -> Any:
        response = message("ListProgramsResponse")()
        for name in programs.names():
            response.programs.append(await programs.describe(request.session_id, name, timeout=timeout))
        return response

    async def describe(request: Any, timeout: float | None) -> Any:
        return await programs.describe(request.session_id, request.program, timeout=timeout)

    async def run(request: Any, timeout: float | None) -> Any:
        return await programs.run(request, timeout=timeout)

    async def run_many(frames: Any, context: Any) -> None:
        await programs.run_many(frames, context.write)

    return grpc.method_handlers_generic_handler(
        f"{PACKAGE}.ProgramService",
        {
            "List": unary(list_programs, message("ListProgramsRequest"), timed=True),
            "Describe": unary(describe, message("DescribeProgramRequest"), timed=True),
            "Run": unary(run, message("RunRequest"), timed=True),
            "RunMany": stream(run_many, message("RunFrame"), message("RunResults")),
        },
    )
