"""What tests share: a running server, contexts inside and outside of it, a clock that tests move."""

from __future__ import annotations

import asyncio
import os
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from trimtab import SessionContext, Variable
from trimtab._domains import BooleanDomain, ChoiceDomain, FloatDomain, IntegerDomain, StringDomain
from trimtab._local import Local
from trimtab._server import Server
from trimtab._store import Session

# The same examples on every machine, however busy: a build that is green stays green. HYPOTHESIS_PROFILE=search looks for new ones.
settings.register_profile(
    "build", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "build"))

TOKEN = "5a" * 32

TEMPERATURE = Variable("temperature", FloatDomain(0.0, 2.0), 0.7)
COUNTER = Variable("counter", IntegerDomain(), 0)
MODEL = Variable("model", ChoiceDomain(["small", "large"]), "small")
NOTE = Variable("note", StringDomain(max_length=20), "")
FLAG = Variable("flag", BooleanDomain(), False)


class Clock:
    """Time that moves when a test moves it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


class Sidecar:
    """A server on an event loop of its own, in this process."""

    def __init__(self, directory: Path, **options: object) -> None:
        self.address = f"unix:{directory}/{secrets.token_hex(4)}"
        self._options = options
        self.server: Server | None = None
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: object) -> object:
        """Runs a coroutine on the server's loop and returns its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)  # type: ignore[arg-type]

    def start(self) -> Sidecar:
        """Starts a new incarnation on the same address."""

        async def begin() -> None:
            self.server = Server(TOKEN, self.address, **self._options)  # type: ignore[arg-type]
            await self.server.start()

        self.run(begin())
        return self

    def stop(self) -> None:
        """Stops the incarnation."""
        assert self.server is not None
        self.run(self.server.stop(0))

    def end(self) -> None:
        """Stops the loop."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)


@pytest.fixture
def short_dir() -> Iterator[Path]:
    """A directory whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="tt", dir="/tmp") as directory:
        yield Path(directory)


@pytest.fixture
def sidecar(short_dir: Path) -> Iterator[Sidecar]:
    """A running server."""
    running = Sidecar(short_dir).start()
    yield running
    running.stop()
    running.end()


@pytest.fixture
def connect(sidecar: Sidecar) -> Iterator[Callable[..., SessionContext]]:
    """Makes contexts outside of the server."""
    made: list[SessionContext] = []

    def make(session: str = "s1") -> SessionContext:
        context = SessionContext.connect(sidecar.address, token=TOKEN, session=session, timeout=20)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def clock() -> Clock:
    """Time that moves when a test moves it."""
    return Clock()


@pytest.fixture
def session(clock: Clock) -> Session:
    """A state without a server."""
    return Session("s1", clock=clock)


@pytest.fixture(params=["inside", "outside"])
def context(request: pytest.FixtureRequest, sidecar: Sidecar, connect: Callable[..., SessionContext]) -> SessionContext:
    """A context inside the sidecar, and one outside of it."""
    if request.param == "outside":
        return connect("s1")
    assert sidecar.server is not None
    session, _ = sidecar.server.sessions.open("s1")
    return SessionContext(Local(session, sidecar.server.hosts))
