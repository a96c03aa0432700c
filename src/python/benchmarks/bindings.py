"""What it costs a variable-aware module to follow its variables: python benchmarks/bindings.py

Prints medians of repeated runs in this process, in microseconds of processor time per call, which other processes do not
disturb:

- sync: reading 10 bound variables of a session at one revision and planning the call, as every call does;
- the same when a variable has changed since the last call, so that the plan is made anew;
- a whole call of a variable-aware ``dspy.Predict`` against one of the plain module, both answered by a model that costs
  nothing.
"""

from __future__ import annotations

import logging
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dspy

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from models import Recorder, recording_lm

from trimtab import SessionContext, Variable
from trimtab._domains import FloatDomain
from trimtab._local import Local
from trimtab._store import Session
from trimtab.dspy import VariableAwarePredict

PARAMETERS = (
    "temperature", "top_p", "presence_penalty", "frequency_penalty", "self.temperature",
    "max_tokens", "seed", "top_k", "n", "rollout_id",
)  # fmt: skip
ROUNDS = 15
VARIABLES = 100


def microseconds(work: Callable[[], object], calls: int) -> float:
    """The median over rounds of the mean time of a call."""
    means = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        for _ in range(calls):
            work()
        means.append((time.thread_time() - start) / calls * 1e6)
    return statistics.median(means)


def main() -> None:
    """Measures and prints."""
    logging.disable(logging.WARNING)
    session = Session("benchmark")
    for number in range(VARIABLES):
        session.register(Variable(f"v{number}", FloatDomain(0.0, 1e9), 0.5))
    context = SessionContext(Local(session))
    module = VariableAwarePredict("question -> answer", session=context)
    parameters = [name for name in PARAMETERS if name in module.parameters_known][:10]
    parameters += [name for name in module.parameters_known if name not in parameters][: 10 - len(parameters)]
    for number, parameter in enumerate(parameters):
        module.bind(parameter, f"v{number}")
    awareness = module._trimtab

    def sync() -> None:
        with awareness.call(module):
            pass

    value = 0.0

    def sync_after_a_change() -> None:
        nonlocal value
        value += 1e-6
        session.set("v0", value)
        with awareness.call(module):
            pass

    def write() -> None:
        nonlocal value
        value += 1e-6
        session.set("v0", value)

    same = microseconds(sync, 2000)
    changed = microseconds(sync_after_a_change, 500) - microseconds(write, 500)
    print(f"sync of {len(parameters)} bindings among {VARIABLES} variables: {same:.1f} us")
    print(f"the same after a change: {changed:.1f} us")

    aware = VariableAwarePredict("question -> answer", session=context)
    for number, parameter in enumerate(("temperature", "top_p", "presence_penalty")):
        aware.bind(parameter, f"v{number + 10}")
    plain = dspy.Predict("question -> answer", temperature=0.5, top_p=0.5, presence_penalty=0.5)
    recorder = Recorder()
    with dspy.context(lm=recording_lm(recorder), disable_history=True, trace=None):
        costs = [microseconds(lambda module=module: module(question="q"), 50) for module in (plain, aware)]
    print(f"dspy.Predict: {costs[0]:.0f} us, variable-aware: {costs[1]:.0f} us, ratio {costs[1] / costs[0]:.2f}")
    if max(same, changed) >= 200:
        sys.exit("expected a sync of 10 bindings below 200 us")


if __name__ == "__main__":
    main()
