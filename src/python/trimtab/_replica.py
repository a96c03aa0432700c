"""A copy of a session that another process owns, kept up to date by its events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trimtab._cells import Cell
from trimtab._changes import difference
from trimtab._columns import sets_of_columns
from trimtab._domains import Variable
from trimtab._records import Change, Dependency, Document, Lease, StateExport, VariableState
from trimtab._store import Session
from trimtab._values import from_wire, same


class Replica(Session):
    """Reads like the session it copies. Only events write to it, in revision order."""

    def load(self, state: StateExport) -> None:
        """Takes over a whole state, and tells the listeners how it differs from the last one."""
        with self.lock:
            before = {name: cell.state for name, cell in self._names.items()}
            self._load(state)
            if self._listeners:
                after = {name: cell.state for name, cell in self._names.items()}
                self._announce(self._revision, difference(before, after))

    def apply(self, event: Any) -> None:
        """Does what one commit did, or each of a run of commits that it does not hold already."""
        with self.lock:
            if event.HasField("sets"):
                self._apply_sets(event)
                return
            changes: dict[str, Change | None] = {}
            notes = dict(event.metadata)
            for change in event.changes:
                kind = change.WhichOneof("kind")
                if kind == "set":
                    told = self._set(self._cells[change.id], change, event, notes)
                elif kind == "registered":
                    told = self._register(change, event, notes)
                else:
                    told = self._delete(self._cells[change.id])
                earlier = changes.get(told.name)
                if earlier is not None and earlier.kind == "REGISTERED":
                    told = told._replace(kind="REGISTERED", old=None) if told.kind == "CHANGED" else told
                changes[told.name] = told
            self._take_documents(event)
            if event.HasField("leases"):
                self._leases.replace(map(Lease.from_wire, event.leases.leases))
            if event.HasField("dependencies"):
                edges = event.dependencies.dependencies
                self._graph.replace_all(Dependency(getattr(edge, "from"), edge.to) for edge in edges)
            self._revision = max(self._revision, event.revision)
            if self._listeners and changes:
                self._announce(event.revision, self._visible(changes.values()))

    def _apply_sets(self, event: Any) -> None:
        sets = sets_of_columns(event.sets)
        size = len(sets.keys)
        run = len(event.sequences) > 0
        notes = dict(event.metadata)
        told: list[Change] = []
        for at, (key, value, version) in enumerate(zip(sets.keys, sets.values, event.versions, strict=True)):
            revision = event.revision - size + 1 + at if run else event.revision
            if revision <= self._revision:
                continue
            told.append(self._install(self._cells[key], value, version, revision, event, notes))
            if run or at == size - 1:
                self._revision = revision
                if self._listeners:
                    self._announce(revision, self._visible(told))
                told = []

    @staticmethod
    def _visible(changes: Iterable[Change | None]) -> Iterable[Change]:
        for change in changes:
            unchanged = (
                change is not None
                and change.kind == "CHANGED"
                and change.old is not None
                and change.new is not None
                and same(change.old, change.new)
            )
            if change is not None and not unchanged:
                yield change

    def _set(self, cell: Cell, change: Any, event: Any, notes: dict[str, str]) -> Change:
        return self._install(cell, from_wire(change.set), change.version, event.revision, event, notes)

    @staticmethod
    def _install(cell: Cell, raw: object, version: int, revision: int, event: Any, notes: dict[str, str]) -> Change:
        last = cell.state
        state = last._replace(
            value=_value(last.variable, raw),
            version=version,
            revision=revision,
            metadata=dict(sorted({**last.metadata, **notes}.items())) if notes else last.metadata,
            updated_ms=event.at_ms,
            source=event.source,
        )
        cell.install(state)
        return Change("CHANGED", state.name, last.value, state.value, state)

    def _register(self, change: Any, event: Any, notes: dict[str, str]) -> Change:
        variable = Variable.from_wire(change.registered)
        state = VariableState(
            change.id,
            variable,
            variable.default,
            change.version,
            event.revision,
            dict(sorted({**variable.metadata, **notes}.items())),
            event.at_ms,
            event.at_ms,
            event.source,
        )
        cell = Cell(self._places, state)
        self._places += 1
        self._cells[state.id] = self._cells[state.name] = self._names[state.name] = cell
        self._retired.pop(state.name, None)
        return Change("REGISTERED", state.name, None, state.value, state)

    def _delete(self, cell: Cell) -> Change:
        last = cell.state
        del self._cells[last.id], self._cells[last.name], self._names[last.name]
        self._deleted = {last.id: cell, last.name: cell}
        self._retired[last.name] = last.version
        self._graph.remove_all(last.name)
        return Change("DELETED", last.name, last.value, None, last)

    def _take_documents(self, event: Any) -> None:
        if not event.documents and not event.deleted_documents:
            return
        documents = dict(self._documents)
        for record in event.documents:
            documents[record.key] = Document.from_wire(record)
            self._retired.pop("document:" + record.key, None)
        for key in event.deleted_documents:
            self._retired["document:" + key] = documents.pop(key).version
        self._documents = documents


def _value(variable: Variable, raw: object) -> Any:
    value = variable.domain.cast(raw)
    if value is None:
        raise AssertionError(f"{variable.name}: the owner of the state accepted a value that is no {variable.type}")
    return value
