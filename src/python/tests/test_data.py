"""Values of programs on the wire."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import math
import uuid
from collections import namedtuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab._data import MAX_DEPTH, Data, DataMap, from_data, from_map, to_data, to_map
from trimtab.exceptions import IllegalCallError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_plain_values_survive_the_round_trip(value: object) -> None:
    """Encoding then decoding is the identity, also through bytes, and keeps integers apart from floats."""
    wire = Data.FromString(to_data(value).SerializeToString())
    assert from_data(wire) == value
    assert repr(from_data(wire)) == repr(value)  # order of keys, -0.0, and 1 versus 1.0


def test_numbers_at_the_edges() -> None:
    """64-bit limits, larger integers and non-finite floats are exact."""
    for number in (2**63 - 1, -(2**63), 2**63, -(2**64), 2**53 + 1):
        assert from_data(to_data(number)) == number
    assert math.isnan(from_data(to_data(math.nan)))  # type: ignore[arg-type]
    assert from_data(to_data(-math.inf)) == -math.inf


class Color(enum.Enum):
    RED = "red"


class Level(int, enum.Enum):
    HIGH = 3


@dataclasses.dataclass
class Ticket:
    text: str
    color: Color


Pair = namedtuple("Pair", "left right")


def test_rich_values_become_what_json_shows() -> None:
    """Dataclasses, enums, tuples, sets and dates have one plain form each."""
    value = {
        "ticket": Ticket("hi", Color.RED),
        "level": Level.HIGH,
        "pair": Pair(1, None),
        "tuple": (1, 2),
        "set": {2, 1},
        "day": datetime.date(2026, 1, 2),
        "price": decimal.Decimal("1.10"),
        "id": uuid.UUID(int=1),
    }
    assert from_map(to_map(value)) == {
        "ticket": {"text": "hi", "color": "red"},
        "level": 3,
        "pair": {"left": 1, "right": None},
        "tuple": [1, 2],
        "set": [1, 2],
        "day": "2026-01-02",
        "price": "1.10",
        "id": "00000000-0000-0000-0000-000000000001",
    }


def test_arrays_become_lists() -> None:
    """NumPy arrays and scalars are read without importing NumPy here."""
    numpy = pytest.importorskip("numpy")
    assert from_data(to_data([numpy.float32(0.5), numpy.arange(3)])) == [0.5, [0, 1, 2]]


def test_pydantic_models_become_maps() -> None:
    """Typed outputs of programs are dumped as their JSON."""
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Point", x=(int, ...), when=(datetime.date, ...))
    assert from_data(to_data(model(x=1, when=datetime.date(2026, 1, 2)))) == {"x": 1, "when": "2026-01-02"}


def test_what_has_no_plain_form_is_refused_with_its_path() -> None:
    """An object hidden in an output is named, not printed."""
    with pytest.raises(
        IllegalCallError, match=r"outputs\.steps\[1\]\.model: expected what JSON can hold.*got builtins\.object"
    ):
        to_map({"steps": [1, {"model": object()}]}, "outputs")
    with pytest.raises(IllegalCallError, match=r"keys of text, got 1 of type int"):
        to_data({1: 2})
    with pytest.raises(IllegalCallError, match="unpaired surrogate at position 1"):
        to_data("a\ud800")


def test_depth_is_bounded() -> None:
    """Nesting beyond what protobuf readers accept is refused before it is sent; the deepest allowed one passes."""
    deep: list[object] = []
    for _ in range(MAX_DEPTH - 1):
        deep = [deep]
    assert from_data(Data.FromString(to_data(deep).SerializeToString())) == deep
    with pytest.raises(IllegalCallError, match=f"at most {MAX_DEPTH} levels"):
        to_data([deep])


def test_malformed_messages_are_errors() -> None:
    """A message without a kind is never null, and a doubled key never silently wins."""
    with pytest.raises(IllegalCallError, match="expected a kind"):
        from_data(Data())
    with pytest.raises(IllegalCallError, match='"a" twice'):
        from_map(DataMap(entries=[{"key": "a", "value": {"null_value": 0}}] * 2))
    with pytest.raises(IllegalCallError, match="decimal digits"):
        from_data(Data(big_integer="0x10"))


def test_empty_containers_stay_apart_from_null() -> None:
    """An empty list, an empty map and null are three things."""
    assert [from_data(to_data(value)) for value in ([], {}, None)] == [[], {}, None]
