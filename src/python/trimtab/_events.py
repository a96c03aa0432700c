"""Encodes events and results by hand, since they are the hot path: once for all who are told of them.

Each function returns bytes of the message that ``proto/trimtab/bridge/v1/state.proto`` describes; a test holds every one of them against
the parser.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from trimtab._records import Dependency, Document, Lease
from trimtab._values import to_wire
from trimtab._wire import FRAME_EVENT, FRAME_RESULT, Event, field, varint

_double = struct.Struct("<d").pack
_fixed64 = struct.Struct("<Q").pack


def value_bytes(value: Any) -> bytes:
    """Encodes a canonical value as a Value."""
    kind = type(value)
    if kind is float:
        return b"\x09" + _double(value)
    if kind is int:
        return b"\x10" + varint((value << 1) ^ (value >> 63) if value < 0 else value << 1)
    if kind is str:
        return field(b"\x22", value.encode())
    if kind is bool:
        return b"\x18\x01" if value else b"\x18\x00"
    data: bytes = to_wire(value).SerializeToString()
    return data


def set_change(cell_head: bytes, version: int, value: Any) -> bytes:
    """Encodes a Change that sets a value, as a field of an event; ``cell_head`` is what ``change_head`` made of the id."""
    if type(value) is float:
        encoded = _FLOAT + _double(value)
    elif type(value) is int:
        number = varint((value << 1) ^ (value >> 63) if value < 0 else value << 1)
        encoded = _INTEGERS[len(number)] + number
    else:
        encoded = field(b"\x1a", value_bytes(value))
    body = cell_head + varint(version) + encoded
    size = len(body)
    return (_CHANGES[size] if size < 0x80 else b"\x3a" + varint(size)) + body


# A Change's value from its own tag on, and a Change's head, for each length of what follows.
_FLOAT = b"\x1a\x09\x09"
_INTEGERS = [b"\x1a" + varint(length + 1) + b"\x10" for length in range(11)]
_CHANGES = [b"\x3a" + varint(length) for length in range(0x80)]


def registered_change(cell_head: bytes, version: int, definition: bytes) -> bytes:
    """Encodes a Change that registers a variable with its default."""
    return field(b"\x3a", cell_head + varint(version) + field(b"\x22", definition))


def deleted_change(cell_head: bytes, version: int) -> bytes:
    """Encodes a Change that deletes a variable."""
    return field(b"\x3a", cell_head + varint(version) + b"\x2a\x00")


def change_head(id: str) -> bytes:
    """Encodes the beginning of a Change of a variable, up to its version."""
    return field(b"\x0a", id.encode()) + b"\x10"


def event_piece(
    revision: int,
    client: int,
    sequence: int,
    at_ms: int,
    source: str,
    metadata: Mapping[str, str],
    changes: bytes,
    documents: Collection[Document] = (),
    deleted_documents: Collection[str] = (),
) -> bytes:
    """Encodes the Event of a commit as a field of a ServerFrame."""
    asked = asked_by(client) + varint(sequence) if client else b""
    body = b"\x08" + varint(revision) + asked + written(at_ms, source) + changes
    if not (metadata or documents or deleted_documents):
        return FRAME_EVENT + varint(len(body)) + body
    for key, value in metadata.items():
        body += field(b"\x32", field(b"\x0a", key.encode()) + field(b"\x12", value.encode()))
    for document in documents:
        body += field(b"\x42", document.to_wire().SerializeToString())
    for key in deleted_documents:
        body += field(b"\x4a", key.encode())
    return FRAME_EVENT + varint(len(body)) + body


@lru_cache(maxsize=256)
def asked_by(client: int) -> bytes:
    """Encodes a client and the beginning of its sequence."""
    return b"\x11" + _fixed64(client) + b"\x18"


@lru_cache(maxsize=64)
def written(at_ms: int, source: str) -> bytes:
    """Encodes when and by whom, which is the same for all commits of a millisecond."""
    return b"\x20" + varint(at_ms << 1) + field(b"\x2a", source.encode())


def sets_piece(
    revision: int,
    client: int,
    sequence: int,
    at_ms: int,
    source: str,
    columns: bytes,
    versions: Sequence[int],
    sequences: Sequence[int] = (),
) -> bytes:
    """Encodes the Event of a commit that set the variables of SetColumns, or of one commit for each, as a field of a ServerFrame."""
    asked = asked_by(client) + varint(sequence) if client else b""
    body = b"\x08" + varint(revision) + asked + written(at_ms, source) + b"\x6a" + varint(len(columns)) + columns
    body += b"\x72" + _numbers(versions)
    if sequences:
        body += b"\x7a" + _numbers(sequences)
    return FRAME_EVENT + varint(len(body)) + body


def _numbers(numbers: Sequence[int]) -> bytes:
    """Encodes the content of a packed field of 64-bit numbers, after its length."""
    if len(numbers) == 1:  # a caller without company
        return b"\x08" + _fixed64(numbers[0])
    encoded = array("Q", numbers)
    if _BIG_ENDIAN:
        encoded.byteswap()
    return varint(8 * len(numbers)) + encoded.tobytes()


_BIG_ENDIAN = sys.byteorder == "big"


def aside_piece(
    revision: int,
    client: int,
    sequence: int,
    *,
    leases: Iterable[Lease] | None = None,
    dependencies: Iterable[Dependency] | None = None,
    replaced: bool = False,
) -> bytes:
    """Encodes an Event of a change beside the revisions as a field of a ServerFrame."""
    event = Event(revision=revision, client=client, sequence=sequence, replaced=replaced)
    if leases is not None:
        event.leases.SetInParent()
        event.leases.leases.extend(lease.to_wire() for lease in leases)
    if dependencies is not None:
        event.dependencies.SetInParent()
        for edge in dependencies:
            event.dependencies.dependencies.add(**{"from": edge.before, "to": edge.after})
    return field(FRAME_EVENT, event.SerializeToString())


def commit_result(sequence: int, revision: int) -> bytes:
    """Encodes the Result of a commit or barrier as a field of a ServerFrame."""
    body = b"\x08" + varint(sequence) + b"\x18" + varint(revision)
    return FRAME_RESULT + varint(len(body)) + body
