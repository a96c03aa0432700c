"""One run of a program: what it sees, how long it may take, and how it is stopped.

Stopping. Python cannot end a thread from outside, so a run that is no longer wanted is stopped by degrees:

1. at once, every model and tool call it waits for ends, in the JVM too;
2. its next model call, tool call or :meth:`Run.check` raises :class:`RunStopped`, as does the current ``await`` of an
   ``async`` program;
3. if it still computes after a moment, :class:`RunStopped` is raised inside it at its next Python instruction
   (``PyThreadState_SetAsyncExc``), again and again until it has left.

Only code that blocks outside the interpreter, such as ``time.sleep`` or a socket, goes on until it returns. Whoever
waited has had the answer by then, and the thread is replaced.

:class:`RunStopped` is a ``BaseException``: an agent that turns every ``Exception`` of a tool into an observation, or an
adapter that asks the model once more after one, must not swallow it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from trimtab.exceptions import DeadlineExceededError, RunCancelledError

if TYPE_CHECKING:
    from trimtab._context import SessionContext
    from trimtab._hosts import Hosts
    from trimtab._store import Session

__all__ = ["Run", "RunStopped", "current_run"]

T = TypeVar("T")

SETTING = "trimtab_run"  # DSPy hands its settings on to the threads that it starts; a context variable would be lost


class Cancellable(Protocol):
    """What a run may wait for."""

    def cancel(self) -> Any:
        """Ends the wait with ``CancelledError``; does nothing if it is over."""


class RunStopped(BaseException):
    """Raised inside a run to make it end."""


class SeenValues(Mapping[str, Any]):
    """What a run sees of its session: values of one revision, read when they are first asked for; knows which were.

    Reads of bindings are noted apart: a module follows them by itself, so its program need not be made anew for them.
    """

    def __init__(self, session: Session, overlay: Mapping[str, Any]) -> None:
        self._session = session
        self._overlay = overlay
        self._lock = threading.Lock()  # guards the loading of _all
        self._all: Mapping[str, Any] | None = None
        self.read: dict[str, None] = {}  # a set that keeps its order
        self.bound: dict[str, None] = {}  # the same for reads of bindings

    def __getitem__(self, name: str) -> Any:
        self._note(name)
        return self._loaded()[name]

    def __contains__(self, name: object) -> bool:
        if isinstance(name, str):
            self._note(name)
        return name in self._loaded()

    def __iter__(self) -> Iterator[str]:
        values = self._loaded()
        self._note(*values)
        return iter(values)

    def _note(self, *names: str) -> None:
        (self.bound if _binding.get() else self.read).update(dict.fromkeys(names))

    def __len__(self) -> int:
        return len(self._loaded())

    def _loaded(self) -> Mapping[str, Any]:
        if self._all is None:
            with self._lock:
                if self._all is None:
                    self._all = {**self._session.select().values, **self._overlay}
        return self._all


class Run:
    """One call of a program, for its whole life. Safe for use by several threads."""

    def __init__(
        self,
        session: Session,
        hosts: Hosts,
        *,
        host: str = "",
        run_id: str = "",
        timeout: float | None = None,
        overlay: Mapping[str, Any] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``overlay`` has values that the run sees instead of the session's."""
        self.session = session
        self.session_id = session.session_id
        self.hosts = hosts
        self.host = host
        self.run_id = run_id
        self.context: SessionContext | None = None  # the session as the program sees it
        self.overlaid = bool(overlay)
        self._clock = clock
        self._deadline = None if timeout is None else clock() + timeout
        self._lock = threading.Lock()  # guards all below
        self.values = SeenValues(session, overlay or {})
        self._stopped: Exception | None = None
        self._pending: list[Cancellable] = []
        self._thread: int | None = None  # while the program runs on it
        self._injected = False
        self._task: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None

    # Asked by the program's side

    def remaining(self, otherwise: float) -> float:
        """Seconds left until the deadline, or ``otherwise`` if there is none or it is farther away."""
        return otherwise if self._deadline is None else min(otherwise, self._deadline - self._clock())

    def check(self) -> None:
        """Raises :class:`RunStopped` if nobody waits for the run any more."""
        if self._stopped is not None:
            raise RunStopped(str(self._stopped))

    def wait(self, future: Future[T], timeout: float) -> T:
        """Waits for a future on the program's thread; a stop ends the wait and cancels the future."""
        with self.ends(future):
            return future.result(timeout)

    @contextlib.contextmanager
    def ends(self, pending: Cancellable) -> Iterator[None]:
        """While something is waited for, a stop of the run cancels it; leaving cancels it in any case."""
        with self._lock:
            self._pending.append(pending)
            stopped = self._stopped is not None
        try:
            if stopped:
                pending.cancel()
            yield
        except CancelledError:
            self.check()
            raise
        finally:
            with self._lock:
                self._pending.remove(pending)
            pending.cancel()

    # Asked by the server's side

    @property
    def stopped(self) -> Exception | None:
        """Why the run was stopped, None if it was not."""
        return self._stopped

    def stop(self, reason: Exception) -> None:
        """Stops the run by the first two degrees; the first reason stays."""
        with self._lock:
            if self._stopped is not None:
                return
            self._stopped = reason
            pending = list(self._pending)
            task = self._task
        for waited in pending:
            waited.cancel()
        if task is not None:
            with contextlib.suppress(RuntimeError):  # Its loop has just closed, so it is over.
                task[0].call_soon_threadsafe(task[1].cancel)

    def interrupt(self) -> bool:
        """Stops the run by the third degree; false if its program has left the thread."""
        with self._lock:
            if self._thread is None:
                return False
            self._injected = True
            _raise_in(self._thread, RunStopped)
            return True

    @contextlib.contextmanager
    def on_this_thread(self) -> Iterator[None]:
        """Runs the program's code: within, the run is the current one and may be interrupted."""
        token = _current.set(self)
        with self._lock:
            self._thread = threading.get_ident()
        try:
            self.check()
            yield
        finally:
            self._leave()
            _current.reset(token)

    def _leave(self) -> None:
        """Ends the time in which the thread may be interrupted; an interrupt that has not struck yet is taken back."""
        while True:
            try:
                with self._lock:
                    self._thread = None
                    if self._injected:
                        _raise_in(threading.get_ident(), None)
                return
            except RunStopped:  # It struck between the lines above; once taken back it cannot strike again.
                continue

    def run_async(self, start: Callable[[], Any]) -> Any:
        """Runs a coroutine to its end on an event loop of its own."""

        async def main() -> Any:
            task = asyncio.current_task()
            assert task is not None, "a coroutine run by asyncio.run has a task"
            with self._lock:
                self._task = (asyncio.get_running_loop(), task)
            try:
                self.check()
                return await start()
            except asyncio.CancelledError:
                self.check()
                raise
            finally:
                with self._lock:
                    self._task = None

        return asyncio.run(main())

    def overdue(self) -> DeadlineExceededError:
        """The reason to stop a run at its deadline."""
        return DeadlineExceededError(
            f"run {self.run_id or '(unnamed)'}: expected an answer before its deadline, got none"
        )

    def cancelled(self) -> RunCancelledError:
        """The reason to stop a run nobody waits for."""
        return RunCancelledError(f"run {self.run_id or '(unnamed)'} was cancelled")


_binding: ContextVar[bool] = ContextVar("trimtab_binding", default=False)
_current: ContextVar[Run | None] = ContextVar("trimtab_run", default=None)


@contextlib.contextmanager
def for_bindings() -> Iterator[None]:
    """Within, what a run reads of its values is read by bindings."""
    token = _binding.set(True)
    try:
        yield
    finally:
        _binding.reset(token)


def current_run() -> Run | None:
    """The run whose program is executing here, None outside of one. DSPy's own threads belong to the run that began them."""
    run = _current.get()
    if run is None and (dspy := sys.modules.get("dspy")) is not None:
        run = dspy.settings.get(SETTING)
    return run


def values_seen_of(session: Session) -> Mapping[str, Any] | None:
    """What the current run sees of a session; None outside of the session's runs, which see what is there."""
    run = current_run()
    return None if run is None or run.session is not session else run.values


def _raise_in(thread: int, kind: type[BaseException] | None) -> None:
    """Has an exception raised in a thread at its next instruction; None takes it back."""
    exception = None if kind is None else ctypes.py_object(kind)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), exception)
