"""What the direct lane does with clients that are not who or what they should be."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import COUNTER, TOKEN, Sidecar
from test_server import LaneWay, Link, barrier, dial, registration

from trimtab import _lane, _outbox, _wire
from trimtab._events import event_piece
from trimtab._lane import GREETING, SUFFIX, LaneStream, messages, send_message
from trimtab._store import Session
from trimtab._wire import MAX_MESSAGE

SHOWN = len(GREETING + TOKEN.encode()).to_bytes(4, "big") + GREETING + TOKEN.encode()


@pytest.fixture
def stranger(sidecar: Sidecar) -> Iterator[Callable[[], socket.socket]]:
    """Makes connections that have said nothing yet."""
    made: list[socket.socket] = []

    def make() -> socket.socket:
        made.append(dial(sidecar.address))
        return made[-1]

    yield make
    for connection in made:
        connection.close()


def lane_of(sidecar: Sidecar) -> str:
    """Returns where the lane's socket is."""
    return sidecar.address.removeprefix("unix:") + SUFFIX


def is_ended(connection: socket.socket) -> bool:
    """Waits until the sidecar has ended a connection without a word."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def still_serves(sidecar: Sidecar) -> bool:
    """Tells whether the next client is served."""
    link = Link(LaneWay(sidecar.address))
    try:
        link.ready()
        link.send(barrier(1))
        return bool(link.result(1).sequence == 1)
    finally:
        link.close()


@pytest.mark.parametrize(
    "said",
    [
        (15 + 64).to_bytes(4, "big") + GREETING + b"f" * 64,  # a wrong token
        (0).to_bytes(4, "big"),  # none
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",  # gRPC's greeting, whose first bytes are a length
        b"\xff" * 64,
        (MAX_MESSAGE + 1).to_bytes(4, "big"),
        len(TOKEN).to_bytes(4, "big")
        + TOKEN.encode()
        + b"\x7f\xff\xff\xff",  # the token, then a length beyond all bounds
        SHOWN + b"\x00\x00\x00\x04\xff\xff\xff\xff",  # then no frame
    ],
)
def test_stranger_who_says_something_else_is_turned_away(
    said: bytes, sidecar: Sidecar, stranger: Callable[[], socket.socket]
) -> None:
    connection = stranger()

    connection.sendall(said)

    assert is_ended(connection)
    assert still_serves(sidecar)


@pytest.mark.parametrize("said", [b"", b"\x00\x00", SHOWN[:-1]])
def test_stranger_who_falls_silent_is_turned_away_at_the_deadline(
    said: bytes, sidecar: Sidecar, stranger: Callable[[], socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_lane, "GREETING_SECONDS", 0.05)
    connection = stranger()

    connection.sendall(said)

    assert is_ended(connection)
    assert still_serves(sidecar)


def test_half_a_frame_after_the_opening_does_not_end_others(sidecar: Sidecar) -> None:
    half, other = Link(LaneWay(sidecar.address)), Link(LaneWay(sidecar.address), client=78)
    half.ready()
    other.ready()

    half._way._socket.sendall(b"\x00\x00\x10\x00abc")  # type: ignore[union-attr]
    other.send(registration(1, COUNTER))

    assert other.result(1).revision == 1
    half.read()  # and is told of it
    half.close()
    other.close()


def test_length_beyond_all_bounds_ends_a_client_who_had_the_token(sidecar: Sidecar) -> None:
    link = Link(LaneWay(sidecar.address))
    link.ready()

    link._way._socket.sendall((MAX_MESSAGE + 1).to_bytes(4, "big"))  # type: ignore[union-attr]

    with pytest.raises(StopIteration):
        while True:
            link.read()
    assert still_serves(sidecar)


def test_too_many_strangers_wait_outside(
    sidecar: Sidecar, stranger: Callable[[], socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sidecar.server._lane, "_strangers", threading.Semaphore(2))  # type: ignore[union-attr]
    first, second = stranger(), stranger()
    third = stranger()

    assert is_ended(third)
    first.close()
    second.close()


def test_socket_is_its_owners_alone(sidecar: Sidecar) -> None:
    path = lane_of(sidecar)

    assert stat.S_IMODE(os.stat(path).st_mode) & 0o077 == 0


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can become somebody else")
def test_another_user_cannot_connect(sidecar: Sidecar, short_dir: Path) -> None:
    path = lane_of(sidecar)
    os.chmod(short_dir, 0o755)  # so that the socket's own mode is what refuses
    program = f"import os, socket; os.setuid(65534); socket.socket(socket.AF_UNIX).connect({path!r})"

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

    assert "PermissionError" in ended.stderr


def test_client_that_does_not_read_holds_up_nobody_and_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_outbox, "MAX_BACKLOG", 1 << 20)
    monkeypatch.setattr(_lane, "MAX_BACKLOG", 1 << 20)
    session = Session("s1")
    ours, theirs = socket.socketpair()
    stream = LaneStream(ours, session)
    stream.start()

    piece = event_piece(1, 0, 0, 0, "python", {}, b"", [], ["x" * 10_000])
    for _ in range(1_000):  # ten times what may be behind
        stream.event(piece)  # would block here if it waited for the client

    assert sum(len(_wire.ServerFrame.FromString(message).events) for message in messages(theirs)) < 1_000
    stream.end()
    theirs.close()


def test_messages_are_found_however_they_are_cut() -> None:
    ours, theirs = socket.socketpair()
    sent = [b"", b"a", b"b" * 70_000, b"c" * 3]
    whole = b"".join(len(message).to_bytes(4, "big") + message for message in sent)

    def write() -> None:
        for at in range(40):
            ours.sendall(whole[at : at + 1])
        ours.sendall(whole[40:])
        ours.close()

    threading.Thread(target=write).start()

    assert list(messages(theirs)) == sent


def test_a_long_message_is_sent_whole() -> None:
    ours, theirs = socket.socketpair()
    threading.Thread(target=send_message, args=(ours, b"x" * 3_000_000)).start()

    assert len(next(messages(theirs))) == 3_000_000
