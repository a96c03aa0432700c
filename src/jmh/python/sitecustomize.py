"""Adds to a sidecar, for benchmarks, a bare echo and a writer: Python runs this module at its start."""

import asyncio
import time

import grpc
from trimtab import _server

_handlers = _server.Server._handlers


def handlers(self):
    """Returns the sidecar's services and ours."""

    async def echo(request, context):
        return request

    async def write(request, context):
        """Writes the time into the variable "stamp" of a session, again and again."""
        session_id, count, pause = request.decode().split()
        session = self.sessions.get(session_id)
        for _ in range(int(count)):
            await asyncio.sleep(float(pause))
            session.set("stamp", time.time_ns())
        return request

    async def call(request, context):
        """Calls the trivial program in this process for some seconds; returns the median in nanoseconds."""
        import bench_programs

        return str(await asyncio.to_thread(bench_programs.calls, float(request))).encode()

    service = grpc.method_handlers_generic_handler(
        "bench.Bench",
        {
            "Echo": grpc.unary_unary_rpc_method_handler(echo),
            "Call": grpc.unary_unary_rpc_method_handler(call),
            "Write": grpc.unary_unary_rpc_method_handler(write),
        },
    )
    return [*_handlers(self), service]


_server.Server._handlers = handlers
