"""Threads that run programs.

``concurrent.futures.ThreadPoolExecutor`` is not used for three reasons: its threads keep the process from ending while a
program hangs, it has no word for a thread that hangs and has been given up, and its shared queue costs a lock hand-over
per call, where here the thread that was used last is woken directly.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable

__all__ = ["Workers"]


class Workers:
    """Up to ``limit`` daemon threads, started when needed and kept; work beyond that waits in order."""

    def __init__(self, limit: int = 64, name: str = "trimtab-run") -> None:
        if limit < 1:
            raise ValueError(f"expected at least 1 worker, got {limit}")
        self._limit = limit
        self._name = name
        self._lock = threading.Lock()  # guards all below
        self._idle: list[queue.SimpleQueue[Callable[[], None] | None]] = []  # the last used is woken first: it is warm
        self._queue: deque[Callable[[], None]] = deque()
        self._started = 0
        self._abandoned = 0
        self._closed = False

    def submit(self, work: Callable[[], None]) -> None:
        """Runs ``work`` on a thread; it must not raise."""
        with self._lock:
            if self._closed:
                raise RuntimeError("workers: expected to be open, but they were closed")
            if self._idle:
                self._idle.pop().put(work)
            elif self._started - self._abandoned < self._limit:
                self._started += 1
                threading.Thread(
                    target=self._run, args=(work,), name=f"{self._name}-{self._started}", daemon=True
                ).start()
            else:
                self._queue.append(work)

    def abandon(self) -> None:
        """Counts one thread as lost: it hangs in work nobody waits for, and another may be started in its place."""
        with self._lock:
            self._abandoned += 1
            waiting = self._queue.popleft() if self._queue else None
        if waiting is not None:
            self.submit(waiting)

    def recover(self) -> None:
        """Takes :meth:`abandon` back: the thread has returned from its work after all."""
        with self._lock:
            self._abandoned -= 1

    def close(self) -> None:
        """Ends the threads that are idle, and the others after their work."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for mailbox in idle:
            mailbox.put(None)

    def _run(self, work: Callable[[], None] | None) -> None:
        mailbox: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        while work is not None:
            work()
            with self._lock:
                if self._queue:
                    work = self._queue.popleft()
                    continue
                if self._closed or self._started - self._abandoned > self._limit:
                    self._started -= 1
                    return
                self._idle.append(mailbox)
            work = mailbox.get()
