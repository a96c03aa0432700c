"""DSPy programs that follow a session's variables and ask the JVM's models.

Needs DSPy, ``pip install trimtab[dspy]``; ``import trimtab`` does not.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

if find_spec("dspy") is None:
    raise ImportError("trimtab.dspy needs DSPy 3.4 or newer: pip install trimtab[dspy]")

from trimtab.dspy import _modules
from trimtab.dspy._bindings import Binding, MissingVariableError
from trimtab.dspy._lm import HostLM
from trimtab.dspy._modules import (
    VariableAwareBestOfN,
    VariableAwareChainOfThought,
    VariableAwareMixin,
    VariableAwareMultiChainComparison,
    VariableAwarePredict,
    VariableAwareReAct,
    VariableAwareRefine,
    variable_aware,
)
from trimtab.dspy._parameters import Target
from trimtab.dspy._resolver import ModuleVariableResolver, StrategyModule, create_variable_aware_module
from trimtab.dspy._tools import java_tools

__all__ = [
    "Binding",
    "HostLM",
    "MissingVariableError",
    "ModuleVariableResolver",
    "StrategyModule",
    "Target",
    "VariableAwareBestOfN",
    "VariableAwareChainOfThought",
    "VariableAwareMixin",
    "VariableAwareMultiChainComparison",
    "VariableAwarePredict",
    "VariableAwareReAct",
    "VariableAwareRefine",
    "create_variable_aware_module",
    "java_tools",
    "variable_aware",
]


def __getattr__(name: str) -> Any:
    return getattr(_modules, name)
