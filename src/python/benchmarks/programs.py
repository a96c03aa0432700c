"""What a run of a trivial DSPy program costs beside the same call in Python: python benchmarks/programs.py

A sidecar process serves the program and, under the same token, a bare echo of the same bytes. One caller in this process
measures, in turns, the bare echo, a run by ``ProgramService.Run`` and a run by ``RunMany``; the sidecar measures the call
itself. The overhead is a run's median less the call's, and is printed in bare echoes.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from trimtab._data import to_map
from trimtab._wire import PACKAGE, message

TOKEN = "5a" * 32
METADATA = (("authorization", f"Bearer {TOKEN}"),)
ROUNDS = 30
CALLS = 40
SERVER = f"""
import asyncio, sys, time
import dspy, grpc, grpc.aio
from trimtab._programs import ProgramDefinition
from trimtab._server import Server, Authentication, OPTIONS

class Trivial(dspy.Module):
    def forward(self, text):
        return dspy.Prediction(text=text)

sys.setswitchinterval(5e-5)

async def main():
    module = Trivial()
    module(text="x")
    with dspy.context(trace=None, disable_history=True):
        start = time.perf_counter()
        for _ in range(2000):
            module(text="x")
        print((time.perf_counter() - start) / 2000 * 1e6, flush=True)
    server = Server("{TOKEN}", sys.argv[1], programs={{"trivial": ProgramDefinition("trivial", lambda session: Trivial())}})
    server.sessions.open("s")
    await server.start()
    echo = grpc.aio.server(options=OPTIONS, interceptors=(Authentication("{TOKEN}"),))
    async def answer(request, context):
        return request
    echo.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(
        "echo", {{"Echo": grpc.unary_unary_rpc_method_handler(answer)}}),))
    echo.add_insecure_port(sys.argv[2])
    await echo.start()
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def median_of(call: Any) -> list[float]:
    """Times of single calls in one round."""
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        await call()
        times.append((time.perf_counter() - start) * 1e6)
    return times


async def measure(address: str, echo_address: str, inside: float) -> dict[str, float]:
    """Measures in turns, so that the machine's moods fall on all alike."""
    channel, echo_channel = grpc.aio.insecure_channel(address), grpc.aio.insecure_channel(echo_address)
    request = message("RunRequest")(session_id="s", program="trivial", inputs=to_map({"text": "x" * 20}))
    payload = request.SerializeToString()
    run = channel.unary_unary(
        f"/{PACKAGE}.ProgramService/Run",
        request_serializer=message("RunRequest").SerializeToString,
        response_deserializer=message("RunResponse").FromString,
    )
    echo = echo_channel.unary_unary("/echo/Echo")
    many = channel.stream_stream(
        f"/{PACKAGE}.ProgramService/RunMany",
        request_serializer=message("RunFrame").SerializeToString,
        response_deserializer=message("RunResults").FromString,
    )(metadata=METADATA)
    number = 0

    async def by_stream() -> None:
        nonlocal number
        number += 1
        await many.write(message("RunFrame")(runs=[{"number": number, "request": request}]))
        await many.read()

    kinds = {
        "echo": lambda: echo(payload, metadata=METADATA),
        "run": lambda: run(request, metadata=METADATA),
        "run_many": by_stream,
    }
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for round_ in range(ROUNDS + 3):
        for name, call in kinds.items():
            taken = await median_of(call)
            if round_ >= 3:
                times[name].extend(taken)
    many.cancel()
    await channel.close()
    await echo_channel.close()
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        "inside_us": inside,
        **{f"{name}_us": value for name, value in medians.items()},
        "run_overhead_in_echoes": (medians["run"] - inside) / medians["echo"],
        "run_many_overhead_in_echoes": (medians["run_many"] - inside) / medians["echo"],
    }


def main() -> None:
    """Starts the sidecar, measures, prints one JSON line."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="tt", dir="/tmp") as directory:
        address, echo_address = f"unix:{directory}/a", f"unix:{directory}/e"
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, address, echo_address],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
        )
        try:
            assert server.stdout is not None
            inside = float(server.stdout.readline())
            assert server.stdout.readline().strip() == "ready"
            print(json.dumps({k: round(v, 2) for k, v in asyncio.run(measure(address, echo_address, inside)).items()}))
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
