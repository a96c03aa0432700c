"""Bindings of a module's parameters to a session's variables."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Protocol

from trimtab._runs import current_run, for_bindings
from trimtab.dspy._parameters import Target
from trimtab.exceptions import IllegalCallError, VariableNotFoundError

__all__ = ["Binding", "Bindings", "MissingVariableError", "Variables"]

Callback = Callable[[str, Any, Any], object]


class Variables(Protocol):
    """What bindings need of a session: ``trimtab.SessionContext`` has it."""

    @property
    def session_id(self) -> str:
        """The session's id."""

    def get_many(self, names: Iterable[str]) -> Mapping[str, Any]:
        """The values of some variables, all of one revision; missing ones are left out."""


class MissingVariableError(VariableNotFoundError, ValueError):
    """A parameter is bound, or was to be bound, to a variable that does not exist."""

    def __init__(self, names: Iterable[str], session_id: str) -> None:
        names = tuple(names)
        super().__init__(names, session_id, f'variable {", ".join(names)} not found in session "{session_id}"')


@dataclass(frozen=True)
class Binding:
    """One parameter bound to one variable, with the value that was synced last."""

    parameter: str
    variable: str
    target: Target
    value: Any
    droppable: bool = False
    callback: Callback | None = None


class Bindings:
    """The bindings of one module. Safe for use by many threads; copies of the module get copies of their own."""

    def __init__(self, session: Variables, auto_sync: bool) -> None:
        self.session = session
        self.auto_sync = auto_sync
        self._lock = threading.RLock()
        self._current: Mapping[str, Binding] = MappingProxyType({})  # replaced as a whole

    def __deepcopy__(self, memo: dict[int, Any]) -> Bindings:
        copied = Bindings(self.session, self.auto_sync)
        copied._current = self._current
        return copied

    def __reduce__(self) -> Any:
        raise TypeError(
            "a variable-aware module belongs to a session and cannot be pickled;"
            " save its state with module.save('state.json'), and its bindings in the program that makes it"
        )

    @property
    def current(self) -> Mapping[str, Binding]:
        """All bindings by parameter, as they are now."""
        return self._current

    def bind(
        self, parameter: str, variable: str, target: Target, callback: Callback | None, droppable: bool
    ) -> Binding:
        """Binds a parameter, in place of an earlier binding of it, to a variable that must exist."""
        if not isinstance(variable, str) or not variable:
            raise IllegalCallError(f"{parameter}: expected the name of a variable, got {variable!r}")
        value = read_bound(self.session, [variable])[variable]
        binding = Binding(parameter, variable, target, value, droppable, callback)
        with self._lock:
            self._current = MappingProxyType({**self._current, parameter: binding})
        return binding

    def unbind(self, parameter: str) -> Binding:
        """Ends a binding and forgets its callback."""
        with self._lock:
            binding = self._current.get(parameter)
            if binding is None:
                raise IllegalCallError(f"{parameter}: expected a bound parameter, bound are {sorted(self._current)}")
            self._current = MappingProxyType({name: b for name, b in self._current.items() if name != parameter})
        return binding

    def values(self) -> tuple[Mapping[str, Binding], Mapping[str, Any]]:
        """The bindings and what they stand for in this call: values by parameter, all of one revision.

        With auto sync these are the variables' values now, and the module's bookkeeping follows them; a run with values of
        its own is no change of the session's variables and leaves the bookkeeping alone.
        """
        bindings = self._current
        if not bindings:
            return bindings, {}
        if not self.auto_sync:
            return bindings, {name: binding.value for name, binding in bindings.items()}
        values = self._read(bindings)
        run = current_run()
        is_sessions = run is None or not run.overlaid
        if is_sessions and any(_differs(binding.value, values[name]) for name, binding in bindings.items()):
            self._note(values)
        return bindings, values

    def sync(self) -> dict[str, tuple[Any, Any]]:
        """Reads the variables, all at one revision; returns old and new value of each parameter that changed."""
        bindings = self._current
        return self._note(self._read(bindings)) if bindings else {}

    def _read(self, bindings: Mapping[str, Binding]) -> dict[str, Any]:
        found = read_bound(self.session, [binding.variable for binding in bindings.values()])
        return {name: found[binding.variable] for name, binding in bindings.items()}

    def _note(self, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        changed: dict[str, tuple[Any, Any]] = {}
        callbacks: list[tuple[Callback, str, Any, Any]] = []
        with self._lock:
            current = dict(self._current)
            for name, value in values.items():
                binding = current.get(name)
                if binding is None or not _differs(binding.value, value):
                    continue
                changed[name] = (binding.value, value)
                current[name] = replace(binding, value=value)
                if binding.callback is not None:
                    callbacks.append((binding.callback, name, binding.value, value))
            if changed:
                self._current = MappingProxyType(current)
        for callback, name, old, new in callbacks:
            callback(name, old, new)
        return changed


def read_bound(session: Variables, variables: Sequence[str]) -> Mapping[str, Any]:
    """The values of variables that something is bound to, all of one revision."""
    with for_bindings():
        found = session.get_many(variables)
    missing = [variable for variable in variables if variable not in found]
    if missing:
        raise MissingVariableError(missing, session.session_id)
    return found


def _differs(old: Any, new: Any) -> bool:
    return old is not new and (type(old) is not type(new) or old != new)
