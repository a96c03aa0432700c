"""Changes as listeners are told of them, worked out from what was before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trimtab._records import Change, VariableState
from trimtab._values import same


def changed(before: VariableState, after: VariableState) -> Change | None:
    """Returns the change between two versions of a variable, or None if the value is the same."""
    if same(before.value, after.value):
        return None
    return Change("CHANGED", after.variable.name, before.value, after.value, after)


def registered(state: VariableState) -> Change:
    """Returns the change that a registration is."""
    return Change("REGISTERED", state.variable.name, None, state.value, state)


def deleted(last: VariableState) -> Change:
    """Returns the change that a deletion is."""
    return Change("DELETED", last.variable.name, last.value, None, last)


def difference(before: Mapping[str, VariableState], after: Mapping[str, VariableState]) -> Iterator[Change | None]:
    """Yields the changes from one set of variables to another."""
    for name, old in before.items():
        new = after.get(name)
        yield deleted(old) if new is None else changed(old, new)
    for name, new in after.items():
        if name not in before:
            yield registered(new)
