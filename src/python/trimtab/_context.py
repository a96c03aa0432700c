"""The session as Python code sees it: a mapping of names to values, inside the sidecar or connected to one.

Reads are local: inside the sidecar from the state itself, elsewhere from a replica that holds every write of this context by the time the
write returns. Writes go through to the state. Each write has two forms, one that waits and one to be awaited; the waiting one may also be
used where an event loop runs, since nothing it waits for runs on that loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from trimtab._batch import DELETE, SET, Batch, Write, WriteContext
from trimtab._domains import Variable, domain_of
from trimtab._globs import glob as compile_glob
from trimtab._records import Change, ChangeSet, Commit, Lease, Snapshot, StateExport, VariableState
from trimtab._runs import current_run
from trimtab._store import Session
from trimtab._values import CanonicalValue
from trimtab._watch import QUEUE, Watch
from trimtab.exceptions import IllegalCallError, StateUnavailableError, VariableNotFoundError, VersionConflictError

if TYPE_CHECKING:
    from trimtab._spaces import Spaces

T = TypeVar("T")

TIMEOUT = 30.0

_current: ContextVar[SessionContext] = ContextVar("trimtab_session")
_overlay: ContextVar[Mapping[str, CanonicalValue] | None] = ContextVar("trimtab_overlay", default=None)


def current_session() -> SessionContext:
    """Returns the session of the program that is running."""
    run = current_run()
    context = _current.get(None) if run is None else run.context
    if context is None:
        raise IllegalCallError("current_session(): expected a program run by a sidecar, but none is running")
    return context


@contextmanager
def running(context: SessionContext, values: Mapping[str, CanonicalValue] | None) -> Iterator[None]:
    """Makes a session the current one, and lets its reads see ``values``, all of one revision, before the session's own."""
    session_token = _current.set(context)
    overlay_token = _overlay.set(values)
    try:
        yield
    finally:
        _overlay.reset(overlay_token)
        _current.reset(session_token)


class Backend(Protocol):
    """What a context works on. Writes return futures that end in a typed exception or in what was written."""

    @property
    def timeout(self) -> float | None:
        """How many seconds to wait for a future; None if none needs to be waited for."""

    @property
    def state(self) -> Session:
        """The state to read from: the session's own or a replica."""

    def commit(self, batch: Batch) -> Future[Commit]:
        """Applies a batch."""

    def acquire_lease(self, owner: str, keys: list[str], duration_ms: int) -> Future[Lease]:
        """Takes the sole right to write some variables."""

    def release_lease(self, lease: Lease) -> Future[None]:
        """Ends a lease."""

    def depend(self, before: str, after: str, add: bool) -> Future[None]:
        """Adds or removes a dependency."""

    def refresh(self) -> Future[None]:
        """Waits until the state to read from holds everything committed before this call."""

    def import_state(self, state: StateExport) -> Future[None]:
        """Replaces the whole state."""

    def space_call(self, call: Any) -> Future[Any]:
        """Asks a JVM about a configuration space."""

    def close(self) -> None:
        """Lets go of what the context holds; the session goes on."""


class SessionContext(MutableMapping[str, CanonicalValue]):
    """One session: read and write its variables as items or as attributes.

    ::

        context["temperature"] = 0.3
        context.temperature            # 0.3
        with context.batch() as batch: # all or nothing
            batch["temperature"] = 0.5
            batch["max_tokens"] = 512

    Safe for use by many threads.
    """

    _OWN = frozenset({"_backend", "_source", "_overlay_of", "_spaces"})

    def __init__(
        self,
        backend: Backend,
        *,
        source: str = "python",
        overlay: Callable[[], Mapping[str, CanonicalValue] | None] = _overlay.get,
    ) -> None:
        self._backend = backend
        self._source = source
        self._overlay_of = overlay
        self._spaces: Spaces | None = None

    @staticmethod
    def connect(
        address: str,
        *,
        token: str,
        session: str = "default",
        timeout: float = TIMEOUT,
        root_certificates: bytes | None = None,
        private_key: bytes | None = None,
        certificate_chain: bytes | None = None,
    ) -> SessionContext:
        """Connects to a session of a sidecar, which is made if it does not exist.

        ``address`` is ``unix:/path`` or ``tcp:host:port``; the last three arguments are PEM for TLS and mutual TLS.
        """
        from trimtab._remote import Remote

        credentials = (root_certificates, private_key, certificate_chain)
        return SessionContext(Remote.connect(address, token, session, timeout, credentials))

    # About itself

    @property
    def session_id(self) -> str:
        """The session's id."""
        return self._backend.state.session_id

    @property
    def revision(self) -> int:
        """The revision that reads see."""
        return self._backend.state.revision

    @property
    def spaces(self) -> Spaces:
        """The configuration spaces of this session."""
        from trimtab._spaces import Spaces

        if self._spaces is None:
            self._spaces = Spaces(self)
        return self._spaces

    def close(self) -> None:
        """Lets go of the connection; the session goes on for everybody else."""
        self._backend.close()

    def __enter__(self) -> SessionContext:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SessionContext({self.session_id!r}, revision {self.revision})"

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    # Reading

    def __getitem__(self, key: str) -> CanonicalValue:
        values = self._overlay_of()
        if values is not None and key in values:
            return values[key]
        return self._backend.state.get(key).value

    def __getattr__(self, name: str) -> CanonicalValue:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except VariableNotFoundError as e:
            raise AttributeError(str(e)) from e

    def __contains__(self, key: object) -> bool:
        values = self._overlay_of()
        if values is not None and key in values:
            return True
        return isinstance(key, str) and self._backend.state.find(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.snapshot())

    def __len__(self) -> int:
        return len(self.snapshot())

    def snapshot(self, glob: str = "*") -> dict[str, CanonicalValue]:
        """Returns the values of all variables, or of those whose names match, all of one revision."""
        values = self._backend.state.select(glob).values
        overlay = self._overlay_of()
        if overlay is not None:
            matches = compile_glob(glob)
            values.update((name, value) for name, value in overlay.items() if matches(name))
        return values

    def get_many(self, names: Iterable[str]) -> dict[str, CanonicalValue]:
        """Returns the values of some variables, all of one revision; those that do not exist are left out."""
        names = tuple(names)
        overlay = self._overlay_of()
        if overlay is None:
            return self._backend.state.get_values(names)
        own = {name: overlay[name] for name in names if name in overlay}
        rest = [name for name in names if name not in own]
        return {**self._backend.state.get_values(rest), **own} if rest else own

    def select(self, glob: str = "*") -> Snapshot:
        """Returns whole records of variables whose names match, and every document, all of one revision."""
        return self._backend.state.select(glob)

    def state(self, key: str) -> VariableState:
        """Returns a variable's whole record: definition, value, version, metadata, times."""
        return self._backend.state.get(key)

    def history(self, key: str) -> Iterable[VariableState]:
        """Returns the kept versions of a variable, newest first."""
        return self._backend.state.history(key)

    def leases(self) -> Iterable[Lease]:
        """Returns the leases that have not ended."""
        return self._backend.state.leases()

    def update_order(self) -> Iterable[str]:
        """Returns the names of all variables, each after those it depends on."""
        return self._backend.state.update_order()

    def refresh(self) -> None:
        """Waits until reads see everything that anybody committed before this call."""
        self._wait(self._backend.refresh())

    async def arefresh(self) -> None:
        """As :meth:`refresh`, to be awaited."""
        await self._awaited(self._backend.refresh())

    # Writing

    def __setitem__(self, key: str, value: object) -> None:
        self.set(key, value)

    def __setattr__(self, name: str, value: object) -> None:
        if name in self._OWN:
            object.__setattr__(self, name, value)
        elif hasattr(type(self), name):
            raise AttributeError(f'"{name}" is a method of SessionContext; write context["{name}"] = ... instead')
        else:
            self.set(name, value)

    def __delitem__(self, key: str) -> None:
        self.delete(key)

    def __delattr__(self, name: str) -> None:
        self.delete(name)

    def set(
        self,
        key: str,
        value: object,
        *,
        expected_version: int | None = None,
        owner: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> VariableState:
        """Gives a variable a new value and returns its new state."""
        batch = self._one(Write(SET, key, value, expected_version), owner, metadata)
        return self._wait(self._backend.commit(batch)).variables[key]

    async def aset(
        self,
        key: str,
        value: object,
        *,
        expected_version: int | None = None,
        owner: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> VariableState:
        """As :meth:`set`, to be awaited."""
        batch = self._one(Write(SET, key, value, expected_version), owner, metadata)
        return (await self._awaited(self._backend.commit(batch))).variables[key]

    def update(self, values: Any = (), /, **more: Any) -> None:
        """Gives several variables new values, all or none."""
        self._wait(self._backend.commit(self._sets(dict(values, **more))))

    async def aupdate(self, values: Any = (), /, **more: Any) -> None:
        """As :meth:`update`, to be awaited."""
        await self._awaited(self._backend.commit(self._sets(dict(values, **more))))

    def delete(self, key: str) -> VariableState:
        """Removes a variable and returns its last state."""
        return self._wait(self._backend.commit(self._one(Write(DELETE, key), None, None))).variables[key]

    async def adelete(self, key: str) -> VariableState:
        """As :meth:`delete`, to be awaited."""
        return (await self._awaited(self._backend.commit(self._one(Write(DELETE, key), None, None)))).variables[key]

    def change(self, key: str, function: Callable[[Any], object]) -> VariableState:
        """Computes a variable's new value from its current one, atomically; the function may be called several times."""
        while True:
            current = self.state(key)
            try:
                return self.set(current.id, function(current.value), expected_version=current.version)
            except VersionConflictError:
                self.refresh()  # another writer was faster; each conflict means that one of them is through

    def rollback(self, key: str, version: int) -> VariableState:
        """Writes a new version of a variable with the value of an old one, checked against today's domain."""
        return self.set(key, self._backend.state.past(key, version).value)

    def batch(self, *, owner: str | None = None, best_effort: bool = False) -> BatchBuilder:
        """Returns a batch to be used in a ``with`` or ``async with`` statement, which is committed at its end."""
        return BatchBuilder(self, owner, best_effort)

    def commit(self, batch: Batch) -> Commit:
        """Applies a batch."""
        return self._wait(self._backend.commit(batch))

    async def acommit(self, batch: Batch) -> Commit:
        """As :meth:`commit`, to be awaited."""
        return await self._awaited(self._backend.commit(batch))

    def _one(self, write: Write, owner: str | None, metadata: Mapping[str, str] | None) -> Batch:
        return Batch((), (write,), WriteContext(self._source, owner, metadata or {}))

    def _sets(self, values: Mapping[str, object]) -> Batch:
        writes = tuple(Write(SET, key, value) for key, value in values.items())
        return Batch((), writes, WriteContext(self._source))

    # Registering

    def register(self, *variables: Variable) -> list[VariableState]:
        """Registers variables with their default values, all or none."""
        batch = Batch(variables, (), WriteContext(self._source))
        return list(self._wait(self._backend.commit(batch)).variables.values())

    def add_variable(
        self,
        name: str,
        type: str,
        default: object,
        constraints: Mapping[str, Any] | None = None,
        description: str = "",
    ) -> VariableState:
        """Registers one variable by its type, such as "float", and constraint keys, such as {"min": 0.0}."""
        variable = Variable(name, domain_of(type, constraints), default, description=description)
        return self.register(variable)[0]

    # Leases and dependencies

    @contextmanager
    def lease(self, owner: str, names: Iterable[str], seconds: float) -> Iterator[Lease]:
        """Holds the sole right to write some variables; writes must name the same owner."""
        lease = self._wait(self._backend.acquire_lease(owner, list(names), round(seconds * 1000)))
        try:
            yield lease
        finally:
            self._wait(self._backend.release_lease(lease))

    def add_dependency(self, before: str, after: str) -> None:
        """Notes that one variable must be updated before another."""
        self._wait(self._backend.depend(before, after, add=True))

    def remove_dependency(self, before: str, after: str) -> None:
        """Forgets a dependency."""
        self._wait(self._backend.depend(before, after, add=False))

    # Watching

    def watch(
        self,
        *names: str,
        initial: bool = False,
        callback: Callable[[ChangeSet], object] | None = None,
        capacity: int = QUEUE,
    ) -> Watch:
        """Watches variables by name or by glob, all if none is given.

        With ``initial`` the first change set holds the current values. The callback, if any, runs on a thread of its own.
        """
        state = self._backend.state
        globs = [compile_glob(name) for name in names or ("*",)]
        watch = Watch(
            lambda name: any(covers(name) for covers in globs), state.unlisten, capacity=capacity, callback=callback
        )
        with state.lock:
            missing = [name for name in names if not set("*?") & set(name) and state.find(name) is None]
            if missing:
                watch.closed()
                raise VariableNotFoundError(missing, state.where)
            if initial:
                snapshot = state.select()
                first = [Change("INITIAL", name, None, s.value, s) for name, s in snapshot.variables.items()]
                watch.offer(ChangeSet(snapshot.revision, first))
            state.listen(watch)
        return watch

    # Export and import

    def export_json(self) -> str:
        """Returns the whole state as one trimtab.state/1 document, which the JVM can import too."""
        from trimtab._exports import write_export

        return write_export(self._backend.state.export_state())

    def import_json(self, document: str | bytes) -> None:
        """Replaces the whole state by an exported one, in one step."""
        from trimtab._exports import read_export

        self._wait(self._backend.import_state(read_export(document)))

    # For the package

    def _wait(self, future: Future[T]) -> T:
        try:
            return future.result(self._backend.timeout)
        except FutureTimeoutError:
            raise self._late() from None

    async def _awaited(self, future: Future[T]) -> T:
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._backend.timeout)
        except asyncio.TimeoutError:
            raise self._late() from None

    def _late(self) -> StateUnavailableError:
        return StateUnavailableError(
            f"the sidecar did not answer within {self._backend.timeout} s: whether a write was applied is unknown"
        )

    def space_call(self, call: Any) -> Future[Any]:
        """Asks a JVM about a configuration space; used by :attr:`spaces`."""
        return self._backend.space_call(call)


class BatchBuilder:
    """Collects writes that belong together; committed when its ``with`` statement ends without an exception."""

    def __init__(self, context: SessionContext, owner: str | None, best_effort: bool) -> None:
        self._context = context
        self._owner = owner
        self._best_effort = best_effort
        self._registrations: list[Variable] = []
        self._writes: dict[str, Write] = {}
        self._result: Commit | None = None

    def __setitem__(self, key: str, value: object) -> None:
        self._writes[key] = Write(SET, key, value)

    def __delitem__(self, key: str) -> None:
        self._writes[key] = Write(DELETE, key)

    def set(self, key: str, value: object, *, expected_version: int | None = None) -> BatchBuilder:
        """Adds a write; returns this batch."""
        self._writes[key] = Write(SET, key, value, expected_version)
        return self

    def register(self, *variables: Variable) -> BatchBuilder:
        """Adds registrations; returns this batch."""
        self._registrations.extend(variables)
        return self

    @property
    def result(self) -> Commit:
        """What was written, once the ``with`` statement has ended."""
        if self._result is None:
            raise IllegalCallError("a batch has a result once its with statement has ended")
        return self._result

    def build(self) -> Batch:
        """Returns the batch as a value."""
        context = WriteContext(self._context._source, self._owner)
        return Batch(tuple(self._registrations), tuple(self._writes.values()), context, self._best_effort)

    def __enter__(self) -> BatchBuilder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._result = self._context.commit(self.build())

    async def __aenter__(self) -> BatchBuilder:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._result = await self._context.acommit(self.build())


__all__ = ["Backend", "BatchBuilder", "SessionContext", "current_session", "running"]
