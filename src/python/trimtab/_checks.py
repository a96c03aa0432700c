"""Finds out whether an exported state could be the state of a provider, by the JVM's rules."""

from __future__ import annotations

from collections.abc import Mapping

from trimtab._batch import MAX_SOURCE
from trimtab._domains import ID_PREFIX, metadata_violation, name_violation
from trimtab._graph import DependencyGraph
from trimtab._records import HISTORY_LIMIT, Entry, StateExport, VariableState
from trimtab._values import broken_text_rule, java_text, same, utf16_length, violation
from trimtab.exceptions import StateImportError, Violation

MAX_DOCUMENT = 4 << 20
MAX_DOCUMENT_KEY = 256
MAX_STATE_METADATA = 256  # of a variable with the notes of all who wrote it; its definition has fewer
_MAX_ID = 256
_MAX_COUNT = 1 << 62
_SHOWN = 20
_COUNT = "in [1, 2^62]"
_TEXT = "text of permitted length without U+0000 and unpaired surrogates"
_UNBOUNDED = 1 << 31


def document_violation(key: str, content: str) -> Violation | None:
    """Names the rule a document's key or content breaks that some backend could not store, or returns None."""
    if not 1 <= utf16_length(key) <= MAX_DOCUMENT_KEY or broken_text_rule(key) is not None:
        return violation("document key", f"1 to {MAX_DOCUMENT_KEY} characters of storable text", key)
    length = utf16_length(content)
    if length > MAX_DOCUMENT:
        return violation(f"document {key}", f"at most {MAX_DOCUMENT} characters", length)
    if broken_text_rule(content) is not None:
        return violation(f"document {key}", "text without U+0000 and unpaired surrogates", content)
    return None


def check_export(state: StateExport) -> None:
    """Returns if an export is sound, else raises StateImportError with up to 20 faults."""
    _Check(state).run()


class _Check:
    """Linear in the export; builds text only for faults, so where it stands is kept in fields."""

    def __init__(self, state: StateExport) -> None:
        self._state = state
        self._faults: list[str] = []
        self._unnamed = 0
        self._part = ""
        self._item = -1
        self._past = -1
        self._names: dict[str, None] = {}

    def run(self) -> None:
        state = self._state
        self._require(0 <= state.revision <= _MAX_COUNT, "revision", "in [0, 2^62]", state.revision)
        self._require_text("session_id", state.session_id, 1, MAX_SOURCE)
        self._require_texts("metadata", state.metadata)
        self._check_variables()
        self._check_documents()
        self._check_leases()
        self._check_retired()
        self._check_dependencies()
        if self._faults:
            more = f"; and {self._unnamed} more faults" if self._unnamed else ""
            raise StateImportError("export: " + "; ".join(self._faults) + more)

    def _check_variables(self) -> None:
        self._part = "variables"
        ids: set[str] = set()
        for i, entry in enumerate(self._state.variables):
            self._item = i
            state = entry.state
            self._require_text("id", state.id, len(ID_PREFIX) + 1, _MAX_ID)
            self._require(state.id.startswith(ID_PREFIX), "id", "an id that starts with var_", state.id)
            self._require(state.id not in ids, "id", "an id of its own", state.id)
            self._require(state.name not in self._names, "name", "a name of its own", state.name)
            good = 0 <= state.revision <= self._state.revision
            self._require(good, "revision", "in [0, the export's]", state.revision)
            ids.add(state.id)
            self._names[state.name] = None
            self._check_history(entry)
        self._item = -1

    def _check_history(self, entry: Entry) -> None:
        current, history = entry
        self._check_content(current)
        good = 1 <= len(history) <= HISTORY_LIMIT
        self._require(good, "history", f"1 to {HISTORY_LIMIT} versions", len(history))
        for i, old in enumerate(history):
            self._past = i
            if i == 0:
                self._require(_equal_versions(old, current), "", "the current version", old.version)
            else:
                good = old.version == current.version - i
                self._require(good, "version", "the one before", old.version)
                self._check_content(old)
        self._past = -1

    def _check_content(self, state: VariableState) -> None:
        domain = state.variable.domain
        canonical = domain.cast(state.value)
        fits = canonical is not None and type(canonical) is type(state.value)
        expected = domain.broken_rule(canonical) if fits else domain.description
        self._require(expected is None, "value", str(expected), state.value)
        self._require(_is_count(state.version), "version", _COUNT, state.version)
        self._require_text("source", state.source, 1, MAX_SOURCE)
        self._require_texts("metadata", state.metadata)
        few = len(state.metadata) <= MAX_STATE_METADATA
        self._require(few, "metadata", f"at most {MAX_STATE_METADATA} entries", len(state.metadata))

    def _check_documents(self) -> None:
        self._part = "documents"
        keys: set[str] = set()
        for i, document in enumerate(self._state.documents):
            self._item = i
            fault = document_violation(document.key, document.content)
            self._require(fault is None, "", "a document that can be stored", str(fault))
            self._require(document.key not in keys, "key", "a key of its own", document.key)
            self._require(_is_count(document.version), "version", _COUNT, document.version)
            retired = "document:" + document.key in self._state.retired_versions
            self._require(not retired, "key", "a document that is not retired", document.key)
            keys.add(document.key)
        self._item = -1

    def _check_leases(self) -> None:
        self._part = "leases"
        owners: dict[str, str] = {}
        ids: set[str] = set()
        for i, lease in enumerate(self._state.leases):
            self._item = i
            self._require_text("id", lease.id, 1, _MAX_ID)
            self._require(lease.id not in ids, "id", "an id of its own", lease.id)
            self._require_text("owner", lease.owner, 1, _UNBOUNDED)
            self._require(bool(lease.names), "names", "at least one name", [])
            ids.add(lease.id)
            for name in lease.names:
                # a leased variable may have been deleted by its holder, so the name need not exist
                self._require(name_violation(name) is None, "names", "names of variables", name)
                sole = owners.setdefault(name, lease.owner) == lease.owner
                self._require(sole, "names", "a variable that no other owner leases", name)
        self._item = -1

    def _check_retired(self) -> None:
        self._part = "retired_versions"
        for key, version in self._state.retired_versions.items():
            self._require_text(key, key, 1, MAX_DOCUMENT_KEY + 9)
            self._require(_is_count(version), key, _COUNT, version)
            self._require(key not in self._names, key, "a variable that is gone", "an existing one")

    def _check_dependencies(self) -> None:
        self._part = "dependencies"
        known = True
        for edge in self._state.dependencies:
            both = edge.before in self._names and edge.after in self._names
            self._require(both, "", "variables of the export", f"Dependency[from={edge.before}, to={edge.after}]")
            known &= both
        if known:
            entangled = DependencyGraph.entangled(list(self._names), self._state.dependencies)
            self._require(not entangled, "", "no cycle", sorted(entangled))

    def _require_texts(self, key: str, texts: Mapping[str, str]) -> None:
        for name, value in texts.items():
            fault = metadata_violation(name, value)
            if fault is not None:
                self._require(False, key, fault.expected, fault.actual)

    def _require_text(self, key: str, text: str, least: int, most: int) -> None:
        good = least <= utf16_length(text) <= most and broken_text_rule(text) is None
        self._require(good, key, _TEXT, text)

    def _require(self, holds: bool, key: str, expected: str, actual: object) -> None:
        if holds:
            return
        if len(self._faults) == _SHOWN:
            self._unnamed += 1
            return
        text = java_text(actual)
        cut = text if len(text) <= 80 else text[:77] + "..."
        self._faults.append(f"{self._path(key)}: expected {expected}, got {cut}")

    def _path(self, key: str) -> str:
        path = self._part
        if self._item >= 0:
            path += f"[{self._item}]"
        if self._past >= 0:
            path += f".history[{self._past}]"
        return f"{path}.{key}" if path and key else path or key


def _is_count(count: int) -> bool:
    return 1 <= count <= _MAX_COUNT


def _equal_versions(one: VariableState, other: VariableState) -> bool:
    return (
        one.version == other.version
        and same(one.value, other.value)
        and one.updated_ms == other.updated_ms
        and one.source == other.source
        and dict(one.metadata) == dict(other.metadata)
    )
