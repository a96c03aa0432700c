"""What the durability tests kill: a process that commits as fast as it can and says so after each commit.

A module of its own without gRPC, so that a fork server can preload it and a round costs a fork instead of a start.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from trimtab import FloatDomain, IntegerDomain, Variable
from trimtab._batch import SET, Batch, Write
from trimtab._journal import Disk, SqliteJournal
from trimtab._store import Session


def open_session(directory: Path) -> tuple[Session, Disk]:
    """Opens the session of a data directory as a new process does."""
    disk = Disk(directory)
    journal = SqliteJournal(disk, "s1")
    session = Session("s1", journal=journal)
    if "s1" in disk.sessions():
        session.restore_from_disk()
    else:
        journal.create()
    return session, disk


def write_for_ever(directory: Path, acknowledged: Connection) -> None:
    """Commits two variables again and again, and sends the number of each commit that was acknowledged."""
    session, _ = open_session(directory)
    if session.revision == 0:
        session.register(
            Variable("counter", IntegerDomain(), 0),
            Variable("temperature", FloatDomain(0.0, 2.0), 0.0),
        )
    while True:
        version = session.get("counter").version
        session.commit(Batch((), (Write(SET, "counter", version), Write(SET, "temperature", version % 20 / 10))))
        acknowledged.send(version)
