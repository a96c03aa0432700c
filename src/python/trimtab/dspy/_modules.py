"""DSPy modules whose parameters follow a session's variables."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import dspy

from trimtab.dspy._bindings import Binding, Bindings, Callback, Variables
from trimtab.dspy._parameters import Parameters, Target, signature_of
from trimtab.dspy._plan import Plan, planned
from trimtab.dspy._views import PlannedCalls, observe
from trimtab.exceptions import IllegalCallError

__all__ = [
    "VariableAwareBestOfN",
    "VariableAwareChainOfThought",
    "VariableAwareMixin",
    "VariableAwareMultiChainComparison",
    "VariableAwarePredict",
    "VariableAwareReAct",
    "VariableAwareRefine",
    "variable_aware",
]

_MAX_REBUILT = 16  # modules kept per module, by what they are made of


class VariableAwareMixin:
    """Makes a ``dspy.Module`` follow the variables of a session. Mixed in before the module's class::

        class VariableAwareReAct(VariableAwareMixin, dspy.ReAct): ...

        agent = VariableAwareReAct("question -> answer", tools=[search], session=session)
        agent.bind("temperature", "llm_temperature")
        agent.bind("max_iters", "max_iters")

    The constructor takes the arguments of the module's class and, by keyword:

    - ``session``: whose variables to follow, a ``trimtab.SessionContext``; by default that of the program being run;
    - ``bindings``: variables by parameter, bound one after another;
    - ``auto_sync``: whether each call sees the variables' values of that moment (the default), or those of the last
      :meth:`sync_variables`.

    Every call sees values of one revision, fixed as it begins, whatever way it is made: ``module(...)``,
    ``await module.acall(...)``, ``forward``, ``aforward``. Calls at the same time do not share values, since the module
    itself never changes. An argument of a call beats a binding, and a binding beats what the module was made with.
    """

    rebuilt_by: ClassVar[frozenset[str]] = frozenset({"signature"})
    """Arguments of the constructor whose values need the module to be made anew."""

    copied_per_call: ClassVar[bool] = False
    """Whether the module's class writes to itself as it runs, so that each call needs a copy of its own."""

    def __init__(
        self,
        *args: Any,
        session: Variables | None = None,
        auto_sync: bool = True,
        bindings: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._trimtab = _Awareness(self, args, kwargs, session_or_current(session), auto_sync)
        for parameter, variable in (bindings or {}).items():
            self.bind(parameter, variable)

    # Bindings

    def bind(
        self, parameter: str, variable: str, callback: Callback | None = None, *, droppable: bool = True
    ) -> Binding:
        """Binds a parameter, such as ``temperature`` or ``react.temperature``, to a variable.

        ``callback(parameter, old, new)`` is called on the syncing thread whenever a sync finds the variable changed.
        ``droppable`` says that a sampling argument is left out for models known to reject it, such as temperatures of
        reasoning models. Raises ``IllegalCallError``, a ``ValueError``, for a parameter that would change nothing, with
        those that there are; and ``MissingVariableError``, a ``ValueError`` too, for a variable that does not exist.
        """
        return self._trimtab.bind(parameter, variable, callback, droppable)

    def unbind(self, parameter: str) -> Binding:
        """Ends a binding; from then on the module's own value holds again."""
        return self._trimtab.bindings.unbind(parameter)

    @property
    def bindings(self) -> Mapping[str, Binding]:
        """The bindings by parameter, each with the value of the last sync."""
        return self._trimtab.bindings.current

    @property
    def parameters_known(self) -> Mapping[str, Target]:
        """Every parameter that can be bound, and what its value becomes part of."""
        return self._trimtab.targets()

    # Syncing

    @property
    def auto_sync(self) -> bool:
        """Whether each call syncs first."""
        return self._trimtab.bindings.auto_sync

    @auto_sync.setter
    def auto_sync(self, value: bool) -> None:
        self._trimtab.bindings.auto_sync = value

    def sync_variables(self) -> dict[str, tuple[Any, Any]]:
        """Reads all bound variables at one revision; returns ``{parameter: (old, new)}`` of those that changed."""
        return self._trimtab.bindings.sync()

    async def async_variables(self) -> dict[str, tuple[Any, Any]]:
        """As :meth:`sync_variables`, after everything that anybody has written by now has reached this session's reader."""
        refresh = getattr(self._trimtab.bindings.session, "arefresh", None)
        if refresh is not None:
            await refresh()
        return self.sync_variables()

    # Calls

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        with self._trimtab.call(self) as module:
            if module is None:
                return self._plainly("forward")(*args, **kwargs)
            return module(*args, **kwargs)

    async def aforward(self, *args: Any, **kwargs: Any) -> Any:
        with self._trimtab.call(self) as module:
            if module is None:
                aforward = self._plainly("aforward")
                if aforward is None:  # DSPy gives some modules no awaiting form
                    return await asyncio.to_thread(self._plainly("forward"), *args, **kwargs)
                return await aforward(*args, **kwargs)
            return await module.acall(*args, **kwargs)

    def _plainly(self, entry: str) -> Any:
        """A method of the module's own class, None if that has none."""
        plain = _plain_class(type(self))
        if entry == "aforward" and not _belongs_together(plain):
            return None
        return getattr(super(VariableAwareMixin, self._for_one_call()), entry, None)

    def _for_one_call(self) -> Any:
        if not self.copied_per_call:
            return self
        copied = object.__new__(type(self))
        vars(copied).update(vars(self))
        return copied


class _Awareness:
    """What a variable-aware module knows beside its class: bindings, and itself made of other values."""

    def __init__(
        self, module: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], session: Variables, auto_sync: bool
    ) -> None:
        self.bindings = Bindings(session, auto_sync)
        self._parameters = Parameters(module)
        self._recipe = _Recipe.of(module, args, kwargs)
        self._lock = threading.Lock()  # guards all below
        self._rebuilt: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._plan: tuple[Any, Any, Plan] | None = None  # the last one, for the values that it was made of

    def __deepcopy__(self, memo: dict[int, Any]) -> _Awareness:
        # Views keep their keys when they are copied, so what is known of their parameters stays true.
        copied = object.__new__(_Awareness)
        copied.bindings = self.bindings.__deepcopy__(memo)
        copied._parameters = self._parameters
        copied._recipe = self._recipe
        copied._lock = threading.Lock()
        copied._rebuilt = OrderedDict()
        copied._plan = None
        return copied

    def was_left_out(self, argument: str) -> bool:
        """Whether the module was made without this argument."""
        return argument not in self._recipe.arguments

    def targets(self) -> dict[str, Target]:
        own = {parameter: self._parameters.target(parameter) for parameter in self._parameters}
        return {**own, **dict.fromkeys(self._recipe.structure, Target.STRUCTURE)}

    def bind(self, parameter: str, variable: str, callback: Callback | None, droppable: bool) -> Binding:
        if parameter in self._recipe.structure:
            target = Target.STRUCTURE
        else:
            self._parameters.require([parameter], self._recipe.structure)
            target = self._parameters.target(parameter)
        return self.bindings.bind(parameter, variable, target, callback, droppable)

    @contextmanager
    def call(self, module: Any) -> Iterator[Any]:
        """Fixes the values of one call; yields the module to call instead, None for the module itself."""
        bindings, values = self.bindings.values()
        structure = {name: value for name, value in values.items() if name in self._recipe.structure}
        rest = {name: value for name, value in values.items() if name not in structure} if structure else values
        with planned(self._planned(bindings, rest)):
            yield self._made_of(module, structure) if structure else None

    def _planned(self, bindings: Mapping[str, Binding], values: Mapping[str, Any]) -> Plan:
        last = self._plan
        key = tuple(values.values())
        if last is not None and last[0] is bindings and _same(last[1], key):
            return last[2]
        plan = self._parameters.plan(values, droppable=_droppable(bindings))
        self._plan = (bindings, key, plan)
        return plan

    def _made_of(self, module: Any, structure: Mapping[str, Any]) -> Any:
        """The module made with other arguments, with the models and demonstrations that the original has now."""
        key = tuple(sorted(structure.items()))
        with self._lock:
            made = self._rebuilt.get(key)
            if made is None:
                made = self._rebuilt[key] = self._recipe.make(structure)
                observe(made, like=module)
                if len(self._rebuilt) > _MAX_REBUILT:
                    self._rebuilt.popitem(last=False)
            self._rebuilt.move_to_end(key)
        share_state(module, made)
        return made


def share_state(module: dspy.Module, made: dspy.Module) -> None:
    """Gives the predictors of a module the models and demonstrations of those of the same name in another."""
    own = dict(module.named_predictors())
    for name, predictor in made.named_predictors():
        if name in own:
            predictor.lm = own[name].lm
            predictor.demos = own[name].demos


def _droppable(bindings: Mapping[str, Binding]) -> Iterator[str]:
    return (name for name, binding in bindings.items() if binding.droppable)


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return len(one) == len(other) and all(
        a is b or (type(a) is type(b) and a == b) for a, b in zip(one, other, strict=True)
    )


class _Recipe:
    """How a module was made, so that it can be made with other arguments."""

    def __init__(self, kind: type, arguments: Mapping[str, Any], structure: frozenset[str]) -> None:
        self._kind = kind
        self.arguments = arguments
        self.structure = structure

    @classmethod
    def of(cls, module: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> _Recipe:
        kind = _plain_class(type(module))
        signature = constructor(kind)
        arguments: dict[str, Any] = {}
        for name, value in signature.bind(*args, **kwargs).arguments.items():
            if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
                arguments.update(value)
            else:
                arguments[name] = value
        structure = set(type(module).rebuilt_by & signature.parameters.keys())
        if "signature" in structure and len(module.predictors()) != 1:
            structure.add("instructions")
        return cls(kind, arguments, frozenset(structure))

    def make(self, structure: Mapping[str, Any]) -> Any:
        """Makes the module with other values of some arguments; ``instructions`` are the signature's."""
        arguments = {**self.arguments, **structure}
        instructions = arguments.pop("instructions", None)
        if instructions is not None:
            signature = signature_of(arguments["signature"])
            arguments["signature"] = signature.with_instructions(str(instructions))
        return self._kind(**arguments)


def _belongs_together(kind: type) -> bool:
    """Whether a class's ``aforward`` does what its ``forward`` does; one inherited past another ``forward`` does not."""
    definer = next((base for base in kind.__mro__ if "forward" in vars(base)), None)
    awaiting = next((base for base in kind.__mro__ if "aforward" in vars(base)), None)
    return definer is None or (awaiting is not None and issubclass(awaiting, definer))


def constructor(kind: Any) -> inspect.Signature:
    """The arguments of a class or function. Those of DSPy's modules are hidden behind their metaclass."""
    if not isinstance(kind, type):
        return inspect.signature(kind)
    signature = inspect.signature(kind.__init__)  # type: ignore[misc]
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def _plain_class(kind: type) -> type:
    """The class of a variable-aware module without its awareness: the first of its bases that has none."""
    for base in kind.__mro__:
        if issubclass(base, dspy.Module) and not issubclass(base, (VariableAwareMixin, PlannedCalls)):
            return base
    raise AssertionError(f"{kind.__name__} is a module, so one of its bases is a plain one")


def session_or_current(session: Variables | None) -> Variables:
    if session is not None:
        return session
    from trimtab._context import current_session

    try:
        session = current_session()
    except IllegalCallError:
        raise RuntimeError(
            "No session context available: pass session=..., or make the module in a program that a sidecar runs"
        ) from None
    return session


_classes: dict[type, type] = {}
_classes_lock = threading.Lock()


def variable_aware(kind: type) -> Any:
    """The variable-aware form of a module's class; one that is variable-aware already is its own."""
    if not (isinstance(kind, type) and issubclass(kind, dspy.Module)):
        raise IllegalCallError(f"variable_aware: expected a subclass of dspy.Module, got {kind!r}")
    if issubclass(kind, VariableAwareMixin):
        return kind
    with _classes_lock:
        made = _classes.get(kind)
        if made is None:
            bases = (
                (VariableAwareMixin, PlannedCalls, kind)
                if issubclass(kind, dspy.Predict)
                else (VariableAwareMixin, kind)
            )
            described = f"A ``{kind.__name__}`` that follows variables."
            meta: Any = type(kind)  # DSPy's modules have a metaclass of their own
            made = meta(f"VariableAware{kind.__name__}", bases, {"__module__": __name__, "__doc__": described})
            _classes[kind] = made
    return made


class VariableAwarePredict(VariableAwareMixin, PlannedCalls, dspy.Predict):  # type: ignore[misc]
    """A ``dspy.Predict`` that follows variables."""

    rebuilt_by = frozenset()  # another signature is an argument of the call


class VariableAwareChainOfThought(VariableAwareMixin, dspy.ChainOfThought):  # type: ignore[misc]
    """A ``dspy.ChainOfThought`` that follows variables."""


class VariableAwareReAct(VariableAwareMixin, dspy.ReAct):  # type: ignore[misc]
    """A ``dspy.ReAct`` that follows variables."""


class VariableAwareMultiChainComparison(VariableAwareMixin, dspy.MultiChainComparison):  # type: ignore[misc]
    """A ``dspy.MultiChainComparison`` that follows variables; another ``M`` makes it anew, since its signature depends on it."""

    rebuilt_by = frozenset({"signature", "M"})


class _Attempts(VariableAwareMixin):
    copied_per_call = True  # they count their failures down in an attribute, for all calls together

    def _plainly(self, entry: str) -> Any:
        """A method of the module's own class, None if that has none."""
        plain = _plain_class(type(self))
        if entry == "aforward" and not _belongs_together(plain):
            return None
        return getattr(super(VariableAwareMixin, self._for_one_call()), entry, None)

    def _for_one_call(self) -> Any:
        copied = super()._for_one_call()
        if self._trimtab.was_left_out("fail_count"):  # its default is N, also when N is bound
            vars(copied)["fail_count"] = copied.N
        return copied


class VariableAwareBestOfN(_Attempts, dspy.BestOfN):  # type: ignore[misc]
    """A ``dspy.BestOfN`` that follows variables."""


class VariableAwareRefine(_Attempts, dspy.Refine):  # type: ignore[misc]
    """A ``dspy.Refine`` that follows variables."""


_LATER: Mapping[str, str] = {
    "VariableAwareCodeAct": "CodeAct",
    "VariableAwareFlex": "Flex",
    "VariableAwareProgramOfThought": "ProgramOfThought",
    "VariableAwareRLM": "RLM",
    "VariableAwareReActV2": "ReActV2",
}


def __getattr__(name: str) -> Any:
    # DSPy has announced that some of its modules go and has others on trial, so these exist as long as theirs do.
    kind = getattr(dspy, _LATER.get(name, ""), None)
    if kind is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return variable_aware(kind)
