"""Values and domains: casts, rules, sentences, and the wire, which gives back every bit."""

from __future__ import annotations

import math
import re
import struct
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from golden import golden_values
from hypothesis import given
from hypothesis import strategies as st

from trimtab import (
    BooleanDomain,
    ChoiceDomain,
    Embedding,
    EmbeddingDomain,
    FloatDomain,
    IntegerDomain,
    ModuleDomain,
    StringDomain,
    Tensor,
    TensorDomain,
    Variable,
    _wire,
)
from trimtab._batch import WriteContext
from trimtab._columns import columns
from trimtab._domains import Domain, domain_of
from trimtab._events import value_bytes
from trimtab._exports import Tree, variable_from_tree
from trimtab._globs import glob
from trimtab._times import instant_ms, instant_text
from trimtab._values import from_wire, java_double, same, to_wire
from trimtab.exceptions import IllegalCallError, InvalidDefinitionError, InvalidValueError

STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
TENSORS = st.one_of(
    st.lists(st.floats(), max_size=6).map(lambda x: Tensor.of("FLOAT64", [len(x)], x)),
    st.lists(st.floats(width=32), max_size=6).map(lambda x: Tensor.of("FLOAT32", [len(x), 1], x)),
    st.lists(st.integers(-(1 << 31), (1 << 31) - 1), max_size=6).map(lambda x: Tensor.of("INT32", [1, len(x)], x)),
    st.integers(-(1 << 63), (1 << 63) - 1).map(lambda x: Tensor.of("INT64", [], [x])),
)
VALUES = st.one_of(
    st.floats(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.booleans(),
    STORABLE,
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=8).map(Embedding),
    TENSORS,
)


@given(VALUES)
def test_wire_gives_back_every_value(value: Any) -> None:
    """Encoding by hand and by protobuf is the same message, and decoding gives the same value, bit for bit."""
    message = to_wire(value)
    data = message.SerializeToString()
    assert same(from_wire(_wire.Value.FromString(data)), value if value == value else math.nan)
    if value == value or not isinstance(value, float):
        assert _wire.Value.FromString(value_bytes(value)) == message


@given(st.integers(0, (1 << 64) - 1))
def test_varints(number: int) -> None:
    """Our varints are protobuf's."""
    assert _wire.ClientFrame.FromString(b"\x18" + _wire.varint(number)).acknowledged == number


@pytest.mark.parametrize(
    ("domain", "value", "expected"),
    [
        (FloatDomain(), 42, 42.0),
        (FloatDomain(), (1 << 53) + 1, None),
        (FloatDomain(), 10**400, None),
        (FloatDomain(), True, None),
        (FloatDomain(), "1", None),
        (FloatDomain(), Decimal("0.1"), 0.1),
        (FloatDomain(), Fraction(1, 4), 0.25),
        (IntegerDomain(), 42.0, 42),
        (IntegerDomain(), 3.14, None),
        (IntegerDomain(), "42", None),
        (IntegerDomain(), True, None),
        (IntegerDomain(), 1 << 63, None),
        (IntegerDomain(), float(1 << 63), None),
        (IntegerDomain(), -(1 << 63), -(1 << 63)),
        (IntegerDomain(), math.nan, None),
        (IntegerDomain(), Decimal("1E+999999999"), None),
        (IntegerDomain(), Decimal("5.0"), 5),
        (BooleanDomain(), True, True),
        (BooleanDomain(), 1, None),
        (BooleanDomain(), "true", None),
        (StringDomain(), "x", "x"),
        (StringDomain(), b"x", None),
        (EmbeddingDomain(), [1, 2.5], Embedding([1.0, 2.5])),
        (EmbeddingDomain(), [], None),
        (EmbeddingDomain(), [math.inf], None),
        (EmbeddingDomain(), [1e300], None),
        (EmbeddingDomain(), ["1"], None),
        (EmbeddingDomain(), "12", None),
        (TensorDomain(), [1.0], None),
    ],
)
def test_casts(domain: Domain, value: object, expected: object) -> None:
    """A value is cast without loss or refused."""
    cast = domain.cast(value)
    assert cast == expected and type(cast) is type(expected)


@pytest.mark.parametrize(
    ("domain", "good", "bad", "sentence"),
    [
        (FloatDomain(0.0, 2.0), 2.0, 2.1, "a finite number in [0.0, 2.0]"),
        (FloatDomain(min=1e-7), 1.0, 0.0, "a finite number in [1.0E-7, inf)"),
        (FloatDomain(0.0, 1.0, step=0.1), 0.1 + 0.2, 0.35, "a finite number in [0.0, 1.0] in steps of 0.1"),
        (FloatDomain(allow_non_finite=True, max=5.0), -math.inf, math.inf, "a number in (-inf, 5.0]"),
        (IntegerDomain(0, 100, step=10), 70, 55, "an integer in [0, 100] in steps of 10"),
        (IntegerDomain(min=3), 3, 2, "an integer in [3, max]"),
        (StringDomain(min_length=2, max_length=3), "\U0001f600a", "a", "text of at least 2 characters"),
        (StringDomain(max_length=1), "\U0001f600", "ab", "text of at most 1 characters"),
        (StringDomain(pattern="[a-z ]+"), "good bye", "UPPER", "text that matches [a-z ]+"),
        (StringDomain(allowed=["a", "b"]), "a", "c", "one of [a, b]"),
        (StringDomain(), "x", "a\0b", "text without the character U+0000"),
        (StringDomain(), "x", "\ud800", "text without unpaired surrogates"),
        (ChoiceDomain(["small", "large"]), "small", "huge", "one of [small, large]"),
        (ModuleDomain(["Predict", "ReAct"]), "ReAct", "Other", "one of the modules [Predict, ReAct]"),
        (ModuleDomain(), "My.Deep.Module", "1x", "the name of a module"),
        (EmbeddingDomain(2), Embedding([1, 2]), Embedding([1]), "a vector of 2 finite numbers"),
        (EmbeddingDomain(normalized=True), Embedding([1]), Embedding([2]), "a vector of finite numbers of length 1"),
        (
            TensorDomain(dtype="FLOAT64", shape=[2, 2]),
            Tensor.of("FLOAT64", [2, 2], [1, 0, 0, 1]),
            Tensor.of("FLOAT64", [4], [1, 0, 0, 1]),
            "a FLOAT64 tensor of shape [2, 2]",
        ),
    ],
)
def test_rules_and_their_sentences(domain: Domain, good: Any, bad: Any, sentence: str) -> None:
    """A value inside is accepted, one outside is refused with the JVM's sentence."""
    assert domain.normalize("x", good) is not None
    with pytest.raises(InvalidValueError) as e:
        domain.normalize("x", bad)
    assert e.value.violations[0].expected == sentence
    assert str(e.value).startswith(f"x: expected {sentence}, got ")


@pytest.mark.parametrize(
    ("type", "constraints", "subjects"),
    [
        ("FLOAT", {"min": 3, "max": 1, "step": -1, "colour": 1}, ["colour", "min", "step"]),
        ("FLOAT", {"min": 0, "scale": "LOG"}, ["scale"]),
        ("FLOAT", {"min": "0", "allow_non_finite": 1}, ["min", "allow_non_finite"]),
        ("FLOAT", {"scale": "log"}, ["scale"]),
        ("INTEGER", {"min": 0, "max": 5, "step": 6}, ["step"]),
        ("INTEGER", {"min": 0.5}, ["min"]),
        ("BOOLEAN", {"min": 1}, ["min"]),
        ("STRING", {"min_length": 3, "max_length": 2}, ["min_length"]),
        ("STRING", {"pattern": "a("}, ["pattern"]),
        ("STRING", {"pattern": "(?=a)"}, ["pattern"]),
        ("STRING", {"pattern": "(a)\\1"}, ["pattern"]),
        ("STRING", {"pattern": "((((a{100}){100}){100}){100})"}, ["pattern"]),
        ("STRING", {"allowed": ["a", "a"]}, ["allowed"]),
        ("STRING", {"allowed": ["abc"], "max_length": 2}, ["allowed"]),
        ("CHOICE", {}, ["options"]),
        ("CHOICE", {"options": ["a", "a", ""]}, ["options", "options"]),
        ("CHOICE", {"options": ["a", "b"], "weights": [1]}, ["weights"]),
        ("CHOICE", {"options": ["a", "b"], "weights": [1, 0]}, ["weights"]),
        ("MODULE", {"allowed": ["1x"]}, ["allowed"]),
        ("EMBEDDING", {"dimensions": -1}, ["dimensions"]),
        ("TENSOR", {"shape": [-1], "dtype": "FLOAT16"}, ["shape", "dtype"]),
    ],
)
def test_contradictory_definitions(type: str, constraints: dict[str, Any], subjects: list[str]) -> None:
    """A definition that contradicts itself cannot exist, and every fault is listed."""
    with pytest.raises(InvalidDefinitionError) as e:
        domain_of(type, constraints)
    assert [v.subject for v in e.value.violations] == subjects


@pytest.mark.parametrize("name", ["", "1st", "var_x", "a b", "é", "x" * 129, "-x", "."])
def test_bad_names(name: str) -> None:
    """A name that could be mistaken for an id or is malformed is refused, with the fault of the default beside it."""
    with pytest.raises(InvalidDefinitionError) as e:
        Variable(name, FloatDomain(0.0, 1.0), 3.0)
    assert [v.subject for v in e.value.violations] == ["name", f"{name} default"]


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"": "x"}, "metadata key: expected 1 to 256 characters"),
        ({"k" * 257: "x"}, "metadata key: expected 1 to 256 characters"),
        ({"k": "a\0b"}, 'metadata of "k": expected text without the character U+0000'),
        ({f"k{i}": "" for i in range(65)}, "metadata: expected at most 64 entries, got 65"),
    ],
)
def test_bad_metadata(metadata: dict[str, str], message: str) -> None:
    """What is noted with a variable can be stored by every backend; a write's notes follow the same rule."""
    with pytest.raises(InvalidDefinitionError, match=re.escape(message)):
        Variable("x", FloatDomain(), 1.0, metadata=metadata)
    if len(metadata) == 1:
        with pytest.raises(IllegalCallError, match=re.escape(message)):
            WriteContext("python", None, metadata).check()


VARIABLES = [
    Variable("a_float", FloatDomain(0.0, 1.0, step=0.25), 0.5, description="between", metadata={"unit": "none"}),
    Variable("odd", FloatDomain(allow_non_finite=True), math.nan),
    Variable("log", FloatDomain(1e-5, 1.0, scale="LOG"), 0.1),
    Variable("an_integer", IntegerDomain(1, 100, step=3), 4),
    Variable("a_boolean", BooleanDomain(), True),
    Variable("a_string", StringDomain(min_length=1, max_length=20, pattern="[a-z ]+"), "hello world"),
    Variable("listed", StringDomain(allowed=["x", "y"]), "x"),
    Variable("a_choice", ChoiceDomain(["s", "m"], weights=[1, 2.5], ordinal=True), "m"),
    Variable("a_module", ModuleDomain(["Predict"]), "Predict"),
    Variable("an_embedding", EmbeddingDomain(3), [0.25, -1.5, 3]),
    Variable("a_tensor", TensorDomain(dtype="FLOAT64", shape=[2, 2]), Tensor.of("FLOAT64", [2, 2], [1, 0, 0, 1])),
    Variable("scalar", TensorDomain(shape=[]), Tensor.of("INT64", [], [1 << 40])),
]


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda v: v.name)
def test_definitions_travel(variable: Variable) -> None:
    """A definition comes back equal from the wire and from JSON."""
    message = _wire.VariableDefinition.FromString(variable.wire_bytes())
    assert Variable.from_wire(message) == variable
    assert variable_from_tree(Tree(variable.to_tree(), "$")) == variable


def test_unknown_kinds_are_errors() -> None:
    """A value or definition of a kind this version does not know is never null."""
    assert from_wire(_wire.Value()) is None
    with pytest.raises(InvalidDefinitionError):
        Variable.from_wire(_wire.VariableDefinition(name="x", type=99))
    with pytest.raises(InvalidDefinitionError, match="x default"):
        Variable.from_wire(_wire.VariableDefinition(name="x", type=1))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (100.0, "100.0"),
        (1234567.0, "1234567.0"),
        (12345678.0, "1.2345678E7"),
        (0.001, "0.001"),
        (0.00012, "1.2E-4"),
        (1e300, "1.0E300"),
        (5e-324, "4.9E-324"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
    ],
)
def test_doubles_read_as_in_the_jvm(value: float, text: str) -> None:
    """A double in a message looks as the JVM prints it; of the smallest, Java prints one digit more than is needed."""
    assert java_double(value) == (text if value != 5e-324 else "5.0E-324")


@given(st.integers(-(10**14), 10**15))
def test_times_travel(ms: int) -> None:
    """A time's text is read back to the same millisecond."""
    assert instant_ms(instant_text(ms)) == ms


def test_times_read_as_in_the_jvm() -> None:
    """Times look as the JVM writes them, and nonsense is none."""
    assert instant_text(0) == "1970-01-01T00:00:00Z"
    assert instant_text(1_709_164_800_250) == "2024-02-29T00:00:00.250Z"
    assert instant_text(253_402_300_800_000) == "+10000-01-01T00:00:00Z"
    assert instant_text(-62_167_219_200_001) == "-0001-12-31T23:59:59.999Z"
    assert instant_ms("2024-02-29T00:00:00.250999Z") == 1_709_164_800_250
    for nonsense in ("2023-02-29T00:00:00Z", "2024-02-29", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z", ""):
        assert instant_ms(nonsense) is None


@given(st.text("ab*?", min_size=1, max_size=8), st.text("ab", max_size=8))
def test_globs(pattern: str, name: str) -> None:
    """A glob matches what the obvious recursion matches."""

    def matches(p: str, n: str) -> bool:
        if not p:
            return not n
        if p[0] == "*":
            return matches(p[1:], n) or (bool(n) and matches(p, n[1:]))
        return bool(n) and p[0] in ("?", n[0]) and matches(p[1:], n[1:])

    assert glob(pattern)(name) == matches(pattern, name)


GOLDEN = Path(__file__).parents[3] / "src" / "test" / "resources" / "io" / "trimtab" / "bridge" / "golden-values.txt"


def digest(data: bytes) -> str:
    """A line's second column: the bytes in hexadecimal, or their length and SHA-256 if they are many."""
    import hashlib

    return data.hex() if len(data) <= 200 else f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}"


def test_golden_values() -> None:
    """Each value is encoded to the bytes that the file says, which the JVM's test reads too."""
    lines = [line for line in GOLDEN.read_text().splitlines() if line and not line.startswith("#")]
    recorded = dict(line.split(" = ", 1) for line in lines)
    encoded = {name: digest(to_wire(value).SerializeToString()) for name, value in golden_values().items()}
    plain = {
        n: v for n, v in golden_values().items() if isinstance(v, (float, int, str)) and n != "text of ten megabytes"
    }
    encoded["columns of those that are plain"] = digest(columns(plain, list(plain.values())).SerializeToString())
    assert encoded == recorded
    for name, value in golden_values().items():
        assert same(from_wire(_wire.Value.FromString(to_wire(value).SerializeToString())), value), name


def test_arrays_refuse_contradictions() -> None:
    """An embedding is finite and not empty; a tensor's shape and data agree."""
    for bad in ([], [math.nan], [math.inf], [1e39]):
        with pytest.raises(ValueError):
            Embedding(bad)
    for dtype, shape, data in (("FLOAT64", [2], bytes(8)), ("FLOAT16", [1], bytes(2)), ("INT32", [-1], b"")):
        with pytest.raises(ValueError):
            Tensor(dtype, shape, data)
    with pytest.raises(ValueError, match="at most"):
        Tensor("FLOAT64", [1 << 30, 1 << 30], b"")
    assert Embedding([0.1])[0] == struct.unpack("<f", struct.pack("<f", 0.1))[0]
    assert Embedding([3, 4]).norm == 5
