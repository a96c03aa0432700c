"""Runs Optuna's samplers on the test functions and appends one line per study to a CSV file.

    python peers.py OUT.csv --samplers tpe,tpe-univariate --functions branin,lmtune --seeds 50 --trials 200

A line holds the best value after 25, 50, 100 and 200 trials. On a function with hard rules a trial that breaks one is told as
pruned, from which TPE learns that it was bad (from a failed one it learns nothing), or with ``-constraint`` as a violated
constraint. The line is then written twice: with the rejected trials counted, and (``+free``) with only the valid ones.
"""

from __future__ import annotations

import argparse
import csv
import math
import time
from pathlib import Path

import optuna
from functions import FUNCTIONS, RejectedError

CHECKPOINTS = (25, 50, 100, 200)
MOST_TRIALS_FOR_ONE_VALID = 20
FIELDS = ("function", "sampler", "seed", *(f"best{n}" for n in CHECKPOINTS), "seconds")


def _sampler(name: str, seed: int) -> optuna.samplers.BaseSampler:
    samplers = optuna.samplers
    match name.removesuffix("-constraint"):
        case "random":
            return samplers.RandomSampler(seed=seed)
        case "tpe":
            return samplers.TPESampler(seed=seed)
        case "tpe-univariate":
            return samplers.TPESampler(seed=seed, multivariate=False)
        case "tpe-multivariate":
            return samplers.TPESampler(seed=seed, multivariate=True)
        case "tpe-group":
            return samplers.TPESampler(seed=seed, multivariate=True, group=True)
        case "gp":
            return samplers.GPSampler(seed=seed)
        case "cmaes":
            return samplers.CmaEsSampler(seed=seed)
        case "nsga2":
            return samplers.NSGAIISampler(seed=seed)
    raise ValueError(f"unknown sampler {name}")


def _curve(values: list[float | None]) -> list[float]:
    best, curve = math.inf, []
    for value in values:
        best = best if value is None else min(best, value)
        curve.append(best)
    return curve


def _study(function: str, sampler: str, seed: int, trials: int) -> tuple[list[float | None], float]:
    """Returns the value of each trial, None for a rejected one, and the CPU seconds it took."""
    study = optuna.create_study(sampler=_sampler(sampler, seed))
    values: list[float | None] = []
    valid = 0
    began = time.process_time()
    constrained = sampler.endswith("-constraint")
    while valid < trials and len(values) < MOST_TRIALS_FOR_ONE_VALID * trials:
        trial = study.ask()
        try:
            value = FUNCTIONS[function](trial)
        except RejectedError as rejected:
            values.append(None)
            if constrained:
                trial.set_constraint("rules", rejected.violation)
                study.tell(trial, 0.0)  # the value of an infeasible trial is not looked at
            else:
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            continue
        if constrained:
            trial.set_constraint("rules", 0.0)
        study.tell(trial, value)
        values.append(value)
        valid += 1
    return values, time.process_time() - began


def _line(function: str, sampler: str, seed: int, values: list[float | None], seconds: float) -> list[object]:
    curve = _curve(values)
    bests = [repr(curve[n - 1]) if len(curve) >= n else "" for n in CHECKPOINTS]
    return [function, sampler, seed, *bests, f"{seconds:.3f}"]


def main() -> None:
    """Parses the command line and runs the studies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--samplers", default="tpe,tpe-univariate")
    parser.add_argument("--functions", default=",".join(FUNCTIONS))
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--trials", type=int, default=200)
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    new = not args.out.exists()
    with args.out.open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(FIELDS)
        for seed in range(args.seeds):  # outermost, so that an interrupted run has all functions
            for function in args.functions.split(","):
                for sampler in args.samplers.split(","):
                    values, seconds = _study(function, sampler, seed, args.trials)
                    name = f"optuna {optuna.__version__} {sampler}"
                    writer.writerow(_line(function, name, seed, values, seconds))
                    if None in values:
                        free = [value for value in values if value is not None]
                        writer.writerow(_line(function, name + "+free", seed, free, seconds))
                    file.flush()


if __name__ == "__main__":
    main()
