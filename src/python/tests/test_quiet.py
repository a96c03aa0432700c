"""A stream over which nothing happens for a long time but pings; an hour's worth of them in a second or two."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import COUNTER, TOKEN, Sidecar

from trimtab import _server, _wire

PINGS = 360  # a client's keepalive of an hour, every 10 s

DATA, HEADERS, SETTINGS, PING, GOAWAY = 0, 1, 4, 6, 7
ACK = END_HEADERS = 4


class Raw:
    """A client that speaks HTTP/2 by hand, since gRPC's own pings once a second at most."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(20)
        self._socket.connect(path)
        self._received = b""
        self._messages = b""
        self._socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        self._send(SETTINGS, 0, 0, b"")

    def _send(self, kind: int, flags: int, stream: int, body: bytes) -> None:
        self._socket.sendall(len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body)

    def open(self, method: str) -> None:
        """Begins a call."""
        fields = {
            ":method": "POST",
            ":scheme": "http",
            ":path": method,
            ":authority": "localhost",
            "te": "trailers",
            "content-type": "application/grpc",
            "authorization": f"Bearer {TOKEN}",
        }
        block = b"".join(
            b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
            for name, value in fields.items()
        )
        self._send(HEADERS, END_HEADERS, 1, block)

    def say(self, message: Any) -> None:
        """Sends a message of the call."""
        data = message.SerializeToString()
        self._send(DATA, 0, 1, b"\x00" + len(data).to_bytes(4, "big") + data)

    def ping(self) -> None:
        """Pings, and returns when that was answered; raises ConnectionError if the server hangs up instead."""
        with contextlib.suppress(BrokenPipeError):  # why is still to be read
            self._send(PING, 0, 0, b"quiet...")
        while True:
            kind, flags, body = self._frame()
            if kind == PING and flags:
                assert body == b"quiet..."
                return

    def hear(self) -> Any:
        """Waits for the next message of the call."""
        while True:
            size = int.from_bytes(self._messages[1:5], "big")
            if len(self._messages) >= max(5, 5 + size):
                message, self._messages = self._messages[5 : 5 + size], self._messages[5 + size :]
                return _wire.ServerFrame.FromString(message)
            self._frame()

    def _frame(self) -> tuple[int, int, bytes]:
        header = self._take(9)
        body = self._take(int.from_bytes(header[:3], "big"))
        kind, flags = header[3], header[4]
        if kind == DATA:
            self._messages += body
        elif kind == SETTINGS and not flags:
            self._send(SETTINGS, 1, 0, b"")
        elif kind == PING and not flags:
            self._send(PING, 1, 0, body)
        elif kind == GOAWAY:
            raise ConnectionError(body[8:].decode())
        return kind, flags, body

    def _take(self, size: int) -> bytes:
        while len(self._received) < size:
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("closed")
            self._received += data
        taken, self._received = self._received[:size], self._received[size:]
        return taken

    def close(self) -> None:
        """Hangs up."""
        self._socket.close()


@contextlib.contextmanager
def quiet_stream(directory: Path) -> Iterator[tuple[Sidecar, Raw]]:
    """A stream of a sidecar whose heart beats once an hour, ready and quiet."""
    sidecar = Sidecar(directory, heartbeat_ms=3_600_000).start()
    raw = Raw(sidecar.address.removeprefix("unix:"))
    try:
        raw.open("/trimtab.bridge.v1.StateService/Connect")
        frame = _wire.ClientFrame()
        frame.open.session_id, frame.open.client, frame.open.protocol.major = "s1", 99, 1
        raw.say(frame)
        while not raw.hear().HasField("ready"):
            pass
        yield sidecar, raw
    finally:
        raw.close()
        sidecar.stop()
        sidecar.end()


def test_a_quiet_stream_lives_for_an_hour_of_pings(short_dir: Path) -> None:
    """Every ping is answered, and the change at the end of the hour is told once."""
    with quiet_stream(short_dir) as (sidecar, raw):
        for _ in range(PINGS):
            raw.ping()

        assert sidecar.server is not None
        session = sidecar.server.sessions.get("s1")
        session.register(COUNTER)
        session.set("counter", 7)

        revisions: list[int] = []
        while not revisions or revisions[-1] < session.revision:
            revisions += [event.revision for event in raw.hear().events]
        assert revisions == [1, 2]
        raw.ping()


def test_a_server_that_counts_pings_is_found(short_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: without leave to ping, the server hangs up on the quiet stream after a few."""
    allowed = ("grpc.http2.min_ping_interval_without_data_ms", "grpc.http2.max_ping_strikes")
    monkeypatch.setattr(_server, "OPTIONS", [option for option in _server.OPTIONS if option[0] not in allowed])
    with quiet_stream(short_dir) as (_, raw), pytest.raises(ConnectionError, match="too_many_pings"):
        for _ in range(PINGS):
            raw.ping()
