"""A state on disk: what was acknowledged is there after the process was killed, and a disk that fails tears nothing."""

from __future__ import annotations

import contextlib
import json
import math
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from conftest import COUNTER, MODEL, NOTE, TEMPERATURE, TOKEN
from killed_writer import open_session, write_for_ever

from trimtab import SessionContext, Tensor, Variable, _wire
from trimtab._batch import DELETE, DELETE_DOCUMENT, PUT_DOCUMENT, SET, Batch, Write
from trimtab._domains import FloatDomain, TensorDomain
from trimtab._journal import FILE, Disk, SqliteJournal
from trimtab._records import StateExport
from trimtab._store import Session
from trimtab.exceptions import InvalidValueError, StateUnavailableError

ROUNDS = int(os.environ.get("TRIMTAB_KILL_ROUNDS", "50"))


def kept(session: Session) -> StateExport:
    """What a state consists of, without the time of its export."""
    return session.export_state()._replace(exported_ms=0, metadata={})


def comparable(state: StateExport) -> Any:
    """A state with the revisions of past versions left out, which are not kept."""
    variables = [(e.state, [h._replace(revision=0) for h in e.history]) for e in state.variables]
    return state._replace(variables=[], dependencies=sorted(state.dependencies)), variables


def test_everything_survives_reopening(tmp_path: Path) -> None:
    """Variables, odd values, history, documents, leases, dependencies, retired versions and requests are there again."""
    session, disk = open_session(tmp_path)
    odd = Variable("odd", FloatDomain(allow_non_finite=True), 0.0)
    tensor = Variable("tensor", TensorDomain(), Tensor.of("FLOAT64", [2], [1.5, -0.0]))
    session.register(TEMPERATURE, COUNTER, MODEL, NOTE, odd, tensor)
    for value in (-0.0, math.nan, math.inf, 5e-324):
        session.set("odd", value)
    for i in range(60):
        session.set("counter", i)
    session.delete("note")
    session.commit(Batch((), (Write(PUT_DOCUMENT, "a", "one"), Write(PUT_DOCUMENT, "b", "two"))))
    session.commit(Batch((), (Write(DELETE_DOCUMENT, "a"), Write(SET, "model", "large"))))
    session.acquire_lease("study", ["counter"], 3_600_000)
    session.add_dependency("model", "temperature")
    with session.group():
        session.remember((1 << 64) - 3, 7, b"result")
    before = kept(session)
    disk.close()

    again, disk = open_session(tmp_path)
    assert comparable(kept(again)) == comparable(before)
    assert again.recall((1 << 64) - 3, 7) == b"result"
    assert [math.copysign(1, s.value) for s in again.history("odd")[-2:-1]] == [-1]
    assert again.register(NOTE)[0].version == 2
    again.acknowledge((1 << 64) - 3, 7)
    disk.close()
    assert open_session(tmp_path)[0].recall((1 << 64) - 3, 7) is None


def test_order_of_registration_survives(tmp_path: Path) -> None:
    """Variables stay in order of registration when some are deleted, written and registered anew."""
    session, disk = open_session(tmp_path)
    session.register(COUNTER, TEMPERATURE, MODEL)
    session.commit(Batch((), (Write(DELETE, "counter"), Write(SET, "temperature", 1.0))))
    disk.close()
    session, disk = open_session(tmp_path)
    session.register(COUNTER)
    session.set("model", "large")
    disk.close()
    session, _ = open_session(tmp_path)
    assert list(session.snapshot().variables) == ["temperature", "model", "counter"]


def test_refused_commit_leaves_no_trace(tmp_path: Path) -> None:
    """A batch that is refused is not on disk either, and the session goes on."""
    session, disk = open_session(tmp_path)
    session.register(COUNTER, TEMPERATURE)
    with pytest.raises(InvalidValueError):
        session.commit(Batch((), (Write(SET, "counter", 1), Write(SET, "temperature", 9))))
    session.set("counter", 2)
    disk.close()
    again, _ = open_session(tmp_path)
    assert again.get("counter").version == 2
    assert again.revision == 2


def test_second_sidecar_on_one_directory_is_refused(tmp_path: Path) -> None:
    """Two processes cannot own one state."""
    open_session(tmp_path)
    with pytest.raises(StateUnavailableError, match="locked"):
        Disk(tmp_path)


def test_foreign_file_is_refused(tmp_path: Path) -> None:
    """A file of another format is a clear error, not an empty state."""
    Disk(tmp_path).close()
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("UPDATE meta SET value = 'trimtab.disk/9' WHERE key = 'format'")
    connection.commit()
    connection.close()
    with pytest.raises(StateUnavailableError, match=r"expected format trimtab\.disk/1, found trimtab\.disk/9"):
        Disk(tmp_path)


class FailingDisk(Disk):
    """A disk whose next statements, counted down, fail."""

    countdown = -1

    def execute(self, sql: str, *parameters: Any) -> None:
        """Fails when its time has come."""
        self.countdown -= 1
        if self.countdown == 0:
            raise sqlite3.OperationalError("database or disk is full")
        super().execute(sql, *parameters)


def test_failing_disk_never_leaves_half_a_commit(tmp_path: Path) -> None:
    """Whichever statement of a commit fails, memory and disk hold all of it or nothing, and the next write succeeds."""
    disk = FailingDisk(tmp_path)
    journal = SqliteJournal(disk, "s1")
    session = Session("s1", journal=journal)
    journal.create()
    session.register(COUNTER, TEMPERATURE)
    batch = Batch((MODEL,), (Write(SET, "counter", 1), Write(DELETE, "temperature"), Write(PUT_DOCUMENT, "d", "x")))
    before = comparable(kept(session))
    failures = 0
    for step in range(1, 100):
        disk.countdown = step
        try:
            session.commit(batch)
            break
        except StateUnavailableError:
            failures += 1
            disk.countdown = -1
            assert comparable(kept(session)) == before
    assert failures >= 8
    after = kept(session)
    assert [e.state.name for e in after.variables] == ["counter", "model"]
    disk.close()
    again, _ = open_session(tmp_path)
    assert comparable(kept(again)) == comparable(after)


def test_disk_that_stays_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk cannot be read again nothing is answered from memory; once it can, everything is as it was."""
    session, disk = open_session(tmp_path)
    session.register(COUNTER)
    session.set("counter", 5)

    def fail(sql: str, *parameters: Any) -> Any:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as broken:
        broken.setattr(disk, "execute", fail)
        broken.setattr(disk, "rows", fail)
        with pytest.raises(StateUnavailableError):
            session.set("counter", 6)
        with pytest.raises(StateUnavailableError):
            session.get("counter")

    assert session.get("counter").value == 5
    assert session.set("counter", 7).version == 3


@pytest.fixture
def fast_dir() -> Iterator[Path]:
    """A directory in memory where there is one: what a killed process has written survives there too, and a sync costs nothing."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as directory:
        yield Path(directory)


def test_acknowledged_commits_survive_kill(fast_dir: Path) -> None:
    """Killed at a random moment of its writing, again and again, a process leaves every acknowledged commit, and no half one."""
    forks = "forkserver" in multiprocessing.get_all_start_methods()
    start: Any = multiprocessing.get_context("forkserver" if forks else "spawn")
    if forks:
        start.set_forkserver_preload(["killed_writer"])
    chance = random.Random(7)
    acknowledged = 0
    for round in range(ROUNDS):
        receiver, sender = start.Pipe(duplex=False)
        writer = start.Process(target=write_for_ever, args=(fast_dir, sender), daemon=True)
        writer.start()
        sender.close()
        for _ in range(chance.randrange(1, 10)):
            acknowledged = receiver.recv()
        writer.kill()
        writer.join(20)
        with contextlib.suppress(EOFError):
            while True:
                acknowledged = receiver.recv()
        receiver.close()
        session, disk = open_session(fast_dir)
        counter, temperature = session.get("counter"), session.get("temperature")
        disk.close()
        assert counter.value in (acknowledged, acknowledged + 1), f"round {round}"
        assert counter.version == counter.value + 1 == temperature.version == session.revision
        assert temperature.value == counter.value % 20 / 10


class Process:
    """A durable sidecar as a process of its own."""

    def __init__(self, directory: Path, data: Path) -> None:
        source = Path(__file__).parent.parent
        command = [sys.executable, "-m", "trimtab", "--data-dir", str(data), "--listen", f"unix:{directory}/s"]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(source)},
        )
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{TOKEN}\n".encode())
        self.process.stdin.flush()
        self.handshake = json.loads(self.process.stdout.readline())

    def kill(self) -> None:
        """Kills it without a chance to end well."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()


def test_acknowledged_requests_survive_kill(short_dir: Path, tmp_path: Path) -> None:
    """Killed at a random moment under load, again and again, a durable sidecar has every acknowledged write, once."""
    chance = random.Random(7)
    acknowledged = 0
    incarnations = set()
    for round in range(max(3, ROUNDS // 20)):
        process = Process(short_dir, tmp_path)
        incarnations.add(process.handshake["incarnation"])
        channel = grpc.insecure_channel(process.handshake["address"])
        execute = channel.unary_unary(
            "/trimtab.bridge.v1.StateService/Execute",
            request_serializer=_wire.ExecuteRequest.SerializeToString,
            response_deserializer=_wire.ExecuteResponse.FromString,
        )
        if round == 0:
            with SessionContext.connect(process.handshake["address"], token=TOKEN, session="s1") as context:
                context.register(COUNTER)
        kill_after = chance.randrange(1, 12)
        pending = [execute.future(_increment(acknowledged + 1 + i), metadata=_AUTH, timeout=20) for i in range(20)]
        for i, call in enumerate(pending):
            if i == kill_after:
                process.process.send_signal(signal.SIGKILL)
            try:
                result = call.result()
                assert not result.result.HasField("failure")
                acknowledged += 1
            except grpc.RpcError:
                break
        process.kill()
        channel.close()
        session, disk = open_session(tmp_path)
        state = session.get("counter")
        disk.close()
        assert state.version - 1 >= acknowledged, f"round {round}: an acknowledged write is lost"
        assert state.value == state.version - 1, f"round {round}: a write is torn or applied twice"
        acknowledged = state.version - 1
    assert len(incarnations) == 1
    assert acknowledged >= 3


_AUTH = (("authorization", f"Bearer {TOKEN}"),)


def _increment(sequence: int) -> Any:
    """The request that makes the counter what its version says, under a number of its own."""
    request = _wire.ExecuteRequest(session_id="s1", client=99)
    request.protocol.major = 1
    request.operation.sequence = sequence
    write = request.operation.commit.writes.add(key="counter", expected_version=sequence)
    write.set.integer_value = sequence
    return request
