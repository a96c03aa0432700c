"""Prints how many trials Optuna's in-memory study makes per second of processor time.

10,000 free trials of ten parameters, random sampler.
"""

from __future__ import annotations

import json
import time

import optuna
from optuna.trial import Trial


def objective(trial: Trial) -> float:
    """Asks for the ten parameters of StudyLoopBenchmark and returns one of them."""
    temperature = trial.suggest_float("temperature", 0.0, 2.0)
    trial.suggest_float("top_p", 0.1, 1.0)
    trial.suggest_float("penalty", -2.0, 2.0, step=0.1)
    trial.suggest_float("rate", 1e-6, 1.0, log=True)
    trial.suggest_int("max_tokens", 64, 8192, log=True)
    trial.suggest_int("max_iters", 3, 10)
    trial.suggest_int("demonstrations", 0, 64)
    trial.suggest_categorical("model", ["large", "small", "tiny"])
    trial.suggest_categorical("strategy", ["ChainOfThought", "Predict", "ReAct"])
    trial.suggest_categorical("stream", [False, True])
    return temperature


def main() -> None:
    """Times one study."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=1))
    start = time.process_time()
    study.optimize(objective, n_trials=10_000)
    print(json.dumps({"trials_per_second": 10_000 / (time.process_time() - start)}))


if __name__ == "__main__":
    main()
