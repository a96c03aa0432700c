"""A session context inside the sidecar: reads and writes the state itself."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from trimtab import _wire
from trimtab._batch import DELETE, SET, Batch
from trimtab._failures import from_failure, partial
from trimtab._hosts import Hosts
from trimtab._records import Commit, Lease, StateExport, VariableState
from trimtab._store import Session
from trimtab.exceptions import TrimtabError

T = TypeVar("T")

HOST_TIMEOUT = 30.0


class Local:
    """Applies writes at once; those that touch members of configuration spaces are carried out by a JVM, which holds them
    against the rules.
    """

    def __init__(self, session: Session, hosts: Hosts | None = None) -> None:
        self._session = session
        self._hosts = hosts

    timeout: float | None = None

    @property
    def state(self) -> Session:
        """The session's own state."""
        return self._session

    def commit(self, batch: Batch) -> Future[Commit]:
        """Applies a batch."""
        session = self._session
        if not session.touches_space(write.key for write in batch.writes if write.kind in (SET, DELETE)):
            return _done(lambda: session.commit(batch))
        return _done(
            lambda: self._ask(
                _wire.HostCall(commit=batch.check().to_wire()), lambda answer: self._judged(batch, answer)
            )
        )

    def _judged(self, batch: Batch, answer: Any) -> Commit:
        result = answer.commit
        commit = written(self._session, batch, result.revision)
        if result.partial:
            raise partial(commit, result.partial)
        return commit

    def _ask(self, call: Any, read: Callable[[Any], T]) -> T:
        hosts = self._hosts or Hosts()  # without a server nobody can be attached, which is what an empty one says
        answer = hosts.call_blocking(self._session.session_id, call, timeout=HOST_TIMEOUT)
        if answer.HasField("failure"):
            raise from_failure(answer.failure)
        return read(answer)

    def acquire_lease(self, owner: str, keys: list[str], duration_ms: int) -> Future[Lease]:
        """Takes the sole right to write some variables."""
        return _done(lambda: self._session.acquire_lease(owner, keys, duration_ms))

    def release_lease(self, lease: Lease) -> Future[None]:
        """Ends a lease."""
        return _done(lambda: self._session.release_lease(lease))

    def depend(self, before: str, after: str, add: bool) -> Future[None]:
        """Adds or removes a dependency."""
        change = self._session.add_dependency if add else self._session.remove_dependency
        return _done(lambda: change(before, after))

    def refresh(self) -> Future[None]:
        """Does nothing: reads see the state itself."""
        return _done(lambda: None)

    def import_state(self, state: StateExport) -> Future[None]:
        """Replaces the whole state."""

        def replace() -> None:
            self._session.import_state(state)

        return _done(replace)

    def space_call(self, call: Any) -> Future[Any]:
        """Asks a JVM about a configuration space."""
        return _done(lambda: self._ask(_wire.HostCall(space=call), lambda answer: answer.space))

    def close(self) -> None:
        """Does nothing: the session belongs to the server."""


def written(session: Session, batch: Batch, revision: int) -> Commit:
    """Returns what a batch wrote at a revision, as the session or a replica knows it."""
    states: dict[str, VariableState] = {}
    with session.lock:
        for key in [v.name for v in batch.registrations] + [w.key for w in batch.writes if w.kind in (SET, DELETE)]:
            state = session.written_at(key, revision)
            if state is not None:
                states[key] = state
        documents = {
            w.key: d for w in batch.writes if (d := session.find_document(w.key)) is not None and w.kind > DELETE
        }
    return Commit(revision, states, documents)


def _done(work: Callable[[], T]) -> Future[T]:
    future: Future[T] = Future()
    try:
        future.set_result(work())
    except TrimtabError as e:
        future.set_exception(e)
    return future
