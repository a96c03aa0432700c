"""Which variable must be updated before which, by name."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

from trimtab._records import Dependency
from trimtab.exceptions import DependencyCycleError


class DependencyGraph:
    """A directed graph without cycles; its owner guards it."""

    def __init__(self) -> None:
        self._successors: dict[str, dict[str, None]] = {}

    def add(self, before: str, after: str) -> bool:
        """Adds an edge and returns whether it is new, or raises DependencyCycleError if it would close a cycle."""
        back = self._path(after, before)
        if back is not None:
            raise DependencyCycleError([before, *back])
        targets = self._successors.setdefault(before, {})
        new = after not in targets
        targets[after] = None
        return new

    def remove(self, before: str, after: str) -> bool:
        """Removes an edge and returns whether there was one."""
        targets = self._successors.get(before, {})
        found = after in targets
        targets.pop(after, None)
        if not targets:
            self._successors.pop(before, None)
        return found

    def remove_all(self, name: str) -> bool:
        """Forgets every edge of a variable that is gone; returns whether there was one."""
        found = self._successors.pop(name, None) is not None
        for before in list(self._successors):
            found |= self.remove(before, name)
        return found

    def replace_all(self, edges: Iterable[Dependency]) -> None:
        """Takes over edges of which ``entangled`` found none on a cycle."""
        self._successors = {}
        for edge in edges:
            self._successors.setdefault(edge.before, {})[edge.after] = None

    def edges(self) -> list[Dependency]:
        """Returns all edges."""
        return [Dependency(before, after) for before, targets in self._successors.items() for after in targets]

    def order(self, names: Sequence[str]) -> list[str]:
        """Sorts names so that each comes after those it depends on; otherwise they keep their order.

        Kahn's algorithm; of the variables that are ready, the one registered first goes first. O((V + E) log V).
        """
        rank = {name: i for i, name in enumerate(names)}
        waiting = [0] * len(names)
        for targets in self._successors.values():
            for target in targets:
                waiting[rank[target]] += 1
        ready = [i for i, count in enumerate(waiting) if count == 0]
        order = []
        while ready:
            name = names[heapq.heappop(ready)]
            order.append(name)
            for target in self._successors.get(name, ()):
                waiting[rank[target]] -= 1
                if waiting[rank[target]] == 0:
                    heapq.heappush(ready, rank[target])
        return order

    @staticmethod
    def entangled(names: Sequence[str], edges: Iterable[Dependency]) -> set[str]:
        """Returns the names that cannot be put in order because of a cycle; empty if there is none."""
        graph = DependencyGraph()
        graph.replace_all(edges)
        return set(names).difference(graph.order(names))

    def _path(self, start: str, goal: str) -> list[str] | None:
        came_from = {start: start}
        open_names = [start]
        while open_names:
            name = open_names.pop()
            if name == goal:
                path = [goal]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return path[::-1]
            for following in self._successors.get(name, ()):
                if following not in came_from:
                    came_from[following] = name
                    open_names.append(following)
        return None
