"""A whole state as a stream of pieces, so that no message grows with the state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trimtab._records import Dependency, Document, Entry, Lease, StateExport, VariableState
from trimtab._wire import FRAME_PART, Part, field
from trimtab.exceptions import StateImportError, TrimtabError

MAX_VARIABLES = 100_000
MAX_DOCUMENTS = 10_000
MAX_OTHERS = 100_000


def parts(state: StateExport) -> Iterator[Any]:
    """Yields the Part messages of a state: header, items in the order of trimtab.state/1, end."""
    header = Part()
    header.header.session_id = state.session_id
    header.header.revision = state.revision
    header.header.exported_at_ms = state.exported_ms
    for key, value in state.metadata.items():
        header.header.metadata[key] = value
    yield header
    for entry in state.variables:
        yield Part(variable=entry.state.to_wire())
        for past in entry.history:
            yield Part(history=past.history_to_wire())
    for document in state.documents:
        yield Part(document=document.to_wire())
    for lease in state.leases:
        yield Part(lease=lease.to_wire())
    for edge in state.dependencies:
        part = Part()
        part.dependency.SetInParent()
        setattr(part.dependency, "from", edge.before)
        part.dependency.to = edge.after
        yield part
    for name, version in state.retired_versions.items():
        part = Part()
        part.retired.name = name
        part.retired.version = version
        yield part
    end = Part()
    end.end.variables = len(state.variables)
    end.end.documents = len(state.documents)
    yield end


def part_pieces(state: StateExport) -> Iterator[bytes]:
    """Yields the parts of a state, each encoded as a field of a frame."""
    for part in parts(state):
        yield field(FRAME_PART, part.SerializeToString())


class PartReader:
    """Puts a state together from its parts, which may come from anyone; the state is not yet known to be sound."""

    def __init__(self) -> None:
        self._header: Any = None
        self._variables: list[tuple[VariableState, list[VariableState]]] = []
        self._documents: list[Document] = []
        self._leases: list[Lease] = []
        self._dependencies: list[Dependency] = []
        self._retired: dict[str, int] = {}
        self._after_variable = False
        self._end: Any = None

    @property
    def complete(self) -> bool:
        """Whether the end has come."""
        return self._end is not None

    def take(self, part: Any) -> None:
        """Takes the next part, or raises StateImportError."""
        kind = part.WhichOneof("kind")
        if kind is None:
            raise StateImportError("export: a part of a kind this version does not know")
        if self._end is not None or (self._header is None) != (kind == "header"):
            raise StateImportError(f"export: expected the header first and the end last, got {kind} elsewhere")
        try:
            getattr(self, f"_{kind}_part")(getattr(part, kind))
        except StateImportError:
            raise
        except TrimtabError as e:
            raise StateImportError(f"export.{kind}: {e}") from e
        self._after_variable = kind in ("variable", "history")

    def _header_part(self, header: Any) -> None:
        self._header = header

    def _variable_part(self, record: Any) -> None:
        _limit("variables", len(self._variables), MAX_VARIABLES)
        self._variables.append((VariableState.from_wire(record), []))

    def _history_part(self, record: Any) -> None:
        if not self._after_variable:
            raise StateImportError("export.history: expected directly after its variable")
        state, history = self._variables[-1]
        if len(history) == 50:
            raise StateImportError(f"export.{state.name}.history: expected at most 50 versions, got more")
        history.append(state.past_from_wire(record))

    def _document_part(self, record: Any) -> None:
        _limit("documents", len(self._documents), MAX_DOCUMENTS)
        self._documents.append(Document.from_wire(record))

    def _lease_part(self, lease: Any) -> None:
        _limit("leases", len(self._leases), MAX_OTHERS)
        self._leases.append(Lease.from_wire(lease))

    def _dependency_part(self, edge: Any) -> None:
        _limit("dependencies", len(self._dependencies), MAX_OTHERS)
        self._dependencies.append(Dependency(getattr(edge, "from"), edge.to))

    def _retired_part(self, retired: Any) -> None:
        _limit("retired_versions", len(self._retired), MAX_OTHERS)
        self._retired[retired.name] = retired.version

    def _end_part(self, end: Any) -> None:
        counts = (len(self._variables), len(self._documents))
        if counts != (end.variables, end.documents):
            raise StateImportError(
                f"export: expected {end.variables} variables and {end.documents} documents, got {counts[0]} and {counts[1]}"
            )
        self._end = end

    def state(self) -> StateExport:
        """Returns the whole state, or raises StateImportError if its end has not come."""
        if self._end is None:
            raise StateImportError("export: expected an end after the last part, found none")
        header = self._header
        return StateExport(
            header.session_id,
            header.revision,
            header.exported_at_ms,
            [Entry(state, history) for state, history in self._variables],
            self._documents,
            self._leases,
            self._dependencies,
            self._retired,
            dict(header.metadata),
        )


def _limit(what: str, count: int, limit: int) -> None:
    if count >= limit:
        raise StateImportError(f"export.{what}: expected at most {limit}, got more")


__all__ = ["PartReader", "part_pieces", "parts"]
