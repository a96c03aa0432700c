"""Domains of variables and their definitions: the JVM's rules, sentence by sentence.

A domain casts what a caller handed in to the canonical type and names the constraint a canonical value breaks. A definition that
contradicts itself cannot exist: every fault is gathered and reported together.
"""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import starmap
from typing import Any, ClassVar

from trimtab import _wire
from trimtab._patterns import Pattern, PatternError, pattern_cost
from trimtab._values import (
    MAX_INTEGER,
    MIN_INTEGER,
    CanonicalValue,
    Embedding,
    Tensor,
    broken_text_rule,
    element_name,
    element_number,
    from_wire,
    java_double,
    java_text,
    list_text,
    shown,
    tensor_from_tree,
    tensor_tree,
    to_float,
    to_integer,
    to_wire,
    utf16_length,
    violation,
)
from trimtab.exceptions import InvalidDefinitionError, InvalidValueError, Violation

Tree = dict[str, Any]
Interval = tuple[type, Any, Any]  # of values, its least and its most


class _Faults:
    """Gathers the faults of one definition so that all are reported together."""

    def __init__(self) -> None:
        self.found: list[Violation] = []

    def require(self, holds: bool, subject: str, expected: str, actual: object) -> None:
        if not holds:
            self.found.append(violation(subject, expected, actual))

    def check(self) -> None:
        if self.found:
            raise InvalidDefinitionError(self.found)


class Domain(ABC):
    """The set of values a variable may take: a type and its constraints. Immutable; equal if its constraints are."""

    __slots__ = ("_description",)

    type: ClassVar[str]

    @abstractmethod
    def cast(self, value: object) -> CanonicalValue | None:
        """Returns the canonical value, or None if the value has no such form; judges no constraint."""

    @abstractmethod
    def broken_rule(self, value: Any) -> str | None:
        """Returns what was expected of a canonical value, or None if it belongs to the domain."""

    @property
    def interval(self) -> Interval | None:
        """A type and bounds such that every value of that type between them belongs to the domain, or None."""
        return None

    @abstractmethod
    def constraints(self) -> Tree:
        """Returns the constraints that differ from none, as plain JSON values."""

    @abstractmethod
    def _describe(self) -> str: ...

    @property
    def description(self) -> str:
        """Says in a few words which values are accepted."""
        text: str | None = getattr(self, "_description", None)
        if text is None:
            text = self._description = self._describe()
        return text

    def encode(self, value: Any) -> Any:
        """Returns a canonical value as plain JSON values, exactly."""
        return value

    def decode(self, tree: object) -> CanonicalValue | None:
        """Returns what ``encode`` wrote, or None if the tree does not encode a value."""
        return self.cast(tree)

    def normalize(self, subject: str, value: object) -> CanonicalValue:
        """Casts a value and checks it against every constraint, or raises InvalidValueError."""
        canonical = self.cast(value)
        rule = self.description if canonical is None else self.broken_rule(canonical)
        if canonical is None or rule is not None:
            raise InvalidValueError([violation(subject, rule or self.description, value)])
        return canonical

    def accepts(self, value: object) -> bool:
        """Tells whether ``normalize`` would accept a value."""
        canonical = self.cast(value)
        return canonical is not None and self.broken_rule(canonical) is None

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.constraints() == other.constraints()

    def __hash__(self) -> int:
        return hash((self.type, repr(self.constraints())))

    def __repr__(self) -> str:
        return self.description


class FloatDomain(Domain):
    """The doubles of a closed interval, all of them or on a grid that starts at min."""

    __slots__ = ("allow_non_finite", "max", "min", "scale", "step")
    type = "FLOAT"

    def __init__(
        self,
        min: float = -math.inf,
        max: float = math.inf,
        *,
        step: float = 0.0,
        scale: str = "LINEAR",
        allow_non_finite: bool = False,
    ) -> None:
        faults = _Faults()
        faults.require(not math.isnan(min), "min", "a number", min)
        faults.require(not math.isnan(max), "max", "a number", max)
        faults.require(not min > max, "min", f"at most max = {java_double(max)}", min)
        faults.require(min != math.inf, "min", "less than infinity", min)
        faults.require(max != -math.inf, "max", "more than minus infinity", max)
        faults.require(step >= 0 and math.isfinite(step), "step", "a finite number, at least 0", step)
        faults.require(not step > 0 or math.isfinite(min), "step", "used only with a finite min", step)
        faults.require(not step > 0 or not step > max - min, "step", "at most max - min", step)
        log = scale == "LOG"
        faults.require(not log or min > 0, "scale", "LOG only with min > 0", f"min = {java_double(min)}")
        faults.require(not log or not step > 0, "scale", "LOG only without a step", f"step = {java_double(step)}")
        faults.require(
            not allow_non_finite or (not step > 0 and not log),
            "allow_non_finite",
            "used only without step and with LINEAR scale",
            allow_non_finite,
        )
        faults.check()
        self.min = float(min)
        self.max = float(max)
        self.step = float(step) or 0.0
        self.scale = scale
        self.allow_non_finite = allow_non_finite

    def cast(self, value: object) -> CanonicalValue | None:
        return to_float(value)

    @property
    def interval(self) -> Interval | None:
        largest = sys.float_info.max
        return (float, max(self.min, -largest), min(self.max, largest)) if self.step == 0 else None

    def broken_rule(self, value: float) -> str | None:
        if not math.isfinite(value):
            bounded = self.max < value if value > 0 else self.min > value
            return None if self.allow_non_finite and (math.isnan(value) or not bounded) else self.description
        good = self.min <= value <= self.max and (self.step == 0 or self._on_grid(value))
        return None if good else self.description

    def _on_grid(self, value: float) -> bool:
        steps = (value - self.min) / self.step
        if not math.isfinite(steps):
            return False
        # On a long grid a double is itself farther from its grid point than the usual tolerance.
        reach = max(abs(value), abs(self.min)) / self.step
        tolerance = max(1e-6, 2 * math.ulp(reach) if math.isfinite(reach) else math.inf)
        return abs(steps - round(steps)) <= tolerance

    def _describe(self) -> str:
        text = "a number" if self.allow_non_finite else "a finite number"
        if math.isfinite(self.min) or math.isfinite(self.max):
            low = "(-inf" if self.min == -math.inf else "[" + java_double(self.min)
            high = "inf)" if self.max == math.inf else java_double(self.max) + "]"
            text += f" in {low}, {high}"
        return text if self.step == 0 else f"{text} in steps of {java_double(self.step)}"

    def constraints(self) -> Tree:
        tree: Tree = {}
        if self.min != -math.inf:
            tree["min"] = self.min
        if self.max != math.inf:
            tree["max"] = self.max
        if self.step != 0:
            tree["step"] = self.step
        if self.scale != "LINEAR":
            tree["scale"] = self.scale
        if self.allow_non_finite:
            tree["allow_non_finite"] = True
        return tree

    def encode(self, value: float) -> Any:
        return value if math.isfinite(value) else java_double(value)

    def decode(self, tree: object) -> CanonicalValue | None:
        if isinstance(tree, str):
            return {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}.get(tree)
        return to_float(tree)


class IntegerDomain(Domain):
    """The 64-bit integers of a closed interval, all of them or on a grid that starts at min."""

    __slots__ = ("max", "min", "scale", "step")
    type = "INTEGER"

    def __init__(self, min: int = MIN_INTEGER, max: int = MAX_INTEGER, *, step: int = 1, scale: str = "LINEAR") -> None:
        faults = _Faults()
        faults.require(min <= max, "min", f"at most max = {max}", min)
        faults.require(step >= 1, "step", "at least 1", step)
        faults.require(step <= 1 or min > max or step <= max - min, "step", "at most max - min", step)
        log = scale == "LOG"
        faults.require(not log or min > 0, "scale", "LOG only with min > 0", f"min = {min}")
        faults.require(not log or step == 1, "scale", "LOG only with a step of 1", f"step = {step}")
        faults.check()
        self.min = min
        self.max = max
        self.step = step
        self.scale = scale

    def cast(self, value: object) -> CanonicalValue | None:
        return to_integer(value)

    @property
    def interval(self) -> Interval | None:
        return (int, self.min, self.max) if self.step == 1 else None

    def broken_rule(self, value: int) -> str | None:
        good = self.min <= value <= self.max and (self.step == 1 or (value - self.min) % self.step == 0)
        return None if good else self.description

    def _describe(self) -> str:
        text = "an integer"
        if self.min != MIN_INTEGER or self.max != MAX_INTEGER:
            low = "min" if self.min == MIN_INTEGER else str(self.min)
            high = "max" if self.max == MAX_INTEGER else str(self.max)
            text += f" in [{low}, {high}]"
        return text if self.step == 1 else f"{text} in steps of {self.step}"

    def constraints(self) -> Tree:
        tree: Tree = {}
        if self.min != MIN_INTEGER:
            tree["min"] = self.min
        if self.max != MAX_INTEGER:
            tree["max"] = self.max
        if self.step != 1:
            tree["step"] = self.step
        if self.scale != "LINEAR":
            tree["scale"] = self.scale
        return tree


class BooleanDomain(Domain):
    """True and false."""

    __slots__ = ()
    type = "BOOLEAN"

    def cast(self, value: object) -> CanonicalValue | None:
        return value if isinstance(value, bool) else None

    @property
    def interval(self) -> Interval | None:
        return (bool, False, True)

    def broken_rule(self, value: bool) -> str | None:
        return None

    def _describe(self) -> str:
        return "true or false"

    def constraints(self) -> Tree:
        return {}


class StringDomain(Domain):
    """Texts by length in code points, by an RE2 pattern for the whole text, and by list."""

    __slots__ = ("_compiled", "allowed", "max_length", "min_length", "pattern")
    type = "STRING"

    DEFAULT_MAX_LENGTH = 1 << 20
    LARGEST_MAX_LENGTH = 16 << 20
    _MAX_PATTERN_COST = 20_000

    def __init__(
        self,
        *,
        min_length: int = 0,
        max_length: int = DEFAULT_MAX_LENGTH,
        pattern: str | None = None,
        allowed: Iterable[str] = (),
    ) -> None:
        self.min_length = min_length
        self.max_length = max_length
        self.pattern = pattern
        self.allowed = tuple(allowed)
        faults = _Faults()
        faults.require(min_length >= 0, "min_length", "at least 0", min_length)
        faults.require(min_length <= max_length, "min_length", f"at most max_length = {max_length}", min_length)
        faults.require(
            max_length <= self.LARGEST_MAX_LENGTH, "max_length", f"at most {self.LARGEST_MAX_LENGTH}", max_length
        )
        faults.require(len(set(self.allowed)) == len(self.allowed), "allowed", "distinct texts", list(self.allowed))
        self._compiled = self._compile(pattern, faults)
        if not faults.found:
            for text in self.allowed:
                rule = self._rule_without_list(text)
                faults.require(rule is None, "allowed", str(rule), text)
        faults.check()

    def _compile(self, pattern: str | None, faults: _Faults) -> Pattern | None:
        if pattern is None:
            return None
        length = utf16_length(pattern)
        faults.require(length <= 1000, "pattern", "at most 1000 characters", length)
        small = pattern_cost(pattern) <= self._MAX_PATTERN_COST
        faults.require(small, "pattern", "fewer or smaller repetitions", pattern)
        if not small or length > 1000:
            return None
        try:
            return Pattern(pattern)
        except PatternError as e:
            faults.require(False, "pattern", f"RE2 syntax ({e})", pattern)
            return None

    def cast(self, value: object) -> CanonicalValue | None:
        return str(value) if isinstance(value, str) else None

    def broken_rule(self, value: str) -> str | None:
        if self.allowed:
            return None if value in self.allowed else f"one of {list_text(self.allowed)}"
        return self._rule_without_list(value)

    def _rule_without_list(self, value: str) -> str | None:
        if len(value) > self.max_length:
            return f"text of at most {self.max_length} characters"
        if len(value) < self.min_length:
            return f"text of at least {self.min_length} characters"
        rule = broken_text_rule(value)
        if rule is not None:
            return rule
        good = self._compiled is None or self._compiled.matches(value)
        return None if good else f"text that matches {self.pattern}"

    def _describe(self) -> str:
        if self.allowed:
            return f"one of {list_text(self.allowed)}"
        text = f"text of {self.min_length} to {self.max_length} characters"
        return text if self.pattern is None else f"{text} that matches {self.pattern}"

    def constraints(self) -> Tree:
        tree: Tree = {}
        if self.min_length != 0:
            tree["min_length"] = self.min_length
        if self.max_length != self.DEFAULT_MAX_LENGTH:
            tree["max_length"] = self.max_length
        if self.pattern is not None:
            tree["pattern"] = self.pattern
        if self.allowed:
            tree["allowed"] = list(self.allowed)
        return tree


class ChoiceDomain(Domain):
    """One of a fixed list of named options."""

    __slots__ = ("_set", "options", "ordinal", "weights")
    type = "CHOICE"

    def __init__(self, options: Iterable[str], *, weights: Iterable[float] = (), ordinal: bool = False) -> None:
        self.options = tuple(options)
        self.weights = tuple(float(weight) for weight in weights)
        self.ordinal = ordinal
        self._set = frozenset(self.options)
        faults = _Faults()
        faults.require(bool(self.options), "options", "at least one option", [])
        faults.require(len(self._set) == len(self.options), "options", "distinct options", list(self.options))
        faults.require(
            not self.weights or len(self.weights) == len(self.options),
            "weights",
            f"one weight for each of the {len(self.options)} options",
            list(self.weights),
        )
        for option in self.options:
            rule = broken_text_rule(option)
            faults.require(1 <= utf16_length(option) <= 1000, "options", "1 to 1000 characters each", option)
            faults.require(rule is None, "options", str(rule), option)
        for weight in self.weights:
            faults.require(weight > 0 and math.isfinite(weight), "weights", "positive finite numbers", weight)
        total = sum(self.weights)
        finite = all(map(math.isfinite, self.weights))
        faults.require(not finite or math.isfinite(total), "weights", "a finite sum", total)
        faults.check()

    def cast(self, value: object) -> CanonicalValue | None:
        return str(value) if isinstance(value, str) else None

    def broken_rule(self, value: str) -> str | None:
        return None if value in self._set else self.description

    def _describe(self) -> str:
        return f"one of {list_text(self.options)}"

    def constraints(self) -> Tree:
        tree: Tree = {"options": list(self.options)}
        if self.weights:
            tree["weights"] = list(self.weights)
        if self.ordinal:
            tree["ordinal"] = True
        return tree


def _is_module_name(text: str) -> bool:
    rest = text.replace("_", "a").replace(".", "a")
    return 1 <= len(text) <= 200 and text.isascii() and text[0].isalpha() and rest.isalnum()


class ModuleDomain(Domain):
    """Names of program modules: 1 to 200 letters, digits, ``_`` and ``.``, starting with a letter."""

    __slots__ = ("allowed",)
    type = "MODULE"

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self.allowed = tuple(allowed)
        faults = _Faults()
        faults.require(len(set(self.allowed)) == len(self.allowed), "allowed", "distinct names", list(self.allowed))
        for name in self.allowed:
            faults.require(_is_module_name(name), "allowed", "a module name", name)
        faults.check()

    def cast(self, value: object) -> CanonicalValue | None:
        return str(value) if isinstance(value, str) else None

    def broken_rule(self, value: str) -> str | None:
        good = value in self.allowed if self.allowed else _is_module_name(value)
        return None if good else self.description

    def _describe(self) -> str:
        return f"one of the modules {list_text(self.allowed)}" if self.allowed else "the name of a module"

    def constraints(self) -> Tree:
        return {"allowed": list(self.allowed)} if self.allowed else {}


class EmbeddingDomain(Domain):
    """Vectors of finite 32-bit floats, of any or of a given number of dimensions."""

    __slots__ = ("dimensions", "normalized")
    type = "EMBEDDING"

    _NORM_TOLERANCE = 1e-3

    def __init__(self, dimensions: int = 0, *, normalized: bool = False) -> None:
        faults = _Faults()
        most = Embedding.MAX_DIMENSIONS
        faults.require(0 <= dimensions <= most, "dimensions", f"0 (any) to {most}", dimensions)
        faults.check()
        self.dimensions = dimensions
        self.normalized = normalized

    def cast(self, value: object) -> CanonicalValue | None:
        if isinstance(value, Embedding):
            return value
        if isinstance(value, (str, bytes, dict)) or not hasattr(value, "__iter__"):
            return None
        try:
            numbers = [to_float(item) if not isinstance(item, int) else item for item in value]
            if any(number is None or isinstance(number, bool) for number in numbers):
                return None
            return Embedding(numbers)  # type: ignore[arg-type]
        except (ValueError, TypeError, OverflowError):
            return None

    def broken_rule(self, value: Embedding) -> str | None:
        fits = self.dimensions == 0 or len(value) == self.dimensions
        unit = not self.normalized or abs(value.norm - 1) <= self._NORM_TOLERANCE
        return None if fits and unit else self.description

    def _describe(self) -> str:
        text = f"a vector of {self.dimensions} finite numbers" if self.dimensions else "a vector of finite numbers"
        return f"{text} of length 1" if self.normalized else text

    def constraints(self) -> Tree:
        tree: Tree = {}
        if self.dimensions:
            tree["dimensions"] = self.dimensions
        if self.normalized:
            tree["normalized"] = True
        return tree

    def encode(self, value: Embedding) -> Any:
        return list(value)


class TensorDomain(Domain):
    """Dense arrays, of any or of a given element type and shape."""

    __slots__ = ("dtype", "shape")
    type = "TENSOR"

    def __init__(self, *, dtype: str | None = None, shape: Iterable[int] | None = None) -> None:
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        faults = _Faults()
        names = list(Tensor.ELEMENT_BYTES)
        faults.require(dtype is None or dtype in names, "dtype", f"one of {list_text(names)}", dtype)
        if self.shape is not None:
            extents = list(self.shape)
            most = Tensor.MAX_RANK
            faults.require(len(extents) <= most, "shape", f"at most {most} extents", extents)
            for extent in extents:
                faults.require(extent >= 0, "shape", "extents of at least 0", extents)
        faults.check()

    def cast(self, value: object) -> CanonicalValue | None:
        return value if isinstance(value, Tensor) else None

    def broken_rule(self, value: Tensor) -> str | None:
        fits = self.dtype is None or self.dtype == value.dtype
        shaped = self.shape is None or self.shape == value.shape
        return None if fits and shaped else self.description

    def _describe(self) -> str:
        text = "a tensor" if self.dtype is None else f"a {self.dtype} tensor"
        return text if self.shape is None else f"{text} of shape {list_text(self.shape)}"

    def constraints(self) -> Tree:
        tree: Tree = {}
        if self.shape is not None:
            tree["shape"] = list(self.shape)
        if self.dtype is not None:
            tree["dtype"] = self.dtype
        return tree

    def encode(self, value: Tensor) -> Any:
        return tensor_tree(value)

    def decode(self, tree: object) -> CanonicalValue | None:
        return tensor_from_tree(tree)


# Reading constraints from their keys


class _ConstraintReader:
    """Builds a domain from its type and constraint keys, gathering every fault."""

    _KNOWN: ClassVar[dict[str, tuple[str, ...]]] = {
        "FLOAT": ("allow_non_finite", "max", "min", "scale", "step"),
        "INTEGER": ("max", "min", "scale", "step"),
        "BOOLEAN": (),
        "STRING": ("allowed", "max_length", "min_length", "pattern"),
        "CHOICE": ("options", "ordinal", "weights"),
        "MODULE": ("allowed",),
        "EMBEDDING": ("dimensions", "normalized"),
        "TENSOR": ("dtype", "shape"),
    }
    _INT = (-(1 << 31), (1 << 31) - 1)

    def __init__(self, type: str, constraints: Mapping[str, Any]) -> None:
        self._type = type
        self._constraints = constraints
        self._faults = _Faults()

    def domain(self) -> Domain:
        known = self._KNOWN[self._type]
        for key in self._constraints:
            self._faults.require(key in known, key, f"a constraint of {self._type} {list_text(known)}", key)
        build: Callable[[], Domain] = getattr(self, f"_{self._type.lower()}")()
        try:
            domain = build()
        except InvalidDefinitionError as e:
            self._faults.found.extend(e.violations)
            self._faults.check()
            raise
        self._faults.check()
        return domain

    def _float(self) -> Callable[[], Domain]:
        low, high = self._number("min", -math.inf), self._number("max", math.inf)
        step, scale, odd = self._number("step", 0.0), self._scale(), self._flag("allow_non_finite")
        return lambda: FloatDomain(low, high, step=step, scale=scale, allow_non_finite=odd)

    def _integer(self) -> Callable[[], Domain]:
        low, high = self._whole("min", MIN_INTEGER), self._whole("max", MAX_INTEGER)
        step, scale = self._whole("step", 1), self._scale()
        return lambda: IntegerDomain(low, high, step=step, scale=scale)

    def _boolean(self) -> Callable[[], Domain]:
        return BooleanDomain

    def _string(self) -> Callable[[], Domain]:
        low = self._whole("min_length", 0, *self._INT)
        high = self._whole("max_length", StringDomain.DEFAULT_MAX_LENGTH, *self._INT)
        pattern, allowed = self._text("pattern"), self._texts("allowed")
        return lambda: StringDomain(min_length=low, max_length=high, pattern=pattern, allowed=allowed)

    def _choice(self) -> Callable[[], Domain]:
        options, ordinal = self._texts("options"), self._flag("ordinal")
        weights = []
        for item in self._list("weights"):
            number = to_float(item)
            self._faults.require(number is not None, "weights", "numbers", item)
            weights.append(1.0 if number is None else number)
        return lambda: ChoiceDomain(options, weights=weights, ordinal=ordinal)

    def _module(self) -> Callable[[], Domain]:
        allowed = self._texts("allowed")
        return lambda: ModuleDomain(allowed)

    def _embedding(self) -> Callable[[], Domain]:
        dimensions = self._whole("dimensions", 0, 0, Embedding.MAX_DIMENSIONS)
        normalized = self._flag("normalized")
        return lambda: EmbeddingDomain(dimensions, normalized=normalized)

    def _tensor(self) -> Callable[[], Domain]:
        shape: list[int] | None = None if self._constraints.get("shape") is None else []
        for item in self._list("shape"):
            extent = to_integer(item)
            good = extent is not None and 0 <= extent <= Tensor.MAX_BYTES
            self._faults.require(good, "shape", "integers of at least 0", item)
            if shape is not None:
                shape.append(extent if good and extent is not None else 0)
        dtype = self._text("dtype")
        return lambda: TensorDomain(dtype=dtype, shape=shape)

    def _number(self, key: str, absent: float) -> float:
        value = self._constraints.get(key)
        number = absent if value is None else to_float(value)
        self._faults.require(number is not None, key, "a number", value)
        return absent if number is None else number

    def _whole(self, key: str, absent: int, least: int = MIN_INTEGER, greatest: int = MAX_INTEGER) -> int:
        value = self._constraints.get(key)
        if value is None:
            return absent
        number = to_integer(value)
        good = number is not None and least <= number <= greatest
        self._faults.require(good, key, f"an integer in [{least}, {greatest}]", value)
        return number if good and number is not None else absent

    def _flag(self, key: str) -> bool:
        value = self._constraints.get(key)
        self._faults.require(value is None or isinstance(value, bool), key, "true or false", value)
        return value is True

    def _scale(self) -> str:
        name = self._text("scale")
        self._faults.require(name in (None, "LINEAR", "LOG"), "scale", "LINEAR or LOG", name)
        return "LOG" if name == "LOG" else "LINEAR"

    def _text(self, key: str) -> str | None:
        value = self._constraints.get(key)
        self._faults.require(value is None or isinstance(value, str), key, "text", value)
        return value if isinstance(value, str) else None

    def _texts(self, key: str) -> list[str]:
        items = self._list(key)
        for item in items:
            self._faults.require(isinstance(item, str), key, "a list of texts", item)
        return [item for item in items if isinstance(item, str)]

    def _list(self, key: str) -> Sequence[Any]:
        value = self._constraints.get(key)
        good = value is None or isinstance(value, (list, tuple))
        self._faults.require(good, key, "a list", value)
        return value if good and value is not None else ()


TYPES = tuple(_ConstraintReader._KNOWN)


def domain_of(type: str, constraints: Mapping[str, Any] | None = None) -> Domain:
    """Builds a domain from its type and constraint keys, or raises InvalidDefinitionError with every fault."""
    name = type.upper()
    if name not in TYPES:
        raise InvalidDefinitionError([Violation("type", f"one of {list_text(TYPES)}", shown(type))])
    return _ConstraintReader(name, constraints or {}).domain()


# Variables

MAX_METADATA = 64
MAX_METADATA_KEY = 256
ID_PREFIX = "var_"


def name_violation(name: str) -> Violation | None:
    """Returns the rule a variable's name breaks, or None for a good name."""
    if name.startswith(ID_PREFIX):
        return violation("name", 'a name without the prefix "var_", which is reserved for ids', name)
    first = name[:1]
    rest = name.replace("_", "a").replace("-", "a").replace(".", "a")
    good = len(name) <= 128 and name.isascii() and (first.isalpha() or first == "_") and rest.isalnum()
    if good:
        return None
    return violation("name", "1 to 128 letters, digits, '_', '-' or '.', starting with a letter or '_'", name)


def metadata_violation(key: str, value: str) -> Violation | None:
    """Returns the rule a note breaks that some backend could not store, or None; it holds for definitions, writes and imports."""
    if not 1 <= utf16_length(key) <= MAX_METADATA_KEY or broken_text_rule(key) is not None:
        rule = f"1 to {MAX_METADATA_KEY} characters without U+0000 and unpaired surrogates"
        return violation("metadata key", rule, key)
    broken = broken_text_rule(value)
    return None if broken is None else Violation(f'metadata of "{key}"', broken)


class Variable:
    """A named knob: its domain, its default value, and what it is for. Immutable; equal in every component."""

    __slots__ = ("_wire", "default", "description", "domain", "metadata", "name")

    def __init__(
        self,
        name: str,
        domain: Domain,
        default: object,
        *,
        description: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        faults = _Faults()
        bad_name = name_violation(name)
        if bad_name is not None:
            faults.found.append(bad_name)
        notes = dict(sorted((metadata or {}).items()))
        faults.require(len(notes) <= MAX_METADATA, "metadata", f"at most {MAX_METADATA} entries", len(notes))
        faults.require(broken_text_rule(description) is None, "description", "storable text", description)
        faults.found.extend(v for v in starmap(metadata_violation, notes.items()) if v is not None)
        canonical = domain.cast(default)
        rule = domain.description if canonical is None else domain.broken_rule(canonical)
        if canonical is None or rule is not None:
            faults.found.append(violation(f"{name} default", str(rule), default))
        faults.check()
        assert canonical is not None
        self.name = name
        self.domain = domain
        self.default = canonical
        self.description = description
        self.metadata = notes
        self._wire: Any = None

    @property
    def type(self) -> str:
        """The type of the values, such as FLOAT."""
        return self.domain.type

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Variable) and self.wire_bytes() == other.wire_bytes()

    def __hash__(self) -> int:
        return hash((self.name, self.domain))

    def __repr__(self) -> str:
        return f"{self.name}: {self.domain}, default {java_text(self.default)}"

    # JSON

    def to_tree(self) -> Tree:
        """Returns the JSON form, which ``from_tree`` turns back into an equal variable."""
        tree: Tree = {"name": self.name, "type": self.type, "default": self.domain.encode(self.default)}
        constraints = self.domain.constraints()
        if constraints:
            tree["constraints"] = constraints
        if self.description:
            tree["description"] = self.description
        if self.metadata:
            tree["metadata"] = self.metadata
        return tree

    # The wire

    def to_wire(self) -> Any:
        """Returns the definition's message; shared, so it must not be changed."""
        if self._wire is None:
            self._wire = self._message()
        return self._wire

    def wire_bytes(self) -> bytes:
        """Returns the definition's message in its one deterministic form."""
        data: bytes = self.to_wire().SerializeToString(deterministic=True)
        return data

    def _message(self) -> Any:
        message = _wire.VariableDefinition(
            name=self.name,
            type=self.type,
            default_value=to_wire(self.default),
            description=self.description,
            metadata=self.metadata,
        )
        domain = self.domain
        if isinstance(domain, (FloatDomain, IntegerDomain)):
            target = message.float if isinstance(domain, FloatDomain) else message.integer
            target.SetInParent()
            for key, value in domain.constraints().items():
                setattr(target, key, _SCALE_NUMBERS[value] if key == "scale" else value)
        elif isinstance(domain, StringDomain):
            message.text.SetInParent()
            tree = domain.constraints()
            message.text.allowed.extend(tree.pop("allowed", ()))
            for key, value in tree.items():
                setattr(message.text, key, value)
        elif isinstance(domain, ChoiceDomain):
            message.choice.SetInParent()
            message.choice.options.extend(domain.options)
            message.choice.weights.extend(domain.weights)
            message.choice.ordinal = domain.ordinal
        elif isinstance(domain, ModuleDomain):
            message.module.SetInParent()
            message.module.allowed.extend(domain.allowed)
        elif isinstance(domain, EmbeddingDomain):
            message.embedding.SetInParent()
            message.embedding.dimensions = domain.dimensions
            message.embedding.normalized = domain.normalized
        elif isinstance(domain, TensorDomain):
            message.tensor.SetInParent()
            message.tensor.dtype = element_number(domain.dtype)
            if domain.shape is not None:
                message.tensor.shape.SetInParent()
                message.tensor.shape.extents.extend(domain.shape)
        return message

    @staticmethod
    def from_wire(message: Any) -> Variable:
        """Reads a definition's message, or raises InvalidDefinitionError with every fault."""
        number = message.type
        if not 1 <= number <= len(TYPES):
            raise InvalidDefinitionError([Violation("type", f"one of {list_text(TYPES)}", str(number))])
        default = from_wire(message.default_value)
        return Variable(
            message.name,
            domain_of(TYPES[number - 1], _constraints_from_wire(message)),
            default,
            description=message.description,
            metadata=dict(message.metadata),
        )


_CONSTRAINT_FIELDS = {
    "FLOAT": "float",
    "INTEGER": "integer",
    "BOOLEAN": None,
    "STRING": "text",
    "CHOICE": "choice",
    "MODULE": "module",
    "EMBEDDING": "embedding",
    "TENSOR": "tensor",
}
_SCALES = {0: "LINEAR", 1: "LOG"}
_SCALE_NUMBERS = {name: number for number, name in _SCALES.items()}


def _constraints_from_wire(message: Any) -> Tree:
    which = message.WhichOneof("constraints")
    expected = _CONSTRAINT_FIELDS[TYPES[message.type - 1]]
    if which is None:
        return {}
    if which != expected:
        raise InvalidDefinitionError(
            [Violation("constraints", f"those of {TYPES[message.type - 1]}", f"those of {which}")]
        )
    source = getattr(message, which)
    tree: Tree = {}
    for descriptor, value in source.ListFields():
        key = descriptor.name
        if key == "scale":
            tree[key] = _SCALES.get(value, str(value))
        elif key == "dtype":
            tree[key] = element_name(value)
        elif key == "shape":
            tree[key] = list(value.extents)
        elif key in ("options", "weights", "allowed"):
            tree[key] = list(value)
        else:
            tree[key] = value
    return tree
