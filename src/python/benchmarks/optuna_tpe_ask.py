"""Prints the median processor time of one ask of Optuna's TPE after many finished trials of ten parameters.

    python optuna_tpe_ask.py 1000        # {"milliseconds": 84.8}

``src/jmh/java/io/trimtab/sampler/TpeAskAgainstOptuna.java`` calls it and sets the figure beside ours.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

SPACE: dict[str, optuna.distributions.BaseDistribution] = {
    "temperature": FloatDistribution(0.0, 2.0),
    "top_p": FloatDistribution(0.1, 1.0),
    "penalty": FloatDistribution(-2.0, 2.0, step=0.1),
    "rate": FloatDistribution(1e-6, 1.0, log=True),
    "max_tokens": IntDistribution(64, 8192, log=True),
    "max_iters": IntDistribution(3, 10),
    "demonstrations": IntDistribution(0, 64),
    "model": CategoricalDistribution(["large", "small", "tiny"]),
    "strategy": CategoricalDistribution(["ChainOfThought", "Predict", "ReAct"]),
    "stream": CategoricalDistribution([False, True]),
}


def main() -> None:
    """Runs the trials, then asks nine times."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    chance = random.Random(7)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=7))
    for _ in range(int(sys.argv[1])):
        trial = study.ask(SPACE)
        study.tell(trial, abs(trial.params["temperature"] - 0.4) + trial.params["top_p"] + 1e-9 * chance.random())
    study.sampler = optuna.samplers.TPESampler(seed=7)
    took = []
    for _ in range(9):
        began = time.process_time()
        trial = study.ask(SPACE)
        took.append(1000 * (time.process_time() - began))
        study.tell(trial, 1.0)
    print(json.dumps({"milliseconds": statistics.median(took[1:])}))


if __name__ == "__main__":
    main()
