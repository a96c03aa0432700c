"""Records what Optuna's pruners decide on generated learning curves, for PrunerTest to replay.

python optuna_pruners.py > ../../test/resources/io/trimtab/study/optuna-pruners.json
"""

from __future__ import annotations

import json
import math
import random
import sys
from typing import Any

import optuna
from optuna.pruners import BasePruner, MedianPruner, PercentilePruner, SuccessiveHalvingPruner

PRUNERS: dict[str, BasePruner] = {
    "median": MedianPruner(),
    "quarter": PercentilePruner(25.0, n_startup_trials=2, n_warmup_steps=3, interval_steps=4, n_min_trials=3),
    "halving": SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
    "late": SuccessiveHalvingPruner(min_resource=2, reduction_factor=2, min_early_stopping_rate=1, bootstrap_count=2),
}


def curve(rng: random.Random) -> tuple[list[int], list[float]]:
    """Returns steps, some of them skipped, and values that approach a limit with noise."""
    limit, speed = rng.random(), rng.uniform(1, 8)
    steps = [step for step in range(24) if rng.random() < 0.95]
    values = [round(limit * (1 - math.exp(-step / speed)) + rng.gauss(0, 0.05), 4) for step in steps]
    return steps, [math.nan if rng.random() < 0.01 else value for value in values]


def record(name: str, direction: str, rng: random.Random) -> dict[str, Any]:
    """Runs one study by hand and returns its curves with every decision of the pruner."""
    study = optuna.create_study(direction=direction, pruner=PRUNERS[name])
    trials, decisions = [], []
    for _ in range(40):
        steps, values = curve(rng)
        trial = study.ask()
        pruned = False
        for step, value in zip(steps, values, strict=True):
            trial.report(value, step)
            pruned = bool(trial.should_prune())
            decisions.append(pruned)
            if pruned:
                break
        if pruned:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            study.tell(trial, 0.0 if math.isnan(values[-1]) else values[-1])
        shown = [None if math.isnan(value) else value for value in values]
        trials.append({"steps": steps, "values": shown})
    return {"pruner": name, "direction": direction, "trials": trials, "decisions": decisions}


def main() -> None:
    """Writes the cases of all pruners in both directions."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    rng = random.Random(5)
    cases = [record(name, goal, rng) for name in PRUNERS for goal in ("maximize", "minimize")]
    json.dump({"optuna": optuna.__version__, "cases": cases}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
