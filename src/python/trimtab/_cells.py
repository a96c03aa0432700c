"""What a session keeps about each variable."""

from __future__ import annotations

from collections import deque
from typing import Any

from trimtab._events import change_head
from trimtab._records import HISTORY_LIMIT, VariableState


class Cell:
    """Everything kept about one variable, from its registration to its deletion."""

    __slots__ = ("change_head", "history", "least", "most", "place", "staged", "state", "type")

    def __init__(self, place: int, first: VariableState) -> None:
        self.place = place
        self.state = first
        self.history: deque[VariableState] = deque((first,), HISTORY_LIMIT)
        self.change_head = change_head(first.id)
        # What alone decides about most values; no value has the type None.
        self.type: type | None
        self.least: Any
        self.most: Any
        self.type, self.least, self.most = first.variable.domain.interval or (None, 0, 0)
        self.staged: Staged | None = None

    def install(self, state: VariableState) -> None:
        self.history.append(state)
        self.state = state


class Staged:
    """What one batch is about to do to one variable."""

    __slots__ = ("after", "before", "cell", "deleted", "fresh", "key", "written")

    def __init__(self, key: str, cell: Cell, fresh: bool) -> None:
        self.key = key
        self.cell = cell
        self.fresh = fresh
        self.before = cell.state
        self.after = cell.state
        self.written = False
        self.deleted = False
