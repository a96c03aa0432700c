"""The short way of the most frequent commits: variables are set to plain values, and nothing is out of the ordinary.

It refuses nothing: whatever it does not take is left untouched for the long way, which knows every rule.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trimtab._changes import changed
from trimtab._columns import Sets, columns
from trimtab._events import sets_piece
from trimtab._records import VariableState

if TYPE_CHECKING:
    from trimtab._cells import Cell
    from trimtab._store import Session

log = logging.getLogger("trimtab")

__all__ = ["set_each", "set_together"]

_state = tuple.__new__  # half the time of VariableState's own constructor


def set_each(session: Session, sets: Sets, start: int, source: str, client: int, sequences: Sequence[int]) -> int:
    """Commits one set after the other, and tells of all in one Event, which is the result of each.

    Begins at ``start`` and returns where it stopped: at the end, or at the first that is out of the ordinary. The session is locked.
    """
    asked = sequences[start:] if start else sequences
    if (
        session._journal is not None
        or session._leases.held
        or not session._open
        or not session.remembered(client).keys().isdisjoint(asked)
    ):
        return start
    cells = session._cells
    listeners = session._listeners
    now = session._clock()
    first = revision = session._revision
    versions: list[int] = []
    todo = sets.since(start) if start else sets
    try:
        for key, value, wanted in zip(todo.keys, todo.values, todo.expected, strict=True):
            cell = cells.get(key)
            if cell is None:
                break
            before = cell.state
            id, variable, _, version, _, metadata, created, _, _ = before
            if (wanted and wanted != version) or not (
                (type(value) is cell.type and cell.least <= value <= cell.most) or _belongs(cell, value)
            ):
                break
            version += 1
            revision += 1
            state = _state(VariableState, (id, variable, value, version, revision, metadata, created, now, source))
            if listeners:
                session._announce(revision, (changed(before, state),))
            cell.history.append(state)
            cell.state = state
            versions.append(version)
    except Exception:
        log.exception("session %s: a set went wrong, the long way says how", session.session_id)
    count = len(versions)
    if count:
        done = asked[:count]
        session._revision = first + count
        session.remember_each(client, done, first + 1)
        whole = count == len(sets.keys)
        encoded = sets.encoded if whole else columns(todo.keys[:count], todo.values[:count]).SerializeToString()
        session._publish(first + count, sets_piece(first + count, client, 0, now, source, encoded, versions, done))
    return start + count


def set_together(session: Session, sets: Sets, source: str, client: int, sequence: int) -> int:
    """Commits all sets at once and returns the revision, or does nothing and returns 0. The session is locked."""
    get = session._cells.get
    cells: list[Any] = [get(key) for key in sets.keys]
    if not cells or session._leases.held or None in cells or len(set(cells)) < len(cells):
        return 0
    revision = session._revision + 1
    now = session._clock()
    states: list[VariableState] = []
    versions: list[int] = []
    for cell, value, wanted in zip(cells, sets.values, sets.expected, strict=True):
        id, variable, _, version, _, metadata, created, _, _ = cell.state
        if (wanted and wanted != version) or not (
            (type(value) is cell.type and cell.least <= value <= cell.most) or _belongs(cell, value)
        ):
            return 0
        version += 1
        states.append(_state(VariableState, (id, variable, value, version, revision, metadata, created, now, source)))
        versions.append(version)
    if session._journal is not None:
        session._journal.commit(revision, states, (), (), (), {}, ())
    if session._listeners:
        session._announce(revision, [changed(cell.state, state) for cell, state in zip(cells, states, strict=True)])
    for cell, state in zip(cells, states, strict=True):
        cell.history.append(state)
        cell.state = state
    session._revision = revision
    session._publish(revision, sets_piece(revision, client, sequence, now, source, sets.encoded, versions))
    return revision


def _belongs(cell: Cell, value: Any) -> bool:
    """Tells whether a value is one of a variable's, as it is."""
    domain = cell.state.variable.domain
    return domain.cast(value) is value and domain.broken_rule(value) is None
