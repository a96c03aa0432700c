"""The sessions of a sidecar, opened and closed by many threads."""

from __future__ import annotations

import threading

import pytest

from trimtab._server import Sessions
from trimtab._store import Session
from trimtab.exceptions import SessionUnknownError


def test_making_one_holds_up_nobody() -> None:
    """While a session waits for the disk, others are found and closed; whoever closes one may hold that disk."""
    begun, go_on = threading.Event(), threading.Event()
    in_time: list[bool] = []

    def make(session_id: str) -> Session:
        if session_id == "slow":
            begun.set()
            in_time.append(go_on.wait(10))
        return Session(session_id)

    sessions = Sessions(make)
    sessions.open("other")
    opening = threading.Thread(target=sessions.open, args=("slow",), daemon=True)
    opening.start()
    assert begun.wait(10)

    assert sessions.get("other").is_open
    sessions.close("other")
    go_on.set()

    opening.join(10)
    assert in_time == [True]
    assert sessions.ids() == ["slow"]


def test_one_is_made_once() -> None:
    """Threads that open the same session at once get the same one."""
    made: list[str] = []

    def make(session_id: str) -> Session:
        made.append(session_id)
        return Session(session_id)

    sessions = Sessions(make)
    threads = [threading.Thread(target=sessions.open, args=("s1",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == ["s1"]


def test_closed_one_is_unknown_and_can_be_opened_anew() -> None:
    """A closed session is another one when it is opened again."""
    sessions = Sessions(Session)
    first, _ = sessions.open("s1")
    sessions.close("s1")
    sessions.close("s1")

    with pytest.raises(SessionUnknownError):
        sessions.get("s1")
    second, created = sessions.open("s1")
    assert created and second is not first
