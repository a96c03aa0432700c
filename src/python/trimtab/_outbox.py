"""What a connected client has still to be sent, gathered into frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from trimtab import _wire
from trimtab._failures import to_failure
from trimtab._parts import part_pieces
from trimtab._records import StateExport
from trimtab._store import Session
from trimtab._wire import FRAME_REVISION, varint
from trimtab.exceptions import SessionClosedError, StateUnavailableError

SOFT_FRAME = 1 << 20
MAX_BACKLOG = 256 << 20

__all__ = ["MAX_BACKLOG", "SOFT_FRAME", "Outbox"]


class Outbox:
    """Gathers events and results for one client; how they travel is a subclass's business.

    One thread handles the client's frames. While it does (``inline``) it need not be woken, since it sends afterwards itself; it holds
    the session's lock meanwhile, so nobody else tells of events.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._pieces: deque[bytes | StateExport | None] = deque()  # None ends a frame
        self._parts: Iterator[bytes] | None = None
        self._backlog = 0  # bytes, about: two threads change it, and it is exact again whenever nothing waits
        self._frames = 0
        self.superseded = False
        self.inline = False
        self.failure: Any = None

    # Told by the session, under its lock, from any thread

    def event(self, piece: bytes) -> None:
        """Takes an Event."""
        self._pieces.append(piece)
        self._backlog += len(piece)
        if not self.inline:
            self.wake()

    def replaced(self, piece: bytes, state: StateExport) -> None:
        """Takes an Event after which another state follows."""
        self._pieces.extend((None, piece, None, state, None))
        self.wake()

    def closed(self) -> None:
        """Ends the stream."""
        self.fail(SessionClosedError(self._session.session_id))

    # From any thread

    def fail(self, error: BaseException) -> None:
        """Makes a failure the last thing the client hears."""
        self.failure = self.failure or to_failure(error)
        self.wake()

    def wake(self) -> None:
        """Makes the sender look whether there is something to send."""
        raise NotImplementedError

    def add(self, pieces: list[bytes]) -> None:
        """Takes results; the caller sends or wakes."""
        self._pieces.extend(pieces)

    def heartbeat(self) -> None:
        """Sends a frame if none was sent since the last call."""
        if self._frames == 0:
            self._pieces.append(b"")
            self.wake()
        self._frames = 0

    # By whoever sends, one at a time

    @property
    def waiting(self) -> bool:
        """Whether there is something to send."""
        return bool(self._pieces) or self._parts is not None

    def take(self) -> bytes:
        """Returns the next frame, of which there is one; refuses a client that is too far behind."""
        if self._backlog > MAX_BACKLOG:
            raise StateUnavailableError(
                f"the client is {self._backlog} bytes behind, more than {MAX_BACKLOG}: connect again"
            )
        self._frames += 1
        return self._frame()

    def last_frame(self) -> bytes:
        """Returns the frame that tells the failure."""
        frame: bytes = _wire.ServerFrame(failure=self.failure).SerializeToString()
        return frame

    def _frame(self) -> bytes:
        if self._parts is not None:
            return self._part_frame()
        pieces = self._pieces
        if self._backlog < SOFT_FRAME:  # the usual case: everything goes, and all of it is bytes
            frame: list[Any] = [pieces.popleft() for _ in range(len(pieces))]
            frame.append(FRAME_REVISION + varint(self._session._revision))
            try:
                joined = b"".join(frame)
            except TypeError:  # a mark or a state is among them
                pieces.extendleft(reversed(frame[:-1]))
            else:
                self._backlog = max(0, self._backlog - len(joined)) if pieces else 0
                return joined
        return self._soft_frame()

    def _soft_frame(self) -> bytes:
        frame: list[bytes] = []
        size = 0
        pieces = self._pieces
        while pieces and size < SOFT_FRAME:
            piece = pieces.popleft()
            if piece is None:
                if frame:
                    break
                continue
            if isinstance(piece, StateExport):
                self._parts = part_pieces(piece)
                if frame:
                    break
                return self._part_frame()
            frame.append(piece)
            size += len(piece)
        self._backlog = max(0, self._backlog - size) if pieces else 0
        frame.append(FRAME_REVISION + varint(self._session._revision))
        return b"".join(frame)

    def _part_frame(self) -> bytes:
        assert self._parts is not None
        frame: list[bytes] = []
        size = 0
        for piece in self._parts:
            frame.append(piece)
            size += len(piece)
            if size >= SOFT_FRAME:
                return b"".join(frame)
        self._parts = None
        return b"".join(frame)
