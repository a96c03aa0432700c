"""What programs, tools and models pass around, between Python values and ``Data`` messages.

``Data`` holds JSON's values with integers kept apart from floats, and keeps the order of keys. Richer Python values are
turned into what they look like in JSON: models of pydantic, dataclasses and named tuples into maps, enum members into
their values, sets into lists, dates into ISO 8601 text, NumPy arrays into nested lists. What has no such form is
refused with the path to it, never turned into its ``repr``.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import pathlib
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from trimtab._wire import message
from trimtab.exceptions import IllegalCallError

__all__ = ["MAX_DEPTH", "Json", "from_data", "from_map", "to_data", "to_map"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Message: TypeAlias = Any  # of the protocol

MAX_DEPTH = 40
Data = message("Data")
DataMap = message("DataMap")

_INT64 = range(-(1 << 63), 1 << 63)
_TEXTUAL = (datetime.date, datetime.time, pathlib.PurePath, uuid.UUID, decimal.Decimal)


def to_data(value: object, path: str = "value") -> Message:
    """Returns the ``Data`` message of a value; raises :class:`IllegalCallError` naming the part that has none."""
    data = Data()
    _fill(data, value, path, 1)
    return data


def to_map(values: Mapping[str, object], path: str = "value") -> Message:
    """Returns the ``DataMap`` message of a mapping with text keys."""
    data = DataMap()
    _fill_map(data, values, path, 1)
    return data


def from_data(data: Message) -> Json:
    """Returns the plain value of a ``Data`` message."""
    kind = data.WhichOneof("kind")
    if kind == "text_value":
        return str(data.text_value)
    if kind == "map_value":
        return from_map(data.map_value)
    if kind == "list_value":
        return [from_data(item) for item in data.list_value.items]
    if kind == "null_value":
        return None
    if kind == "boolean_value":
        return bool(data.boolean_value)
    if kind == "integer_value":
        return int(data.integer_value)
    if kind == "float_value":
        return float(data.float_value)
    if kind == "big_integer":
        return _big(data.big_integer)
    raise IllegalCallError("Data: expected a kind that this version knows, got none")


def from_map(data: Message) -> dict[str, Json]:
    """Returns the plain values of a ``DataMap`` message, in its order."""
    values: dict[str, Json] = {}
    for entry in data.entries:
        if entry.key in values:
            raise IllegalCallError(f'DataMap: expected distinct keys, got "{entry.key}" twice')
        values[entry.key] = from_data(entry.value)
    return values


def _big(digits: str) -> int:
    if not digits.lstrip("-").isdecimal() or len(digits) > 4000:
        raise IllegalCallError(f"Data.big_integer: expected decimal digits, got {len(digits)} characters")
    return int(digits)


def _fill(data: Message, value: object, path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise IllegalCallError(f"{path}: expected at most {MAX_DEPTH} levels")
    if value is None:
        data.null_value = 0
    elif isinstance(value, enum.Enum):  # before str and int: members may be these too
        _fill(data, value.value, path, depth)
    elif isinstance(value, str):
        data.text_value = _text(value, path)
    elif isinstance(value, bool):
        data.boolean_value = value
    elif isinstance(value, int):
        if value in _INT64:
            data.integer_value = value
        else:
            data.big_integer = str(value)
    elif isinstance(value, float):
        data.float_value = value
    elif isinstance(value, Mapping):
        _fill_map(data.map_value, value, path, depth)
    elif isinstance(value, (list, tuple)) and not hasattr(value, "_asdict"):
        _fill_list(data, value, path, depth)
    else:
        _fill(data, _plain(value, path), path, depth)


def _fill_map(data: Message, values: Mapping[Any, object], path: str, depth: int) -> None:
    data.SetInParent()
    for key, value in values.items():
        name = key.value if isinstance(key, enum.Enum) else key
        if not isinstance(name, str):
            raise IllegalCallError(f"{path}: expected keys of text, got {key!r} of type {type(key).__name__}")
        entry = data.entries.add(key=_text(name, path))
        _fill(entry.value, value, f"{path}.{name}", depth + 1)


def _fill_list(data: Message, values: Iterable[object], path: str, depth: int) -> None:
    data.list_value.SetInParent()
    for index, value in enumerate(values):
        _fill(data.list_value.items.add(), value, f"{path}[{index}]", depth + 1)


def _text(value: str, path: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise IllegalCallError(f"{path}: expected text, got an unpaired surrogate at position {error.start}") from None
    return str(value)


def _plain(value: object, path: str) -> object:
    """One step from a rich value towards a plain one."""
    dump = getattr(value, "model_dump", None)  # pydantic
    if callable(dump):
        return dump(mode="json")
    to_dict = getattr(value, "toDict", None)  # dspy.Example and dspy.Prediction
    if callable(to_dict):
        return to_dict()
    as_dict = getattr(value, "_asdict", None)  # named tuples
    if callable(as_dict):
        return as_dict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, _TEXTUAL):
        return value.isoformat() if isinstance(value, (datetime.date, datetime.time)) else str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    to_list = getattr(value, "tolist", None)  # NumPy arrays and scalars
    if callable(to_list):
        return to_list()
    raise IllegalCallError(
        f"{path}: expected what JSON can hold, or a pydantic model, dataclass, enum, set or array of it,"
        f" got {type(value).__module__}.{type(value).__qualname__}"
    )
