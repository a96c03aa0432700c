"""Modules that read the values of the current call.

:func:`observe` turns the predictors and submodules of a module into views of themselves: each gets a class derived from
its own, with the same name, that differs in two things only. A predictor's call takes what the plan of the call says, as
the arguments ``config``, ``lm``, ``signature`` and ``demos`` that ``dspy.Predict`` has for this; and an attribute reads
as the plan says. Without a plan nothing differs. Objects stay the same objects, so that traces, stream listeners,
closures over a module and optimizers go on to work, and two calls at once never share a value.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import dspy

from trimtab.dspy._models import rejects
from trimtab.dspy._plan import PredictorPlan, current_plan

__all__ = ["PlannedCalls", "key_of", "observe", "stands_for_others", "tunable_attributes", "walk"]

_KEY = "_trimtab_key"  # on the instance, so that copies of a view are the same to a plan

# Attributes of every module that are no parameters of it.
_INTERNAL = frozenset(
    {"callbacks", "history", "lm", "stage", "traces", "train", "demos", "config", "fields", "signature"}
)


class PlannedCalls:
    """Mixed into ``dspy.Predict`` and its subclasses: a call sends what the plan of the current call says."""

    def forward(self, **kwargs: Any) -> Any:
        return super().forward(**self._with_plan(kwargs))  # type: ignore[misc]  # of dspy.Predict, as all below

    async def aforward(self, **kwargs: Any) -> Any:
        return await super().aforward(**self._with_plan(kwargs))  # type: ignore[misc]

    def _with_plan(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        plan = current_plan().predictor(key_of(self))
        return kwargs if plan is None else _applied(self, plan, kwargs)

    def _forward_preprocess(self, **kwargs: Any) -> Any:
        # For n > 1 DSPy takes a temperature of 0.0 for an unset one and sends 0.7. A value that was chosen stands.
        chosen = {**vars(self)["config"], **kwargs.get("config", {})}.get("temperature")
        lm, config, *rest = super()._forward_preprocess(**kwargs)  # type: ignore[misc]
        if chosen is not None:
            config["temperature"] = chosen
        return (lm, config, *rest)


def _applied(predictor: dspy.Predict, plan: PredictorPlan, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a predictor's call, those of the caller before those of the plan."""
    kwargs = dict(kwargs)
    lm = kwargs.get("lm") or predictor.lm or dspy.settings.lm
    if lm is not None and any(getattr(lm, name, lm.kwargs.get(name)) != value for name, value in plan.identity.items()):
        lm = lm.copy(**plan.identity)
        kwargs["lm"] = lm
    arguments = dict(plan.arguments)
    for name in plan.droppable & arguments.keys():
        if lm is not None and rejects(lm, name, arguments[name]):
            del arguments[name]
    kwargs["config"] = {**arguments, **kwargs.get("config", {})}
    if "signature" not in kwargs and (plan.signature is not None or plan.instructions is not None):
        signature = predictor.signature if plan.signature is None else plan.signature
        kwargs["signature"] = signature if plan.instructions is None else signature.with_instructions(plan.instructions)
    if "demos" not in kwargs and plan.demos is not None:
        kwargs["demos"] = list(plan.demos)
    return kwargs


# Views


def key_of(module: dspy.Module) -> str:
    """The key under which a plan speaks of a view."""
    key = vars(module).get(_KEY)
    if key is None:
        raise AssertionError(f"{type(module).__name__} has not been observed")
    return str(key)


def observe(module: dspy.Module, like: dspy.Module | None = None) -> None:
    """Makes a module and all that it holds read the values of the current call. Doing it again changes nothing.

    Parts at the path of a part of ``like`` are the same to a plan as that.
    """
    keys = {} if like is None else {path: key_of(part) for path, part in walk(like)}
    for path, part in walk(module):
        if _KEY in vars(part):
            continue
        vars(part)[_KEY] = keys.get(path) or uuid.uuid4().hex
        part.__class__ = _view_class(type(part), frozenset(tunable_attributes(part)))


def walk(module: dspy.Module) -> Iterator[tuple[str, dspy.Module]]:
    """A module and the modules within it, by dotted path; the module itself has the empty path."""
    for path, part in module.named_sub_modules(dspy.Module):
        yield path.removeprefix("self").removeprefix("."), part


def stands_for_others(module: dspy.Module) -> bool:
    """Whether a module passes its calls on to modules that it makes as it runs, so that its predictors are not seen."""
    return bool(getattr(type(module), "makes_modules", False))


def tunable_attributes(module: dspy.Module) -> list[str]:
    """The names of plain values that a module keeps as public attributes, such as ``max_iters``."""
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and name not in _INTERNAL and isinstance(value, (bool, int, float, str))
    ]


_classes: dict[tuple[type, frozenset[str]], type] = {}
_classes_lock = threading.Lock()


def _view_class(base: type, attributes: frozenset[str]) -> type:
    """The class of a base's views. One per base, as every class is: a cache, not a state."""
    with _classes_lock:
        view = _classes.get((base, attributes))
        if view is None:
            plain = issubclass(base, dspy.Predict) and not issubclass(base, PlannedCalls)
            view = type(base)(
                base.__name__,
                (PlannedCalls, base) if plain else (base,),
                {
                    "__module__": base.__module__,
                    "__qualname__": base.__qualname__,
                    "__doc__": base.__doc__,
                    **{name: _attribute(name) for name in attributes},
                },
            )
            _classes[base, attributes] = view
    return view


def _attribute(name: str) -> property:
    def read(self: Any) -> Any:
        values = vars(self)
        if name not in values:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return current_plan().attribute(values[_KEY], name, values[name])

    def write(self: Any, value: Any) -> None:
        vars(self)[name] = value

    def delete(self: Any) -> None:
        del vars(self)[name]

    return property(read, write, delete)
