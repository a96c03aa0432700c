"""The server as a client meets it on the wire."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest
from conftest import COUNTER, NOTE, TEMPERATURE, TOKEN, Sidecar

from trimtab import SessionContext, Variable, _wire
from trimtab._columns import columns
from trimtab._domains import FloatDomain
from trimtab._failures import FAILURE_TRAILER, from_failure, to_failure
from trimtab._lane import GREETING, SUFFIX, messages, send_message
from trimtab._parts import PartReader, parts
from trimtab._server import Server
from trimtab.exceptions import (
    ConfigurationNotFoundError,
    IllegalCallError,
    NoHostError,
    ProtocolMismatchError,
    SessionClosedError,
    SessionUnknownError,
    StateUnavailableError,
    TrimtabError,
)

AUTH = (("authorization", f"Bearer {TOKEN}"),)


class GrpcWay:
    """Frames by gRPC."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address)
        self._outgoing: queue.SimpleQueue[Any] = queue.SimpleQueue()
        method = self._channel.stream_stream(
            "/trimtab.bridge.v1.StateService/Connect",
            request_serializer=_wire.ClientFrame.SerializeToString,
            response_deserializer=_wire.ServerFrame.FromString,
        )
        self._call = method(iter(self._outgoing.get, None), metadata=AUTH, timeout=30)

    def send(self, frame: Any) -> None:
        """Sends one frame."""
        self._outgoing.put(frame)

    def read(self) -> Any:
        """Reads one frame."""
        return next(self._call)

    def close(self) -> None:
        """Ends the stream."""
        self._outgoing.put(None)
        self._call.cancel()
        self._channel.close()


class LaneWay:
    """Frames by the direct lane."""

    def __init__(self, address: str) -> None:
        self._socket = dial(address)
        send_message(self._socket, GREETING + TOKEN.encode())
        self._messages = messages(self._socket)

    def send(self, frame: Any) -> None:
        """Sends one frame."""
        send_message(self._socket, frame.SerializeToString())

    def read(self) -> Any:
        """Reads one frame."""
        return _wire.ServerFrame.FromString(next(self._messages))

    def close(self) -> None:
        """Ends the stream."""
        self._socket.close()


def dial(address: str) -> socket.socket:
    """Connects to the lane of a sidecar."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(30)
    connection.connect(address.removeprefix("unix:") + SUFFIX)
    return connection


class Link:
    """One Connect stream, frame by frame."""

    def __init__(self, way: GrpcWay | LaneWay, **opening: Any) -> None:
        self._way = way
        frame = _wire.ClientFrame()
        frame.open.session_id = "s1"
        frame.open.client = 77
        frame.open.protocol.major = 1
        frame.open.protocol.software = "trimtab-jvm 0.1.0"
        for key, value in opening.items():
            if key == "resume_after":
                frame.open.resume_after.incarnation, frame.open.resume_after.revision = value
            elif key == "major":
                frame.open.protocol.major = value
            else:
                setattr(frame.open, key, value)
        self.opened: Any = None
        self.told: list[Any] = []  # everything in the order it counts: parts, events, results, ready
        self._way.send(frame)

    def read(self) -> Any:
        """Reads one frame."""
        frame = self._way.read()
        if frame.HasField("failure"):
            raise from_failure(frame.failure)
        if frame.HasField("opened"):
            self.opened = frame.opened
        self.told.extend([*frame.parts, *frame.events, *frame.results])
        if frame.HasField("ready"):
            self.told.append(frame.ready)
        return frame

    def ready(self) -> Any:
        """Reads until the server says ready; returns its position."""
        while not (frame := self.read()).HasField("ready"):
            pass
        return frame.ready

    def send(self, *operations: Any, acknowledged: int = 0) -> None:
        """Sends operations in one frame."""
        self.send_frame(_wire.ClientFrame(operations=operations, acknowledged=acknowledged))

    def send_frame(self, frame: Any) -> None:
        """Sends a frame."""
        self._way.send(frame)

    def result(self, sequence: int) -> Any:
        """Reads until a result has come."""
        while True:
            for item in self.told:
                if item.DESCRIPTOR.name == "Result" and item.sequence == sequence:
                    return item
            self.read()

    def close(self) -> None:
        """Ends the stream."""
        self._way.close()


@pytest.fixture(params=[GrpcWay, LaneWay])
def link(request: pytest.FixtureRequest, sidecar: Sidecar) -> Iterator[Callable[..., Link]]:
    """Makes streams to the server, by each way."""
    made: list[Link] = []

    def make(**opening: Any) -> Link:
        made.append(Link(request.param(sidecar.address), **opening))
        return made[-1]

    yield make
    for one in made:
        one.close()


def registration(sequence: int, *variables: Variable) -> Any:
    """A Commit that registers variables."""
    operation = _wire.Operation(sequence=sequence)
    operation.commit.registrations.extend(variable.to_wire() for variable in variables)
    return operation


def setting(sequence: int, key: str, value: int) -> Any:
    """A Commit that sets an integer."""
    operation = _wire.Operation(sequence=sequence)
    operation.commit.writes.add(key=key).set.integer_value = value
    return operation


def setting_each(*written: tuple[int, str, Any], operations: Sequence[Any] = ()) -> Any:
    """A frame that sets variables one by one, in columns."""
    message = _wire.ClientFrame(operations=operations)
    message.sets.sequences.extend(sequence for sequence, _, _ in written)
    message.sets.columns.CopyFrom(columns([key for _, key, _ in written], [value for _, _, value in written]))
    return message


def barrier(sequence: int) -> Any:
    """A Barrier."""
    operation = _wire.Operation(sequence=sequence)
    operation.barrier.SetInParent()
    return operation


def kinds(told: list[Any]) -> list[str]:
    """The kinds of what came, in order."""
    return [item.DESCRIPTOR.name for item in told]


def test_opening_a_new_session(link: Callable[..., Link]) -> None:
    """A new client is told who answers, then the whole state, then that it is up to date."""
    one = link()
    position = one.ready()
    assert one.opened.created and not one.opened.resumed and not one.opened.durable
    assert one.opened.protocol.major == 1 and one.opened.protocol.software.startswith("trimtab-python")
    assert position.incarnation == one.opened.incarnation != 0
    assert kinds(one.told) == ["Part", "Part", "Position"]


def test_events_come_before_results_in_revision_order(link: Callable[..., Link]) -> None:
    """Every commit is told before its result, a barrier's result comes after all commits before it, to every client."""
    one, other = link(), link(client=88)
    one.ready()
    other.ready()
    one.send(registration(1, COUNTER), *(setting(2 + i, "counter", i) for i in range(300)), barrier(302))
    assert one.result(302).revision == 301
    told = one.told[3:]
    seen: set[int] = set()
    revisions = []
    for item in told:
        if item.DESCRIPTOR.name == "Event":
            seen.add(item.revision)
            revisions.append(item.revision)
            assert item.client == 77 and item.source == "jvm"
        elif item.sequence < 302:
            assert item.revision in seen
    assert revisions == list(range(1, 302))
    other.send(barrier(1))
    other.result(1)
    assert [e.revision for e in other.told if e.DESCRIPTOR.name == "Event"] == list(range(1, 302))


def test_events_carry_what_a_replica_needs(link: Callable[..., Link]) -> None:
    """An event of a mixed commit says what was registered, set, deleted and put, with the writer's metadata."""
    one = link()
    one.ready()
    one.send(registration(1, COUNTER, NOTE))
    operation = registration(2, TEMPERATURE)
    commit = operation.commit
    commit.writes.add(key="counter", expected_version=1).set.integer_value = 5
    commit.writes.add(key="note").delete.SetInParent()
    commit.writes.add(key="doc", expected_version=0).put_document = "text"
    commit.context.metadata["why"] = "test"
    commit.context.source = "a study"
    one.send(operation)
    one.result(2)
    event = [item for item in one.told if item.DESCRIPTOR.name == "Event"][-1]
    assert [change.WhichOneof("kind") for change in event.changes] == ["registered", "set", "deleted"]
    assert (event.changes[1].version, event.changes[1].set.integer_value) == (2, 5)
    assert dict(event.metadata) == {"why": "test"} and event.source == "a study"
    assert (event.documents[0].key, event.documents[0].version) == ("doc", 1)


def test_retried_request_applies_once(link: Callable[..., Link]) -> None:
    """A write sent again under its number, also over another stream, is carried out once; acknowledged ones are forgotten."""
    one = link()
    one.ready()
    one.send(registration(1, COUNTER))
    one.send(setting(2, "counter", 5))
    revision = one.result(2).revision
    again = link()
    again.ready()
    again.send(setting(2, "counter", 5), barrier(3))
    assert again.result(2).revision == revision
    assert again.result(3).revision == revision
    again.send(setting(2, "counter", 5), acknowledged=3)
    again.send(barrier(4))
    assert again.result(4).revision == revision + 1


def test_sets_in_columns(link: Callable[..., Link]) -> None:
    """What was applied is answered by its event, the rest by results; what is sent again is answered by a result, too."""
    one, other = link(), link(client=88)
    one.ready()
    other.ready()
    one.send(registration(1, COUNTER, NOTE))
    one.result(1)
    one.told.clear()
    written = [(2, "counter", 5), (3, "nobody", 1), (4, "note", "x"), (5, "counter", 6)]
    one.send_frame(setting_each(*written, operations=[barrier(6)]))
    assert one.result(6).revision == 4
    events = [item for item in one.told if item.DESCRIPTOR.name == "Event"]
    assert [(event.revision, list(event.sequences)) for event in events] == [(2, [2]), (4, [4, 5])]
    assert [list(event.sets.keys) for event in events] == [["counter"], ["note", "counter"]]
    results = [item for item in one.told if item.DESCRIPTOR.name == "Result"]
    assert [item.sequence for item in results] == [3, 6]
    assert _wire.REASON_NAMES[results[0].failure.reason] == "NOT_FOUND"

    one.send_frame(setting_each((5, "counter", 6), (7, "counter", 7), operations=[barrier(8)]))
    assert (one.result(5).revision, one.result(8).revision) == (4, 5)
    other.send(barrier(1))
    other.result(1)
    assert [e.revision for e in other.told if e.DESCRIPTOR.name == "Event"] == [1, 2, 4, 5]


def test_batches_in_columns(link: Callable[..., Link]) -> None:
    """A batch is one commit; one that is refused says why, as if it had been written out."""
    one = link()
    one.ready()
    one.send(registration(1, COUNTER, NOTE, TEMPERATURE))
    operation = _wire.Operation(sequence=2)
    operation.commit.sets.CopyFrom(columns(["counter", "note", "temperature"], [5, "x", 0.5]))
    operation.commit.context.source = "study"
    one.send(operation)
    assert one.result(2).revision == 2
    event = [item for item in one.told if item.DESCRIPTOR.name == "Event"][-1]
    assert (event.source, event.sequence, list(event.versions)) == ("study", 2, [2, 2, 2])

    operation = _wire.Operation(sequence=3)
    operation.commit.sets.CopyFrom(columns(["counter", "temperature"], [6, 99.0]))
    one.send(operation)
    failure = one.result(3).failure
    assert _wire.REASON_NAMES[failure.reason] == "INVALID_VALUE" and "temperature" in failure.message
    one.send(setting(4, "counter", 7))
    assert one.result(4).revision == 3


def test_refused_operations_do_not_end_the_stream(link: Callable[..., Link]) -> None:
    """A refusal is inside the result, and is not remembered: the same number may be tried again."""
    one = link()
    one.ready()
    one.send(setting(1, "counter", 5), _wire.Operation(sequence=2))
    assert _wire.REASON_NAMES[one.result(1).failure.reason] == "NOT_FOUND"
    assert _wire.REASON_NAMES[one.result(2).failure.reason] == "ILLEGAL_ARGUMENT"
    one.told.clear()
    one.send(registration(3, COUNTER), setting(1, "counter", 5))
    assert not one.result(1).HasField("failure")


def test_resuming(link: Callable[..., Link]) -> None:
    """A client that held a revision of this incarnation gets what it missed; any other gets the whole state."""
    one = link()
    incarnation = one.ready().incarnation
    one.send(registration(1, COUNTER), setting(2, "counter", 1), setting(3, "counter", 2))
    one.result(3)
    again = link(resume_after=(incarnation, 2), mode=1)
    assert again.ready().revision == 3
    assert again.opened.resumed
    events = [item for item in again.told if item.DESCRIPTOR.name == "Event"]
    assert [event.revision for event in events] == [3, 3]
    assert events[1].HasField("leases") and events[1].HasField("dependencies")

    for stale in ((incarnation ^ 1, 2), (incarnation, 99)):
        other = link(resume_after=stale)
        other.ready()
        assert not other.opened.resumed
        assert [p.WhichOneof("kind") for p in other.told[:-1]] == [
            "header",
            "variable",
            "history",
            "history",
            "history",
            "end",
        ]


def test_resuming_beyond_the_log(link: Callable[..., Link]) -> None:
    """The last 1,024 commits are kept; who missed more gets the whole state."""
    one = link()
    incarnation = one.ready().incarnation
    one.send(registration(1, COUNTER), *(setting(2 + i, "counter", i) for i in range(1100)))
    one.result(1101)
    assert link(resume_after=(incarnation, 77)).ready().revision == 1101
    far = link(resume_after=(incarnation, 76))
    far.ready()
    assert not far.opened.resumed
    near = link(resume_after=(incarnation, 77))
    near.ready()
    assert near.opened.resumed


def test_large_state_comes_in_pieces(link: Callable[..., Link]) -> None:
    """A state larger than a message arrives in several frames, and is the same."""
    one = link()
    one.ready()
    variables = [Variable(f"v{i}", FloatDomain(), 0.0, description="x" * 2000) for i in range(2000)]
    one.send(registration(1, *variables))
    one.result(1)
    other = link(client=5)
    frames = 1
    while not other.read().HasField("ready"):
        frames += 1
    assert frames > 3
    reader = PartReader()
    for item in other.told[:-1]:
        reader.take(item)
    assert len(reader.state().variables) == 2000


@pytest.mark.parametrize(
    ("opening", "error"),
    [
        ({"session_id": "other", "mode": 1}, SessionUnknownError),
        ({"session_id": " "}, IllegalCallError),
        ({"major": 2}, ProtocolMismatchError),
    ],
)
def test_refused_openings(link: Callable[..., Link], opening: dict[str, Any], error: type[TrimtabError]) -> None:
    """An opening that cannot be served ends with the reason; a mismatch of protocols names both versions."""
    with pytest.raises(error) as e:
        link(**opening).ready()
    if error is ProtocolMismatchError:
        assert "1.0 (trimtab-python" in str(e.value) and "2.0 (trimtab-jvm" in str(e.value)


def test_closing_a_session_ends_it_for_everybody(link: Callable[..., Link]) -> None:
    """Whoever is connected hears that the session is closed, and it is unknown afterwards."""
    one, other = link(), link(client=88)
    one.ready()
    other.ready()
    operation = _wire.Operation(sequence=1)
    operation.close_session.SetInParent()
    one.send(operation)
    with pytest.raises(SessionClosedError):
        while True:
            other.read()
    with pytest.raises(SessionUnknownError):
        link(mode=1).ready()


@pytest.mark.parametrize("way", [GrpcWay, LaneWay])
def test_quiet_streams_beat(way: type[GrpcWay | LaneWay], short_dir: Path) -> None:
    """A stream on which nothing happens shows that it lives, with the revision."""
    sidecar = Sidecar(short_dir, heartbeat_ms=20).start()
    try:
        one = Link(way(sidecar.address))
        one.ready()
        assert one.opened.heartbeat_ms == 20
        for _ in range(3):
            frame = one.read()
            assert not frame.events and not frame.results and frame.revision == 0
        one.close()
    finally:
        sidecar.stop()
        sidecar.end()


def test_nobody_without_the_token(sidecar: Sidecar) -> None:
    """Every method asks for the token, health included; a wrong one is refused."""
    with grpc.insecure_channel(sidecar.address) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        for metadata in ((), (("authorization", "Bearer " + "0" * 64),), (("authorization", TOKEN),)):
            with pytest.raises(grpc.RpcError) as e:
                check(b"", metadata=metadata, timeout=20)
            assert e.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert check(b"", metadata=AUTH, timeout=20) == b"\x08\x01"
        watch = channel.unary_stream("/grpc.health.v1.Health/Watch")(b"", metadata=AUTH, timeout=20)
        assert next(watch) == b"\x08\x01"
        watch.cancel()
        with pytest.raises(grpc.RpcError) as e:
            channel.unary_unary("/trimtab.bridge.v1.StateService/Nothing")(b"", metadata=AUTH, timeout=20)
        assert e.value.code() is grpc.StatusCode.UNIMPLEMENTED


def execute(sidecar: Sidecar, operation: Any, session_id: str = "s1", software: str = "") -> Any:
    """Calls the unary twin."""
    request = _wire.ExecuteRequest(session_id=session_id, client=99, operation=operation)
    request.protocol.major = 1
    request.protocol.software = software
    with grpc.insecure_channel(sidecar.address) as channel:
        method = channel.unary_unary(
            "/trimtab.bridge.v1.StateService/Execute",
            request_serializer=_wire.ExecuteRequest.SerializeToString,
            response_deserializer=_wire.ExecuteResponse.FromString,
        )
        try:
            return method(request, metadata=AUTH, timeout=20)
        except grpc.RpcError as e:
            trailer = dict(e.trailing_metadata())[FAILURE_TRAILER]
            raise from_failure(_wire.Failure.FromString(trailer)) from None


def test_unary_twins(sidecar: Sidecar) -> None:
    """A simple client writes and reads whole records without a stream, and its retries apply once."""
    with pytest.raises(SessionUnknownError):
        execute(sidecar, barrier(1))
    assert sidecar.server is not None
    sidecar.server.sessions.open("s1")
    response = execute(sidecar, registration(1, COUNTER, TEMPERATURE))
    assert [record.definition.name for record in response.result.variables] == ["counter", "temperature"]
    assert [(w.key, w.variable) for w in response.result.written] == [("counter", 0), ("temperature", 1)]
    for _ in range(2):
        response = execute(sidecar, setting(2, "counter", 5))
        assert response.result.variables[0].version == 2
        assert response.position.revision == response.result.revision == 2
    with pytest.raises(TrimtabError, match="nowhere"):
        execute(sidecar, setting(3, "nowhere", 5))
    partly = setting(4, "counter", 6)
    partly.commit.writes.add(key="temperature").set.float_value = 9
    partly.commit.best_effort = True
    response = execute(sidecar, partly)
    assert [failure.key for failure in response.result.partial] == ["temperature"]
    assert response.result.variables[0].value.integer_value == 6

    reading = _wire.Operation(sequence=5)
    reading.read.glob = "*"
    reading.read.leases = reading.read.dependencies = reading.read.all_documents = True
    assert len(execute(sidecar, reading).result.variables) == 2
    history = _wire.Operation(sequence=6)
    history.history.key = "counter"
    assert [record.version for record in execute(sidecar, history).result.history] == [3, 2, 1]


def transfer(sidecar: Sidecar, state: Any, sequence: int, restore: bool) -> Any:
    """Imports a state."""
    messages = [_wire.ImportRequest()]
    opening = messages[0].open
    opening.session_id, opening.client, opening.sequence, opening.restore = "s1", 99, sequence, restore
    opening.protocol.major = 1
    messages.extend(_wire.ImportRequest(parts=[part]) for part in parts(state))
    with grpc.insecure_channel(sidecar.address) as channel:
        method = channel.stream_unary(
            "/trimtab.bridge.v1.StateService/Import",
            request_serializer=_wire.ImportRequest.SerializeToString,
            response_deserializer=_wire.ImportResponse.FromString,
        )
        try:
            return method(iter(messages), metadata=AUTH, timeout=20)
        except grpc.RpcError as e:
            trailer = dict(e.trailing_metadata())[FAILURE_TRAILER]
            raise from_failure(_wire.Failure.FromString(trailer)) from None


def test_restore_never_takes_a_state_back(sidecar: Sidecar, link: Callable[..., Link]) -> None:
    """A restore applies to a session that is unknown or behind, and does nothing to one that is ahead."""
    assert sidecar.server is not None
    session, _ = sidecar.server.sessions.open("s1")
    session.register(COUNTER)
    session.set("counter", 5)
    old = session.export_state()
    session.set("counter", 6)
    assert not transfer(sidecar, old, 1, restore=True).applied
    sidecar.server.sessions.close("s1")
    response = transfer(sidecar, old, 2, restore=True)
    assert response.applied and response.position.revision == old.revision
    assert sidecar.server.sessions.get("s1").get("counter").value == 5


def test_restore_of_another_history_rises_above_both(sidecar: Sidecar) -> None:
    """At one revision, an equal state changes nothing; another one is not taken, and the revision rises so that its holder is told."""
    assert sidecar.server is not None
    session, _ = sidecar.server.sessions.open("s1")
    session.register(COUNTER)
    before = session.export_state()
    session.set("counter", 5)
    other = session.export_state()
    assert transfer(sidecar, other, 1, restore=True).position.revision == other.revision

    sidecar.server.sessions.close("s1")
    transfer(sidecar, before, 2, restore=True)
    session = sidecar.server.sessions.get("s1")
    session.set("counter", 6)
    assert session.revision == other.revision
    response = transfer(sidecar, other, 3, restore=True)
    assert not response.applied and response.position.revision == other.revision + 1
    assert session.get("counter").value == 6 and session.get("counter").version == 2


def test_import_tells_everybody_connected(sidecar: Sidecar, link: Callable[..., Link]) -> None:
    """An import replaces the state: connected clients are told so, then given the new one; a corrupt one changes nothing."""
    one = link()
    one.ready()
    one.send(registration(1, COUNTER))
    one.result(1)
    assert sidecar.server is not None
    state = sidecar.server.sessions.get("s1").export_state()
    one.told.clear()
    transfer(sidecar, state._replace(revision=50), 1, restore=False)
    while "Part" not in kinds(one.told) or one.told[-1].WhichOneof("kind") != "end":
        one.read()
    assert kinds(one.told)[0] == "Event" and one.told[0].replaced and one.told[0].revision == 50
    assert one.told[1].header.revision == 50
    with pytest.raises(TrimtabError, match="revision"):
        transfer(sidecar, state._replace(revision=1 << 63), 2, restore=False)
    with pytest.raises(TrimtabError, match="an id of its own"):
        transfer(sidecar, state._replace(variables=[*state.variables, *state.variables]), 3, restore=False)


def test_writes_to_space_members_need_a_jvm(link: Callable[..., Link], sidecar: Sidecar) -> None:
    """A Python client's write to a member is for a JVM to judge, a JVM's own is not; reading a space needs nobody."""
    one = link()
    one.ready()
    operation = registration(1, COUNTER, TEMPERATURE)
    tree = {"format": "trimtab.space/1", "name": "agent", "parameters": [COUNTER.to_tree()]}
    operation.commit.writes.add(key="space/agent").put_document = json.dumps(tree)
    one.send(operation, setting(2, "counter", 5))
    assert not one.result(2).HasField("failure")
    python = link(client=5)
    context = SessionContext.connect(sidecar.address, token=TOKEN, session="s1", timeout=20)
    with context:
        with pytest.raises(NoHostError):
            context.counter = 6
        with pytest.raises(NoHostError):
            context.delete("counter")
        context.temperature = 0.1
        space = context.spaces["agent"]
        assert space.get_current_values() == {"counter": 5}
        assert list(context.spaces) == ["agent"] and space.version == 1
        with pytest.raises(ConfigurationNotFoundError, match="nothing"):
            context.spaces["nothing"]
        for call in (space.sample, space.register, lambda: space.apply({"counter": 7}), lambda: space.validate({})):
            with pytest.raises(NoHostError):
                call()
    with pytest.raises(NoHostError):
        execute(sidecar, setting(3, "counter", 7), software="trimtab-python 0")
    python.close()


def test_a_lost_sidecar_is_restored_from_the_replica(short_dir: Path) -> None:
    """When a new incarnation does not know the session, a connected context gives it back what it holds and goes on."""
    sidecar = Sidecar(short_dir).start()
    context = SessionContext.connect(sidecar.address, token=TOKEN, session="s1", timeout=20)
    try:
        context.register(COUNTER)
        for i in range(1, 6):
            context.counter = i
        before = context.state("counter")
        with context.watch("counter") as watch:
            sidecar.stop()
            sidecar.start()
            context.counter = 6
        assert sidecar.server is not None
        state = sidecar.server.sessions.get("s1").get("counter")
        assert (state.value, state.version, state.id) == (6, before.version + 1, before.id)
        assert [s.value for s in sidecar.server.sessions.get("s1").history("counter")] == [6, 5, 4, 3, 2, 1, 0]
        assert [c.new for changes in watch for c in changes.changes] == [6]
    finally:
        context.close()
        sidecar.stop()
        sidecar.end()


def test_no_answer_is_an_error_in_time(short_dir: Path) -> None:
    """With nobody there, connecting and writing end with an error within their timeout."""
    with pytest.raises(StateUnavailableError):
        SessionContext.connect(f"unix:{short_dir}/nobody", token=TOKEN, timeout=0.3)
    sidecar = Sidecar(short_dir).start()
    context = SessionContext.connect(sidecar.address, token=TOKEN, timeout=0.5)
    context.register(COUNTER)
    sidecar.stop()
    try:
        with pytest.raises(StateUnavailableError):
            context.counter = 1
        assert context.counter == 0
    finally:
        context.close()
        sidecar.end()
    with pytest.raises(SessionClosedError):
        context.counter = 1


def test_failures_travel() -> None:
    """Every exception comes back from the wire as itself, with its message and its fields."""
    from trimtab import exceptions as x
    from trimtab._records import Commit, Lease

    lease = Lease("lease_1", "study", frozenset(["a"]), 1_800_000_000_000)
    violation = x.Violation("a", "a number", '"x"')
    samples: list[x.TrimtabError] = [
        x.VariableNotFoundError(["a", "b"], "here"),
        x.VariableAlreadyExistsError(["a"], "here"),
        x.InvalidValueError([violation, x.Violation("b", "something")]),
        x.InvalidDefinitionError([violation]),
        x.InvalidConfigurationError([violation]),
        x.IllegalCallError("no"),
        x.VersionConflictError({"a": x.Conflict(-1, 2)}),
        x.VersionNotFoundError("a", 5, "a: gone"),
        x.LeaseHeldError({"a": lease}),
        x.LeaseLostError("lease_1", "study"),
        x.BatchRejectedError({"a": x.IllegalCallError("no"), "b": x.InvalidValueError([violation])}),
        x.DependencyCycleError(["a", "b", "a"]),
        x.RevisionCompactedError(5, 3),
        x.StateImportError("no"),
        x.ConfigurationNotFoundError("agent"),
        x.SpaceMemberError("no"),
        x.SamplingError("no"),
        x.SessionUnknownError("s1"),
        x.SessionClosedError("s1"),
        x.ProtocolMismatchError("no", "2.0"),
        x.StateUnavailableError("no"),
        x.UnsupportedError("no"),
        x.NoHostError("no"),
        x.InternalError("no"),
        x.ProgramNotFoundError("qa"),
        x.ProgramFailedError("no", type="ValueError", traceback="line 1"),
        x.RunCancelledError("no"),
        x.DeadlineExceededError("no"),
        x.LmFailedError("no", type="LmRateLimitedException", retry_after=1.5),
        x.ToolFailedError("no"),
    ]
    for error in samples:
        failure = _wire.Failure.FromString(to_failure(error).SerializeToString())
        back = from_failure(failure)
        assert type(back) is type(error) and str(back) == str(error)
        fields = {k: v for k, v in vars(error).items() if k not in ("message", "failures")}
        assert {k: v for k, v in vars(back).items() if k in fields} == fields
    assert _wire.REASON_NAMES[to_failure(ValueError("secret")).reason] == "INTERNAL"
    assert "secret" not in to_failure(ValueError("secret")).message
    assert Commit(1, {}, {}).revision == 1


def launch(*arguments: str, token: str = TOKEN) -> subprocess.Popen[bytes]:
    """Starts a sidecar as a JVM does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "trimtab", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    assert process.stdin
    process.stdin.write(token.encode() + b"\n")
    process.stdin.flush()
    return process


def test_process_shakes_hands_and_ends_with_its_parent() -> None:
    """The process says where it listens on a private socket of its owner, prints nothing else, and ends when stdin does."""
    process = launch("--handshake-fd=stdout")
    assert process.stdout and process.stdin
    handshake = json.loads(process.stdout.readline())
    assert handshake["trimtab"] == 1 and handshake["protocol"] == [1, 0] and handshake["pid"] == process.pid
    path = Path(handshake["address"].removeprefix("unix:"))
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with SessionContext.connect(handshake["address"], token=TOKEN, timeout=20) as context:
        context.register(COUNTER)
        process.stdin.close()
        assert process.wait(20) == 0
    assert process.stdout.read() == b""
    assert not path.exists() and not path.parent.exists()
    process.stdout.close()
    assert process.stderr
    process.stderr.close()


def test_process_ends_well_on_sigterm() -> None:
    """An operator's signal ends the process with exit code 0; loopback TCP works too."""
    process = launch("--listen", "tcp:127.0.0.1:0")
    assert process.stdout
    address = json.loads(process.stdout.readline())["address"]
    assert not address.endswith(":0")
    with SessionContext.connect(address, token=TOKEN, timeout=20) as context:
        assert context.snapshot() == {}
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    process.communicate()


@pytest.mark.parametrize(
    ("arguments", "token", "message"),
    [
        ((), "short", b"expected at least 32 characters"),
        (("--listen", "tcp:0.0.0.0:0"), TOKEN, b"expected --tls-cert"),
        (("--tls-cert", "x"), TOKEN, b"go together"),
        (("--listen", "unix:/tmp/" + "x" * 120), TOKEN, b"at most 107 bytes"),
        (("--listen", "http://x"), TOKEN, b"an address is unix:/path or tcp:host:port"),
    ],
)
def test_process_refuses_bad_options(arguments: tuple[str, ...], token: str, message: bytes) -> None:
    """A wrong option is a sentence on stderr and an exit code, never a server that is open to everybody."""
    process = launch(*arguments, token=token)
    out, err = process.communicate(timeout=20)
    assert process.returncode in (1, 2) and out == b""
    assert message in err


def test_two_sessions_do_not_mix(connect: Callable[..., SessionContext]) -> None:
    """Sessions of one sidecar are apart, and a new context of each sees its own."""
    one, other = connect("one"), connect("two")
    one.register(COUNTER)
    other.register(COUNTER)
    one.counter = 1
    other.counter = 2
    assert connect("one").counter == 1 and connect("two").counter == 2


def test_server_asks_for_a_long_token() -> None:
    """A token that could be guessed is refused."""
    with pytest.raises(IllegalCallError):
        Server("secret", "unix:/tmp/x")
