"""Measures how fast ConfigSpace and Optuna draw configurations, and prints the figures as one line of JSON.

    python spaces_peer.py            # {"configspace_free_read": 9512.3, ...}, in configurations per second

Seconds are those of the processor, and each figure is the best of three rounds, so that other work on the machine does not count.
The spaces are those of ``SamplingBenchmark``; ConfigSpace has no steps, so its ``penalty`` is a plain float.
"""

from __future__ import annotations

import contextlib
import io
import json
import time
import warnings
from collections.abc import Callable

import optuna
from ConfigSpace import (
    CategoricalHyperparameter,
    ConfigurationSpace,
    EqualsCondition,
    Float,
    Integer,
    NotEqualsCondition,
)
from ConfigSpace.forbidden import (
    ForbiddenAndConjunction,
    ForbiddenEqualsClause,
    ForbiddenGreaterThanClause,
)

AT_ONCE = 10_000
ROUNDS = 3


def ten_parameters() -> ConfigurationSpace:
    """Builds the space without conditions and rules."""
    space = ConfigurationSpace(name="ten", seed=1)
    space.add(
        Float("temperature", (0.0, 2.0), default=0.7),
        Float("top_p", (0.1, 1.0), default=0.7),
        Float("penalty", (-2.0, 2.0), default=0.0),
        Float("rate", (1e-6, 1.0), default=1e-3, log=True),
        Integer("max_tokens", (64, 8192), default=512, log=True),
        Integer("max_iters", (3, 10), default=5),
        Integer("demonstrations", (0, 64), default=4),
        CategoricalHyperparameter("model", ["large", "small", "tiny"]),
        CategoricalHyperparameter("strategy", ["ChainOfThought", "Predict", "ReAct"]),
        CategoricalHyperparameter("stream", [False, True]),
    )
    return space


def with_rules() -> ConfigurationSpace:
    """Builds the space with two conditions and two forbidden clauses."""
    space = ten_parameters()
    space.add(
        EqualsCondition(space["max_iters"], space["strategy"], "ReAct"),
        NotEqualsCondition(space["demonstrations"], space["strategy"], "Predict"),
    )
    space.add(
        ForbiddenAndConjunction(
            ForbiddenEqualsClause(space["model"], "large"), ForbiddenGreaterThanClause(space["max_tokens"], 1024)
        ),
        ForbiddenAndConjunction(
            ForbiddenGreaterThanClause(space["temperature"], 1.5), ForbiddenGreaterThanClause(space["top_p"], 0.8)
        ),
    )
    return space


def per_second(count: int, run: Callable[[], object]) -> float:
    """Returns how many of ``count`` things one run makes per second of processor time, at best."""
    best = 0.0
    for _ in range(ROUNDS):
        start = time.process_time()
        run()
        best = max(best, count / (time.process_time() - start))
    return best


def draw(space: ConfigurationSpace, *, read: bool) -> None:
    """Draws configurations, as vectors or with every value read."""
    drawn = space.sample_configuration(AT_ONCE)
    if read:
        for configuration in drawn:
            dict(configuration)


def ask(trials: int) -> None:
    """Asks Optuna's random sampler for trials and lets it suggest every parameter."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(trials):
        trial = study.ask()
        trial.suggest_float("temperature", 0.0, 2.0)
        trial.suggest_float("top_p", 0.1, 1.0)
        trial.suggest_float("penalty", -2.0, 2.0, step=0.1)
        trial.suggest_float("rate", 1e-6, 1.0, log=True)
        trial.suggest_int("max_tokens", 64, 8192, log=True)
        trial.suggest_int("max_iters", 3, 10)
        trial.suggest_int("demonstrations", 0, 64)
        trial.suggest_categorical("model", ["large", "small", "tiny"])
        trial.suggest_categorical("strategy", ["ChainOfThought", "Predict", "ReAct"])
        trial.suggest_categorical("stream", [False, True])


def main() -> None:
    """Measures everything."""
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    free, ruled = ten_parameters(), with_rules()
    with contextlib.redirect_stdout(io.StringIO()):  # ConfigSpace 1.2 prints what it debugs
        figures = {
            "configspace_free_read": per_second(AT_ONCE, lambda: draw(free, read=True)),
            "configspace_free_vectors": per_second(AT_ONCE, lambda: draw(free, read=False)),
            "configspace_ruled_read": per_second(AT_ONCE, lambda: draw(ruled, read=True)),
            "configspace_ruled_vectors": per_second(AT_ONCE, lambda: draw(ruled, read=False)),
            "optuna_random_ask": per_second(1_000, lambda: ask(1_000)),
        }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
