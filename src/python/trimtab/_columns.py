"""What variables are set to, column by column: ``SetColumns`` messages, read and written at the speed of lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from trimtab import _wire
from trimtab._values import CanonicalValue, from_wire, to_wire
from trimtab.exceptions import IllegalCallError

__all__ = ["Sets", "columns", "sets_of_columns", "sets_of_writes", "spell_out"]

# The fields of SetColumns.
_FIELDS: dict[type, int] = {float: 3, int: 4, bool: 5, str: 6}
_COLUMNS = {
    b"\x03": attrgetter("floats"),
    b"\x04": attrgetter("integers"),
    b"\x05": attrgetter("booleans"),
    b"\x06": attrgetter("texts"),
}


class Sets(NamedTuple):
    """Keys and their new values."""

    keys: Sequence[str]
    values: Sequence[CanonicalValue]
    expected: Sequence[int]  # versions; 0 for any
    encoded: bytes  # keys and values as SetColumns

    def one(self, at: int) -> Sets:
        """Returns one of them, which is not encoded."""
        return Sets(self.keys[at : at + 1], self.values[at : at + 1], self.expected[at : at + 1], b"")

    def since(self, start: int) -> Sets:
        """Returns those from a place on, which are not encoded."""
        return Sets(self.keys[start:], self.values[start:], self.expected[start:], b"")


def sets_of_columns(message: Any) -> Sets:
    """Reads a SetColumns message, which it may change, or raises IllegalCallError if it contradicts itself."""
    keys = message.keys[:]  # half the time of list()
    size = len(keys)
    picked = message.columns
    column = _COLUMNS.get(picked)
    values = column(message)[:] if column is not None else _pick(message, keys, picked)
    if len(values) != size:
        raise IllegalCallError(f"sets: expected a value for each of {size} keys, got {len(values)}")
    expected = [0] * size
    if message.expected_versions:
        expected = message.expected_versions[:]
        if len(expected) != size:
            raise IllegalCallError(f"sets: expected no version or one for each of {size} keys, got {len(expected)}")
        message.ClearField("expected_versions")
    return Sets(keys, values, expected, message.SerializeToString())


def _pick(message: Any, keys: Sequence[str], picked: bytes) -> list[CanonicalValue]:
    if len(picked) != len(keys):
        raise IllegalCallError(f"sets: expected the column of each of {len(keys)} values, got {len(picked)}")
    following = {number[0]: iter(column(message)).__next__ for number, column in _COLUMNS.items()}
    values: list[CanonicalValue] = []
    for key, number in zip(keys, picked, strict=True):
        try:
            values.append(following[number]())
        except (KeyError, StopIteration):
            error = f'sets: expected a value of "{key}" in column {number}, which has none left'
            raise IllegalCallError(error) from None
    return values


def sets_of_writes(writes: Sequence[Any]) -> Sets | None:
    """Reads Write messages; returns None unless all of them set plain values."""
    keys: list[str] = []
    values: list[CanonicalValue] = []
    expected: list[int] = []
    for write in writes:
        value = from_wire(write.set)  # None if it is no set
        version = write.expected_version
        if value is None or type(value) not in _FIELDS or (version == 0 and write.HasField("expected_version")):
            return None
        keys.append(write.key)
        values.append(value)
        expected.append(version)
    return Sets(keys, values, expected, columns(keys, values).SerializeToString())


def columns(keys: Iterable[str], values: Sequence[CanonicalValue]) -> Any:
    """Returns a SetColumns message."""
    picked = bytes(_FIELDS[type(value)] for value in values)
    message = _wire.SetColumns(keys=keys, columns=picked[:1] if len(set(picked)) == 1 else picked)
    columns = {number[0]: column(message) for number, column in _COLUMNS.items()}
    for number, value in zip(picked, values, strict=True):
        columns[number].append(value)
    return message


def spell_out(sets: Sets, commit: Any) -> None:
    """Makes a Commit message say in Writes what it said in columns."""
    commit.ClearField("sets")
    for key, value, expected in zip(sets.keys, sets.values, sets.expected, strict=True):
        write = commit.writes.add(key=key)
        write.set.CopyFrom(to_wire(value))
        if expected:
            write.expected_version = expected
