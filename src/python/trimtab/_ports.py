"""What a session asks of those around it: whoever is told of commits, and a disk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from trimtab._records import ChangeSet, Dependency, Document, Lease, StateExport, VariableState


class Subscriber(Protocol):
    """Is told of every commit, under the session's lock: it must only take notes."""

    def event(self, piece: bytes) -> None:
        """Takes an Event, encoded as a field of a ServerFrame."""

    def replaced(self, piece: bytes, state: StateExport) -> None:
        """Takes an Event after which the whole state is another one, and that state."""

    def closed(self) -> None:
        """Learns that the session has ended for everybody."""


class Listener(Protocol):
    """Is told of changes inside this process, under the session's lock: it must only take notes."""

    def offer(self, changes: ChangeSet) -> None:
        """Takes what one commit did."""

    def closed(self) -> None:
        """Learns that the session has ended for everybody."""


class Journal(Protocol):
    """Keeps a session on disk. Every method runs under the session's lock."""

    def group(self) -> AbstractContextManager[None]:
        """Makes everything recorded inside one transaction; whoever leaves it normally has it on disk."""

    def commit(
        self,
        revision: int,
        written: Iterable[VariableState],
        deleted: Iterable[str],
        documents: Iterable[Document],
        deleted_documents: Iterable[str],
        retired: Mapping[str, int],
        revived: Iterable[str],
    ) -> None:
        """Records a commit: versions written, ids deleted, documents, and names whose last versions are kept or not any more."""

    def aside(self, leases: Collection[Lease] | None, dependencies: Collection[Dependency] | None) -> None:
        """Records all leases or all dependencies."""

    def replace(self, state: StateExport) -> None:
        """Records another state in place of everything."""

    def remember(self, client: int, sequence: int, result: bytes) -> None:
        """Records that a request was carried out."""

    def forget(self, client: int, acknowledged: int) -> None:
        """Forgets requests whose results have arrived."""

    def drop(self) -> None:
        """Forgets the session."""

    def reload(self) -> tuple[StateExport, dict[int, dict[int, bytes]]]:
        """Returns what is on disk, after a group failed."""


class Beginning(NamedTuple):
    """What a subscriber must know before it is told more: the Events it missed, or the whole state."""

    revision: int
    missed: Sequence[bytes]
    state: StateExport | None
