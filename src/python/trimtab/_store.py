"""The state of one session: variables with versions and history, documents, leases, dependencies, and who is told of changes.

One lock guards everything. A commit is staged first, which is where everything that can fail fails; applying only links what was
prepared. Each commit is encoded once, as an Event, and handed to every subscriber under the lock, so all of them see revision order.
The common commit, plain sets that all succeed, takes a shorter way that refuses nothing: whatever is out of the ordinary makes it touch
nothing, and the plan does it again with all its bookkeeping.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from trimtab._batch import (
    DELETE,
    PYTHON,
    SET,
    Batch,
    Write,
    WriteContext,
    batch_from_wire,
)
from trimtab._cells import Cell
from trimtab._changes import difference
from trimtab._checks import check_export
from trimtab._columns import Sets, sets_of_columns, sets_of_writes, spell_out
from trimtab._domains import ID_PREFIX, Variable
from trimtab._events import aside_piece, commit_result
from trimtab._globs import glob as compile_glob
from trimtab._graph import DependencyGraph
from trimtab._leases import LeaseTable
from trimtab._members import member_names
from trimtab._plan import Plan, as_one
from trimtab._ports import Beginning, Journal, Listener, Subscriber
from trimtab._records import (
    Change,
    ChangeSet,
    Commit,
    Dependency,
    Document,
    Entry,
    Lease,
    Snapshot,
    StateExport,
    VariableState,
)
from trimtab._sets import set_together
from trimtab._values import MAX_INTEGER, CanonicalValue
from trimtab.exceptions import (
    IllegalCallError,
    InvalidDefinitionError,
    PartialUpdateError,
    SessionClosedError,
    StateUnavailableError,
    TrimtabError,
    VariableNotFoundError,
    VersionNotFoundError,
)

LOG_COMMITS = 1024
LOG_BYTES = 32 << 20
MAX_CLIENTS = 1024
MAX_REMEMBERED = 65_536
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

__all__ = ["Session"]


def _clock() -> int:
    return time.time_ns() // 1_000_000


class Session:
    """The state of one session in this process. Safe for use by many threads."""

    def __init__(
        self,
        session_id: str,
        *,
        clock: Callable[[], int] = _clock,
        chance: random.Random | None = None,
        journal: Journal | None = None,
    ) -> None:
        if not session_id.strip() or len(session_id) > 128:
            raise IllegalCallError(f'sessionId must have 1 to 128 characters, got "{session_id}"')
        self.session_id = session_id
        self.lock = threading.RLock()
        self._clock = clock
        self._random = chance or random.Random()
        self._journal = journal
        self._open = True
        self._revision = 0
        self._cells: dict[str, Cell] = {}  # by name and by id
        self._names: dict[str, Cell] = {}  # in order of registration
        self._places = 0
        self._deleted: dict[str, Cell] = {}  # the variables of the last commit that deleted some, by name and by id
        self._documents: dict[str, Document] = {}
        self._leases = LeaseTable()
        self._graph = DependencyGraph()
        self._retired: dict[str, int] = {}
        self._log: deque[tuple[int, bytes]] = deque()
        self._log_bytes = 0
        self._oldest = 0
        self._requests: dict[int, dict[int, bytes | int]] = {}
        self._subscribers: list[Subscriber] = []
        self._listeners: list[Listener] = []
        self._members: tuple[Mapping[str, Document], frozenset[str]] = ({}, frozenset())
        self._differs = False  # whether a disk that failed could not be read again yet
        self._held: list[bytes] | None = None  # events of a group that is not on disk yet

    # Reading

    @property
    def where(self) -> str:
        """How messages name this session."""
        return f'session "{self.session_id}"'

    @property
    def revision(self) -> int:
        """The revision of the last commit; 0 before the first."""
        with self.lock:
            self._require_open()
            return self._revision

    @property
    def is_open(self) -> bool:
        """Whether the session has not been closed for everybody."""
        return self._open

    def _require_open(self) -> None:
        if not self._open:
            raise SessionClosedError(self.session_id)
        if self._differs:
            self._reload()

    def find(self, key: str) -> VariableState | None:
        """Returns one variable by name or id, or None."""
        with self.lock:
            self._require_open()
            cell = self._cells.get(key)
            return None if cell is None else cell.state

    def get(self, key: str) -> VariableState:
        """Returns one variable by name or id, or raises VariableNotFoundError."""
        state = self.find(key)
        if state is None:
            raise VariableNotFoundError([key], self.where)
        return state

    def get_many(self, keys: Iterable[str]) -> Snapshot:
        """Returns variables of one revision in order of registration, and every document; missing keys are skipped."""
        with self.lock:
            self._require_open()
            cells = {id(cell): cell for cell in map(self._cells.get, keys) if cell is not None}
            return self._snapshot(sorted(cells.values(), key=lambda cell: cell.place))

    def get_values(self, keys: Iterable[str]) -> dict[str, CanonicalValue]:
        """Returns the values of variables by the keys asked for, all of one revision; missing keys are left out."""
        with self.lock:
            self._require_open()
            cells = self._cells
            return {key: cell.state.value for key in keys if (cell := cells.get(key)) is not None}

    def select(self, glob: str = "*") -> Snapshot:
        """Returns the variables whose names match, as of one revision, and every document."""
        matches = compile_glob(glob)
        with self.lock:
            self._require_open()
            return self._snapshot(cell for name, cell in self._names.items() if matches(name))

    def _snapshot(self, cells: Iterable[Cell]) -> Snapshot:
        variables = {cell.state.variable.name: cell.state for cell in cells}
        return Snapshot(self.session_id, self._revision, variables, dict(self._documents))

    def snapshot(self) -> Snapshot:
        """Returns all variables and documents as of one revision."""
        return self.select("*")

    def find_document(self, key: str) -> Document | None:
        """Returns one document, or None."""
        with self.lock:
            self._require_open()
            return self._documents.get(key)

    def history(self, key: str) -> Sequence[VariableState]:
        """Returns the kept versions of a variable, newest first, the current one included."""
        with self.lock:
            self._require_open()
            return tuple(reversed(self._cell(key).history))

    def written_at(self, key: str, revision: int) -> VariableState | None:
        """Returns the newest version of a variable that was written at a revision; of a deleted one, the last."""
        cell = self._cells.get(key) or self._deleted.get(key)
        if cell is None:
            return None
        return next((state for state in reversed(cell.history) if state.revision == revision), cell.state)

    def _cell(self, key: str) -> Cell:
        cell = self._cells.get(key)
        if cell is None:
            raise VariableNotFoundError([key], self.where)
        return cell

    # Writing

    def group(self) -> AbstractContextManager[object]:
        """Makes all commits inside one transaction on disk, if there is a disk; nobody is told of them before it is done."""
        return self.lock if self._journal is None else self._group(self._journal)

    @contextmanager
    def _group(self, journal: Journal) -> Iterator[None]:
        with self.lock:
            if self._held is not None:
                yield
                return
            self._require_open()
            self._held = []
            refusal: TrimtabError | None = None
            try:
                with journal.group():
                    try:
                        yield
                    except StateUnavailableError:
                        raise
                    except TrimtabError as e:
                        refusal = e  # of one commit, which wrote nothing or what it should
            except BaseException:
                self._held = None
                self._reload()
                raise
            held, self._held = self._held, None
            for piece in held:
                self._tell(piece)
            if refusal is not None:
                raise refusal

    def _reload(self) -> None:
        assert self._journal is not None
        self._differs = True
        state, requests = self._journal.reload()
        self._load(state)
        self._requests = {client: dict(results) for client, results in requests.items()}
        self._restart_log()
        self._differs = False
        self._tell_replaced(0, 0)

    def _tell_replaced(self, client: int, sequence: int) -> None:
        piece = aside_piece(self._revision, client, sequence, replaced=True)
        for subscriber in self._subscribers:
            subscriber.replaced(piece, self._capture())

    def commit(self, batch: Batch, *, client: int = 0, sequence: int = 0) -> Commit:
        """Applies a batch, all or nothing unless it asks for best effort."""
        batch.check()
        with self.lock, self.group():
            self._require_open()
            return self._commit(batch, client, sequence)

    def _commit(self, batch: Batch, client: int, sequence: int) -> Commit:
        plan = Plan(self, batch, self._clock())
        try:
            failures = plan.stage()
            if failures and not batch.best_effort:
                raise as_one(failures, self.where)
            commit = plan.apply(client, sequence)
        finally:
            plan.close()
        if failures:
            raise PartialUpdateError(commit, failures)
        return commit

    def commit_message(self, message: Any, source: str, client: int, sequence: int) -> Commit | int:
        """Applies a Commit message; returns only the revision if it was nothing but sets."""
        with self.lock:
            if self._journal is not None and self._held is None:
                with self.group():
                    return self.commit_message(message, source, client, sequence)
            if not self._open or self._differs:
                self._require_open()
            revision = self._plain_sets(message, source, client, sequence)
            return revision or self._commit(self._batch(message, source), client, sequence)

    def _batch(self, message: Any, source: str) -> Batch:
        registrations = []
        failures: dict[str, TrimtabError] = {}
        for definition in message.registrations:
            try:
                registrations.append(Variable.from_wire(definition))
            except InvalidDefinitionError as e:
                failures[definition.name] = e
        if failures:
            raise as_one(failures, self.where)
        return batch_from_wire(message, source, registrations)

    def _plain_sets(self, message: Any, source: str, client: int, sequence: int) -> int:
        """Applies a batch of sets that all succeed, else touches nothing and returns 0."""
        if message.HasField("sets"):
            sets = sets_of_columns(message.sets)
            revision = 0 if message.writes else self._together(sets, message, source, client, sequence)
            if not revision:
                spell_out(sets, message)
            return revision
        plain = sets_of_writes(message.writes)
        return 0 if plain is None else self._together(plain, message, source, client, sequence)

    def _together(self, sets: Sets, message: Any, source: str, client: int, sequence: int) -> int:
        if message.registrations:
            return 0
        if message.HasField("context"):
            context = message.context
            source = context.source or source
            if context.metadata or len(source) > 100 or not source.isalnum():
                return 0
        return set_together(self, sets, source, client, sequence)

    def _publish(self, revision: int, piece: bytes) -> None:
        """Notes the Event of a commit in the log and tells the subscribers."""
        log = self._log
        log.append((revision, piece))
        self._log_bytes += len(piece)
        while len(log) > LOG_COMMITS or self._log_bytes > LOG_BYTES:
            self._oldest, dropped = log.popleft()
            self._log_bytes -= len(dropped)
        if self._held is not None:
            self._held.append(piece)
            return
        for subscriber in self._subscribers:
            subscriber.event(piece)

    def _publish_aside(self, piece: bytes) -> None:
        if self._held is None:
            self._tell(piece)
        else:
            self._held.append(piece)

    def _tell(self, piece: bytes) -> None:
        for subscriber in self._subscribers:
            subscriber.event(piece)

    def _announce(self, revision: int, changes: Iterable[Change | None]) -> None:
        """Tells the listeners inside this process."""
        visible = [change for change in changes if change is not None]
        if visible:
            changed = ChangeSet(revision, visible)
            for listener in self._listeners:
                listener.offer(changed)

    def _restart_log(self) -> None:
        self._log.clear()
        self._log_bytes = 0
        self._oldest = self._revision

    def new_id(self, name: str) -> str:
        """Returns an id that no variable has."""
        while True:
            id = f"{ID_PREFIX}{name}_{self._suffix()}"
            if id not in self._cells:
                return id

    def _suffix(self) -> str:
        number = self._random.getrandbits(63)
        digits = ""
        while number:
            number, digit = divmod(number, 36)
            digits = _DIGITS[digit] + digits
        return digits or "0"

    def space_members(self) -> frozenset[str]:
        """Returns the names of the variables that belong to registered spaces."""
        with self.lock:
            read_from, members = self._members
            if read_from is not self._documents:  # every change of documents makes a new map
                members = member_names(self._documents)
                self._members = (self._documents, members)
            return members

    def touches_space(self, written: Iterable[str]) -> bool:
        """Tells whether one of some names and ids belongs to a registered space."""
        with self.lock:
            members = self.space_members()
            if not members:
                return False
            cells = self._cells
            return any((cells[key].state.name if key in cells else key) in members for key in written)

    # Writing, for convenience

    def register(self, *variables: Variable, context: WriteContext = PYTHON) -> Sequence[VariableState]:
        """Registers variables with their default values, all or none."""
        return tuple(self.commit(Batch(variables, (), context)).variables.values())

    def set(self, key: str, value: object, expected: int | None = None) -> VariableState:
        """Gives a variable a new value."""
        commit = self.commit(Batch((), (Write(SET, key, value, expected),)))
        return commit.variables[key]

    def delete(self, key: str) -> VariableState:
        """Removes a variable and returns its last state."""
        return self.commit(Batch((), (Write(DELETE, key),))).variables[key]

    def rollback(self, key: str, version: int) -> VariableState:
        """Writes a new version of a variable with the value of an old one, checked against today's domain."""
        return self.set(key, self.past(key, version).value)

    def past(self, key: str, version: int) -> VariableState:
        """Returns a version that is still in the history, or raises VersionNotFoundError."""
        history = self.history(key)
        for state in history:
            if state.version == version:
                return state
        oldest, newest = history[-1].version, history[0].version
        raise VersionNotFoundError(key, version, f"{key}: expected a version in [{oldest}, {newest}], got {version}")

    # Requests that were carried out

    def recall(self, client: int, sequence: int) -> bytes | None:
        """Returns the result of a request that was carried out already."""
        remembered = self._requests.get(client)
        result = None if remembered is None else remembered.get(sequence)
        return commit_result(sequence, result) if isinstance(result, int) else result

    def remember(self, client: int, sequence: int, result: bytes) -> None:
        """Keeps a result until it is acknowledged; of the clients and results that are too many, the oldest go."""
        remembered = self.remembered(client)
        remembered[sequence] = result
        _forget_oldest(remembered)
        if self._journal is not None:
            self._journal.remember(client, sequence, result)

    def remember_each(self, client: int, sequences: Iterable[int], revision: int) -> None:
        """Keeps the revisions of successive commits in place of their results."""
        remembered = self.remembered(client)
        for sequence in sequences:
            remembered[sequence] = revision
            revision += 1
        _forget_oldest(remembered)

    def remembered(self, client: int) -> dict[int, bytes | int]:
        """Returns the results kept for a client, or the revisions that are all they say, by sequence."""
        remembered = self._requests.get(client)
        if remembered is None:
            remembered = self._requests[client] = {}
            if len(self._requests) > MAX_CLIENTS:
                self._forget_client(next(iter(self._requests)))
        return remembered

    def _forget_client(self, client: int) -> None:
        del self._requests[client]
        if self._journal is not None:
            self._journal.forget(client, MAX_INTEGER)

    def acknowledge(self, client: int, acknowledged: int) -> None:
        """Forgets results that have arrived."""
        with self.lock:
            remembered = self._requests.get(client)
            if not remembered:
                return
            while remembered:
                oldest = next(iter(remembered))
                if oldest > acknowledged:
                    break
                del remembered[oldest]
            if self._journal is not None:
                self._journal.forget(client, acknowledged)

    # Subscribing

    def subscribe(self, subscriber: Subscriber, after: int | None) -> Beginning:
        """Begins to tell a subscriber, and returns what it must know first.

        That is the Events after a revision if they are all kept, else the whole state as of now.
        """
        with self.lock:
            self._require_open()
            self._subscribers.append(subscriber)
            if after is None or not self._oldest <= after <= self._revision:
                return Beginning(self._revision, (), self._capture())
            missed = [piece for revision, piece in self._log if revision > after]
            missed.append(aside_piece(self._revision, 0, 0, leases=self._alive(), dependencies=self._graph.edges()))
            return Beginning(self._revision, missed, None)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Tells a subscriber nothing any more."""
        with self.lock:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

    def listen(self, listener: Listener) -> None:
        """Begins to tell a listener inside this process."""
        with self.lock:
            self._require_open()
            self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        """Tells a listener nothing any more."""
        with self.lock:
            if listener in self._listeners:
                self._listeners.remove(listener)

    # Leases

    def acquire_lease(
        self, owner: str, keys: Collection[str], duration_ms: int, *, client: int = 0, sequence: int = 0
    ) -> Lease:
        """Takes the sole right to write some variables."""
        if not owner.strip() or not keys:
            raise IllegalCallError(
                f'a lease needs an owner and at least one variable, got owner "{owner}" and {list(keys)}'
            )
        with self.lock, self.group():
            self._require_open()
            names = self._names_of(keys)
            lease = self._leases.acquire(f"lease_{self._suffix()}", owner, names, duration_ms, self._clock())
            self._tell_leases(client, sequence)
            return lease

    def _names_of(self, keys: Iterable[str]) -> list[str]:
        cells = {key: self._cells.get(key) for key in keys}
        missing = [key for key, cell in cells.items() if cell is None]
        if missing:
            raise VariableNotFoundError(missing, self.where)
        return [cell.state.variable.name for cell in cells.values() if cell is not None]

    def renew_lease(self, lease: Lease, duration_ms: int, *, client: int = 0, sequence: int = 0) -> Lease:
        """Makes a lease last longer."""
        with self.lock, self.group():
            self._require_open()
            renewed = self._leases.renew(lease, duration_ms, self._clock())
            self._tell_leases(client, sequence)
            return renewed

    def release_lease(self, lease: Lease, *, client: int = 0, sequence: int = 0) -> None:
        """Ends a lease; ending one that has ended already does nothing."""
        with self.lock, self.group():
            self._require_open()
            if self._leases.release(lease):
                self._tell_leases(client, sequence)

    def leases(self) -> Sequence[Lease]:
        """Returns the leases that have not ended."""
        with self.lock:
            self._require_open()
            return self._alive()

    def _alive(self) -> Sequence[Lease]:
        return self._leases.alive(self._clock())

    def _tell_leases(self, client: int, sequence: int) -> None:
        alive = self._alive()
        if self._journal is not None:
            self._journal.aside(alive, None)
        self._publish_aside(aside_piece(self._revision, client, sequence, leases=alive))

    # Dependencies

    def add_dependency(self, before: str, after: str, *, client: int = 0, sequence: int = 0) -> None:
        """Notes that one variable must be updated before another."""
        with self.lock, self.group():
            self._require_open()
            missing = [key for key in (before, after) if key not in self._cells]
            if missing:
                raise VariableNotFoundError(missing, self.where)
            first, second = (self._cells[key].state.variable.name for key in (before, after))
            if self._graph.add(first, second):
                self._tell_dependencies(client, sequence)

    def remove_dependency(self, before: str, after: str, *, client: int = 0, sequence: int = 0) -> None:
        """Forgets a dependency; forgetting one that does not exist does nothing."""
        with self.lock, self.group():
            self._require_open()
            first, second = self._cells.get(before), self._cells.get(after)
            if first is None or second is None:
                return
            if self._graph.remove(first.state.variable.name, second.state.variable.name):
                self._tell_dependencies(client, sequence)

    def _tell_dependencies(self, client: int, sequence: int) -> None:
        edges = self._graph.edges()
        if self._journal is not None:
            self._journal.aside(None, edges)
        self._publish_aside(aside_piece(self._revision, client, sequence, dependencies=edges))

    def dependencies(self) -> Sequence[Dependency]:
        """Returns the dependencies; those of deleted variables are gone."""
        with self.lock:
            self._require_open()
            return self._graph.edges()

    def update_order(self) -> Sequence[str]:
        """Returns all variables, each after those it depends on; otherwise in order of registration."""
        with self.lock:
            self._require_open()
            return self._graph.order(list(self._names))

    # Export and import

    def export_state(self) -> StateExport:
        """Copies the whole state as of one revision."""
        with self.lock:
            self._require_open()
            return self._capture()

    def _capture(self) -> StateExport:
        return StateExport(
            self.session_id,
            self._revision,
            self._clock(),
            [Entry(cell.state, tuple(reversed(cell.history))) for cell in self._names.values()],
            tuple(self._documents.values()),
            self._alive(),
            self._graph.edges(),
            dict(self._retired),
            {"provider": "sidecar"},
        )

    def import_state(
        self, state: StateExport, *, only_if_newer: bool = False, client: int = 0, sequence: int = 0
    ) -> bool:
        """Replaces the whole state in one step, or raises StateImportError and changes nothing.

        With ``only_if_newer`` this state stays, and False is returned, unless the other is of a higher revision. If the other is of the
        same revision but holds something else, two histories went on from one point; then this one rises above it, so that whoever
        holds the other is told what differs.
        """
        check_export(state)
        with self.lock:
            self._require_open()
            own = self._revision
            applied = True
            if only_if_newer and own >= state.revision and (own > 0 or state.revision > 0):
                held = self._capture()
                if own > state.revision or held.essence() == state.essence():
                    return False
                state, applied = held, False
            revision = state.revision if own == 0 else max(state.revision, own + 1)
            before = {name: cell.state for name, cell in self._names.items()}
            with self.group():
                self._load(state._replace(revision=revision))
                if self._journal is not None:
                    self._journal.replace(self._capture())
            self._restart_log()
            self._tell_replaced(client, sequence)
            if self._listeners:
                self._announce(revision, difference(before, {n: c.state for n, c in self._names.items()}))
            return applied

    def _load(self, state: StateExport) -> None:
        cells: dict[str, Cell] = {}
        names: dict[str, Cell] = {}
        for place, entry in enumerate(state.variables):
            past = entry.history[::-1]
            cell = Cell(place, past[0])
            for version in past[1:]:
                cell.install(version)
            cell.install(entry.state) if cell.state.version != entry.state.version else setattr(
                cell, "state", entry.state
            )
            cells[entry.state.id] = cells[entry.state.name] = names[entry.state.name] = cell
        self._cells, self._names, self._places = cells, names, len(names)
        self._revision = state.revision
        self._documents = {document.key: document for document in state.documents}
        self._leases.replace(state.leases)
        self._graph.replace_all(state.dependencies)
        self._retired = dict(state.retired_versions)

    def restore_from_disk(self) -> None:
        """Takes over what the journal holds, before anybody knows this session."""
        with self.lock:
            self._reload()

    def close(self) -> None:
        """Ends the session for everybody and forgets its state."""
        with self.lock:
            if not self._open:
                return
            if self._journal is not None:
                self._journal.drop()
            self._open = False
            subscribers, self._subscribers = self._subscribers, []
            listeners, self._listeners = self._listeners, []
            self._cells, self._names, self._documents = {}, {}, {}
            self._log.clear()
            for subscriber in subscribers:
                subscriber.closed()
            for listener in listeners:
                listener.closed()


def _forget_oldest(remembered: dict[int, bytes | int]) -> None:
    while len(remembered) > MAX_REMEMBERED:
        del remembered[next(iter(remembered))]
