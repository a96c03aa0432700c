"""Sessions on disk: one SQLite file per data directory, one writer, every acknowledged write in it.

A commit, the ids of the requests behind it and everything else an operation changes are one transaction, synced before anybody is told.
Records are kept as the wire's messages, so doubles are their 64 bits and texts are theirs. After any error of SQLite the connection is
closed, which undoes what was not committed, and a new one is opened; the session then takes over what is on disk, whether a commit that
failed came through or not, so memory and disk never differ.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from trimtab import _wire
from trimtab._records import HISTORY_LIMIT, Dependency, Document, Entry, Lease, StateExport, VariableState
from trimtab.exceptions import StateUnavailableError, TrimtabError

log = logging.getLogger("trimtab")

FILE = "trimtab.db"
FORMAT = "trimtab.disk/1"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (session TEXT PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS variables (
  place INTEGER PRIMARY KEY, session TEXT NOT NULL, id TEXT NOT NULL, record BLOB NOT NULL, UNIQUE (session, id));
CREATE TABLE IF NOT EXISTS history (
  session TEXT, id TEXT, version INTEGER, record BLOB NOT NULL, PRIMARY KEY (session, id, version)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
  place INTEGER PRIMARY KEY, session TEXT NOT NULL, key TEXT NOT NULL, record BLOB NOT NULL, UNIQUE (session, key));
CREATE TABLE IF NOT EXISTS leases (session TEXT, id TEXT, record BLOB NOT NULL, PRIMARY KEY (session, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dependencies (
  session TEXT, name_before TEXT, name_after TEXT, PRIMARY KEY (session, name_before, name_after)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS retired (
  session TEXT, name TEXT, version INTEGER NOT NULL, PRIMARY KEY (session, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS requests (
  session TEXT, client INTEGER, sequence INTEGER, result BLOB NOT NULL, PRIMARY KEY (session, client, sequence)) WITHOUT ROWID;
"""
_TABLES = ("variables", "history", "documents", "leases", "dependencies", "retired")


class Disk:
    """The file of a data directory. Threads take turns."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = directory / FILE
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._depth = 0
        with self.transaction():
            self.incarnation = int(self._meta("incarnation", f"{secrets.randbits(64) or 1:016x}"), 16)
            found = self._meta("format", FORMAT)
        if found != FORMAT:
            self.close()
            raise StateUnavailableError(f"{self._path}: expected format {FORMAT}, found {found}")

    def _meta(self, key: str, initial: str) -> str:
        self.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", key, initial)
        return str(self.rows("SELECT value FROM meta WHERE key = ?", key)[0][0])

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(self._path, timeout=1.0, isolation_level=None, check_same_thread=False)
            try:
                # Nobody else may write, or what is in memory would be wrong; a second sidecar is refused here.
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.executescript(_SCHEMA)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Makes everything executed inside one transaction, on disk when this is left normally; may be nested."""
        with self._lock:
            if self._depth:
                yield
                return
            self._depth = 1
            try:
                connection = self._open()
                connection.execute("BEGIN IMMEDIATE")
                yield
                connection.execute("COMMIT")
            except sqlite3.Error as e:
                self._drop_connection()
                raise self._unavailable(e) from e
            except BaseException:
                self._drop_connection()  # undoes what was executed
                raise
            finally:
                self._depth = 0

    def _unavailable(self, error: sqlite3.Error) -> StateUnavailableError:
        return StateUnavailableError(
            f"{self._path}: the disk failed ({error}); whether the last write was applied is unknown"
        )

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def execute(self, sql: str, *parameters: Any) -> None:
        """Executes a statement inside a transaction."""
        self._open().execute(sql, parameters)

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Returns the rows of a query."""
        return self._open().execute(sql, parameters).fetchall()

    def sessions(self) -> list[str]:
        """Returns the ids of the sessions on disk."""
        with self.transaction():
            return [row[0] for row in self.rows("SELECT session FROM sessions ORDER BY session")]

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._drop_connection()


class SqliteJournal:
    """Keeps one session in the file; every method runs under the session's lock."""

    def __init__(self, disk: Disk, session_id: str) -> None:
        self._disk = disk
        self._id = session_id

    @contextmanager
    def group(self) -> Iterator[None]:
        """Makes everything recorded inside one transaction."""
        with self._disk.transaction():
            yield

    def create(self) -> None:
        """Records an empty session."""
        with self.group():
            self._disk.execute("INSERT INTO sessions VALUES (?, 0)", self._id)

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
        """Records a commit."""
        execute = self._disk.execute
        execute("UPDATE sessions SET revision = ? WHERE session = ?", revision, self._id)
        for state in written:
            self._write(state)
        for id in deleted:
            execute("DELETE FROM variables WHERE session = ? AND id = ?", self._id, id)
            execute("DELETE FROM history WHERE session = ? AND id = ?", self._id, id)
        for document in documents:
            self._put(document)
        for key in deleted_documents:
            execute("DELETE FROM documents WHERE session = ? AND key = ?", self._id, key)
        for name in revived:
            execute("DELETE FROM retired WHERE session = ? AND name = ?", self._id, name)
        for name, version in retired.items():
            execute("INSERT OR REPLACE INTO retired VALUES (?, ?, ?)", self._id, name, version)

    def _write(self, state: VariableState) -> None:
        execute = self._disk.execute
        past = state.history_to_wire().SerializeToString()
        self._upsert("variables", "id", state.id, state.to_wire().SerializeToString())
        execute("INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?)", self._id, state.id, state.version, past)
        oldest = state.version - HISTORY_LIMIT
        execute("DELETE FROM history WHERE session = ? AND id = ? AND version <= ?", self._id, state.id, oldest)

    def _put(self, document: Document) -> None:
        self._upsert("documents", "key", document.key, document.to_wire().SerializeToString())

    def _upsert(self, table: str, column: str, key: str, record: bytes) -> None:
        """Writes a record, which keeps its place in the order of first writes."""
        self._disk.execute(
            f"INSERT INTO {table} (session, {column}, record) VALUES (?, ?, ?)"
            f" ON CONFLICT (session, {column}) DO UPDATE SET record = excluded.record",
            self._id,
            key,
            record,
        )

    def aside(self, leases: Collection[Lease] | None, dependencies: Collection[Dependency] | None) -> None:
        """Records all leases or all dependencies."""
        execute = self._disk.execute
        if leases is not None:
            execute("DELETE FROM leases WHERE session = ?", self._id)
            for lease in leases:
                execute("INSERT INTO leases VALUES (?, ?, ?)", self._id, lease.id, lease.to_wire().SerializeToString())
        if dependencies is not None:
            execute("DELETE FROM dependencies WHERE session = ?", self._id)
            for edge in dependencies:
                execute("INSERT INTO dependencies VALUES (?, ?, ?)", self._id, edge.before, edge.after)

    def replace(self, state: StateExport) -> None:
        """Records another state in place of everything; requests stay."""
        for table in _TABLES:
            self._disk.execute(f"DELETE FROM {table} WHERE session = ?", self._id)
        self._disk.execute("UPDATE sessions SET revision = ? WHERE session = ?", state.revision, self._id)
        for entry in state.variables:
            for past in reversed(entry.history):
                self._write(past if past.version != entry.state.version else entry.state)
        for document in state.documents:
            self._put(document)
        self.aside(state.leases, state.dependencies)
        for name, version in state.retired_versions.items():
            self._disk.execute("INSERT INTO retired VALUES (?, ?, ?)", self._id, name, version)

    def remember(self, client: int, sequence: int, result: bytes) -> None:
        """Records that a request was carried out."""
        sql = "INSERT OR REPLACE INTO requests VALUES (?, ?, ?, ?)"
        self._disk.execute(sql, self._id, _signed(client), sequence, result)

    def forget(self, client: int, acknowledged: int) -> None:
        """Forgets requests whose results have arrived."""
        sql = "DELETE FROM requests WHERE session = ? AND client = ? AND sequence <= ?"
        with self.group():
            self._disk.execute(sql, self._id, _signed(client), acknowledged)

    def drop(self) -> None:
        """Forgets the session."""
        with self.group():
            for table in (*_TABLES, "requests", "sessions"):
                self._disk.execute(f"DELETE FROM {table} WHERE session = ?", self._id)

    def reload(self) -> tuple[StateExport, dict[int, dict[int, bytes]]]:
        """Returns what is on disk."""
        with self.group():
            try:
                return self._state(), self._requests()
            except TrimtabError as e:
                raise StateUnavailableError(f"session {self._id}: what is on disk cannot be read: {e}") from e

    def _state(self) -> StateExport:
        rows = self._disk.rows
        revision = rows("SELECT revision FROM sessions WHERE session = ?", self._id)[0][0]
        return StateExport(
            self._id,
            revision,
            0,
            self._entries(),
            [
                Document.from_wire(_wire.DocumentRecord.FromString(record))
                for (record,) in rows("SELECT record FROM documents WHERE session = ? ORDER BY place", self._id)
            ],
            [
                Lease.from_wire(_wire.Lease.FromString(record))
                for (record,) in rows("SELECT record FROM leases WHERE session = ?", self._id)
            ],
            [
                Dependency(before, after)
                for before, after in rows(
                    "SELECT name_before, name_after FROM dependencies WHERE session = ?", self._id
                )
            ],
            dict(rows("SELECT name, version FROM retired WHERE session = ?", self._id)),
            {},
        )

    def _entries(self) -> list[Entry]:
        rows = self._disk.rows
        entries = []
        for id, record in rows("SELECT id, record FROM variables WHERE session = ? ORDER BY place", self._id):
            state = VariableState.from_wire(_wire.VariableRecord.FromString(record))
            history = [
                state.past_from_wire(_wire.HistoryRecord.FromString(past))
                for (past,) in rows(
                    "SELECT record FROM history WHERE session = ? AND id = ? ORDER BY version DESC", self._id, id
                )
            ]
            entries.append(Entry(state, history))
        return entries

    def _requests(self) -> dict[int, dict[int, bytes]]:
        requests: dict[int, dict[int, bytes]] = {}
        sql = "SELECT client, sequence, result FROM requests WHERE session = ? ORDER BY client, sequence"
        for client, sequence, result in self._disk.rows(sql, self._id):
            requests.setdefault(client & ((1 << 64) - 1), {})[sequence] = result
        return requests


def _signed(client: int) -> int:
    return client - (1 << 64) if client >= 1 << 63 else client
