"""A batch worked out in full before any of it is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trimtab._batch import DELETE, DELETE_DOCUMENT, EXPECT, PUT_DOCUMENT, SET, Batch, Write
from trimtab._cells import Cell, Staged
from trimtab._changes import changed, deleted, registered
from trimtab._checks import MAX_STATE_METADATA, document_violation
from trimtab._domains import Variable
from trimtab._events import deleted_change, event_piece, registered_change, set_change
from trimtab._ports import Journal
from trimtab._records import Change, Commit, Document, VariableState
from trimtab._values import violation
from trimtab.exceptions import (
    BatchRejectedError,
    Conflict,
    IllegalCallError,
    InvalidDefinitionError,
    InvalidValueError,
    LeaseHeldError,
    TrimtabError,
    VariableAlreadyExistsError,
    VariableNotFoundError,
    VersionConflictError,
    Violation,
)

if TYPE_CHECKING:
    from trimtab._store import Session


class Plan:
    """Works out what a batch would do, and does it only when told to; lives within one hold of the session's lock."""

    def __init__(self, session: Session, batch: Batch, now: int) -> None:
        self._session = session
        self._batch = batch
        self._context = batch.context
        self._now = now
        self._revision = session._revision + 1
        self._failures: dict[str, TrimtabError] = {}
        self._staged: list[Staged] = []
        self._fresh: dict[str, Staged] = {}
        self._changes = b""
        self._documents: dict[str, Document] | None = None
        self._puts: dict[str, Document] = {}
        self._removed: list[str] = []
        self._retired: dict[str, int] = {}

    # Staging

    def stage(self) -> Mapping[str, TrimtabError]:
        """Stages every element and returns why some were refused."""
        for variable in self._batch.registrations:
            try:
                self._register(variable)
            except TrimtabError as e:
                self._failures[variable.name] = e
        for write in self._batch.writes:
            try:
                self._write(write)
            except IllegalCallError:
                raise
            except TrimtabError as e:
                self._failures[write.key] = e
        return self._failures

    def _register(self, variable: Variable) -> None:
        session = self._session
        name = variable.name
        if name in session._names or name in self._fresh:
            raise VariableAlreadyExistsError([name], session.where)
        self._check_lease(name)
        version = session._retired.get(name, 0) + 1
        metadata = self._merged(name, variable.metadata)
        now = self._now
        first = VariableState(
            session.new_id(name),
            variable,
            variable.default,
            version,
            self._revision,
            metadata,
            now,
            now,
            self._context.source,
        )
        staged = Staged(name, Cell(0, first), fresh=True)
        staged.cell.staged = staged
        self._staged.append(staged)
        self._fresh[name] = staged
        self._changes += registered_change(staged.cell.change_head, version, variable.wire_bytes())

    def _write(self, write: Write) -> None:
        kind, key, value, expected = write
        if kind == SET:
            target = self._target(key, expected)
            last = target.after
            variable = last.variable
            canonical = variable.domain.normalize(variable.name, value)
            metadata = self._merged(variable.name, last.metadata)
            target.after = last._replace(
                value=canonical,
                version=last.version + 1,
                revision=self._revision,
                metadata=metadata,
                updated_ms=self._now,
                source=self._context.source,
            )
            target.written = True
            self._take(target)
            self._changes += set_change(target.cell.change_head, target.after.version, canonical)
        elif kind == DELETE:
            target = self._target(key, expected)
            target.deleted = True
            self._retired[target.after.name] = target.after.version
            self._take(target)
            self._changes += deleted_change(target.cell.change_head, target.after.version)
        elif kind == EXPECT:
            cell = self._session._cells.get(key)
            _check_version(key, expected, 0 if cell is None else cell.state.version)
        elif kind == PUT_DOCUMENT:
            self._put_document(key, value, expected)
        elif kind == DELETE_DOCUMENT:
            self._delete_document(key, expected)

    def _target(self, key: str, expected: int | None) -> Staged:
        """Returns the staged write of an existing variable that may be written, new or begun before."""
        target = self._fresh.get(key)
        if target is None:
            cell = self._session._cells.get(key)
            if cell is None:
                raise VariableNotFoundError([key], self._session.where)
            target = cell.staged or Staged(key, cell, fresh=False)
        if target.written or target.deleted:
            raise IllegalCallError(f'a batch writes each variable once, got "{target.after.name}" by name and by id')
        self._check_lease(target.after.name)
        _check_version(key, expected, target.after.version)
        return target

    def _take(self, target: Staged) -> None:
        if target.cell.staged is None:  # else the batch registered it and writes it now
            target.cell.staged = target
            self._staged.append(target)

    def _check_lease(self, name: str) -> None:
        leases = self._session._leases
        if leases.held:
            lease = leases.obstacle(name, self._context.owner, self._now)
            if lease is not None:
                raise LeaseHeldError({name: lease})

    def _merged(self, name: str, metadata: Mapping[str, str]) -> Mapping[str, str]:
        notes = self._context.metadata
        if not notes:
            return metadata
        merged = dict(sorted({**metadata, **notes}.items()))
        if len(merged) > MAX_STATE_METADATA:
            raise InvalidValueError(
                [violation(f"{name} metadata", f"at most {MAX_STATE_METADATA} entries", len(merged))]
            )
        return merged

    def _put_document(self, key: str, content: str, expected: int | None) -> None:
        documents = self._documents_to_change()
        last = documents.get(key)
        _check_version(key, expected, 0 if last is None else last.version)
        fault = document_violation(key, content)
        if fault is not None:
            raise InvalidValueError([fault])
        before = self._session._retired.get("document:" + key, 0) if last is None else last.version
        documents[key] = self._puts[key] = Document(key, content, before + 1, self._now)

    def _delete_document(self, key: str, expected: int | None) -> None:
        documents = self._documents_to_change()
        last = documents.get(key)
        _check_version(key, expected, 0 if last is None else last.version)
        if last is not None:
            del documents[key]
            self._removed.append(key)
            self._retired["document:" + key] = last.version

    def _documents_to_change(self) -> dict[str, Document]:
        if self._documents is None:
            self._documents = dict(self._session._documents)
        return self._documents

    # Applying

    def apply(self, client: int, sequence: int) -> Commit:
        """Publishes what was staged, as one commit."""
        session = self._session
        if not (self._staged or self._puts or self._removed):
            return Commit(session._revision, {}, {})
        revision = self._revision
        if session._journal is not None:
            self._record(session._journal)
        if session._listeners:
            session._announce(revision, map(self._change, self._staged))
        entangled = False
        if any(staged.deleted for staged in self._staged):
            session._deleted = {}
        for staged in self._staged:
            entangled |= self._install(staged)
        for key in self._puts:
            session._retired.pop("document:" + key, None)
        session._retired.update(self._retired)
        if self._documents is not None:
            session._documents = self._documents
        session._revision = revision
        session._publish(
            revision,
            event_piece(
                revision,
                client,
                sequence,
                self._now,
                self._context.source,
                self._context.metadata,
                self._changes,
                self._puts.values(),
                self._removed,
            ),
        )
        if entangled and session._journal is not None:
            session._journal.aside(None, session._graph.edges())
        return Commit(revision, {staged.key: staged.after for staged in self._staged}, self._puts)

    def _record(self, journal: Journal) -> None:
        journal.commit(
            self._revision,
            [
                state
                for staged in self._staged
                if not staged.deleted
                for state in ([staged.before] if staged.fresh else []) + ([staged.after] if staged.written else [])
            ],
            [staged.after.id for staged in self._staged if staged.deleted and not staged.fresh],
            self._puts.values(),
            self._removed,
            self._retired,
            [s.after.name for s in self._staged if s.fresh and not s.deleted]
            + ["document:" + key for key in self._puts],
        )

    def _install(self, staged: Staged) -> bool:
        """Links one staged write; returns whether dependencies went with a deleted variable."""
        session = self._session
        cell, name, id = staged.cell, staged.after.name, staged.after.id
        if staged.fresh and not staged.deleted:
            cell.place = session._places
            session._places += 1
            session._cells[name] = session._cells[id] = session._names[name] = cell
            session._retired.pop(name, None)
        if staged.written:
            cell.install(staged.after)
        if staged.deleted and not staged.fresh:
            del session._cells[name], session._cells[id], session._names[name]
            session._deleted[name] = session._deleted[id] = cell
            return session._graph.remove_all(name)
        return False

    def _change(self, staged: Staged) -> Change | None:
        if staged.fresh:
            return None if staged.deleted else registered(staged.after)
        return deleted(staged.before) if staged.deleted else changed(staged.before, staged.after)

    def close(self) -> None:
        """Forgets the marks on cells, whether the plan was applied or not."""
        for staged in self._staged:
            staged.cell.staged = None


def _check_version(key: str, expected: int | None, current: int) -> None:
    if expected is not None and expected != current:
        signed = expected - (1 << 64) if expected >= 1 << 63 else expected
        raise VersionConflictError({key: Conflict(signed, current)})


def as_one(failures: Mapping[str, TrimtabError], where: str) -> TrimtabError:
    """Returns the failures' own type if they are all of one, with every subject in it; else BatchRejectedError."""
    causes: list[Any] = list(failures.values())
    if len(causes) == 1:
        only: TrimtabError = causes[0]
        return only
    kind = type(causes[0])
    if any(type(cause) is not kind for cause in causes):
        return BatchRejectedError(failures)
    if kind in (InvalidValueError, InvalidDefinitionError):
        faults: list[Violation] = [v for cause in causes for v in cause.violations]
        return InvalidValueError(faults) if kind is InvalidValueError else InvalidDefinitionError(faults)
    if kind is VariableNotFoundError:
        return VariableNotFoundError([key for cause in causes for key in cause.keys], where)
    if kind is VariableAlreadyExistsError:
        return VariableAlreadyExistsError([name for cause in causes for name in cause.names], where)
    if kind is VersionConflictError:
        return VersionConflictError({s: c for cause in causes for s, c in cause.conflicts.items()})
    if kind is LeaseHeldError:
        return LeaseHeldError({n: lease for cause in causes for n, lease in cause.leases.items()})
    return BatchRejectedError(failures)
