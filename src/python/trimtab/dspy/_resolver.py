"""Modules by name, and modules chosen by a variable."""

from __future__ import annotations

import copy
import difflib
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import dspy

from trimtab.dspy._bindings import Binding, Bindings, Callback, Variables, read_bound
from trimtab.dspy._modules import constructor, session_or_current, variable_aware
from trimtab.dspy._parameters import Parameters, Target
from trimtab.dspy._plan import Plan, PredictorPlan, current_plan, planned
from trimtab.dspy._views import key_of, observe, tunable_attributes
from trimtab.exceptions import IllegalCallError

__all__ = ["ModuleVariableResolver", "StrategyModule", "create_variable_aware_module"]

# DSPy's own modules and what else they are called. Names are compared without case, "_", "-", "." and spaces, so
# "chain_of_thought" and "ChainOfThought" are one; a module that this DSPy does not have is left out.
_BUILT_IN: Mapping[str, tuple[str, ...]] = {
    "Predict": (),
    "ChainOfThought": ("CoT",),
    "ReAct": (),
    "ReActV2": (),
    "ProgramOfThought": ("PoT",),
    "CodeAct": (),
    "MultiChainComparison": ("MCC",),
    "BestOfN": (),
    "Refine": (),
    "RLM": ("RecursiveLanguageModel",),
    "Flex": (),
    "Retrieve": ("Retriever",),
    "KNN": (),
}


class ModuleVariableResolver:
    """Finds the class of a module by a name, or by the variable that holds the name.

    Nothing that depends on a variable is kept: each question reads the variable, so an answer is never out of date.
    Own modules are added with :meth:`register`. Safe for use by many threads.
    """

    def __init__(self, session: Variables | None = None) -> None:
        """``session`` may be left out if only names are resolved, or within a program run by a sidecar."""
        self._session = session
        self._lock = threading.Lock()
        self._by_name: dict[str, tuple[str, Any]] = {}  # replaced as a whole
        for name, aliases in _BUILT_IN.items():
            kind = getattr(dspy, name, None)
            if kind is not None:
                self.register(name, kind, *aliases)

    def register(self, name: str, kind: Callable[..., Any], *aliases: str, replace: bool = False) -> None:
        """Adds a module's class, or a function that makes modules, under a name and aliases."""
        if not callable(kind):
            raise IllegalCallError(f"{name}: expected a class or a function that makes modules, got {kind!r}")
        with self._lock:
            added = dict(self._by_name)
            for alias in (name, *aliases):
                known = added.get(_folded(alias))
                if known is not None and not replace:
                    raise IllegalCallError(f"{alias}: expected a new name, but it stands for {known[0]}")
                added[_folded(alias)] = (name, kind)
            self._by_name = added

    def names(self) -> list[str]:
        """The names of all modules, without aliases."""
        return list(dict.fromkeys(name for name, _ in self._by_name.values()))

    def resolve(self, name: str) -> Any:
        """The class, or maker, that a name or alias stands for."""
        if not isinstance(name, str):
            raise IllegalCallError(f"Unknown module {name!r}: expected a name, got {type(name).__name__}")
        found = self._by_name.get(_folded(name))
        if found is None:
            close = difflib.get_close_matches(_folded(name), self._by_name, n=1)
            hint = f"; did you mean {self._by_name[close[0]][0]}?" if close else ""
            raise IllegalCallError(f"Unknown module {name!r}: known are {', '.join(self.names())}{hint}")
        return found[1]

    def resolve_module(self, variable: str) -> Any:
        """The class, or maker, that a variable's value stands for now."""
        return self.resolve(read_bound(session_or_current(self._session), [variable])[variable])

    def create_module(self, variable: str, *args: Any, **kwargs: Any) -> Any:
        """Makes the variable-aware module that a variable's value stands for now."""
        session = session_or_current(self._session)
        return create_variable_aware_module(
            session, self.resolve(read_bound(session, [variable])[variable]), *args, **kwargs
        )

    def strategy(self, variable: str, *args: Any, **kwargs: Any) -> StrategyModule:
        """A module that is, at each call, what the variable says."""
        return StrategyModule(variable, *args, session=session_or_current(self._session), resolver=self, **kwargs)


def create_variable_aware_module(
    session: Variables | None,
    module: str | type,
    *args: Any,
    variable_bindings: Mapping[str, str] | None = None,
    auto_sync: bool = True,
    resolver: ModuleVariableResolver | None = None,
    **kwargs: Any,
) -> Any:
    """Makes a variable-aware module of a name, a module's class, or any class whose instances are called.

    ``variable_bindings`` are variables by parameter. Everything else is for the class.
    """
    session = session_or_current(session)
    kind = (resolver or ModuleVariableResolver(session)).resolve(module) if isinstance(module, str) else module
    aware: Any
    if isinstance(kind, type) and issubclass(kind, dspy.Module):
        aware = variable_aware(kind)
    elif callable(kind):
        aware, args = variable_aware(_Called), (kind, *args)
    else:
        raise IllegalCallError(f"Unknown module {module!r}: expected a name or a class, got {type(module).__name__}")
    return aware(*args, session=session, auto_sync=auto_sync, bindings=variable_bindings, **kwargs)


class _Called(dspy.Module):  # type: ignore[misc]  # DSPy has no types
    """A module made of an object that is called but is none, such as a retriever. Each call is that of a copy of it."""

    def __init__(self, kind: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        super().__init__()
        made = kind(*args, **kwargs)
        if not callable(made):
            raise IllegalCallError(
                f"{kind!r}: expected to make something that can be called, got {type(made).__name__}"
            )
        self._made = made
        if isinstance(made, dspy.Module):
            self.made = made
        for name in tunable_attributes(made):
            setattr(self, name, getattr(made, name))

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the object, whose attributes have this call's values."""
        if isinstance(self._made, dspy.Module):
            return self._made(*args, **kwargs)
        made = copy.copy(self._made)
        for name in tunable_attributes(made):
            setattr(made, name, getattr(self, name))
        return made(*args, **kwargs)


class StrategyModule(dspy.Module):  # type: ignore[misc]
    """A module that is, at each call, what a variable says: ``Predict`` now, ``ReAct`` after the variable has changed.

    It is given the arguments of all modules that it may be; each gets those that its constructor names, so ``tools`` go
    to ``ReAct`` and not to ``Predict``. Modules are made when they are first chosen, and kept. What was bound with
    :meth:`bind` holds for each module that has the parameter. The variable itself is read at the same revision as those
    that parameters are bound to.
    """

    makes_modules = True

    def __init__(
        self,
        variable: str,
        *args: Any,
        session: Variables | None = None,
        resolver: ModuleVariableResolver | None = None,
        auto_sync: bool = True,
        bindings: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        session = session_or_current(session)
        self._chosen = _Choices(resolver or ModuleVariableResolver(session), args, kwargs)
        self._bindings = Bindings(session, auto_sync)
        self._chosen.module(read_bound(session, [variable])[variable])  # a wrong name is found now
        observe(self)
        self._bindings.bind("strategy", variable, Target.STRUCTURE, None, droppable=False)
        for parameter, name in (bindings or {}).items():
            self.bind(parameter, name)

    def bind(
        self, parameter: str, variable: str, callback: Callback | None = None, *, droppable: bool = True
    ) -> Binding:
        """As :meth:`VariableAwareMixin.bind`; the parameter must be one of a module that it may be."""
        target = self._chosen.target(parameter, self._bindings.current["strategy"].value)
        return self._bindings.bind(parameter, variable, target, callback, droppable)

    def unbind(self, parameter: str) -> Binding:
        """Ends a binding."""
        if parameter == "strategy":
            raise IllegalCallError(
                "strategy: expected another parameter, since the variable of a strategy module stays"
            )
        return self._bindings.unbind(parameter)

    @property
    def bindings(self) -> Mapping[str, Binding]:
        """The bindings by parameter; that of ``strategy`` chooses the module."""
        return self._bindings.current

    def sync_variables(self) -> dict[str, tuple[Any, Any]]:
        """As :meth:`VariableAwareMixin.sync_variables`."""
        return self._bindings.sync()

    def current_module(self) -> dspy.Module:
        """The module that a call now would be made to."""
        _, values = self._bindings.values()
        return self._chosen.module(values["strategy"])[0]

    def forward(self, **kwargs: Any) -> Any:
        """Calls the module that the variable says."""
        module, plan = self._for_one_call()
        with planned(plan):
            return module(**kwargs)

    async def aforward(self, **kwargs: Any) -> Any:
        """Calls the module that the variable says."""
        module, plan = self._for_one_call()
        with planned(plan):
            return await module.acall(**kwargs)

    def _for_one_call(self) -> tuple[Any, Plan]:
        bindings, values = self._bindings.values()
        module, parameters = self._chosen.module(values["strategy"])
        chosen = {name: value for name, value in values.items() if name in parameters}
        plan = parameters.plan(chosen, droppable=[name for name, binding in bindings.items() if binding.droppable])
        # What an outer plan says of this module, it says of every predictor of the one that is called.
        outer = current_plan()
        keys = [key_of(predictor) for predictor in module.predictors()]
        return module, Plan(
            predictors=_spread(outer.predictors.get(key_of(self)), keys, plan.predictors),
            attributes=plan.attributes,
            forced_predictors=_spread(outer.forced_predictors.get(key_of(self)), keys, {}),
        )


def _spread(
    own: PredictorPlan | None, keys: Iterable[str], stronger: Mapping[str, PredictorPlan]
) -> Mapping[str, PredictorPlan]:
    if own is None:
        return stronger
    return {**stronger, **{key: stronger[key].over(own) if key in stronger else own for key in keys}}


class _Choices:
    """The modules that a strategy module may be, made when they are chosen."""

    def __init__(self, resolver: ModuleVariableResolver, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        self._resolver = resolver
        self._args = args
        self._kwargs = kwargs
        self._lock = threading.Lock()  # guards _made
        self._made: dict[Any, tuple[dspy.Module, Parameters]] = {}  # by class or maker, so that a new one is made anew

    def __deepcopy__(self, memo: dict[int, Any]) -> _Choices:
        return self  # what it makes is never changed

    def module(self, name: str) -> tuple[dspy.Module, Parameters]:
        kind = self._resolver.resolve(name)
        with self._lock:
            entry = self._made.get(kind)
            if entry is None:
                made = kind(*self._args, **self._accepted(kind))
                if not isinstance(made, dspy.Module):
                    raise IllegalCallError(f"{name}: expected a dspy.Module for a strategy, got {type(made).__name__}")
                entry = self._made[kind] = (made, Parameters(made))
        return entry

    def target(self, parameter: str, current: str) -> Target:
        _, parameters = self.module(current)
        if parameter in parameters:
            return parameters.target(parameter)
        for name in self._resolver.names():
            try:
                _, other = self.module(name)
            except Exception:
                continue
            if parameter in other:
                return other.target(parameter)
        parameters.require([parameter])
        raise AssertionError("require() refuses what none of the modules knows")

    def _accepted(self, kind: Any) -> dict[str, Any]:
        parameters = constructor(kind).parameters.values()
        named = {p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
        return {name: value for name, value in self._kwargs.items() if name in named}


def _folded(name: str) -> str:
    return "".join(character for character in name.casefold() if character not in "_-. ")
