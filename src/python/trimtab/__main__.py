"""Runs a sidecar: ``python -m trimtab --handshake-fd=stdout``, launched by a JVM, or by an operator with ``--token-file``.

A launched sidecar reads its token as the first line of stdin, prints one JSON line that says where it listens, and ends when stdin does,
which is when its parent dies, however that happens. A guard, a process of its own, sees to that even when the sidecar is stopped or stuck
in C code. After the handshake stdout leads to stderr, so that prints of user code break nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trimtab._lane import SUFFIX
from trimtab._programs import ProgramDefinition, load
from trimtab._server import Server, Tls
from trimtab._version import SOFTWARE
from trimtab._wire import PROTOCOL
from trimtab.exceptions import TrimtabError

log = logging.getLogger("trimtab")

STOP_GRACE = 1.0
LAST_RESORT = 10.0
GUARDED_END = 2.5
PARENT_END = 0.25  # seconds an ending parent has, before it counts as one that goes on


def parser() -> argparse.ArgumentParser:
    """Returns the command line."""
    p = argparse.ArgumentParser(prog="python -m trimtab", description="Runs a Trimtab sidecar.")
    p.add_argument(
        "--handshake-fd", default="stdout", metavar="FD", help='where the handshake goes: "stdout" or a number'
    )
    p.add_argument("--listen", metavar="ADDRESS", help="unix:/path or tcp:host:port; by default a private socket")
    p.add_argument("--data-dir", type=Path, metavar="DIR", help="keep the state on disk in this directory")
    p.add_argument(
        "--program-module",
        action="append",
        default=[],
        metavar="MODULE",
        help="a module whose programs may be run; may be given several times",
    )
    p.add_argument("--token-file", type=Path, metavar="PATH", help="read the token from a file instead of stdin")
    p.add_argument("--tls-cert", type=Path, metavar="PEM")
    p.add_argument("--tls-key", type=Path, metavar="PEM")
    p.add_argument(
        "--tls-client-ca", type=Path, metavar="PEM", help="clients must have a certificate of this authority"
    )
    p.add_argument("--heartbeat-ms", type=int, default=500, metavar="MS")
    p.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    return p


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a sidecar until it is told to end; returns the exit code."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=options.log_level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    handshake = _take_stdout(options.handshake_fd)
    try:
        token = _token(options.token_file)
        if options.token_file is None:
            _guard(options.listen)
        tls = _tls(options)
        _require_protection(options, tls)
        programs = load(options.program_module)
    except (OSError, ValueError, ImportError) as e:
        log.error("%s", e)
        return 2
    # One busy Python thread would else raise the latency of every call to its switch interval.
    sys.setswitchinterval(5e-5)
    try:
        asyncio.run(_serve(options, token, tls, programs, handshake))
    except (TrimtabError, OSError) as e:
        log.error("%s", e)
        return 1
    return 0


def _take_stdout(fd: str) -> int:
    """Returns where the handshake is written; whatever is printed from now on goes to stderr."""
    handshake = os.dup(1) if fd == "stdout" else int(fd)
    sys.stdout.flush()
    os.dup2(2, 1)
    return handshake


def _token(file: Path | None) -> str:
    line = file.read_text() if file else sys.stdin.buffer.readline().decode("ascii", "replace")
    token = line.strip()
    if len(token) < 32:
        where = f"in {file}" if file else "as the first line of stdin"
        raise ValueError(f"token: expected at least 32 characters {where}, got {len(token)}")
    return token


def _tls(options: Any) -> Tls | None:
    if bool(options.tls_cert) != bool(options.tls_key) or (options.tls_client_ca and not options.tls_cert):
        raise ValueError("--tls-cert and --tls-key go together, and --tls-client-ca needs them")
    if not options.tls_cert:
        return None
    client_ca = options.tls_client_ca.read_bytes() if options.tls_client_ca else None
    return Tls(options.tls_cert.read_bytes(), options.tls_key.read_bytes(), client_ca)


def _require_protection(options: Any, tls: Tls | None) -> None:
    """Refuses to send the token in clear text across a network."""
    listen = options.listen or ""
    host = listen.removeprefix("tcp:").rpartition(":")[0].strip("[]")
    if listen.startswith("tcp:") and tls is None and host not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(f"{listen}: expected --tls-cert and --tls-key for an address beyond this machine")


async def _serve(
    options: Any, token: str, tls: Tls | None, programs: Mapping[str, ProgramDefinition], handshake: int
) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    with contextlib.ExitStack() as until_the_end:
        address = options.listen or f"unix:{until_the_end.enter_context(_private())}/{secrets.token_hex(4)}"
        server = Server(
            token,
            address,
            tls=tls,
            data_dir=options.data_dir,
            heartbeat_ms=options.heartbeat_ms,
            programs=programs,
        )
        await server.start()
        _shake_hands(server, handshake)
        if options.token_file is None:
            threading.Thread(target=_end_with_parent, args=(loop, stopping), name="trimtab-parent", daemon=True).start()
        await stopping.wait()
        threading.Timer(LAST_RESORT, os._exit, (0,)).start()
        await server.stop(STOP_GRACE)
    log.info("ended")
    logging.shutdown()
    os._exit(0)  # threads of user code must not keep the process


def _private() -> tempfile.TemporaryDirectory[str]:
    """Makes a directory that only this user may enter."""
    return tempfile.TemporaryDirectory(prefix=f"trimtab-{os.getuid()}-", dir=_runtime_dir())


def _runtime_dir() -> str:
    """Returns a directory whose path is short enough for sockets."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return runtime if runtime and len(runtime) < 60 and os.access(runtime, os.W_OK) else "/tmp"


def _shake_hands(server: Server, fd: int) -> None:
    line = {
        "trimtab": 1,
        "address": server.address,
        "incarnation": f"{server.incarnation:016x}",
        "pid": os.getpid(),
        "protocol": list(PROTOCOL),
        "software": SOFTWARE,
        "durable": server.durable,
    }
    os.write(fd, json.dumps(line).encode() + b"\n")


def _guard(listen: str | None) -> None:
    """Forks a process that makes sure of this one's end after the end of stdin; called before there are threads.

    It waits a little and then kills this process, for which neither a stopped process nor one that holds the interpreter in C code need
    do anything, and what programs have started and left in its group. Of a parent that is gone it removes the socket's directory.
    """
    if not hasattr(os, "fork"):
        return
    sidecar, parent = os.getpid(), os.getppid()
    with contextlib.suppress(PermissionError):  # the leader of a group already
        os.setsid()
    if os.fork() != 0:
        return
    try:
        os.closerange(1, 1024)
        while os.read(0, 4096):
            pass
        deadline = time.monotonic() + GUARDED_END
        while os.getppid() == sidecar and time.monotonic() < deadline:
            time.sleep(0.05)
        if os.getppid() == sidecar:
            os.kill(sidecar, signal.SIGKILL)
        deadline = time.monotonic() + PARENT_END
        while _lives(parent) and time.monotonic() < deadline:
            time.sleep(0.01)
        if not _lives(parent):
            _remove_directory(listen)
        if os.getpgid(0) == sidecar:
            os.killpg(sidecar, signal.SIGKILL)
    finally:
        os._exit(0)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return not Path("/proc/self").exists()  # without /proc, what takes a signal lives
    except OSError:
        return False
    return state not in "ZX"  # ended, but whoever started it has not asked


def _remove_directory(listen: str | None) -> None:
    """Removes the directory that a parent made for the socket, for one that was killed cannot."""
    if listen is not None and listen.startswith("unix:"):
        socket = Path(listen.removeprefix("unix:"))
        with contextlib.suppress(OSError):  # it holds something else, or the parent was faster
            for left in (socket, socket.with_name(socket.name + SUFFIX)):
                left.unlink(missing_ok=True)
            socket.parent.rmdir()


def _end_with_parent(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    """Waits for the end of stdin, then stops the server, in the worst case without asking it."""
    while os.read(0, 4096):
        pass  # nothing but the token is expected
    timer = threading.Timer(LAST_RESORT, os._exit, (0,))
    timer.daemon = True
    timer.start()
    loop.call_soon_threadsafe(stopping.set)


if __name__ == "__main__":
    sys.exit(main())
