"""The direct lane: the frames of ``StateService.Connect`` over a Unix socket, without gRPC.

A message of grpcio costs 75 to 100 microseconds, whatever it says; a thread that reads a socket and answers costs ten. Whoever may reach
the sidecar's socket finds the lane's beside it, under the same name with ``.lane`` after it and as private. A connection begins with the
token. Then each frame is preceded by its length in four bytes, big-endian. A client that finds no lane uses gRPC; nothing else differs.

Each connection has two threads: one handles the client's frames and sends what came of them; the other sends what others have written.
Neither holds a session's lock while it sends, so a client that does not read delays nobody, and is dropped when it is too far behind.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from trimtab import _wire
from trimtab._failures import to_failure
from trimtab._outbox import MAX_BACKLOG, Outbox
from trimtab._store import Session
from trimtab.exceptions import TrimtabError

if TYPE_CHECKING:
    from trimtab._server import StateService

log = logging.getLogger("trimtab")

SUFFIX = ".lane"
GREETING = b"trimtab-lane/1 "
GREETING_SECONDS = 5.0  # for the token and the first frame together
SILENCE_SECONDS = 60  # a client sends heartbeats; one that neither reads nor writes for so long is dropped
MAX_STRANGERS = 64  # connections that have not shown the token yet
GRACE = 1.0
_MAX_GREETING = 1024
_CHUNK = 1 << 16
_length = struct.Struct(">I")

__all__ = ["GREETING", "SUFFIX", "Lane"]


class Lane:
    """Accepts connections on a socket of its own, for as long as the server runs."""

    def __init__(self, service: StateService, token: str, path: str) -> None:
        self._service = service
        self._greeting = GREETING + token.encode()
        self._path = path + SUFFIX
        self._strangers = threading.Semaphore(MAX_STRANGERS)
        self._socket: socket.socket | None = None

    def start(self) -> None:
        """Begins to listen, unless the path is too long for a socket: clients then use gRPC."""
        if len(os.fsencode(self._path)) > 107:
            return
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)  # of a process that was killed; the server's own socket has this path by now
        listening = self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o077)  # a socket's file belongs to its owner alone
        try:
            listening.bind(self._path)
        finally:
            os.umask(before)
        listening.listen(64)
        threading.Thread(target=self._accept, args=(listening,), name="trimtab-lane", daemon=True).start()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return  # stopped
            if not self._strangers.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(target=self._serve, args=(connection,), name="trimtab-lane-reader", daemon=True).start()

    def stop(self) -> None:
        """Refuses new connections; those there are end after what they have still to send."""
        if self._socket is None:
            return
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._socket.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)

    def _serve(self, connection: socket.socket) -> None:
        try:
            try:
                first = self._greet(connection)
            finally:
                self._strangers.release()
            if first is not None:
                self._converse(connection, first)
        except (OSError, DecodeError):
            pass  # the client is gone, never spoke, or speaks something else
        except Exception:
            log.exception("a connection of the lane failed")
        finally:
            connection.close()

    def _greet(self, connection: socket.socket) -> Any | None:
        """Returns a client's first frame, or None, without a word, to somebody without the token."""
        deadline = time.monotonic() + GREETING_SECONDS
        greeting = _message(connection, _MAX_GREETING, deadline)
        if not hmac.compare_digest(greeting, self._greeting):
            return None
        first = _wire.ClientFrame.FromString(_message(connection, _wire.MAX_MESSAGE, deadline))
        connection.settimeout(None)
        # The system's own deadlines: Python's would cost a poll() before each read and write.
        patience = struct.pack("@ll", SILENCE_SECONDS, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
        return first

    def _converse(self, connection: socket.socket, first: Any) -> None:
        service = self._service
        try:
            session, created = service.open(first.open)
        except TrimtabError as e:
            send_message(connection, _wire.ServerFrame(failure=to_failure(e)).SerializeToString())
            return
        client = service.client(first.open)
        stream = LaneStream(connection, session)
        service.supersede(session, client, stream)
        try:
            for frame in service.begin(first.open, session, created, stream):
                send_message(connection, frame)
            service.join(stream)
            stream.start()
            parse = _wire.ClientFrame.FromString
            service.handle(first, session, client, stream)
            stream.drain()
            for frame in messages(connection):
                service.handle(parse(frame), session, client, stream)
                if stream.waiting:
                    stream.drain()
        except TrimtabError as e:
            stream.fail(e)
        finally:
            service.leave(session, client, stream)
            stream.end()


class LaneStream(Outbox):
    """An outbox that is emptied into a socket, by the thread that reads it or by one of its own."""

    def __init__(self, connection: socket.socket, session: Session) -> None:
        super().__init__(session)
        self._connection = connection
        self._sending = threading.Lock()
        self._bell = threading.Lock()  # locked until it rings: the quickest way of Python's to wake a thread
        self._bell.acquire()
        self._ended = False
        self._sender = threading.Thread(target=self._send, name="trimtab-lane-sender", daemon=True)

    def start(self) -> None:
        """Begins to send what others write."""
        self._sender.start()

    def event(self, piece: bytes) -> None:
        """Takes an Event; gives up a client that does not read."""
        super().event(piece)
        if self._backlog > 2 * MAX_BACKLOG:
            self._cut()  # whoever sends is stuck in it

    def wake(self) -> None:
        """Makes the sender look whether there is something to send."""
        with contextlib.suppress(RuntimeError):  # it rings already
            self._bell.release()

    def drain(self) -> None:
        """Sends until there is nothing left."""
        with self._sending:
            while self.waiting:
                send_message(self._connection, self.take())

    def _send(self) -> None:
        try:
            while True:
                self._bell.acquire()
                self.drain()
                if self.failure is not None:
                    with self._sending:
                        send_message(self._connection, self.last_frame())
                    self._cut()
                    return
                if self._ended:
                    return
        except OSError:
            pass  # the client is gone; the reader notices, too
        except TrimtabError as e:
            with contextlib.suppress(OSError):
                send_message(self._connection, _wire.ServerFrame(failure=to_failure(e)).SerializeToString())
            self._cut()

    def end(self) -> None:
        """Waits a moment until a failure is told, and ends the sender."""
        self._ended = True
        self.wake()
        if self._sender.ident is not None:
            self._sender.join(GRACE)

    def _cut(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)


def send_message(connection: socket.socket, frame: bytes) -> None:
    """Sends a message after its length."""
    connection.sendall(_length.pack(len(frame)) + frame)


def _message(connection: socket.socket, most: int, deadline: float) -> bytes:
    size = _length.unpack(_exactly(connection, 4, deadline))[0]
    if size > most:
        raise ConnectionError(f"a message has at most {most} bytes here, got {size}")
    return _exactly(connection, size, deadline)


def _exactly(connection: socket.socket, size: int, deadline: float | None = None) -> bytes:
    data = bytearray()
    while len(data) < size:
        if deadline is not None:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            if time.monotonic() >= deadline:
                raise TimeoutError("the client did not say who it is")
        chunk = connection.recv(min(size - len(data), _CHUNK))
        if not chunk:
            raise ConnectionError("the client is gone")
        data += chunk
    return bytes(data)


def messages(connection: socket.socket) -> Iterator[bytes]:
    """Returns the frames that arrive; the usual one comes alone and whole, with a single call of the system."""
    rest = b""
    while True:
        chunk = connection.recv(_CHUNK)
        if not chunk:
            return
        data = rest + chunk if rest else chunk
        at = 0
        while len(data) - at >= 4:
            size = _length.unpack_from(data, at)[0]
            if size > _wire.MAX_MESSAGE:
                raise ConnectionError(f"a frame has at most {_wire.MAX_MESSAGE} bytes, got {size}")
            end = at + 4 + size
            if end > len(data):
                if size > _CHUNK:  # a large one: wait for the rest of it at once
                    data += _exactly(connection, end - len(data))
                else:
                    break
            yield data[at + 4 : end]
            at = end
        rest = data[at:]
