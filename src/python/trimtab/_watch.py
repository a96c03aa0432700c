"""Watches inside a process: change sets in revision order, without gap and without duplicate, each commit whole.

A watch takes notes under the session's lock and nothing else; whoever iterates, or the watch's own thread, does the work. One that falls
behind its queue gets the latest change per variable, marked ``conflated``.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from trimtab._records import Change, ChangeSet
from trimtab._values import same

log = logging.getLogger("trimtab")

QUEUE = 256


class Watch:
    """A running watch: iterate it, with ``for`` or ``async for``, or give it a callback. Close it when done."""

    def __init__(
        self,
        covers: Callable[[str], bool],
        close: Callable[[Watch], None],
        *,
        capacity: int = QUEUE,
        callback: Callable[[ChangeSet], object] | None = None,
    ) -> None:
        self._covers = covers
        self._close = close
        self._capacity = capacity
        self._queue: deque[ChangeSet] = deque()
        self._changed = threading.Condition()
        self._sleepers: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._ended = False
        if callback is not None:
            threading.Thread(target=self._call, args=(callback,), name="trimtab-watch", daemon=True).start()

    # Told by the session, under its lock

    def offer(self, changes: ChangeSet) -> None:
        """Takes what one commit did."""
        mine = [change for change in changes.changes if self._covers(change.name)]
        if not mine:
            return
        with self._changed:
            if self._ended:
                return
            self._queue.append(ChangeSet(changes.revision, mine, changes.conflated))
            if len(self._queue) > self._capacity:
                merged = merge(self._queue)
                self._queue.clear()
                if merged.changes:
                    self._queue.append(merged)
            self._wake()

    def closed(self) -> None:
        """Learns that the session has ended."""
        with self._changed:
            self._ended = True
            self._wake()

    def _wake(self) -> None:
        self._changed.notify_all()
        for loop, event in self._sleepers:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    # For the watcher

    def next(self, timeout: float | None = None) -> ChangeSet | None:
        """Waits for the next change set; returns None when the watch has ended, raises TimeoutError when nothing came in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._queue or self._ended, timeout):
                raise TimeoutError(f"watch: expected a change within {timeout} s, got none")
            return self._queue.popleft() if self._queue else None

    def __iter__(self) -> Iterator[ChangeSet]:
        while (changes := self.next()) is not None:
            yield changes

    async def __aiter__(self) -> AsyncIterator[ChangeSet]:
        event = asyncio.Event()
        sleeper = (asyncio.get_running_loop(), event)
        with self._changed:
            self._sleepers.append(sleeper)
        try:
            while True:
                with self._changed:
                    event.clear()
                    changes = self._queue.popleft() if self._queue else None
                    ended = self._ended
                if changes is not None:
                    yield changes
                elif ended:
                    return
                else:
                    await event.wait()
        finally:
            with self._changed:
                self._sleepers.remove(sleeper)

    def close(self) -> None:
        """Ends the watch; what waits in its queue is still delivered."""
        self._close(self)
        self.closed()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def _call(self, callback: Callable[[ChangeSet], object]) -> None:
        for changes in self:
            try:
                callback(changes)
            except Exception:
                log.exception("a watch's callback failed; it will be told of the next change all the same")


def merge(sets: deque[ChangeSet]) -> ChangeSet:
    """Merges what several commits did into the latest change per variable; changes that cancel each other out are left out."""
    latest: dict[str, Change] = {}
    for changes in sets:
        for change in changes.changes:
            earlier = latest.pop(change.name, None)  # the latest change decides the place
            merged = change if earlier is None else _merge(earlier, change)
            if merged is not None:
                latest[change.name] = merged
    return ChangeSet(sets[-1].revision, list(latest.values()), conflated=True)


def _merge(earlier: Change, later: Change) -> Change | None:
    before = earlier.old
    if later.kind == "DELETED":
        born_here = earlier.kind == "REGISTERED" and before is None
        return None if born_here else later._replace(old=before)
    if later.kind == "REGISTERED":
        return later._replace(old=before)
    if later.kind == "CHANGED":
        kind = earlier.kind if earlier.kind in ("REGISTERED", "INITIAL") else "CHANGED"
        if kind == "CHANGED" and before is not None and same(before, later.new):
            return None
        return later._replace(kind=kind, old=before)
    return later
