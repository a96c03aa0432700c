"""Patterns of names: ``*`` stands for any characters, ``?`` for one, everything else for itself."""

from __future__ import annotations

import re
from collections.abc import Callable

from trimtab.exceptions import IllegalCallError

MAX_GLOB = 256


def glob(pattern: str) -> Callable[[str], bool]:
    """Returns a test of whole names that takes time linear in pattern and name per star."""
    if not 1 <= len(pattern) <= MAX_GLOB:
        raise IllegalCallError(f"a glob has 1 to {MAX_GLOB} characters, got {len(pattern)}")
    if pattern.strip("*") == "":
        return lambda name: True
    if "*" not in pattern and "?" not in pattern:
        return pattern.__eq__
    return _Glob(pattern).matches


class _Glob:
    """Greedy with one backtrack point: on a mismatch only the last star can help."""

    def __init__(self, pattern: str) -> None:
        # Between stars stand fixed texts with ?; each is sought once, from left to right.
        pieces = re.split(r"\*+", pattern)
        self._first, self._last = pieces[0], pieces[-1]
        self._middle = pieces[1:-1]
        self._one_piece = len(pieces) == 1

    def matches(self, name: str) -> bool:
        """Tells whether a whole name matches."""
        if self._one_piece:
            return len(name) == len(self._first) and _fits(self._first, name, 0)
        at, end = len(self._first), len(name) - len(self._last)
        if at > end or not _fits(self._first, name, 0) or not _fits(self._last, name, end):
            return False
        for piece in self._middle:
            while at + len(piece) <= end and not _fits(piece, name, at):
                at += 1
            at += len(piece)
            if at > end:
                return False
        return True


def _fits(piece: str, name: str, at: int) -> bool:
    return all(p in ("?", c) for p, c in zip(piece, name[at : at + len(piece)], strict=True))
