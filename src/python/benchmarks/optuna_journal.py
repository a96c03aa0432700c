"""Checks that Optuna loads an exported journal and sees what Trimtab's own report says.

python optuna_journal.py JOURNAL REPORT    # as StudyReport.writeOptunaJournal and json() wrote them

Prints one line and ends with 0 if everything agrees; otherwise says what does not.
"""

from __future__ import annotations

import json
import math
import sys
from datetime import datetime, timezone
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

STATES = {
    "WAITING": TrialState.WAITING,
    "RUNNING": TrialState.RUNNING,
    "COMPLETE": TrialState.COMPLETE,
    "PRUNED": TrialState.PRUNED,
    "FAILED": TrialState.FAIL,
    "STALE": TrialState.FAIL,
}


def same(what: str, got: object, expected: object) -> None:
    """Ends the program unless both are equal."""
    if got != expected:
        sys.exit(f"{what}: expected {expected!r}, Optuna has {got!r}")


def instant(text: str) -> datetime:
    """Returns a time as Optuna keeps it: local, to the microsecond."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    moment = datetime.fromisoformat(whole).replace(tzinfo=timezone.utc)
    moment = moment.replace(microsecond=int((fraction + "000000")[:6]))
    return moment.astimezone().replace(tzinfo=None)


def check(trial: FrozenTrial, expected: dict[str, Any]) -> None:
    """Compares one trial."""
    where = f"trial {expected['number']}"
    same(f"{where} number", trial.number, expected["number"])
    same(f"{where} state", trial.state, STATES[expected["state"]])
    if expected["state"] == "WAITING":
        same(f"{where} enqueued", trial.system_attrs["fixed_params"], expected["configuration"])
        return
    same(f"{where} parameters", trial.params, expected["configuration"])
    same(f"{where} distributions", set(trial.distributions), set(expected["configuration"]))
    for name, distribution in trial.distributions.items():
        inner = distribution.to_internal_repr(trial.params[name])
        if not distribution._contains(inner):
            sys.exit(f"{where}: {name} = {trial.params[name]} is outside {distribution}")
        if isinstance(distribution, CategoricalDistribution):
            same(f"{where} type of {name}", type(trial.params[name]), type(distribution.choices[0]))
    told = dict(expected.get("intermediate_values", []))
    reports = {step: value for step, value in told.items() if not isinstance(value, str)}
    same(f"{where} intermediate values", trial.intermediate_values, reports)
    if expected["state"] == "PRUNED":
        last = list(told.values())[-1] if told else None
        same(f"{where} value", trial.value, None if isinstance(last, str) else last)
    else:
        same(f"{where} values", trial.values, expected["scores"] or None)
    same(f"{where} start", trial.datetime_start, instant(expected["started_at"]))
    if "finished_at" in expected:
        same(f"{where} end", trial.datetime_complete, instant(expected["finished_at"]))
    for key, value in expected["attributes"].items():
        same(f"{where} attribute {key}", trial.user_attrs.get(key), value)
    if "retry_of" in expected:
        same(f"{where} retry", trial.system_attrs["retry_history"][-1], expected["retry_of"])


def main() -> None:
    """Loads the journal, compares every trial, and goes on with the study."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    journal, report = sys.argv[1:]
    with open(report, encoding="utf-8") as file:
        expected = json.load(file)
    storage = JournalStorage(JournalFileBackend(journal))
    study = optuna.load_study(study_name=expected["name"], storage=storage)
    same("directions", [d.name for d in study.directions], [g["direction"] for g in expected["goals"]])
    same("user attributes", study.user_attrs, expected["attributes"])
    same("number of trials", len(study.trials), len(expected["trials"]))
    for trial, told in zip(study.trials, expected["trials"], strict=True):
        check(trial, told)
    best = [trial.number for trial in study.best_trials]
    if len(expected["goals"]) == 1:
        same("best trial", study.best_trial.number, expected["best"][0])
    else:
        same("Pareto front", sorted(best), expected["best"])
    count = len(study.trials)
    space = next(t.distributions for t in study.trials if t.state == TrialState.COMPLETE)
    for _ in range(3):  # what was exported can be gone on with: a waiting trial comes first
        trial = study.ask(space)
        study.tell(trial, [math.pi] * len(study.directions))
    waiting = sum(t["state"] == "WAITING" for t in expected["trials"])
    same("trials after three more", len(study.trials), count + 3 - min(3, waiting))
    print(f"Optuna {optuna.__version__} loads {count} trials, all equal")


if __name__ == "__main__":
    main()
