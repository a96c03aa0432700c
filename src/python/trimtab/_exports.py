"""The JSON form of a whole state, ``trimtab.state/1``: written as the JVM writes it, read under the same limits.

A document may come from anyone. Before it is parsed, one pass over its bytes counts tokens and depth, so a hostile one is refused before it
fills the memory; numbers beyond 64 bits, duplicate keys and unpaired surrogates are refused while it is parsed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from trimtab._checks import check_export
from trimtab._domains import Domain, Variable, domain_of
from trimtab._records import HISTORY_LIMIT, Dependency, Document, Entry, Lease, StateExport, VariableState
from trimtab._times import instant_ms, instant_text
from trimtab._values import MAX_INTEGER, MIN_INTEGER, broken_text_rule, java_text
from trimtab.exceptions import StateImportError, TrimtabError

FORMAT = "trimtab.state/1"
MAX_DEPTH = 32
MAX_NAME = 1024
MAX_NUMBER = 1000


@dataclass(frozen=True)
class ExportLimits:
    """How much a reader of exported states accepts before it refuses the document."""

    max_length: int = 256 << 20
    max_string_length: int = 96 << 20
    max_tokens: int = 16 << 20
    max_variables: int = 100_000
    max_documents: int = 10_000
    max_others: int = 100_000


# Writing


def write_export(state: StateExport) -> str:
    """Returns the document of a state."""
    return json.dumps(export_tree(state), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def export_tree(state: StateExport) -> dict[str, Any]:
    """Returns the document of a state as plain JSON values."""
    return {
        "format": FORMAT,
        "session_id": state.session_id,
        "revision": state.revision,
        "exported_at": instant_text(state.exported_ms),
        "metadata": _sorted(state.metadata),
        "variables": [_variable_tree(entry) for entry in state.variables],
        "variable_index": {entry.state.name: entry.state.id for entry in state.variables},
        "documents": [
            {"key": d.key, "content": d.content, "version": d.version, "updated_at": instant_text(d.updated_ms)}
            for d in state.documents
        ],
        "leases": [
            {"id": lease.id, "owner": lease.owner, "names": sorted(lease.names), "expires_at": lease.expires_at}
            for lease in state.leases
        ],
        "dependencies": [{"from": edge.before, "to": edge.after} for edge in sorted(state.dependencies)],
        "retired_versions": _sorted(state.retired_versions),
    }


def _variable_tree(entry: Entry) -> dict[str, Any]:
    state = entry.state
    domain = state.variable.domain
    return {
        "id": state.id,
        "definition": state.variable.to_tree(),
        "version": state.version,
        "revision": state.revision,
        "value": domain.encode(state.value),
        "metadata": _sorted(state.metadata),
        "created_at": instant_text(state.created_ms),
        "updated_at": instant_text(state.updated_ms),
        "source": state.source,
        "history": [
            {
                "version": past.version,
                "value": domain.encode(past.value),
                "updated_at": instant_text(past.updated_ms),
                "source": past.source,
                "metadata": _sorted(past.metadata),
            }
            for past in entry.history
        ],
    }


def _sorted(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(mapping.items()))


# Reading JSON strictly

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]|[^\s"\[\]{},:]+', re.DOTALL)


def parse_json(data: bytes, limits: ExportLimits, max_depth: int = MAX_DEPTH) -> Any:
    """Parses strict UTF-8 JSON, or raises StateImportError."""
    if len(data) > limits.max_length:
        _refuse(f"expected at most {limits.max_length} characters, got {len(data)} bytes")
    _scan(data, limits, max_depth)
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_constant,
        )
    except StateImportError:
        raise
    except (ValueError, RecursionError) as e:
        raise StateImportError(f"export: expected strict JSON in UTF-8: {e}") from None


def _scan(data: bytes, limits: ExportLimits, max_depth: int) -> None:
    depth = 0
    for tokens, match in enumerate(_TOKEN.finditer(data), 1):
        first = data[match.start()]
        if first in b"[{":
            depth += 1
            if depth > max_depth:
                _refuse(f"expected at most {max_depth} levels, got more")
        elif first in b"]}":
            depth -= 1
        elif match.end() - match.start() > (limits.max_string_length if first == 0x22 else MAX_NUMBER):
            _refuse("expected shorter strings and numbers")
        if tokens > limits.max_tokens:
            _refuse(f"expected at most {limits.max_tokens} tokens, got more")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        _refuse("expected each key of an object once")
    for key, value in pairs:
        if len(key) > MAX_NAME or broken_text_rule(key) == "text without unpaired surrogates":
            _refuse("expected keys of at most 1024 characters without unpaired surrogates")
        if isinstance(value, str) and broken_text_rule(value) == "text without unpaired surrogates":
            _refuse("unpaired surrogate in a string")
    return tree


def _integer(digits: str) -> int | float:
    if digits == "-0":
        return -0.0  # as an integer the sign would be lost
    number = int(digits)
    if not MIN_INTEGER <= number <= MAX_INTEGER:
        _refuse(f"integer {digits[:40]} does not fit 64 bits")
    return number


def _decimal(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        _refuse(f"number {text[:40]} is beyond the doubles")
    return number


def _constant(name: str) -> NoReturn:
    _refuse(f"unexpected {name}")


def _refuse(message: str) -> NoReturn:
    raise StateImportError(f"export: {message}")


# Reading the document


class Tree:
    """A parsed JSON object that is read key by key, with errors that name the path."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise StateImportError(f"{path}: expected an object, got {_shortened(value)}")
        self.map: dict[str, Any] = value
        self.path = path

    def allow_only(self, *known: str) -> Tree:
        """Refuses keys that no reader knows, naming all of them."""
        unknown = sorted(set(self.map).difference(known))
        if unknown:
            raise StateImportError(f"{self.path}: unknown key {unknown}, expected only {sorted(known)}")
        return self

    def read(self, key: str, kind: type, expected: str) -> Any:
        """Returns a required value of a type."""
        value = self.map.get(key)
        if value is None:
            raise StateImportError(f'{self.path}: required key "{key}" is missing')
        if type(value) is not kind:
            raise StateImportError(f"{self.path}.{key}: expected {expected}, got {_shortened(value)}")
        return value

    def text(self, key: str) -> str:
        """Returns a required string."""
        return str(self.read(key, str, "a string"))

    def integer(self, key: str) -> int:
        """Returns a required integer."""
        return int(self.read(key, int, "an integer"))

    def texts(self, key: str) -> dict[str, str]:
        """Returns an object whose values are all strings; empty if absent."""
        inner = Tree(self.map.get(key) or {}, f"{self.path}.{key}")
        return {name: inner.text(name) for name in inner.map}

    def items(self, key: str, limit: int) -> list[Tree]:
        """Returns an array of objects; empty if absent."""
        value = self.map.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise StateImportError(f"{self.path}.{key}: expected an array, got {_shortened(value)}")
        if len(value) > limit:
            raise StateImportError(f"{self.path}.{key}: expected at most {limit} elements, got {len(value)}")
        return [Tree(item, f"{self.path}.{key}[{i}]") for i, item in enumerate(value)]

    def instant(self, key: str) -> int:
        """Returns a required time in milliseconds since the epoch."""
        text = self.text(key)
        ms = instant_ms(text)
        if ms is None:
            raise StateImportError(
                f'{self.path}.{key}: expected a time such as 2026-01-31T12:00:00Z, got "{text[:80]}"'
            )
        return ms


def read_export(document: str | bytes, limits: ExportLimits | None = None) -> StateExport:
    """Reads a document, or raises StateImportError if it is malformed, too large, or contradicts itself."""
    limits = limits or ExportLimits()
    try:
        data = document.encode() if isinstance(document, str) else document
    except UnicodeEncodeError:
        raise StateImportError("export: unpaired surrogate in a string") from None
    state = _Reader(limits).read(Tree(parse_json(data, limits), "export"))
    check_export(state)
    return state


class _Reader:
    def __init__(self, limits: ExportLimits) -> None:
        self._limits = limits

    def read(self, top: Tree) -> StateExport:
        limits = self._limits
        found = top.map.get("format")
        if found is None:
            raise StateImportError(f'export: expected "format": "{FORMAT}", found no format')
        if found != FORMAT:
            raise StateImportError(f'export.format: expected "{FORMAT}", got {_shortened(found)}')
        top.allow_only(
            "format",
            "session_id",
            "revision",
            "exported_at",
            "metadata",
            "variables",
            "variable_index",
            "documents",
            "leases",
            "dependencies",
            "retired_versions",
        )
        variables = [_variable(tree) for tree in top.items("variables", limits.max_variables)]
        self._check_index(top, variables)
        retired = Tree(top.map.get("retired_versions") or {}, "export.retired_versions")
        self._count(retired.path, len(retired.map))
        metadata = top.texts("metadata")
        self._count("export.metadata", len(metadata))
        dependencies = [_dependency(tree) for tree in top.items("dependencies", limits.max_others)]
        if len(set(dependencies)) != len(dependencies):
            raise StateImportError("export.dependencies: expected each dependency once")
        return StateExport(
            top.text("session_id"),
            top.integer("revision"),
            top.instant("exported_at"),
            variables,
            [_document(tree) for tree in top.items("documents", limits.max_documents)],
            [_lease(tree) for tree in top.items("leases", limits.max_others)],
            dependencies,
            {name: retired.integer(name) for name in retired.map},
            metadata,
        )

    def _count(self, path: str, count: int) -> None:
        if count > self._limits.max_others:
            raise StateImportError(f"{path}: expected at most {self._limits.max_others} entries, got {count}")

    @staticmethod
    def _check_index(top: Tree, variables: list[Entry]) -> None:
        """The index repeats what the variables say; a contradiction means that somebody edited one."""
        index = top.map.get("variable_index")
        if index is not None and index != {entry.state.name: entry.state.id for entry in variables}:
            raise StateImportError(
                f"export.variable_index: expected the names and ids of the {len(variables)} variables, got others"
            )


def _variable(tree: Tree) -> Entry:
    tree.allow_only(
        "id",
        "definition",
        "version",
        "revision",
        "value",
        "metadata",
        "created_at",
        "updated_at",
        "source",
        "history",
    )
    variable = variable_from_tree(Tree(tree.read("definition", dict, "an object"), f"{tree.path}.definition"))
    domain = variable.domain
    state = VariableState(
        tree.text("id"),
        variable,
        _value(tree, domain),
        tree.integer("version"),
        tree.integer("revision"),
        tree.texts("metadata"),
        tree.instant("created_at"),
        tree.instant("updated_at"),
        tree.text("source"),
    )
    history = []
    for past in tree.items("history", HISTORY_LIMIT):
        past.allow_only("version", "value", "updated_at", "source", "metadata")
        history.append(
            state._replace(
                version=past.integer("version"),
                value=_value(past, domain),
                updated_ms=past.instant("updated_at"),
                source=past.text("source"),
                metadata=past.texts("metadata"),
            )
        )
    return Entry(state, history)


def variable_from_tree(tree: Tree) -> Variable:
    """Reads the JSON form of a definition."""
    tree.allow_only("name", "type", "default", "constraints", "description", "metadata")
    encoded = tree.map.get("default")
    description = tree.text("description") if tree.map.get("description") is not None else ""

    def build() -> Variable:
        domain = domain_of(tree.text("type"), Tree(tree.map.get("constraints") or {}, f"{tree.path}.constraints").map)
        decoded = domain.decode(encoded)
        default = encoded if decoded is None else decoded
        return Variable(tree.text("name"), domain, default, description=description, metadata=tree.texts("metadata"))

    return _within(tree.path, build)


def _within(path: str, build: Callable[[], Variable]) -> Variable:
    try:
        return build()
    except StateImportError:
        raise
    except TrimtabError as e:
        raise StateImportError(f"{path}: {e}") from e


def _value(tree: Tree, domain: Domain) -> Any:
    encoded = tree.map.get("value")
    value = domain.decode(encoded)
    if value is None:
        raise StateImportError(f"{tree.path}.value: expected {domain.description}, got {_shortened(encoded)}")
    return value


def _document(tree: Tree) -> Document:
    tree.allow_only("key", "content", "version", "updated_at")
    return Document(tree.text("key"), tree.text("content"), tree.integer("version"), tree.instant("updated_at"))


def _lease(tree: Tree) -> Lease:
    tree.allow_only("id", "owner", "names", "expires_at")
    names = tree.map.get("names") or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise StateImportError(f"{tree.path}.names: expected an array of strings, got {_shortened(names)}")
    return Lease(tree.text("id"), tree.text("owner"), frozenset(names), tree.instant("expires_at"))


def _dependency(tree: Tree) -> Dependency:
    tree.allow_only("from", "to")
    return Dependency(tree.text("from"), tree.text("to"))


def _shortened(value: object) -> str:
    text = java_text(value)
    return text if len(text) <= 80 else text[:77] + "..."
