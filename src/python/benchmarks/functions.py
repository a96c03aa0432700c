"""Noise-free test functions, all minimised, in the define-by-run form of the peer.

The Java side has the same functions in ``src/jmh/java/io/trimtab/sampler/TestFunction.java``. The first three are the reference functions,
then come one with hard rules and one with conditions; the names that begin with ``holdout_`` took no part in choosing any default.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol


class Suggester(Protocol):
    """The part of an Optuna trial that a function needs."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float: ...

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int: ...

    def suggest_categorical(self, name: str, choices: list[Any]) -> Any: ...


class RejectedError(Exception):
    """The point breaks a hard rule; carries by how much."""

    def __init__(self, violation: float) -> None:
        super().__init__(f"violates a rule by {violation}")
        self.violation = violation


def branin(t: Suggester) -> float:
    """Two floats, three equal minima of 0.397887."""
    x = t.suggest_float("x", -5, 10)
    y = t.suggest_float("y", 0, 15)
    b = 5.1 / (4 * math.pi**2)
    c = 5 / math.pi
    s = 1 / (8 * math.pi)
    return (y - b * x * x + c * x - 6) ** 2 + 10 * (1 - s) * math.cos(x) + 10


_H6_A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
_H6_P = [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
]
_H6_ALPHA = [1.0, 1.2, 3.0, 3.2]


def hartmann6(t: Suggester) -> float:
    """Six floats, six local minima, the least -3.322368."""
    x = [t.suggest_float(f"x{i}", 0, 1) for i in range(6)]
    return -sum(
        alpha * math.exp(-sum(a * (u - 1e-4 * p) ** 2 for a, u, p in zip(row_a, x, row_p, strict=True)))
        for alpha, row_a, row_p in zip(_H6_ALPHA, _H6_A, _H6_P, strict=True)
    )


_MODELS = ["nano", "small", "medium", "large"]
_STRATEGIES = ["direct", "cot", "vote"]
_QUALITY = [0.52, 0.63, 0.71, 0.75]
_PRICE = [0.02, 0.10, 0.45, 1.60]
_BEST_TEMPERATURE = [0.15, 0.40, 0.70, 0.55]
_BEST_SHOTS = [12, 8, 4, 2]
_GAIN = [[0, -0.06, 0.02], [0, 0.03, 0.05], [0, 0.10, 0.04], [0, 0.08, 0.07]]
_TEMPERATURE_SHIFT = [-0.10, 0.0, 0.35]
_TEMPERATURE_WIDTH = [0.30, 0.45, 0.60]
_NEED = [7.5, 10.5, 9.0]
_CALLS = [1.0, 1.0, 3.0]


def lmtune(t: Suggester) -> float:
    """Tuning a language-model program: two choices, two floats, a log-integer and an integer, interacting."""
    i = _MODELS.index(t.suggest_categorical("model", _MODELS))
    j = _STRATEGIES.index(t.suggest_categorical("strategy", _STRATEGIES))
    temperature = t.suggest_float("temperature", 0.0, 1.5)
    top_p = t.suggest_float("top_p", 0.1, 1.0)
    max_tokens = t.suggest_int("max_tokens", 64, 8192, log=True)
    few_shot = t.suggest_int("few_shot", 0, 16)
    bits = math.log(max_tokens) / math.log(2.0)
    warmth = 0.12 * math.exp(
        -(((temperature - _BEST_TEMPERATURE[i] - _TEMPERATURE_SHIFT[j]) / _TEMPERATURE_WIDTH[j]) ** 2)
    )
    nucleus = 0.05 * math.exp(-(((top_p - (0.95 - 0.20 * temperature)) / 0.2) ** 2))
    cut = -0.30 / (1.0 + math.exp(3.0 * (bits - _NEED[j])))
    shots = 0.08 * math.exp(-(((few_shot - _BEST_SHOTS[i]) / 4.0) ** 2)) * (0.6 if j == 2 else 1.0)
    ripple = 0.015 * math.sin(6.0 * temperature) * math.cos(2.0 * bits)
    tokens = _CALLS[j] * min(float(max_tokens), 2.0 ** (_NEED[j] + 1.5)) + 150.0 * few_shot
    cost = _PRICE[i] * tokens / 1000.0
    return 1.0 - (_QUALITY[i] + _GAIN[i][j] + warmth + nucleus + cut + shots + ripple) + 0.03 * cost


def vessel(t: Suggester) -> float:
    """The pressure vessel: two integers, two floats, three hard rules; 19 % of the space is valid, least about 5850."""
    shell = t.suggest_int("shell", 1, 40)
    head = t.suggest_int("head", 1, 40)
    radius = t.suggest_float("radius", 10, 100)
    length = t.suggest_float("length", 10, 240)
    a, b = shell * 0.0625, head * 0.0625
    violation = max(0.0, 0.0193 * radius - a) + max(0.0, 0.00954 * radius - b)
    volume = 3.141592653589793 * radius * radius * (length + radius * 4.0 / 3.0)
    violation += max(0.0, 1.0 - volume / 1296000.0)
    if violation > 0:
        raise RejectedError(violation)
    return (
        0.6224 * a * radius * length + 1.7781 * b * radius * radius + 3.1661 * a * a * length + 19.84 * a * a * radius
    )


def agent(t: Suggester) -> float:
    """An agent whose strategy decides which other parameters exist, two levels deep; least about 0.0207."""
    temperature = t.suggest_float("temperature", 0.0, 1.5)
    strategy = t.suggest_categorical("strategy", ["direct", "cot", "react", "vote"])
    if strategy == "direct":
        return 0.45 + 0.20 * (temperature - 0.1) ** 2
    if strategy == "cot":
        bits = math.log(t.suggest_int("rationale", 32, 4096, log=True)) / math.log(2.0)
        return 0.25 + 0.15 * (temperature - 0.5) ** 2 + 0.02 * (bits - 9.3) ** 2
    if strategy == "vote":
        votes = t.suggest_int("votes", 3, 15)
        spread = t.suggest_float("spread", 0.0, 2.0)
        return 0.20 + 0.15 * (temperature - 0.9) ** 2 + 0.003 * (votes - 9) ** 2 + 0.10 * (spread - 1.1) ** 2
    iters = t.suggest_int("iters", 1, 20)
    tool_bias = t.suggest_float("tool_bias", 0.0, 1.0)
    loss = 0.12 + 0.25 * (temperature - 0.3) ** 2 + 0.002 * (iters - 11) ** 2 + 0.35 * (tool_bias - 0.65) ** 2
    if iters > 5:
        reflect = t.suggest_categorical("reflect", [False, True])
        if reflect:
            every = t.suggest_int("every", 1, 10)
            loss += 0.004 * (every - 4) ** 2 - 0.10 + 0.05 * abs(temperature - 0.3)
    return loss + 0.0007


def holdout_rosenbrock(t: Suggester) -> float:
    """The logarithm of Rosenbrock's valley in four floats; least 0."""
    x = [t.suggest_float(f"x{i}", -2, 2) for i in range(4)]
    valley = sum(100 * (x[i + 1] - x[i] * x[i]) ** 2 + (1 - x[i]) ** 2 for i in range(3))
    return math.log1p(valley)


def holdout_levy(t: Suggester) -> float:
    """Levy's function in five floats and a log scale, many local minima; least 0."""
    x = [t.suggest_float(f"x{i}", -10, 10) for i in range(4)]
    x.append(math.log10(t.suggest_float("z", 1e-9, 1e11, log=True)))
    w = [1 + (v - 1) / 4 for v in x]
    total = math.sin(math.pi * w[0]) ** 2
    total += sum((v - 1) ** 2 * (1 + 10 * math.sin(math.pi * v + 1) ** 2) for v in w[:-1])
    return total + (w[-1] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[-1]) ** 2)


def holdout_ackley(t: Suggester) -> float:
    """Ackley's function in three floats, two integers and two choices; least about 0."""
    x = [t.suggest_float(f"x{i}", -5, 5) - 0.7 for i in range(3)]
    x += [(t.suggest_int(f"k{i}", 0, 20) - 13) / 4.0 for i in range(2)]
    shift = [0.0, 1.3, 2.1, 2.6, 3.4]
    x += [shift["dbaec".index(t.suggest_categorical(f"c{i}", ["a", "b", "c", "d", "e"]))] for i in range(2)]
    n = len(x)
    root = math.sqrt(sum(v * v for v in x) / n)
    waves = sum(math.cos(2 * math.pi * v) for v in x) / n
    return -20 * math.exp(-0.2 * root) - math.exp(waves) + 20 + math.e


def holdout_table(t: Suggester) -> float:
    """Five choices of six with pairwise effects and a float whose best place depends on them."""
    c = [int(t.suggest_categorical(f"c{i}", list("012345"))) for i in range(5)]
    u = t.suggest_float("u", 0.0, 1.0)
    single = sum(((7 * v + 3 * i) % 6) / 6 for i, v in enumerate(c))
    pairs = sum(((5 * c[i] + 2 * c[i + 1] + i) % 7) / 7 for i in range(4))
    return single / 5 + pairs / 4 + 0.5 * (u - ((c[0] + 2 * c[1]) % 6) / 6) ** 2


FUNCTIONS: dict[str, Callable[[Suggester], float]] = {
    f.__name__: f
    for f in (
        branin,
        hartmann6,
        lmtune,
        vessel,
        agent,
        holdout_rosenbrock,
        holdout_levy,
        holdout_ackley,
        holdout_table,
    )
}
