"""The parameters of a module and what setting one means.

A parameter is an attribute, such as ``temperature``, or a path and an attribute, such as ``react.temperature`` or
``extract.predict.instructions``, where the path is that of a predictor or of a module that holds some. What a value of it
changes depends on its :class:`Target`; a parameter that changes nothing does not exist, and binding one is refused.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import dspy

from trimtab.dspy._plan import Plan, PredictorPlan
from trimtab.dspy._views import key_of, observe, stands_for_others, tunable_attributes, walk
from trimtab.exceptions import IllegalCallError

__all__ = ["Parameters", "Target", "demonstrations", "signature_of"]


class Target(enum.Enum):
    """What a parameter's value becomes part of."""

    MODEL_ARGUMENT = "MODEL_ARGUMENT"
    """The request to the model, such as ``temperature`` or ``max_tokens``, of every predictor below the path."""

    MODEL_IDENTITY = "MODEL_IDENTITY"
    """Which model is asked: ``model``, ``api_base``. Each call asks a copy of the model in use."""

    MODULE_ATTRIBUTE = "MODULE_ATTRIBUTE"
    """A plain attribute that the module reads as it runs, such as ``max_iters``."""

    STRUCTURE = "STRUCTURE"
    """What the module is made of: ``signature``, ``instructions``, ``demos``, and arguments of its constructor."""


_ARGUMENTS = frozenset(
    {
        "temperature", "max_tokens", "top_p", "top_k", "n", "stop", "seed", "presence_penalty", "frequency_penalty",
        "logprobs", "top_logprobs", "reasoning_effort", "rollout_id", "max_completion_tokens",
    }
)  # fmt: skip
_IDENTITY = frozenset({"model", "api_base", "base_url"})


@dataclass(frozen=True)
class _Place:
    """Where a value goes: views of predictors, or one module's attribute."""

    target: Target
    attribute: str
    depth: int  # of the path: a longer one is nearer and wins
    predictors: tuple[str, ...] = ()  # keys of views
    module: str = ""  # key of a view


class Parameters:
    """The parameters of one module, which is observed from then on. Immutable, and knows nothing of the module's values."""

    def __init__(self, module: dspy.Module) -> None:
        observe(module)
        self._kind = type(module).__name__
        self._places: dict[str, _Place] = {}
        predictors = {
            path: key_of(part)
            for path, part in walk(module)
            if isinstance(part, dspy.Predict) or stands_for_others(part)
        }
        for path, part in walk(module):
            prefix = f"{path}." if path else ""
            below = tuple(key for name, key in predictors.items() if _is_below(name, path))
            place = partial(_Place, depth=_depth(path))
            for name in tunable_attributes(part):
                self._places[prefix + name] = place(Target.MODULE_ATTRIBUTE, name, module=key_of(part))
            if not below:
                continue
            for name in _ARGUMENTS:
                self._places[prefix + name] = place(Target.MODEL_ARGUMENT, name, predictors=below)
            for name in _IDENTITY:
                self._places[prefix + name] = place(Target.MODEL_IDENTITY, name, predictors=below)
            if len(below) == 1:  # of several predictors each has its own
                for name in ("instructions", "demos"):
                    self._places[prefix + name] = place(Target.STRUCTURE, name, predictors=below)
            if path in predictors:
                self._places[prefix + "signature"] = place(Target.STRUCTURE, "signature", predictors=below)

    def __contains__(self, parameter: str) -> bool:
        return parameter in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._places))

    def target(self, parameter: str) -> Target:
        """What a parameter's value becomes part of."""
        return self._place(parameter).target

    def require(self, parameters: Iterable[str], also: Iterable[str] = ()) -> None:
        """Refuses unknown parameters, all at once, and lists the known ones, with those known beside."""
        unknown = [parameter for parameter in parameters if parameter not in self._places]
        if unknown:
            paths = sorted({name.rpartition(".")[0] for name in self._places} - {""})
            known = sorted({name for name in (*self._places, *also) if "." not in name})
            raise IllegalCallError(
                f"{self._kind}: expected known parameters, got {', '.join(map(repr, unknown))};"
                f" known are {', '.join(known)}" + (f", and such of {', '.join(paths)}" if paths else "")
            )

    def plan(self, values: Mapping[str, Any], *, droppable: Iterable[str] = ()) -> Plan:
        """The plan of a call in which parameters have these values; nearer paths win over farther ones."""
        self.require(values)
        places = self._places
        may_drop = frozenset(droppable)
        drafts: dict[str, _Draft] = {}
        attributes: dict[tuple[str, str], Any] = {}
        for parameter in sorted(values, key=lambda name: places[name].depth):
            place = places[parameter]
            if place.target is Target.MODULE_ATTRIBUTE:
                attributes[place.module, place.attribute] = values[parameter]
            for key in place.predictors:
                draft = drafts.get(key) or drafts.setdefault(key, _Draft())
                draft.take(place, values[parameter], droppable=parameter in may_drop)
        return Plan(predictors={key: draft.plan() for key, draft in drafts.items()}, attributes=attributes)

    def _place(self, parameter: str) -> _Place:
        self.require([parameter])
        return self._places[parameter]


class _Draft:
    """A predictor's plan while it is made: a later value replaces an earlier one."""

    def __init__(self) -> None:
        self._arguments: dict[str, Any] = {}
        self._identity: dict[str, Any] = {}
        self._structure: dict[str, Any] = {}
        self._droppable: set[str] = set()

    def take(self, place: _Place, value: Any, *, droppable: bool) -> None:
        """Sets what a parameter stands for."""
        name = place.attribute
        if place.target is Target.MODEL_ARGUMENT:
            self._arguments[name] = value
            (self._droppable.add if droppable else self._droppable.discard)(name)
        elif place.target is Target.MODEL_IDENTITY:
            self._identity[name] = value
        else:
            self._structure[name] = _STRUCTURE[name](value)

    def plan(self) -> PredictorPlan:
        """The plan as it is now."""
        return PredictorPlan(
            arguments=self._arguments,
            identity=self._identity,
            droppable=frozenset(self._droppable),
            **self._structure,
        )


def signature_of(value: Any) -> Any:
    """A DSPy signature from itself or its text form."""
    return dspy.Signature(value) if isinstance(value, str) else value


def demonstrations(values: Any) -> tuple[Any, ...]:
    """Demonstrations from examples or mappings of their fields, or from the JSON text of a list of such mappings."""
    try:
        items = list(json.loads(values) if isinstance(values, str) else values)
        return tuple(item if isinstance(item, dspy.Example) else dspy.Example(**dict(item)) for item in items)
    except (TypeError, ValueError) as error:
        raise IllegalCallError(
            f"demos: expected examples, or the JSON text of a list of objects, got {type(values).__name__} ({error})"
        ) from error


_STRUCTURE: Mapping[str, Callable[[Any], Any]] = {
    "signature": signature_of,
    "instructions": str,
    "demos": demonstrations,
}


def _is_below(name: str, path: str) -> bool:
    return not path or name == path or name.startswith((f"{path}.", f"{path}["))


def _depth(path: str) -> int:
    return 0 if not path else 1 + path.count(".") + path.count("[")
