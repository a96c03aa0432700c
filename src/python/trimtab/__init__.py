"""One session of tunable variables, shared by a JVM and Python programs.

``SessionContext`` reads and writes a session, ``ConfigurationSpace`` says which of its variables may vary together and under which
rules, and ``current_session()`` is the session of the program that a sidecar runs. ``@program("name")`` registers such a program;
modules of DSPy that follow a session are in ``trimtab.dspy``.
"""

from trimtab._context import SessionContext, current_session
from trimtab._domains import (
    BooleanDomain,
    ChoiceDomain,
    Domain,
    EmbeddingDomain,
    FloatDomain,
    IntegerDomain,
    ModuleDomain,
    StringDomain,
    TensorDomain,
    Variable,
)
from trimtab._programs import program
from trimtab._records import Change, ChangeSet, Commit, Snapshot, VariableState
from trimtab._spaces import Configuration, ConfigurationSpace
from trimtab._values import Embedding, Tensor
from trimtab._version import VERSION as __version__
from trimtab._watch import Watch

__all__ = [
    "BooleanDomain",
    "Change",
    "ChangeSet",
    "ChoiceDomain",
    "Commit",
    "Configuration",
    "ConfigurationSpace",
    "Domain",
    "Embedding",
    "EmbeddingDomain",
    "FloatDomain",
    "IntegerDomain",
    "ModuleDomain",
    "SessionContext",
    "Snapshot",
    "StringDomain",
    "Tensor",
    "TensorDomain",
    "Variable",
    "VariableState",
    "Watch",
    "__version__",
    "current_session",
    "program",
]
