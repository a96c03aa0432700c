"""The JVMs attached to this sidecar, and what Python asks them: models, tools, spaces.

A JVM opens ``HostService.Attach``, says what it offers, and answers numbered calls on the stream. Calls are made from
the event loop (:meth:`Hosts.call`, :meth:`Hosts.stream`) or from worker threads (:meth:`Hosts.call_blocking`,
:meth:`Hosts.stream_blocking`).

How it works. Everything an attachment holds is touched on the event loop only; a worker thread hands its call over with
``call_soon_threadsafe`` and waits on a ``concurrent.futures.Future``. What threads may read without a hop, the list of
attachments and their offers, is immutable and replaced as a whole. Calls made while a frame is being written leave in
the next one, together. A call ends exactly once: by its answer, its deadline, its caller's cancellation, or the end of
its attachment.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

import grpc

from trimtab._rpc import end
from trimtab._wire import PROTOCOL, message
from trimtab.exceptions import DeadlineExceededError, IllegalCallError, NoHostError, ProtocolMismatchError

__all__ = ["BlockingStream", "Hosts", "Offer"]

_log = logging.getLogger("trimtab.hosts")

HostCalls = message("HostCalls")

Message: TypeAlias = Any  # A message of the protocol. Their classes are made at run time, so types end here.

_GRACE = 0.5  # seconds a JVM has, past a call's deadline, to say itself how the call ended
_MAX_CALL_BYTES = 32 << 20
_MAX_FRAME_BYTES = 16 << 20  # a frame is closed once it holds this much, so that one never nears gRPC's limit of 64 MiB


@dataclass(frozen=True)
class Offer:
    """What one attached JVM answers."""

    host: str
    session_id: str
    models: Mapping[str, Message]  # by name; the one named "" is the default
    tools: Mapping[str, Message]

    @classmethod
    def of(cls, message: Any) -> Offer:
        """Reads an offer off the wire; refuses one that names no session or host."""
        if not message.session_id or not message.host:
            raise IllegalCallError(
                "HostFrame.offer: expected a session and a host's name,"
                f' got session "{message.session_id}", host "{message.host}"'
            )
        return cls(
            host=message.host,
            session_id=message.session_id,
            models=MappingProxyType({model.name: model for model in message.models}),
            tools=MappingProxyType({tool.name: tool for tool in message.tools}),
        )

    def answers(self, call: Message) -> bool:
        """Tells whether this JVM can answer a call: the model or tool it names is offered."""
        kind = call.WhichOneof("kind")
        if kind == "model":
            return call.model.name in self.models
        return call.tool.name in self.tools if kind == "tool" else True


class _Stream(Protocol):
    """The part of a ``grpc.aio`` call that an attachment uses."""

    def read(self) -> Awaitable[Any]: ...

    def write(self, message: Any) -> Awaitable[None]: ...


class _Waiter(Protocol):
    """Who waits for a call's answers."""

    def accept(self, answer: Message) -> bool:
        """Takes an answer; tells whether it was the last one."""

    def fail(self, error: Exception) -> None:
        """Ends without (further) answers."""


class _Single:
    """Waits for one answer."""

    def __init__(self) -> None:
        self.future: Future[Message] = Future()

    def accept(self, answer: Message) -> bool:
        self._end(lambda: self.future.set_result(answer))
        return True

    def fail(self, error: Exception) -> None:
        self._end(lambda: self.future.set_exception(error))

    def _end(self, end: Callable[[], None]) -> None:
        with contextlib.suppress(InvalidStateError):  # The caller cancelled while the answer arrived.
            end()


class _Chunks:
    """Waits for chunks, and hands each one, and the error that may end them, to ``put``."""

    def __init__(self, put: Callable[[Message | Exception], None]) -> None:
        self._put = put

    def accept(self, answer: Message) -> bool:
        self._put(answer)
        return _is_last(answer)

    def fail(self, error: Exception) -> None:
        self._put(error)


class BlockingStream:
    """The answers of a streamed call, for one thread to iterate over and any thread to :meth:`cancel`."""

    def __init__(
        self, answers: queue.SimpleQueue[Message | Exception], abandon: Callable[[], None], patience: float
    ) -> None:
        self._answers = answers
        self._abandon = abandon
        self._patience = patience

    def __iter__(self) -> Iterator[Message]:
        """Yields each answer; leaving early cancels the call in the JVM."""
        try:
            while True:
                answer = _raised(self._answers.get(timeout=self._patience))
                yield answer
                if _is_last(answer):
                    return
        finally:
            self._abandon()

    def cancel(self) -> None:
        """Ends the iteration with ``CancelledError``, and the call."""
        self._abandon()
        self._answers.put(CancelledError())


class _Attachment:
    """One JVM's stream. Used on the event loop only, but for ``offer``, which is immutable."""

    def __init__(self, offer: Offer, loop: asyncio.AbstractEventLoop) -> None:
        self.offer = offer
        self.last_heard = loop.time()
        self.ended: str | None = None
        self.wake = asyncio.Event()
        self._loop = loop
        self._number = 0
        self._waiting: dict[int, tuple[_Waiter, asyncio.TimerHandle]] = {}
        self._calls: list[Message] = []
        self._cancelled: list[int] = []
        self._beat_due = False

    def start(self, call: Message, waiter: _Waiter, timeout: float) -> int:
        """Sends a call; its number can be abandoned."""
        self._number += 1
        call.number = self._number
        call.timeout_ms = max(1, int(timeout * 1000))
        timer = self._loop.call_later(timeout + _GRACE, self._expire, self._number, timeout)
        self._waiting[self._number] = (waiter, timer)
        self._calls.append(call)
        self.wake.set()
        return self._number

    def abandon(self, number: int) -> bool:
        """Forgets a call and tells the JVM; false if it has ended already."""
        entry = self._waiting.pop(number, None)
        if entry is None:
            return False
        entry[1].cancel()
        self._cancelled.append(number)
        self.wake.set()
        return True

    def answer(self, answer: Message) -> None:
        """Passes an answer on; one to a call nobody waits for any more is dropped."""
        entry = self._waiting.get(answer.number)
        if entry is not None and entry[0].accept(answer):
            entry[1].cancel()
            self._waiting.pop(answer.number, None)

    def end(self, why: str) -> None:
        """Fails every call that is still open; later ones are refused by :class:`Hosts`."""
        if self.ended is not None:
            return
        self.ended = why
        waiting, self._waiting = self._waiting, {}
        for waiter, timer in waiting.values():
            timer.cancel()
            waiter.fail(NoHostError(f'host "{self.offer.host}": expected an answer, but {why}'))
        self.wake.set()

    def outgoing(self) -> Message | None:
        """The next frame, or None if there is nothing to say."""
        self.wake.clear()
        if not self._calls and not self._cancelled and not self._beat_due:
            return None
        self._beat_due = False
        frame = HostCalls()
        frame.cancelled.extend(self._cancelled)
        self._cancelled.clear()
        size = taken = 0
        for call in self._calls:
            if taken and size > _MAX_FRAME_BYTES:
                self.wake.set()
                break
            taken += 1
            if call.number in self._waiting:  # not cancelled before it left
                size += call.ByteSize()
                frame.calls.append(call)
        del self._calls[:taken]
        return frame

    def heartbeat(self) -> None:
        """Has a frame sent, even if it says nothing."""
        self._beat_due = True
        self.wake.set()

    def _expire(self, number: int, timeout: float) -> None:
        entry = self._waiting.get(number)
        if entry is not None and self.abandon(number):
            entry[0].fail(
                DeadlineExceededError(f'host "{self.offer.host}": expected an answer within {timeout:g} s, got none')
            )


class Hosts:
    """The attached JVMs, by session. One per server.

    Threads: :meth:`attach` and :meth:`call` belong to the event loop that serves the attachments, what blocks belongs
    to any other thread, and the rest may be called from anywhere.
    """

    def __init__(self, *, heartbeat: float = 5.0, silence: float = 30.0) -> None:
        """Each JVM is sent a frame every ``heartbeat`` seconds, and is dead to us once silent for ``silence`` seconds."""
        if not 0 < heartbeat < silence:
            raise ValueError(f"expected 0 < heartbeat < silence, got {heartbeat} and {silence}")
        self._heartbeat = heartbeat
        self._silence = silence
        self._sessions: dict[str, tuple[_Attachment, ...]] = {}  # oldest first; tuples are replaced, never changed
        self._loop: asyncio.AbstractEventLoop | None = None  # set by the first attachment

    # What is attached

    def offers(self, session_id: str) -> tuple[Offer, ...]:
        """The offers of a session's JVMs, the newest last."""
        return tuple(attachment.offer for attachment in self._sessions.get(session_id, ()))

    def offer(self, session_id: str, host: str = "") -> Offer:
        """One JVM's offer: the named one's, or the newest's."""
        return self._pick(session_id, host, lambda offer: True, "an attached JVM").offer

    def require(self, session_id: str, host: str, call: Message) -> Offer:
        """The offer of the JVM that would answer a call."""
        return self._choose(session_id, host, call).offer

    # Calls

    async def call(
        self, session_id: str, call: Message, *, host: str = "", run_id: str = "", timeout: float
    ) -> Message:
        """Asks a session's JVM and waits for its answer, which may carry a failure.

        ``host`` names the attachment; empty means the newest that offers what the call needs. Raises
        :class:`NoHostError` if there is none or it goes away, :class:`DeadlineExceededError` after ``timeout`` seconds.
        Cancelling the task cancels the call in the JVM. The call message is taken over.
        """
        return await asyncio.wrap_future(self.submit(session_id, call, host=host, run_id=run_id, timeout=timeout))

    def call_blocking(
        self, session_id: str, call: Message, *, host: str = "", run_id: str = "", timeout: float
    ) -> Message:
        """As :meth:`call`, for a thread that is not the event loop's."""
        future = self.submit(session_id, call, host=host, run_id=run_id, timeout=timeout)
        try:
            return future.result(timeout + 2 * _GRACE)
        except FutureTimeoutError:
            future.cancel()
            raise DeadlineExceededError(
                f'session "{session_id}": expected the event loop to end a call after {timeout:g} s, but it is stuck'
            ) from None

    def submit(
        self, session_id: str, call: Message, *, host: str = "", run_id: str = "", timeout: float
    ) -> Future[Message]:
        """As :meth:`call`, from any thread and without waiting; cancelling the future cancels the call in the JVM."""
        single = _Single()
        cancel = self._start(session_id, call, single, host=host, run_id=run_id, timeout=timeout)
        single.future.add_done_callback(lambda future: cancel() if future.cancelled() else None)
        return single.future

    async def stream(
        self, session_id: str, call: Message, *, host: str = "", run_id: str = "", timeout: float
    ) -> AsyncGenerator[Message, None]:
        """Asks for a streamed model answer: each answer carries a chunk, the last one the end or a failure.

        May be used on any event loop. Leaving the iteration early cancels the call in the JVM.
        """
        loop = asyncio.get_running_loop()
        answers: asyncio.Queue[Message | Exception] = asyncio.Queue()
        chunks = _Chunks(lambda answer: _call_on(loop, answers.put_nowait, answer))
        cancel = self._start(session_id, call, chunks, host=host, run_id=run_id, timeout=timeout)
        try:
            while True:
                answer = _raised(await answers.get())
                yield answer
                if _is_last(answer):
                    return
        finally:
            cancel()

    def stream_blocking(
        self, session_id: str, call: Message, *, host: str = "", run_id: str = "", timeout: float
    ) -> BlockingStream:
        """As :meth:`stream`, for a thread that is not the event loop's."""
        answers: queue.SimpleQueue[Message | Exception] = queue.SimpleQueue()
        cancel = self._start(session_id, call, _Chunks(answers.put), host=host, run_id=run_id, timeout=timeout)
        return BlockingStream(answers, cancel, timeout + 2 * _GRACE)

    def _start(
        self, session_id: str, call: Message, waiter: _Waiter, *, host: str, run_id: str, timeout: float
    ) -> Callable[[], None]:
        """Sends a call to the JVM that is to answer it; returns how to abandon it, from any thread."""
        if timeout <= 0:
            raise DeadlineExceededError(f"host call: expected time left, got a timeout of {timeout:g} s")
        if (size := call.ByteSize()) > _MAX_CALL_BYTES:
            raise IllegalCallError(f"host call: expected at most {_MAX_CALL_BYTES} bytes, got {size}")
        attachment = self._choose(session_id, host, call)
        loop = self._loop
        assert loop is not None, "an attachment exists, so its loop is known"
        call.run_id = run_id
        number = 0

        def start() -> None:
            nonlocal number
            if attachment.ended is not None:
                gone = f'host "{attachment.offer.host}": expected it attached, but {attachment.ended}'
                waiter.fail(NoHostError(gone))
            else:
                number = attachment.start(call, waiter, timeout)

        _call_on(loop, start)
        # Callbacks run in the order they were handed over, so the number is known when the call is abandoned.
        return lambda: _call_on(loop, lambda: attachment.abandon(number))

    def _choose(self, session_id: str, host: str, call: Message) -> _Attachment:
        kind = call.WhichOneof("kind")
        if kind == "model":
            needed = f'the model "{call.model.name}"' if call.model.name else "a default model"
        elif kind == "tool":
            needed = f'the tool "{call.tool.name}"'
        else:
            needed = "an attached JVM"
        return self._pick(session_id, host, lambda offer: offer.answers(call), needed)

    def _pick(self, session_id: str, host: str, fits: Callable[[Offer], bool], needed: str) -> _Attachment:
        attachments = self._sessions.get(session_id, ())
        for attachment in reversed(attachments):
            if (not host or attachment.offer.host == host) and fits(attachment.offer):
                return attachment
        where = f'host "{host}" of session "{session_id}"' if host else f'session "{session_id}"'
        names = ", ".join(_describe(attachment.offer) for attachment in attachments) or "no JVM attached"
        raise NoHostError(f"{where}: expected {needed}, got {names}")

    # The service

    async def attach(self, stream: _Stream) -> None:
        """Serves one JVM's stream to its end. A wrong first frame raises."""
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        first = await stream.read()
        if first is grpc.aio.EOF or not first.HasField("offer"):
            raise IllegalCallError("HostFrame: expected an offer in the first frame, got none")
        if first.offer.protocol.major != PROTOCOL[0]:
            raise ProtocolMismatchError(
                f"HostService: expected protocol {PROTOCOL[0]},"
                f" got {first.offer.protocol.major} from {first.offer.protocol.software or 'an unnamed peer'}",
                other=f"{first.offer.protocol.major}.{first.offer.protocol.minor}",
            )
        attachment = _Attachment(Offer.of(first.offer), loop)
        self._admit(attachment)
        reader = loop.create_task(self._read(stream, attachment, first))
        beat = loop.create_task(self._beat(stream, attachment))
        try:
            await stream.write(HostCalls(attached=True, heartbeat_ms=int(self._heartbeat * 1000)))
            while attachment.ended is None:
                await attachment.wake.wait()
                while attachment.ended is None and (frame := attachment.outgoing()) is not None:
                    await stream.write(frame)
        finally:
            self._dismiss(attachment, "it went away")
            await end(reader, beat)

    async def _read(self, stream: _Stream, attachment: _Attachment, first: Message) -> None:
        loop = asyncio.get_running_loop()
        frame = first
        try:
            while frame is not grpc.aio.EOF:
                attachment.last_heard = loop.time()
                if frame is not first and frame.HasField("offer"):
                    self._renew(attachment, frame.offer)
                for answer in frame.answers:
                    attachment.answer(answer)
                frame = await stream.read()
            self._dismiss(attachment, "it detached")
        except asyncio.CancelledError:
            raise
        except Exception as error:
            _log.info('host "%s": its stream broke: %s', attachment.offer.host, error)
            self._dismiss(attachment, "its stream broke")

    async def _beat(self, stream: _Stream, attachment: _Attachment) -> None:
        loop = asyncio.get_running_loop()
        while attachment.ended is None:
            await asyncio.sleep(self._heartbeat)
            if loop.time() - attachment.last_heard > self._silence:
                self._dismiss(attachment, f"it has been silent for {self._silence:g} s")
                return
            attachment.heartbeat()

    def _admit(self, attachment: _Attachment) -> None:
        offer = attachment.offer
        for other in self._sessions.get(offer.session_id, ()):
            if other.offer.host == offer.host:  # It reconnected before its old stream was found dead.
                self._dismiss(other, "it attached again")
        self._sessions[offer.session_id] = (*self._sessions.get(offer.session_id, ()), attachment)
        _log.info("attached: %s", _describe(offer))

    def _renew(self, attachment: _Attachment, message: Any) -> None:
        offer = Offer.of(message)
        if (offer.session_id, offer.host) != (attachment.offer.session_id, attachment.offer.host):
            raise IllegalCallError(
                f'HostFrame.offer: expected session "{attachment.offer.session_id}" and host "{attachment.offer.host}"'
                f' for the life of the stream, got "{offer.session_id}" and "{offer.host}"'
            )
        attachment.offer = offer

    def _dismiss(self, attachment: _Attachment, why: str) -> None:
        session_id = attachment.offer.session_id
        rest = tuple(other for other in self._sessions.get(session_id, ()) if other is not attachment)
        if rest:
            self._sessions[session_id] = rest
        else:
            self._sessions.pop(session_id, None)
        attachment.end(why)


def _call_on(loop: asyncio.AbstractEventLoop, callback: Callable[..., object], *args: object) -> None:
    """Runs a callback on a loop: now if this is its thread, else soon."""
    try:
        here = asyncio.get_running_loop() is loop
    except RuntimeError:
        here = False
    if here:
        callback(*args)
    else:
        loop.call_soon_threadsafe(callback, *args)


def _raised(answer: Message | Exception) -> Message:
    if isinstance(answer, Exception):
        raise answer
    return answer


def _is_last(answer: Message) -> bool:
    return bool(answer.HasField("failure") or answer.chunk.WhichOneof("kind") == "end")


def _describe(offer: Offer) -> str:
    models = [name or "(default)" for name in offer.models]
    return f'host "{offer.host}" with models {models} and tools {list(offer.tools)}'
