"""A session context outside the sidecar: a replica fed by one stream, over which writes go too.

One thread reads the stream; gRPC's own thread sends what gathered while the last frame was on its way. Events come before the result of
the operation that made them, so a write that returned is in the replica. A write whose result was lost is found in the events that came
or is sent again under the same number, which the sidecar carries out once. If a new incarnation does not hold the session, it is restored
from the replica.
"""

from __future__ import annotations

import logging
import queue
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

import grpc

from trimtab import _wire
from trimtab._batch import Batch
from trimtab._failures import FAILURE_TRAILER, from_failure, partial
from trimtab._local import written
from trimtab._parts import PartReader, parts
from trimtab._records import Commit, Lease, StateExport
from trimtab._replica import Replica
from trimtab._version import SOFTWARE
from trimtab._wire import MAX_MESSAGE, PACKAGE, PROTOCOL
from trimtab.exceptions import (
    IllegalCallError,
    SessionClosedError,
    SessionUnknownError,
    StateUnavailableError,
    TrimtabError,
    UnsupportedError,
)

log = logging.getLogger("trimtab")

Credentials = tuple[bytes | None, bytes | None, bytes | None]

_OPTIONS = [
    ("grpc.max_send_message_length", MAX_MESSAGE),
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
]
_FIRST_BACKOFF = 0.05
_LAST_BACKOFF = 5.0
_SILENT_BEATS = 6
_PART_BYTES = 1 << 20


class _Request:
    """An operation that waits for its result."""

    def __init__(self, operation: Any, read: Callable[[Any], Any]) -> None:
        self.operation = operation
        self.read = read
        self.future: Future[Any] = Future()

    def succeed(self, result: Any) -> None:
        """Ends the wait with what the result says."""
        try:
            value = self.read(result)
        except TrimtabError as e:
            self.fail(e)
        else:
            if not self.future.done():
                self.future.set_result(value)

    def fail(self, error: BaseException) -> None:
        """Ends the wait with an exception."""
        if not self.future.done():
            self.future.set_exception(error)


class Remote:
    """Works on a session of a sidecar in another process."""

    def __init__(self, address: str, token: str, session_id: str, timeout: float, credentials: Credentials) -> None:
        scheme, _, rest = address.partition(":")
        if scheme not in ("unix", "tcp"):
            raise IllegalCallError(f'an address is unix:/path or tcp:host:port, got "{address}"')
        self.timeout = timeout
        self._address = address
        self._channel = _channel(address if scheme == "unix" else rest, credentials)
        self._metadata = (("authorization", f"Bearer {token}"),)
        self._protocol = _wire.ProtocolVersion(major=PROTOCOL[0], minor=PROTOCOL[1], software=SOFTWARE)
        self._client = secrets.randbits(63) + 1
        self._replica = Replica(session_id)
        self._lock = threading.Lock()  # guards what follows
        self._sequence = 0
        self._waiting: dict[int, _Request] = {}
        self._applied: dict[int, int] = {}  # revisions of waiting writes that were found in events
        self._outgoing: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._call: Any = None
        self._incarnation = 0
        self._heard = time.monotonic()
        self._heartbeat = 1.0
        self._offered = False  # whether this client offered the present incarnation its state
        self._restored = False  # whether that incarnation holds just this state
        self._closing = threading.Event()
        self._first: Future[None] = Future()

    @staticmethod
    def connect(address: str, token: str, session_id: str, timeout: float, credentials: Credentials) -> Remote:
        """Connects and waits until the replica is up to date."""
        remote = Remote(address, token, session_id, timeout, credentials)
        threading.Thread(target=remote._run, name="trimtab-remote", daemon=True).start()
        threading.Thread(target=remote._watch_heart, name="trimtab-heart", daemon=True).start()
        try:
            remote._first.result(timeout)
        except FutureTimeoutError:
            remote.close()
            raise StateUnavailableError(
                f"{address}: expected a sidecar to answer within {timeout} s, got nothing"
            ) from None
        except BaseException:
            remote.close()
            raise
        return remote

    @property
    def state(self) -> Replica:
        """The replica."""
        return self._replica

    # Operations

    def commit(self, batch: Batch) -> Future[Commit]:
        """Applies a batch."""
        try:
            operation = _wire.Operation(commit=batch.check().to_wire())
        except TrimtabError as e:
            return _failed(e)

        def read(result: Any) -> Commit:
            commit = written(self._replica, batch, result.revision)
            if result.partial:
                raise partial(commit, result.partial)
            return commit

        return self._send(operation, read)

    def acquire_lease(self, owner: str, keys: list[str], duration_ms: int) -> Future[Lease]:
        """Takes the sole right to write some variables."""
        operation = _wire.Operation()
        operation.acquire_lease.owner = owner
        operation.acquire_lease.keys.extend(keys)
        operation.acquire_lease.duration_ms = max(0, duration_ms)
        return self._send(operation, lambda result: Lease.from_wire(result.lease))

    def release_lease(self, lease: Lease) -> Future[None]:
        """Ends a lease."""
        operation = _wire.Operation()
        operation.release_lease.lease.CopyFrom(lease.to_wire())
        return self._send(operation, _nothing)

    def depend(self, before: str, after: str, add: bool) -> Future[None]:
        """Adds or removes a dependency."""
        operation = _wire.Operation()
        edge = operation.add_dependency if add else operation.remove_dependency
        setattr(edge, "from", before)
        edge.to = after
        return self._send(operation, _nothing)

    def refresh(self) -> Future[None]:
        """Waits until the replica holds everything committed before this call."""
        operation = _wire.Operation()
        operation.barrier.SetInParent()
        return self._send(operation, _nothing)

    def import_state(self, state: StateExport) -> Future[None]:
        """Replaces the whole state."""
        future: Future[None] = Future()
        try:
            with self._lock:
                self._sequence += 1
                sequence = self._sequence
            self._import(state, sequence, restore=False)
            self.refresh().result(self.timeout)
            future.set_result(None)
        except TrimtabError as e:
            future.set_exception(e)
        return future

    def space_call(self, call: Any) -> Future[Any]:
        """Asks a JVM about a configuration space, by way of the sidecar's ConfigurationService."""
        kind = call.WhichOneof("kind")
        common: dict[str, Any] = {"session_id": self._replica.session_id, "protocol": self._protocol}
        answer = _wire.message("SpaceAnswer")()
        future: Future[Any] = Future()
        try:
            if kind == "register":
                request = _wire.RegisterConfigurationRequest(definition=call.register, **common)
                response = self._unary("Register", request, _wire.ConfigurationResponse)
                answer.version, answer.revision = response.version, response.revision
            elif kind == "apply":
                request = _wire.ApplyConfigurationRequest(name=call.apply.name, context=call.apply.context, **common)
                _copy(call.apply.changes, request.changes)
                if call.apply.HasField("expected_version"):
                    request.expected_version = call.apply.expected_version
                response = self._unary("Apply", request, _wire.ConfigurationResponse)
                answer.version, answer.revision = response.version, response.revision
                _copy(response.values, answer.configurations.add().values)
            elif kind == "sample":
                asked = call.sample
                request = _wire.SampleConfigurationRequest(
                    name=asked.name, seed=asked.seed, count=asked.count, **common
                )
                response = self._unary("Sample", request, _wire.SampleConfigurationResponse)
                answer.configurations.extend(response.configurations)
            elif kind == "validate":
                request = _wire.ValidateConfigurationRequest(name=call.validate.name, **common)
                _copy(call.validate.values, request.values)
                response = self._unary("Validate", request, _wire.ValidateConfigurationResponse)
                answer.violations.extend(response.violations)
                _copy(response.values, answer.configurations.add().values)
            elif kind == "unregister":
                request = _wire.GetConfigurationRequest(name=call.unregister, **common)
                answer.revision = self._unary("Unregister", request, _wire.ConfigurationResponse).revision
            else:
                raise UnsupportedError(f"{kind}: expected a call that a sidecar passes on, from outside of it")
            self.refresh().result(self.timeout)
            future.set_result(answer)
        except TrimtabError as e:
            future.set_exception(e)
        return future

    def _unary(self, method: str, request: Any, response: Any) -> Any:
        call = self._channel.unary_unary(
            f"/{PACKAGE}.ConfigurationService/{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=response.FromString,
        )
        try:
            return call(request, metadata=self._metadata, timeout=self.timeout)
        except grpc.RpcError as e:
            raise _translated(e) from e

    def _send(self, operation: Any, read: Callable[[Any], Any]) -> Future[Any]:
        request = _Request(operation, read)
        with self._lock:
            if self._closing.is_set():
                return _failed(SessionClosedError(self._replica.session_id, "this session context is closed"))
            self._sequence += 1
            operation.sequence = self._sequence
            self._waiting[self._sequence] = request
            self._outgoing.put(operation)
        return request.future

    def close(self) -> None:
        """Ends the connection; whoever still waits gets an error."""
        self._closing.set()
        call = self._call
        if call is not None:
            call.cancel()
        self._outgoing.put(None)
        self._channel.close()
        self._fail_all(SessionClosedError(self._replica.session_id, "this session context was closed"))

    def _fail_all(self, error: TrimtabError) -> None:
        with self._lock:
            waiting, self._waiting = list(self._waiting.values()), {}
            self._applied.clear()
        for request in waiting:
            request.fail(error)

    # The connection

    def _run(self) -> None:
        backoff = _FIRST_BACKOFF
        existing = False
        while not self._closing.is_set():
            try:
                self._converse(existing)
            except SessionUnknownError:
                self._restore()
                continue
            except TrimtabError as e:
                if not self._first.done():
                    self._first.set_exception(e)
                    return
                if not isinstance(e, StateUnavailableError):
                    self._closing.set()
                    self._fail_all(e)
                    self._replica.close()
                    return
                log.info("lost the sidecar at %s: %s", self._address, e)
            except Exception as e:
                log.exception("the connection to %s failed", self._address)
                self._fail_all(StateUnavailableError(f"the connection failed: {type(e).__name__}"))
            existing = self._first.done()
            if time.monotonic() - self._heard < 1.0:
                backoff = _FIRST_BACKOFF
            self._closing.wait(backoff * random.uniform(0.8, 1.2))
            backoff = min(backoff * 2, _LAST_BACKOFF)

    def _converse(self, existing: bool) -> None:
        """Opens the stream and reads it until it ends, which always raises."""
        outgoing: queue.SimpleQueue[Any] = queue.SimpleQueue()
        call = self._channel.stream_stream(
            f"/{PACKAGE}.StateService/Connect",
            request_serializer=_wire.ClientFrame.SerializeToString,
            response_deserializer=_wire.ServerFrame.FromString,
        )(self._frames(existing, outgoing), metadata=self._metadata)
        self._call = call
        try:
            self._read(call, outgoing)
            raise StateUnavailableError(f"{self._address}: the sidecar ended the stream")
        except grpc.RpcError as e:
            raise _translated(e) from e
        finally:
            call.cancel()
            outgoing.put(None)

    def _frames(self, existing: bool, outgoing: queue.SimpleQueue[Any]) -> Iterator[Any]:
        frame = _wire.ClientFrame()
        frame.open.session_id = self._replica.session_id
        frame.open.protocol.CopyFrom(self._protocol)
        frame.open.client = self._client
        frame.open.mode = 1 if existing else 0
        if existing:
            frame.open.resume_after.incarnation = self._incarnation
            frame.open.resume_after.revision = self._replica.revision
        yield frame
        while True:
            operation = outgoing.get()
            if operation is None:
                return
            frame = _wire.ClientFrame(acknowledged=self._acknowledged())
            while operation is not None:
                frame.operations.append(operation)
                try:
                    operation = outgoing.get_nowait()
                except queue.Empty:
                    break
            yield frame

    def _acknowledged(self) -> int:
        with self._lock:
            return min(self._waiting, default=self._sequence + 1) - 1

    def _read(self, call: Any, outgoing: queue.SimpleQueue[Any]) -> None:
        reader: PartReader | None = None
        for frame in call:
            self._heard = time.monotonic()
            if frame.HasField("failure"):
                raise from_failure(frame.failure)
            if frame.HasField("opened"):
                self._heartbeat = frame.opened.heartbeat_ms / 1000
                self._settle_incarnation(frame.opened, frame.revision)
            for part in frame.parts:
                reader = reader or PartReader()
                reader.take(part)
                if reader.complete:
                    self._replica.load(reader.state())
                    reader = None
            for event in frame.events:
                if event.client == self._client:
                    with self._lock:
                        if event.sequence in self._waiting:
                            self._applied[event.sequence] = event.revision
                if not event.replaced:
                    self._replica.apply(event)
            for result in frame.results:
                self._finish(result)
            if frame.HasField("ready"):
                self._resend(outgoing)
                if not self._first.done():
                    self._first.set_result(None)

    def _settle_incarnation(self, opened: Any, revision: int) -> None:
        if self._incarnation not in (0, opened.incarnation) and not opened.durable and not self._restored:
            if not self._offered and revision <= self._replica.revision:
                raise SessionUnknownError(self._replica.session_id)  # what it holds may be less, or something else
            error = "the sidecar was replaced and its state restored by another client: whether a write was applied is unknown"
            self._fail_all(StateUnavailableError(error))
        self._offered = self._restored = False
        self._incarnation = opened.incarnation

    def _resend(self, outgoing: queue.SimpleQueue[Any]) -> None:
        """After the replica is up to date: ends what events told of, sends the rest again, and lets new operations through."""
        with self._lock:
            found = {s: self._waiting.pop(s) for s in list(self._applied) if s in self._waiting}
            revisions, self._applied = self._applied, {}
            again = [request.operation for request in self._waiting.values()]
            self._outgoing = outgoing
            for operation in again:
                outgoing.put(operation)
        for sequence, request in found.items():
            kind = request.operation.WhichOneof("kind")
            if kind == "acquire_lease":
                request.fail(StateUnavailableError("the lease was taken, but its id was lost with the connection"))
            else:
                request.succeed(_wire.Result(sequence=sequence, revision=revisions[sequence]))

    def _finish(self, result: Any) -> None:
        with self._lock:
            request = self._waiting.pop(result.sequence, None)
            self._applied.pop(result.sequence, None)
        if request is None:
            return
        if result.HasField("failure"):
            request.fail(from_failure(result.failure))
        else:
            request.succeed(result)

    def _restore(self) -> None:
        """Gives a new incarnation what the replica holds."""
        with self._lock:
            self._sequence += 1
            sequence = self._sequence
        try:
            state = self._replica.export_state()
            response = self._import(state, sequence, restore=True)
            self._offered = True
            self._restored = response.applied or response.position.revision == state.revision
        except TrimtabError as e:
            log.warning("could not restore session %s: %s", self._replica.session_id, e)
            self._closing.wait(_FIRST_BACKOFF)

    def _import(self, state: StateExport, sequence: int, restore: bool) -> Any:
        def requests() -> Iterator[Any]:
            message = _wire.ImportRequest()
            message.open.session_id = self._replica.session_id
            message.open.protocol.CopyFrom(self._protocol)
            message.open.client = self._client
            message.open.sequence = sequence
            message.open.restore = restore
            size = 0
            for part in parts(state):
                message.parts.append(part)
                size += part.ByteSize()
                if size > _PART_BYTES:
                    yield message
                    message = _wire.ImportRequest()
                    size = 0
            yield message

        call = self._channel.stream_unary(
            f"/{PACKAGE}.StateService/Import",
            request_serializer=_wire.ImportRequest.SerializeToString,
            response_deserializer=_wire.ImportResponse.FromString,
        )
        try:
            return call(requests(), metadata=self._metadata, timeout=self.timeout)
        except grpc.RpcError as e:
            raise _translated(e) from e

    def _watch_heart(self) -> None:
        """Ends a stream that has been silent for too long, so that it is opened anew."""
        while not self._closing.wait(self._heartbeat):
            call = self._call
            if (
                call is not None
                and time.monotonic() - self._heard > _SILENT_BEATS * self._heartbeat
                and self._first.done()
            ):
                self._heard = time.monotonic()
                call.cancel()


def _channel(target: str, credentials: Credentials) -> Any:
    if any(credentials):
        return grpc.secure_channel(target, grpc.ssl_channel_credentials(*credentials), _OPTIONS)
    return grpc.insecure_channel(target, _OPTIONS)


def _translated(error: Any) -> TrimtabError:
    for key, value in error.trailing_metadata() or ():
        if key == FAILURE_TRAILER:
            return from_failure(_wire.Failure.FromString(value))
    code = error.code()
    if code is grpc.StatusCode.UNAUTHENTICATED:
        return UnsupportedError("the sidecar refused the token")
    return StateUnavailableError(
        f"the sidecar does not answer: {code.name if code else 'unknown'} {error.details() or ''}"
    )


def _nothing(result: Any) -> None:
    return None


def _failed(error: BaseException) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


def _copy(source: Any, target: Any) -> None:
    for name, value in source.items():
        target[name].CopyFrom(value)
