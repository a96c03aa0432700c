"""Batches: what belongs together, and how it arrives from the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from trimtab import _wire
from trimtab._domains import Variable, metadata_violation
from trimtab._values import broken_text_rule, from_wire, to_wire, utf16_length, violation
from trimtab.exceptions import IllegalCallError, InvalidValueError

MAX_BATCH = 100_000
MAX_SOURCE = 128

SET, DELETE, EXPECT, PUT_DOCUMENT, DELETE_DOCUMENT = range(5)


class Write(NamedTuple):
    """One element of a batch; ``value`` is a new value or a document's content."""

    kind: int
    key: str
    value: Any = None
    expected: int | None = None


class WriteContext(NamedTuple):
    """Who writes, on whose lease, and what is noted with every variable written."""

    source: str = "python"
    owner: str | None = None
    metadata: Mapping[str, str] = {}

    def check(self) -> WriteContext:
        """Refuses what some backend could not store."""
        source = self.source
        if not source.strip() or utf16_length(source) > MAX_SOURCE or broken_text_rule(source) is not None:
            raise IllegalCallError(f'source must have 1 to {MAX_SOURCE} characters, got "{source}"')
        for key, value in self.metadata.items():
            fault = metadata_violation(key, value)
            if fault is not None:
                raise IllegalCallError(str(fault))
        return self


PYTHON = WriteContext()


class Batch(NamedTuple):
    """Registrations and writes that are applied together."""

    registrations: Sequence[Variable]
    writes: Sequence[Write]
    context: WriteContext = PYTHON
    best_effort: bool = False

    def check(self) -> Batch:
        """Refuses a batch that is too large or writes a key twice."""
        size = len(self.registrations) + len(self.writes)
        if size > MAX_BATCH:
            raise IllegalCallError(f"a batch has at most {MAX_BATCH} elements, got {size}")
        seen: set[tuple[bool, str]] = set()
        for write in self.writes:
            subject = (write.kind >= PUT_DOCUMENT, write.key)
            if subject in seen:
                raise IllegalCallError(f'a batch writes each key once, got "{write.key}" twice')
            seen.add(subject)
        self.context.check()
        return self

    def to_wire(self) -> Any:
        """Returns the Commit message."""
        commit = _wire.Commit(best_effort=self.best_effort)
        commit.registrations.extend(variable.to_wire() for variable in self.registrations)
        for write in self.writes:
            message = commit.writes.add(key=write.key, expected_version=write.expected)
            if write.kind == SET:
                message.set.CopyFrom(_value(write.key, write.value))
            elif write.kind == PUT_DOCUMENT:
                message.put_document = write.value
            else:
                getattr(message, _NOTHINGS[write.kind]).SetInParent()
        context = self.context
        commit.context.source = context.source
        if context.owner is not None:
            commit.context.owner = context.owner
        for key, value in context.metadata.items():
            commit.context.metadata[key] = value
        return commit


def _value(key: str, value: object) -> Any:
    try:
        return to_wire(value)
    except ValueError as e:
        raise InvalidValueError([violation(key, str(e), value)]) from None


_NOTHINGS = {DELETE: "delete", EXPECT: "expect", DELETE_DOCUMENT: "delete_document"}
_KINDS = {"set": SET, "put_document": PUT_DOCUMENT, **{name: kind for kind, name in _NOTHINGS.items()}}


def context_from_wire(message: Any, source: str) -> WriteContext:
    """Reads a WriteContext message; ``source`` stands in for an absent one."""
    owner = message.owner if message.HasField("owner") else None
    return WriteContext(message.source or source, owner, dict(message.metadata))


def batch_from_wire(message: Any, source: str, registrations: Iterable[Variable]) -> Batch:
    """Reads a Commit message, whose definitions have been read already."""
    return Batch(
        tuple(registrations),
        [_write(write) for write in message.writes],
        context_from_wire(message.context, source),
        message.best_effort,
    ).check()


def _write(message: Any) -> Write:
    kind = message.WhichOneof("kind")
    if kind is None:
        raise IllegalCallError(f'"{message.key}": a write of a kind this version does not know')
    value = from_wire(message.set) if kind == "set" else message.put_document if kind == "put_document" else None
    expected = message.expected_version if message.HasField("expected_version") else None
    return Write(_KINDS[kind], message.key, value, expected)
