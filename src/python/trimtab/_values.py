"""Values of variables: the two array types, lossless casts, how they read in messages, and their form on the wire.

A canonical value is a ``float``, ``int``, ``bool``, ``str``, :class:`Embedding` or :class:`Tensor`. Texts in messages are those of
the JVM, so that both sides refuse a value with the same sentence.
"""

from __future__ import annotations

import base64
import math
import numbers
import struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, overload

from trimtab import _wire
from trimtab.exceptions import Violation

MIN_INTEGER = -(1 << 63)
MAX_INTEGER = (1 << 63) - 1
_SHOWN = 80


class Embedding(Sequence[float]):
    """An immutable vector of 32-bit floats, as embedding models produce it; equal if its bits are."""

    __slots__ = ("_data",)

    MAX_DIMENSIONS = 1 << 20

    def __init__(self, values: Iterable[float]) -> None:
        """Rounds finite numbers to 32 bits and keeps them; 1 to ``MAX_DIMENSIONS``."""
        self._data = _checked_floats(_packed(values))

    @classmethod
    def from_bytes(cls, little_endian: bytes) -> Embedding:
        """Keeps float32 elements in little-endian order."""
        self = cls.__new__(cls)
        self._data = _checked_floats(little_endian)
        return self

    def to_bytes(self) -> bytes:
        """Returns the float32 elements in little-endian order."""
        return self._data

    def __len__(self) -> int:
        return len(self._data) // 4

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> list[float]: ...
    def __getitem__(self, index: int | slice) -> float | list[float]:
        return self._floats()[index] if isinstance(index, int) else self._floats()[index].tolist()

    def __iter__(self) -> Iterator[float]:
        return iter(self._floats())

    def _floats(self) -> array[float]:
        floats = array("f", self._data)
        if sys.byteorder == "big":
            floats.byteswap()
        return floats

    @property
    def norm(self) -> float:
        """The Euclidean length, computed in doubles."""
        return math.sqrt(math.fsum(x * x for x in self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Embedding) and self._data == other._data

    def __hash__(self) -> int:
        return hash(self._data)

    def __repr__(self) -> str:
        return f"Embedding({shown(self)})"


def _packed(values: Iterable[float]) -> bytes:
    floats = list(values)
    try:
        return struct.pack(f"<{len(floats)}f", *floats)
    except (OverflowError, struct.error) as e:
        raise ValueError(f"an embedding holds finite 32-bit numbers: {e}") from None


def _checked_floats(data: bytes) -> bytes:
    if len(data) % 4 or not 4 <= len(data) <= Embedding.MAX_DIMENSIONS * 4:
        raise ValueError(
            f"an embedding has 1 to {Embedding.MAX_DIMENSIONS} dimensions of 4 bytes, got {len(data)} bytes"
        )
    floats = array("f", data)
    if sys.byteorder == "big":
        floats.byteswap()
    # The sum of finite floats is finite in doubles, and any NaN or infinity shows in it.
    if not math.isfinite(sum(floats)):
        raise ValueError("an embedding holds finite numbers")
    return bytes(data)


class Tensor:
    """An immutable dense array: element type, shape and row-major little-endian data; equal if its bytes are."""

    __slots__ = ("_data", "_dtype", "_shape")

    MAX_BYTES = 64 << 20
    MAX_RANK = 16
    ELEMENT_BYTES = {"FLOAT32": 4, "FLOAT64": 8, "INT32": 4, "INT64": 8}  # noqa: RUF012
    _FORMATS = {"FLOAT32": "f", "FLOAT64": "d", "INT32": "i", "INT64": "q"}  # noqa: RUF012

    def __init__(self, dtype: str, shape: Iterable[int], data: bytes) -> None:
        """Keeps ``product(shape)`` elements; ``dtype`` is FLOAT32, FLOAT64, INT32 or INT64."""
        extents = tuple(int(extent) for extent in shape)
        size = self.ELEMENT_BYTES.get(dtype)
        if size is None:
            raise ValueError(f"dtype: expected one of {list(self.ELEMENT_BYTES)}, got {dtype!r}")
        if len(extents) > self.MAX_RANK:
            raise ValueError(f"a tensor has at most {self.MAX_RANK} dimensions, got {len(extents)}")
        if any(extent < 0 for extent in extents):
            raise ValueError(f"extents are at least 0, got {list(extents)}")
        expected = math.prod(extents) * size
        if expected > self.MAX_BYTES:
            raise ValueError(f"a tensor has at most {self.MAX_BYTES} bytes, got shape {list(extents)}")
        if expected != len(data):
            raise ValueError(f"a {dtype} tensor of shape {list(extents)} has {expected} bytes of data, got {len(data)}")
        self._dtype = dtype
        self._shape = extents
        self._data = bytes(data)

    @classmethod
    def of(cls, dtype: str, shape: Iterable[int], elements: Sequence[float]) -> Tensor:
        """Packs elements in row-major order."""
        return cls(dtype, shape, struct.pack(f"<{len(elements)}{cls._FORMATS[dtype]}", *elements))

    @property
    def dtype(self) -> str:
        """What the elements are."""
        return self._dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """The extents; empty for a scalar."""
        return self._shape

    def to_bytes(self) -> bytes:
        """Returns the elements in row-major little-endian order."""
        return self._data

    def to_list(self) -> list[float]:
        """Returns the elements in row-major order, without their shape."""
        count = len(self._data) // self.ELEMENT_BYTES[self._dtype]
        return list(struct.unpack(f"<{count}{self._FORMATS[self._dtype]}", self._data))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tensor) and (self._dtype, self._shape, self._data) == (
            other._dtype,
            other._shape,
            other._data,
        )

    def __hash__(self) -> int:
        return hash((self._dtype, self._shape, self._data))

    def __repr__(self) -> str:
        return f"Tensor({self})"

    def __str__(self) -> str:
        return self._dtype + _list_text(self._shape)


CanonicalValue: TypeAlias = float | int | bool | str | Embedding | Tensor


# Casts


def to_float(value: object) -> float | None:
    """Returns a number as a double, or None if it is no number or an integer that a double cannot hold exactly."""
    if type(value) is float:
        return value if value == value else math.nan
    if isinstance(value, bool):
        return None
    if isinstance(value, numbers.Integral):
        try:
            widened = float(value)
        except OverflowError:
            return None
        return widened if widened == int(value) else None
    if isinstance(value, (numbers.Real, Decimal)):
        try:
            number = float(value)
        except (OverflowError, ValueError):
            return None
        if math.isinf(number) and isinstance(value, Decimal) and value.is_finite():
            return None
        return number if number == number else math.nan
    return None


def to_integer(value: object) -> int | None:
    """Returns an integral number that fits 64 bits, else None."""
    if type(value) is int:
        return value if MIN_INTEGER <= value <= MAX_INTEGER else None
    if isinstance(value, bool):
        return None
    if isinstance(value, numbers.Integral):
        return to_integer(int(value))
    if isinstance(value, Decimal):
        if not value.is_finite() or value.adjusted() > 19:
            return None
        return to_integer(int(value)) if value == value.to_integral_value() else None
    if isinstance(value, numbers.Real):
        number = float(value)
        integral = math.isfinite(number) and number == math.floor(number)
        return to_integer(int(number)) if integral else None
    return None


def same(one: object, other: object) -> bool:
    """Tells whether two canonical values are equal bit for bit, NaN with itself included."""
    if type(one) is float and type(other) is float:
        if one == other:
            return one != 0.0 or math.copysign(1.0, one) == math.copysign(1.0, other)
        return one != one and other != other
    return type(one) is type(other) and one == other


# Texts


def broken_text_rule(text: str) -> str | None:
    """Names the rule a text breaks that no backend could store, or None if every backend can."""
    if text.isascii():
        return "text without the character U+0000" if "\0" in text else None
    if "\0" in text:
        return "text without the character U+0000"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "text without unpaired surrogates"
    return None


def utf16_length(text: str) -> int:
    """Returns how many UTF-16 units a text has, which is what the JVM's limits on keys and documents count."""
    return len(text) if text.isascii() else len(text) + sum(c > "\uffff" for c in text)


def java_double(value: float) -> str:
    """Returns a double as the JVM prints it."""
    if value != value:
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if value == 0:
        return sign + "0.0"
    _, digits, exponent = Decimal(repr(abs(value))).as_tuple()
    text = "".join(map(str, digits)).rstrip("0") or "0"
    point = len(digits) + int(exponent)
    if -3 < point <= 7:
        if point <= 0:
            return f"{sign}0.{'0' * -point}{text}"
        padded = text.ljust(point, "0")
        return f"{sign}{padded[:point]}.{padded[point:] or '0'}"
    return f"{sign}{text[0]}.{text[1:] or '0'}E{point - 1}"


def shown(value: object) -> str:
    """Returns a value as a message shows it, at most 80 characters."""
    text = f'"{value}"' if isinstance(value, str) else java_text(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def java_text(value: object) -> str:
    """Returns a value as the JVM's String.valueOf does."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_double(float(value))
    if isinstance(value, Embedding):
        head = _list_text(value[:4])
        return head if len(value) <= 4 else f"{head[:-1]}, ...] ({len(value)} dimensions)"
    if isinstance(value, (list, tuple)):
        return _list_text(value[:_SHOWN])
    return str(value)


def _list_text(items: Sequence[object]) -> str:
    return "[" + ", ".join(map(java_text, items)) + "]"


def list_text(items: Sequence[object]) -> str:
    """Returns a list as the JVM prints it."""
    return _list_text(items)


def violation(subject: str, expected: str, actual: object) -> Violation:
    """Describes a value that broke a rule."""
    return Violation(subject, expected, shown(actual))


# The wire

_ELEMENT_TYPES = _wire.enum_values("ElementType")
_ELEMENT_NAMES = {number: name for name, number in _ELEMENT_TYPES.items()}


def element_number(dtype: str | None) -> int:
    """Returns the number of an element type on the wire; 0 for any."""
    return 0 if dtype is None else _ELEMENT_TYPES[dtype]


def element_name(number: int) -> str | None:
    """Returns the name of an element type on the wire, None for any."""
    return None if number == 0 else _ELEMENT_NAMES.get(number, f"ELEMENT_TYPE_{number}")


def from_wire(message: Any) -> CanonicalValue | None:
    """Returns what a Value message holds; None if it holds nothing this version knows or what contradicts itself."""
    kind = message.WhichOneof("kind")
    if kind == "float_value":
        number: float = message.float_value
        return number if number == number else math.nan
    if kind is None:
        return None
    if kind == "embedding_value":
        try:
            return Embedding.from_bytes(message.embedding_value)
        except ValueError:
            return None
    if kind == "tensor_value":
        tensor = message.tensor_value
        try:
            return Tensor(str(element_name(tensor.dtype)), tensor.shape, tensor.data)
        except ValueError:
            return None
    plain: CanonicalValue = getattr(message, kind)
    return plain


def to_wire(value: object) -> Any:
    """Returns a Value message for a canonical value, or for a value of a lesser type that the other side will cast."""
    if type(value) is float:
        return _wire.Value(float_value=value)
    if isinstance(value, bool):
        return _wire.Value(boolean_value=value)
    if isinstance(value, str):
        rule = broken_text_rule(value)
        if rule is not None:
            raise ValueError(rule)
        return _wire.Value(text_value=value)
    if isinstance(value, Embedding):
        return _wire.Value(embedding_value=value.to_bytes())
    if isinstance(value, Tensor):
        return _wire.Value(
            tensor_value=_wire.Tensor(dtype=_ELEMENT_TYPES[value.dtype], shape=value.shape, data=value.to_bytes())
        )
    integer = to_integer(value)
    if integer is not None and isinstance(value, numbers.Integral):
        return _wire.Value(integer_value=integer)
    number = to_float(value)
    if number is not None:
        return _wire.Value(float_value=number)
    if isinstance(value, (list, tuple)) or hasattr(value, "__array__"):
        return _wire.Value(embedding_value=Embedding(value).to_bytes())  # type: ignore[arg-type]
    raise ValueError("a number, text, truth value, embedding or tensor")


def tensor_tree(value: Tensor) -> dict[str, object]:
    """Returns the JSON form of a tensor."""
    return {
        "dtype": value.dtype,
        "shape": list(value.shape),
        "data": base64.b64encode(value.to_bytes()).decode("ascii"),
    }


def tensor_from_tree(tree: object) -> Tensor | None:
    """Returns the tensor of a JSON form, or None if it encodes none."""
    if not isinstance(tree, dict) or len(tree) != 3:
        return None
    dtype, shape, data = tree.get("dtype"), tree.get("shape"), tree.get("data")
    if not isinstance(dtype, str) or not isinstance(shape, list) or not isinstance(data, str):
        return None
    if not all(type(extent) is int and 0 <= extent <= Tensor.MAX_BYTES for extent in shape):
        return None
    try:
        return Tensor(dtype, shape, base64.b64decode(data, validate=True))
    except ValueError:
        return None
