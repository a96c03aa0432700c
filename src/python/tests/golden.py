"""The values that the tests of both languages share; GoldenValuesTest and CrossLanguageTest hold the JVM to the same."""

from __future__ import annotations

import math
from typing import Any

from trimtab import (
    BooleanDomain,
    Embedding,
    EmbeddingDomain,
    FloatDomain,
    IntegerDomain,
    StringDomain,
    Tensor,
    TensorDomain,
    Variable,
)


def golden_values() -> dict[str, Any]:
    """The values whose encoded form both languages share, by name."""
    return {
        "float zero": 0.0,
        "float minus zero": -0.0,
        "float nan": math.nan,
        "float infinity": math.inf,
        "float minus infinity": -math.inf,
        "float smallest": 5e-324,
        "float greatest": 1.7976931348623157e308,
        "integer least": -(1 << 63),
        "integer greatest": (1 << 63) - 1,
        "integer beyond doubles": (1 << 53) + 1,
        "integer minus one": -1,
        "boolean true": True,
        "boolean false": False,
        "text empty": "",
        "text emoji": "tabs\tand \U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "text of ten megabytes": "0123456789" * (1 << 20),
        "embedding of 1536": Embedding([i / 1536 - 0.5 for i in range(1536)]),
        "tensor float32": Tensor.of("FLOAT32", [2, 2], [1.5, -0.0, math.inf, 3.25]),
        "tensor float64": Tensor.of("FLOAT64", [3], [0.1, -0.0, math.nan]),
        "tensor int32": Tensor.of("INT32", [1, 2], [-(1 << 31), (1 << 31) - 1]),
        "tensor int64": Tensor.of("INT64", [2], [-(1 << 63), (1 << 63) - 1]),
        "tensor scalar": Tensor.of("FLOAT64", [], [2.5]),
        "tensor empty": Tensor.of("FLOAT32", [0, 3], []),
    }


def golden_variable(name: str, value: Any) -> Variable:
    """A variable of the value's type that takes anything, with another value than this one."""
    domain, start = _DOMAINS[name.split()[0]]
    return Variable(name.replace(" ", "_"), domain, start, description=f"takes {name}", metadata={"of": "Python"})


_DOMAINS: dict[str, tuple[Any, Any]] = {
    "float": (FloatDomain(allow_non_finite=True), 1.0),
    "integer": (IntegerDomain(), 1),
    "boolean": (BooleanDomain(), True),
    "text": (StringDomain(max_length=16_000_000), "start"),
    "embedding": (EmbeddingDomain(), Embedding([0.5])),
    "tensor": (TensorDomain(), Tensor.of("INT32", [1], [1])),
}
