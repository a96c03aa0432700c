"""The sidecar's gRPC server: state, configurations, health, behind one token.

The server runs on one event loop. A stream costs per message, not per operation, so everything that waits is coalesced: while a frame
is being written, events and results gather and go out together with the next. Operations of one frame are applied one after another
without yielding; user code never runs on this loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import os
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import grpc
import grpc.aio

from trimtab import _wire
from trimtab._columns import Sets, sets_of_columns, spell_out
from trimtab._configurations import ConfigurationService
from trimtab._events import commit_result
from trimtab._failures import from_failure, to_failure
from trimtab._hosts import Hosts
from trimtab._journal import Disk, SqliteJournal
from trimtab._lane import Lane
from trimtab._outbox import SOFT_FRAME, Outbox
from trimtab._parts import PartReader, part_pieces, parts
from trimtab._programs import ProgramDefinition, Programs
from trimtab._records import Commit, Lease, StateExport
from trimtab._rpc import abort, end, unary
from trimtab._services import host_handler, program_handler
from trimtab._sets import set_each
from trimtab._store import Session
from trimtab._version import SOFTWARE
from trimtab._wire import FRAME_RESULT, MAX_MESSAGE, PACKAGE, PROTOCOL, field
from trimtab.exceptions import (
    IllegalCallError,
    InternalError,
    PartialUpdateError,
    ProtocolMismatchError,
    SessionUnknownError,
    StateUnavailableError,
    TrimtabError,
)

log = logging.getLogger("trimtab")

HEARTBEAT_MS = 500
JUDGE_TIMEOUT = 10.0
IMPORTED = b"\x22\x00"  # what is remembered of an import: an empty Result, as a field of a frame
_JVM = "trimtab-jvm"

OPTIONS = (
    ("grpc.max_send_message_length", MAX_MESSAGE),
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.so_reuseport", 0),
    # Without the first a quiet stream dies of "too many pings" after 40 s of a client's keepalive.
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
)


def check_protocol(protocol: Any) -> None:
    """Refuses a peer of another major version, naming both."""
    if protocol.major != PROTOCOL[0]:
        theirs = f"{protocol.major}.{protocol.minor} ({protocol.software or 'unknown software'})"
        ours = f"{PROTOCOL[0]}.{PROTOCOL[1]} ({SOFTWARE})"
        raise ProtocolMismatchError(f"protocol: this sidecar speaks {ours}, the client {theirs}", ours)


class Sessions:
    """The sessions this incarnation holds, by id."""

    def __init__(self, make: Callable[[str], Session]) -> None:
        self._make = make
        self._making = threading.Lock()  # before the other one, which nobody holds while waiting for a disk
        self._lock = threading.Lock()
        self._by_id: dict[str, Session] = {}

    def add(self, session: Session) -> None:
        """Adds a session that was found on disk."""
        with self._lock:
            self._by_id[session.session_id] = session

    def get(self, session_id: str) -> Session:
        """Returns a session, or raises SessionUnknownError."""
        with self._lock:
            session = self._by_id.get(session_id)
        if session is None or not session.is_open:
            raise SessionUnknownError(session_id)
        return session

    def open(self, session_id: str) -> tuple[Session, bool]:
        """Returns a session and whether it was created by this call."""
        with self._making:
            with self._lock:
                session = self._by_id.get(session_id)
            if session is not None and session.is_open:
                return session, False
            session = self._make(session_id)
            with self._lock:
                self._by_id[session_id] = session
            return session, True

    def ids(self) -> list[str]:
        """Returns the ids of the open sessions."""
        with self._lock:
            return [id for id, session in self._by_id.items() if session.is_open]

    def close(self, session_id: str) -> None:
        """Ends a session for everybody."""
        with self._lock:
            session = self._by_id.get(session_id)
        if session is None:
            return
        session.close()
        with self._lock:
            if self._by_id.get(session_id) is session:  # else it was opened anew meanwhile
                del self._by_id[session_id]


class Stream(Outbox):
    """An outbox that is emptied into a gRPC stream, on the event loop."""

    def __init__(self, context: Any, session: Session, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(session)
        self._context = context
        self._loop = loop
        self._handler = threading.get_ident()
        self._sending = False
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Makes the sender look whether there is something to send."""
        if self._sending:
            return
        if threading.get_ident() == self._handler:
            self._woken.set()
        else:
            self._loop.call_soon_threadsafe(self._woken.set)

    @property
    def pending(self) -> bool:
        """Whether there is something to send and nobody sends."""
        return (self.waiting or self.failure is not None) and not self._sending

    async def drain(self) -> None:
        """Sends frames until there is nothing left."""
        self._sending = True
        try:
            while self.waiting:
                await self._context.write(self.take())
            if self.failure is not None:
                await self._context.write(self.last_frame())
        finally:
            self._sending = False

    async def send(self) -> None:
        """Sends whenever woken, until a failure was sent."""
        while self.failure is None or not self._sending:
            await self._woken.wait()
            self._woken.clear()
            if not self._sending:
                await self.drain()
                if self.failure is not None:
                    return


class Client(NamedTuple):
    """Who is connected: the number it chose, whether it holds writes against spaces itself, and how its writes are signed."""

    number: int
    judges: bool
    source: str

    @staticmethod
    def of(number: int, protocol: Any) -> Client:
        """Describes a client by what it says of itself."""
        jvm = protocol.software.startswith(_JVM)
        return Client(number, jvm, "jvm" if jvm else "python")


class StateService:
    """Answers StateService."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._streams: set[Outbox] = set()
        self._latest: dict[tuple[str, int], Outbox] = {}

    def handler(self) -> Any:
        """Returns the methods for the gRPC server; frames to clients are bytes already."""
        return grpc.method_handlers_generic_handler(
            f"{PACKAGE}.StateService",
            {
                "Connect": grpc.stream_stream_rpc_method_handler(
                    self.connect, request_deserializer=_wire.ClientFrame.FromString
                ),
                "Execute": unary(self.execute, _wire.ExecuteRequest),
                "Export": grpc.unary_stream_rpc_method_handler(
                    self.export,
                    request_deserializer=_wire.ExportRequest.FromString,
                    response_serializer=_wire.Part.SerializeToString,
                ),
                "Import": grpc.stream_unary_rpc_method_handler(
                    self.import_state,
                    request_deserializer=_wire.ImportRequest.FromString,
                    response_serializer=_wire.ImportResponse.SerializeToString,
                ),
            },
        )

    async def heartbeats(self) -> None:
        """Lets every stream show that it lives."""
        while True:
            await asyncio.sleep(self._server.heartbeat_ms / 1000)
            for stream in self._all():
                stream.heartbeat()

    def end_streams(self) -> None:
        """Tells every client that the sidecar ends."""
        for stream in self._all():
            stream.fail(StateUnavailableError("the sidecar ends"))

    def _all(self) -> list[Outbox]:
        with self._lock:
            return list(self._streams)

    # Connect

    async def connect(self, _: Any, context: Any) -> None:
        """Serves one client for as long as it stays."""
        first = await context.read()
        if first is grpc.aio.EOF:
            return
        try:
            session, created = self.open(first.open)
        except TrimtabError as e:
            await context.write(_wire.ServerFrame(failure=to_failure(e)).SerializeToString())
            return
        client = self.client(first.open)
        stream = Stream(context, session, asyncio.get_running_loop())
        tasks: list[asyncio.Future[None]] = []
        self.supersede(session, client, stream)
        try:
            for frame in self.begin(first.open, session, created, stream):
                await context.write(frame)
            self.join(stream)
            self.handle(first, session, client, stream)
            tasks += [
                asyncio.ensure_future(self._read(context, session, client, stream)),
                asyncio.ensure_future(stream.send()),
            ]
            stream.wake()
            done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except TrimtabError as e:
            await context.write(_wire.ServerFrame(failure=to_failure(e)).SerializeToString())
        finally:
            self.leave(session, client, stream)
            await end(*tasks)

    @staticmethod
    def client(request: Any) -> Client:
        """Describes who opens a stream."""
        return Client.of(request.client, request.protocol)

    def supersede(self, session: Session, client: Client, stream: Outbox) -> None:
        """Makes a stream its client's only one: what is still on its way on an older one was given up, or is sent again here."""
        place = (session.session_id, client.number)
        with self._lock:
            older = self._latest.get(place)
            self._latest[place] = stream
        if older is not None:
            with session.lock:
                older.superseded = True
            older.fail(StateUnavailableError("the client has opened another stream"))

    def join(self, stream: Outbox) -> None:
        """Lets a stream have heartbeats from now on."""
        with self._lock:
            self._streams.add(stream)

    def leave(self, session: Session, client: Client, stream: Outbox) -> None:
        """Forgets a stream that has ended."""
        place = (session.session_id, client.number)
        with self._lock:
            self._streams.discard(stream)
            if self._latest.get(place) is stream:
                del self._latest[place]
        session.unsubscribe(stream)

    def open(self, request: Any) -> tuple[Session, bool]:
        """Returns the session a client asks for, and whether it was created by this call."""
        check_protocol(request.protocol)
        if request.mode == 1:
            return self._server.sessions.get(request.session_id), False
        return self._server.sessions.open(request.session_id)

    def begin(self, request: Any, session: Session, created: bool, stream: Outbox) -> Iterator[bytes]:
        """Subscribes a client and returns the frames that bring it up to date."""
        server = self._server
        after = None
        if request.HasField("resume_after") and request.resume_after.incarnation == server.incarnation:
            after = request.resume_after.revision
        beginning = session.subscribe(stream, after)
        frame = _wire.ServerFrame(revision=beginning.revision)
        opened = frame.opened
        opened.protocol.CopyFrom(server.protocol)
        opened.incarnation = server.incarnation
        opened.durable = server.durable
        opened.created = created
        opened.resumed = beginning.state is None
        opened.heartbeat_ms = server.heartbeat_ms
        ready = _wire.ServerFrame()
        ready.ready.incarnation = server.incarnation
        ready.ready.revision = beginning.revision
        told = beginning.missed if beginning.state is None else part_pieces(beginning.state)
        pending = [frame.SerializeToString()]
        size = 0
        for piece in chain(told, (ready.SerializeToString(),)):
            pending.append(piece)
            size += len(piece)
            if size >= SOFT_FRAME:
                yield b"".join(pending)
                pending = []
                size = 0
        if pending:
            yield b"".join(pending)

    async def _read(self, context: Any, session: Session, client: Client, stream: Stream) -> None:
        while True:
            frame = await context.read()
            if frame is grpc.aio.EOF:
                return
            self.handle(frame, session, client, stream)
            if stream.pending:
                await stream.drain()

    def handle(self, frame: Any, session: Session, client: Client, stream: Outbox) -> None:
        """Carries out the operations of a frame, one after another; the caller sends what comes of it."""
        operations = frame.operations
        sets, sequences = _single_sets(frame.sets) if frame.HasField("sets") else (None, ())
        with session.lock:  # or the frame of an older stream could be carried out after those of its successor
            if stream.superseded:
                return
            if frame.acknowledged:
                session.acknowledge(client.number, frame.acknowledged)
            if sets is None and not operations:
                return
            stream.inline = True
            results: list[bytes] = []
            try:
                with session.group():
                    if sets is not None:
                        results = self._set(sets, sequences, session, client, stream)
                    for operation in operations:
                        results.append(self._operate(operation, session, client, stream))
            except TrimtabError as e:  # the disk: nothing of this frame was applied
                every = chain(sequences, (operation.sequence for operation in operations))
                results = [failed(sequence, e) for sequence in every]
            finally:
                stream.inline = False
            if results:
                stream.add([result for result in results if result])

    def _set(
        self, sets: Sets, sequences: Sequence[int], session: Session, client: Client, stream: Outbox
    ) -> list[bytes]:
        """Carries out one set after the other and returns the Results that no Event stands for."""
        results: list[bytes] = []
        at = 0
        while at < len(sequences):
            if client.judges:
                at = set_each(session, sets, at, client.source, client.number, sequences)
            if at < len(sequences):
                operation = _wire.Operation(sequence=sequences[at])
                spell_out(sets.one(at), operation.commit)
                results.append(self._operate(operation, session, client, stream))
                at += 1
        return results

    def _operate(self, operation: Any, session: Session, client: Client, stream: Outbox) -> bytes:
        """Carries out one operation and returns its Result as a field of a frame; empty if it comes later."""
        sequence = operation.sequence
        kind = operation.WhichOneof("kind")
        try:
            if kind == "barrier":
                return commit_result(sequence, session.revision)
            if kind == "commit":
                remembered = session.recall(client.number, sequence)
                if remembered is not None:
                    return remembered
                commit = operation.commit
                if not client.judges and self._server.touches_space(session, commit):
                    self._judge_later(operation, session, client, stream)
                    return b""
                outcome = session.commit_message(commit, client.source, client.number, sequence)
                result = commit_result(sequence, outcome if type(outcome) is int else outcome.revision)  # type: ignore[union-attr]
                session.remember(client.number, sequence, result)
                return result
            return self._other(kind, operation, session, client)
        except PartialUpdateError as e:
            result = field(FRAME_RESULT, partial_result(sequence, e).SerializeToString())
            session.remember(client.number, sequence, result)
            return result
        except StateUnavailableError:
            raise
        except TrimtabError as e:
            return failed(sequence, e)
        except Exception as e:
            log.exception("operation %d of session %s failed", sequence, session.session_id)
            return failed(sequence, InternalError(f"sidecar: unexpected {type(e).__name__} in a {kind}"))

    def _judge_later(self, operation: Any, session: Session, client: Client, stream: Outbox) -> None:
        async def judge() -> None:
            try:
                result = await self._server.judge(session, operation.commit)
                result.sequence = operation.sequence
                piece = field(FRAME_RESULT, result.SerializeToString())
                with session.lock:
                    session.remember(client.number, operation.sequence, piece)
            except TrimtabError as e:
                piece = failed(operation.sequence, e)
            stream.add([piece])
            stream.wake()

        self._server.spawn_from_any_thread(judge())

    def _other(self, kind: str | None, operation: Any, session: Session, client: Client) -> bytes:
        sequence = operation.sequence
        remembered = session.recall(client.number, sequence)
        if remembered is not None:
            return remembered
        result = self.carry_out(kind, operation, session, client)
        result.sequence = sequence
        piece = field(FRAME_RESULT, result.SerializeToString())
        if kind not in ("read", "history"):
            session.remember(client.number, sequence, piece)
        return piece

    def carry_out(self, kind: str | None, operation: Any, session: Session, client: Client) -> Any:
        """Carries out an operation other than a barrier or a commit and returns its Result."""
        result = _wire.Result()
        asked = {"client": client.number, "sequence": operation.sequence}
        if kind == "acquire_lease":
            request = operation.acquire_lease
            lease = session.acquire_lease(request.owner, list(request.keys), request.duration_ms, **asked)
            result.lease.CopyFrom(lease.to_wire())
        elif kind == "renew_lease":
            request = operation.renew_lease
            lease = session.renew_lease(Lease.from_wire(request.lease), request.duration_ms, **asked)
            result.lease.CopyFrom(lease.to_wire())
        elif kind == "release_lease":
            session.release_lease(Lease.from_wire(operation.release_lease.lease), **asked)
        elif kind == "add_dependency":
            edge = operation.add_dependency
            session.add_dependency(getattr(edge, "from"), edge.to, **asked)
        elif kind == "remove_dependency":
            edge = operation.remove_dependency
            session.remove_dependency(getattr(edge, "from"), edge.to, **asked)
        elif kind == "read":
            read(operation.read, session, result)
            return result
        elif kind == "history":
            result.history.extend(state.history_to_wire() for state in session.history(operation.history.key))
        elif kind == "close_session":
            self._server.sessions.close(session.session_id)
            return result
        else:
            raise IllegalCallError("an operation of a kind this version does not know")
        result.revision = session.revision
        return result

    # The unary twins

    async def execute(self, request: Any) -> Any:
        """Carries out one operation for a client without a stream; answers with whole records."""
        check_protocol(request.protocol)
        session = self._server.sessions.get(request.session_id)
        client = Client.of(request.client, request.protocol)
        operation = request.operation
        judged = None
        guarded = operation.WhichOneof("kind") == "commit" and not client.judges
        if guarded and self._server.touches_space(session, operation.commit):
            judged = await self._server.judge(session, operation.commit)
        with session.group():
            return self._answer(operation, session, client, judged)

    def _answer(self, operation: Any, session: Session, client: Client, judged: Any) -> Any:
        response = _wire.ExecuteResponse()
        remembered = session.recall(client.number, operation.sequence) if client.number else None
        if remembered is not None:
            response.ParseFromString(remembered)
            return response
        kind = operation.WhichOneof("kind")
        if judged is not None:
            response.result.CopyFrom(judged)
        elif kind == "barrier":
            response.result.revision = session.revision
        elif kind == "commit":
            _execute_commit(operation, session, client, response.result)
        else:
            response.result.CopyFrom(self.carry_out(kind, operation, session, client))
        response.result.sequence = operation.sequence
        response.position.incarnation = self._server.incarnation
        if kind == "close_session":
            return response
        response.position.revision = session.revision
        if client.number and kind not in ("barrier", "read", "history"):
            session.remember(client.number, operation.sequence, response.SerializeToString())
        return response

    async def export(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """Streams a whole state."""
        try:
            check_protocol(request.protocol)
            state = self._server.sessions.get(request.session_id).export_state()
        except TrimtabError as e:
            await abort(context, e)
            raise AssertionError("abort() raises") from e
        for part in parts(state):
            yield part

    async def import_state(self, requests: AsyncIterator[Any], context: Any) -> Any:
        """Replaces or restores a state."""
        try:
            request: Any = None
            reader = PartReader()
            async for message in requests:
                if request is None:
                    request = message.open
                    check_protocol(request.protocol)
                for part in message.parts:
                    reader.take(part)
            if request is None:
                raise IllegalCallError("an import begins with its open message, got none")
            return self._import(request, reader.state())
        except TrimtabError as e:
            await abort(context, e)
            raise AssertionError("abort() raises") from e

    def _import(self, request: Any, state: StateExport) -> Any:
        session, _ = self._server.sessions.open(request.session_id)
        response = _wire.ImportResponse(applied=True)
        if session.recall(request.client, request.sequence) is None:
            with session.group():
                response.applied = session.import_state(
                    state, only_if_newer=request.restore, client=request.client, sequence=request.sequence
                )
                session.remember(request.client, request.sequence, IMPORTED)
        response.position.incarnation = self._server.incarnation
        response.position.revision = session.revision
        return response


def _single_sets(message: Any) -> tuple[Sets, Sequence[int]]:
    sets = sets_of_columns(message.columns)
    sequences = message.sequences[:]
    if len(sets.keys) != len(sequences):
        raise IllegalCallError(f"sets: expected one key for each of {len(sequences)} sequences, got {len(sets.keys)}")
    return sets, sequences


def _execute_commit(operation: Any, session: Session, client: Client, result: Any) -> None:
    try:
        outcome = session.commit_message(operation.commit, client.source, client.number, operation.sequence)
    except PartialUpdateError as e:
        result.CopyFrom(partial_result(operation.sequence, e))
        tell_commit(e.commit, result)
        return
    if isinstance(outcome, int):
        commit = operation.commit
        keys = chain(commit.sets.keys, (write.key for write in commit.writes))
        outcome = Commit(outcome, {key: session.get(key) for key in keys}, {})
    tell_commit(outcome, result)


def failed(sequence: int, error: BaseException) -> bytes:
    """Encodes the Result of an operation that was refused, as a field of a frame."""
    return field(FRAME_RESULT, _wire.Result(sequence=sequence, failure=to_failure(error)).SerializeToString())


def partial_result(sequence: int, error: PartialUpdateError) -> Any:
    """Returns the Result of a best-effort commit that was not written in full."""
    result = _wire.Result(sequence=sequence, revision=error.commit.revision)
    for key, failure in error.failures.items():
        result.partial.add(key=key, failure=to_failure(failure))
    return result


def tell_commit(commit: Commit, result: Any) -> None:
    """Adds what a commit wrote to a Result."""
    result.revision = commit.revision
    for i, (key, state) in enumerate(commit.variables.items()):
        result.variables.append(state.to_wire())
        result.written.add(key=key, variable=i)
    result.documents.extend(document.to_wire() for document in commit.documents.values())


def read(request: Any, session: Session, result: Any) -> None:
    """Answers a Read with everything as of one revision."""
    with session.lock:
        result.revision = session.revision
        snapshot = session.select(request.glob) if request.HasField("glob") else session.get_many(request.keys)
        result.variables.extend(state.to_wire() for state in snapshot.variables.values())
        for key, document in snapshot.documents.items():
            if request.all_documents or key in request.document_keys:
                result.documents.append(document.to_wire())
        if request.leases:
            result.leases.extend(lease.to_wire() for lease in session.leases())
        if request.dependencies:
            for edge in session.dependencies():
                result.dependencies.add(**{"from": edge.before, "to": edge.after})


# Authentication


class Authentication(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Lets only those in who carry the token, whatever they ask for."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

        async def refuse(_: Any, context: Any) -> None:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "expected the token of this sidecar")

        self._refusals = {
            (False, False): grpc.unary_unary_rpc_method_handler(refuse),
            (False, True): grpc.unary_stream_rpc_method_handler(refuse),
            (True, False): grpc.stream_unary_rpc_method_handler(refuse),
            (True, True): grpc.stream_stream_rpc_method_handler(refuse),
        }

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        """Refuses a call without the token."""
        given = b""
        for key, value in details.invocation_metadata or ():
            if key == "authorization":
                given = value.encode() if isinstance(value, str) else value
        handler = await continuation(details)
        if hmac.compare_digest(given, self._expected):
            return handler
        if handler is None:
            return self._refusals[False, False]
        return self._refusals[handler.request_streaming, handler.response_streaming]


def health_handler() -> Any:
    """Answers grpc.health.v1.Health: the two bytes say SERVING."""

    async def check(_: bytes, context: Any) -> bytes:
        return b"\x08\x01"

    async def watch(_: bytes, context: Any) -> AsyncIterator[bytes]:
        yield b"\x08\x01"
        await asyncio.Event().wait()

    return grpc.method_handlers_generic_handler(
        "grpc.health.v1.Health",
        {
            "Check": grpc.unary_unary_rpc_method_handler(check),
            "Watch": grpc.unary_stream_rpc_method_handler(watch),
        },
    )


class Tls(NamedTuple):
    """Certificates in PEM; with ``client_ca`` clients must have one of that authority."""

    certificate: bytes
    key: bytes
    client_ca: bytes | None = None


class Server:
    """A sidecar's server: ``start`` it on a running event loop, ``stop`` it there."""

    def __init__(
        self,
        token: str,
        address: str,
        *,
        tls: Tls | None = None,
        data_dir: Path | None = None,
        heartbeat_ms: int = HEARTBEAT_MS,
        programs: Mapping[str, ProgramDefinition] = MappingProxyType({}),
    ) -> None:
        if len(token) < 32:
            raise IllegalCallError("a token has at least 32 characters")
        self._token = token
        self._requested = address
        self._tls = tls
        self._tasks: set[asyncio.Task[Any]] = set()
        self.heartbeat_ms = heartbeat_ms
        self._disk = None if data_dir is None else Disk(data_dir)
        self.incarnation = secrets.randbits(64) or 1 if self._disk is None else self._disk.incarnation
        self.protocol = _wire.ProtocolVersion(major=PROTOCOL[0], minor=PROTOCOL[1], software=SOFTWARE)
        self.sessions = Sessions(self._make_session)
        if self._disk is not None:
            self._restore_sessions(self._disk)
        self.hosts = Hosts()
        self.programs = Programs(programs, self.hosts, self.sessions.get)
        self.state = StateService(self)
        self.configurations = ConfigurationService(self)
        self._lane: Lane | None = None
        self.address = address

    @property
    def durable(self) -> bool:
        """Whether the state is kept on disk."""
        return self._disk is not None

    def _restore_sessions(self, disk: Disk) -> None:
        for session_id in disk.sessions():
            session = Session(session_id, journal=SqliteJournal(disk, session_id))
            session.restore_from_disk()
            self.sessions.add(session)

    def _make_session(self, session_id: str) -> Session:
        if self._disk is None:
            return Session(session_id)
        journal = SqliteJournal(self._disk, session_id)
        session = Session(session_id, journal=journal)
        journal.create()
        return session

    async def start(self) -> str:
        """Begins to listen and returns the address under which the server is reached."""
        self._loop = asyncio.get_running_loop()
        self._grpc = grpc.aio.server(options=OPTIONS, interceptors=(Authentication(self._token),))
        self._grpc.add_generic_rpc_handlers(tuple(self._handlers()))
        before = os.umask(0o077)  # a socket's file belongs to its owner alone
        try:
            self.address = self._bind(self._requested)
            await self._grpc.start()
        finally:
            os.umask(before)
        self.spawn(self.state.heartbeats())
        if self._tls is None and self.address.startswith("unix:"):
            self._lane = Lane(self.state, self._token, self.address.removeprefix("unix:"))
            self._lane.start()
        return self.address

    def _handlers(self) -> list[Any]:
        return [
            self.state.handler(),
            self.configurations.handler(),
            host_handler(self.hosts),
            program_handler(self.programs),
            health_handler(),
        ]

    def _bind(self, address: str) -> str:
        scheme, _, rest = address.partition(":")
        if scheme == "unix":
            if len(rest.encode()) > 107:
                raise IllegalCallError(f"a socket's path has at most 107 bytes, got {len(rest.encode())}: {rest}")
            target = address
        elif scheme == "tcp":
            target = rest
        else:
            raise IllegalCallError(f'an address is unix:/path or tcp:host:port, got "{address}"')
        try:
            if self._tls is None:
                port = self._grpc.add_insecure_port(target)
            else:
                credentials = grpc.ssl_server_credentials(
                    [(self._tls.key, self._tls.certificate)],
                    root_certificates=self._tls.client_ca,
                    require_client_auth=self._tls.client_ca is not None,
                )
                port = self._grpc.add_secure_port(target, credentials)
        except RuntimeError as e:
            raise StateUnavailableError(f"cannot listen on {address}: {e}") from e
        return address if scheme == "unix" else f"tcp:{rest.rpartition(':')[0]}:{port}"

    def spawn(self, work: Any) -> None:
        """Runs something beside the calls, until the server stops."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def spawn_from_any_thread(self, work: Any) -> None:
        """Runs something beside the calls, on the server's loop."""
        self._loop.call_soon_threadsafe(self.spawn, work)

    async def stop(self, grace: float = 1.0) -> None:
        """Refuses new calls, lets running ones end within ``grace`` seconds, and cancels the rest."""
        for task in list(self._tasks):
            task.cancel()
        self.state.end_streams()
        if self._lane is not None:
            self._lane.stop()
        self.programs.close()
        await self._grpc.stop(grace)
        if self._disk is not None:
            self._disk.close()
        if self.address.startswith("unix:"):
            with contextlib.suppress(FileNotFoundError):  # grpc has removed it already
                os.unlink(self.address[len("unix:") :])

    # Spaces

    @staticmethod
    def touches_space(session: Session, commit: Any) -> bool:
        """Tells whether a Commit writes members of registered spaces, whose rules a JVM must judge."""
        written = (write.key for write in commit.writes if write.WhichOneof("kind") in ("set", "delete"))
        return session.touches_space(chain(written, commit.sets.keys))

    async def judge(self, session: Session, commit: Any) -> Any:
        """Has a JVM hold a Commit against the rules of spaces and carry it out; returns its Result."""
        if commit.HasField("sets"):
            spell_out(sets_of_columns(commit.sets), commit)
        answer = await self.hosts.call(session.session_id, _wire.HostCall(commit=commit), timeout=JUDGE_TIMEOUT)
        if answer.HasField("failure"):
            raise from_failure(answer.failure)
        return answer.commit
