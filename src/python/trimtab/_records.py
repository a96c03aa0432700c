"""What a state consists of: immutable records, and their messages on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from trimtab import _wire
from trimtab._domains import Variable
from trimtab._times import instant_text
from trimtab._values import CanonicalValue, from_wire, to_wire
from trimtab.exceptions import InvalidValueError, Violation

HISTORY_LIMIT = 50

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class VariableState(NamedTuple):
    """A variable with its value at one revision: a snapshot that later writes never change."""

    id: str
    variable: Variable
    value: CanonicalValue
    version: int
    revision: int
    metadata: Mapping[str, str]
    created_ms: int
    updated_ms: int
    source: str

    @property
    def name(self) -> str:
        """The variable's name."""
        return self.variable.name

    @property
    def updated_at(self) -> datetime:
        """When this version was written."""
        return _EPOCH + timedelta(milliseconds=self.updated_ms)

    @property
    def created_at(self) -> datetime:
        """When the variable was registered."""
        return _EPOCH + timedelta(milliseconds=self.created_ms)

    def to_wire(self) -> Any:
        """Returns the record's message."""
        return _wire.VariableRecord(
            id=self.id,
            definition=self.variable.to_wire(),
            value=to_wire(self.value),
            version=self.version,
            revision=self.revision,
            metadata=self.metadata,
            created_at_ms=self.created_ms,
            updated_at_ms=self.updated_ms,
            source=self.source,
        )

    @staticmethod
    def from_wire(message: Any, variable: Variable | None = None) -> VariableState:
        """Reads the record's message."""
        variable = variable or Variable.from_wire(message.definition)
        return VariableState(
            message.id,
            variable,
            _value(variable, message.value),
            message.version,
            message.revision,
            dict(message.metadata),
            message.created_at_ms,
            message.updated_at_ms,
            message.source,
        )

    def history_to_wire(self) -> Any:
        """Returns this version as a message of the history."""
        return _wire.HistoryRecord(
            version=self.version,
            value=to_wire(self.value),
            updated_at_ms=self.updated_ms,
            source=self.source,
            metadata=self.metadata,
        )

    def past_from_wire(self, message: Any) -> VariableState:
        """Reads an earlier version of this variable; its own revision is not known and never asked for."""
        return self._replace(
            value=_value(self.variable, message.value),
            version=message.version,
            metadata=dict(message.metadata),
            updated_ms=message.updated_at_ms,
            source=message.source,
        )


def _value(variable: Variable, message: Any) -> CanonicalValue:
    raw = from_wire(message)
    value = variable.domain.cast(raw)
    if value is None:
        raise InvalidValueError([Violation(variable.name, variable.domain.description, str(raw))])
    return value


class Document(NamedTuple):
    """A versioned text kept beside the variables and written in the same batches."""

    key: str
    content: str
    version: int
    updated_ms: int

    def to_wire(self) -> Any:
        """Returns the document's message."""
        return _wire.DocumentRecord(
            key=self.key, content=self.content, version=self.version, updated_at_ms=self.updated_ms
        )

    @staticmethod
    def from_wire(message: Any) -> Document:
        """Reads the document's message."""
        return Document(message.key, message.content, message.version, message.updated_at_ms)


class Lease(NamedTuple):
    """The sole right to write some variables for a while."""

    id: str
    owner: str
    names: frozenset[str]
    expires_ms: int

    @property
    def expires_at(self) -> str:
        """When it ends unless renewed, as ISO 8601."""
        return instant_text(self.expires_ms)

    def to_wire(self) -> Any:
        """Returns the lease's message."""
        return _wire.Lease(id=self.id, owner=self.owner, names=sorted(self.names), expires_at_ms=self.expires_ms)

    @staticmethod
    def from_wire(message: Any) -> Lease:
        """Reads the lease's message."""
        return Lease(message.id, message.owner, frozenset(message.names), message.expires_at_ms)


class Dependency(NamedTuple):
    """One variable must be updated before another; both by name."""

    before: str
    after: str


class Entry(NamedTuple):
    """One exported variable: its kept versions, newest first; the first is the current one."""

    state: VariableState
    history: Sequence[VariableState]


class StateExport(NamedTuple):
    """A whole state as of one revision."""

    session_id: str
    revision: int
    exported_ms: int
    variables: Sequence[Entry]
    documents: Sequence[Document]
    leases: Sequence[Lease]
    dependencies: Sequence[Dependency]
    retired_versions: Mapping[str, int]
    metadata: Mapping[str, str]

    def essence(self) -> tuple[Any, ...]:
        """Returns what is equal in states of one history and one revision; leases and dependencies follow no revision."""
        variables = [
            (_encoded(entry.state.to_wire()), [_encoded(past.history_to_wire()) for past in entry.history])
            for entry in self.variables
        ]
        return variables, sorted(self.documents), dict(self.retired_versions)


def _encoded(message: Any) -> bytes:
    encoded: bytes = message.SerializeToString(deterministic=True)
    return encoded


class Commit(NamedTuple):
    """What a batch wrote: each variable by the name or id the batch used, and each document put by key."""

    revision: int
    variables: Mapping[str, VariableState]
    documents: Mapping[str, Document]


class Change(NamedTuple):
    """What happened to one variable; ``kind`` is INITIAL, REGISTERED, CHANGED or DELETED."""

    kind: str
    name: str
    old: CanonicalValue | None
    new: CanonicalValue | None
    state: VariableState


class ChangeSet(NamedTuple):
    """All that one commit did to the variables a watcher watches."""

    revision: int
    changes: Sequence[Change]
    conflated: bool = False

    @property
    def initial(self) -> bool:
        """Whether this is the first delivery of a watch that asked for current values."""
        return all(change.kind == "INITIAL" for change in self.changes)


@dataclass(frozen=True)
class Snapshot:
    """Variables and documents of one revision."""

    session_id: str
    revision: int
    variables: Mapping[str, VariableState]
    documents: Mapping[str, Document]

    @property
    def values(self) -> dict[str, CanonicalValue]:
        """The values by name."""
        return {name: state.value for name, state in self.variables.items()}

    def __getitem__(self, name: str) -> CanonicalValue:
        return self.variables[name].value

    def __contains__(self, name: str) -> bool:
        return name in self.variables
