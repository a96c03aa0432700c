"""The JSON form of a whole state: exact, strict, limited, and sound before anything changes."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from conftest import COUNTER, MODEL, NOTE, TEMPERATURE, Clock

from trimtab import FloatDomain, StringDomain, Tensor, TensorDomain, Variable
from trimtab._batch import DELETE, PUT_DOCUMENT, Batch, Write
from trimtab._exports import ExportLimits, export_tree, read_export, write_export
from trimtab._store import Session
from trimtab.exceptions import StateImportError, TrimtabError


@pytest.fixture
def full(session: Session) -> Session:
    """A state with something of everything."""
    odd = Variable("odd", FloatDomain(allow_non_finite=True), -0.0)
    tensor = Variable("tensor", TensorDomain(), Tensor.of("INT64", [2], [-(1 << 63), 1]))
    text = Variable("text", StringDomain(), "\U0001f600 é", description="for tests", metadata={"unit": "none"})
    session.register(TEMPERATURE, COUNTER, MODEL, NOTE, odd, tensor, text)
    for value in (math.nan, math.inf, -math.inf, 5e-324):
        session.set("odd", value)
    session.set("counter", 9_007_199_254_740_993)
    session.commit(Batch((), (Write(DELETE, "note"), Write(PUT_DOCUMENT, "doc", '{"a": 1}'))))
    session.acquire_lease("study", ["counter"], 60_000)
    session.add_dependency("model", "temperature")
    return session


def test_round_trip_is_exact(full: Session) -> None:
    """What is written is read back equal, odd values included, and so is what was imported from it."""
    state = full.export_state()
    read = read_export(write_export(state))
    assert export_tree(read) == export_tree(state)
    other = Session("s2", clock=Clock())
    other.import_state(read)
    again = export_tree(other.export_state())
    assert {**again, "session_id": "s1"} == export_tree(state)


def test_document_has_the_keys_of_the_jvm(full: Session) -> None:
    """The document names its format and holds the keys in the JVM's order."""
    tree = json.loads(write_export(full.export_state()))
    assert list(tree) == [
        "format", "session_id", "revision", "exported_at", "metadata", "variables", "variable_index", "documents",
        "leases", "dependencies", "retired_versions",
    ]  # fmt: skip
    assert list(tree["variables"][0]) == [
        "id", "definition", "version", "revision", "value", "metadata", "created_at", "updated_at", "source", "history",
    ]  # fmt: skip
    assert tree["retired_versions"] == {"note": 1}
    assert tree["dependencies"] == [{"from": "model", "to": "temperature"}]
    assert tree["variables"][3]["history"][1]["value"] == "-Infinity"


def test_imports_keep_versions_from_being_reused(full: Session) -> None:
    """A deleted name goes on counting after an import, and revisions never fall."""
    state = read_export(write_export(full.export_state()))
    other = Session("s2")
    other.import_state(state)
    assert other.revision == state.revision
    assert other.register(NOTE)[0].version == 2
    other.import_state(state)
    assert other.revision == state.revision + 2


def edited(full: Session, *path: Any, value: Any) -> str:
    """The document with one place changed."""
    tree = json.loads(write_export(full.export_state()))
    target = tree
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    if path[-1] == "id":
        del tree["variable_index"]  # which would be noticed first
    return json.dumps(tree)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["format"], "trimtab.state/2", 'expected "trimtab.state/1", got trimtab.state/2'),
        (["colour"], 1, "unknown key ['colour']"),
        (["revision"], -1, "revision: expected in [0, 2^62], got -1"),
        (["revision"], 1.5, "revision: expected an integer, got 1.5"),
        (["exported_at"], "yesterday", "expected a time such as"),
        (["variables", 0, "id"], "x", "variables[0].id: expected an id that starts with var_, got x"),
        (["variables", 0, "definition", "name"], "counter", "variable_index"),
        (["variables", 0, "definition", "type"], "DOUBLE", "expected one of [FLOAT"),
        (["variables", 0, "definition", "constraints", "min"], 5, "min: expected at most max = 2.0, got 5"),
        (["variables", 0, "value"], 3.0, "variables[0].value: expected a finite number in [0.0, 2.0], got 3.0"),
        (["variables", 0, "value"], "x", "variables[0].value: expected a finite number in [0.0, 2.0], got x"),
        (["variables", 0, "version"], 2, "variables[0].history[0]: expected the current version, got 1"),
        (
            ["variables", 3, "history", 2, "version"],
            9,
            "variables[3].history[2].version: expected the one before, got 9",
        ),
        (["variables", 3, "history"], [], "variables[3].history: expected 1 to 50 versions, got 0"),
        (["variables", 0, "source"], "", "variables[0].source: expected text of permitted length"),
        (["variables", 0, "extra"], 1, "unknown key ['extra']"),
        (["variables"], 5, "expected an array"),
        (["documents", 0, "version"], 0, "documents[0].version: expected in [1, 2^62], got 0"),
        (["documents", 0, "key"], "", "document key: expected 1 to 256 characters"),
        (["leases", 0, "names"], [], "leases[0].names: expected at least one name"),
        (["leases", 0, "names"], ["var_x"], "names of variables"),
        (["dependencies"], [{"from": "model", "to": "nowhere"}], "dependencies: expected variables of the export"),
        (["dependencies"], [{"from": "model", "to": "model"}], "dependencies: expected no cycle, got [model]"),
        (["retired_versions"], {"counter": 1}, "retired_versions.counter: expected a variable that is gone"),
        (["retired_versions"], {"document:doc": 1}, "documents[0].key: expected a document that is not retired"),
        (["retired_versions"], {"x": 0}, "retired_versions.x: expected in [1, 2^62], got 0"),
    ],
)
def test_contradictions_are_refused(full: Session, path: list[Any], value: Any, message: str) -> None:
    """A document that was tampered with is refused with the place, and an import of it changes nothing."""
    with pytest.raises(StateImportError) as e:
        read_export(edited(full, *path, value=value))
    assert message in str(e.value)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "{}",
        "nope",
        '{"format":"trimtab.state/1"}x',
        '{"format":"trimtab.state/1","format":"trimtab.state/1"}',
        '{"format":"trimtab.state/1","revision":NaN}',
        '{"format":"trimtab.state/1","revision":1e999}',
        '{"format":"trimtab.state/1","revision":9223372036854775808}',
        '{"format":"trimtab.state/1","session_id":"\\ud800"}',
        '{"format":"trimtab.state/1","session_id":"\ud800"}',
        b"\xef\xbb\xbf{}",
        b'{"format":"\xff"}',
        "[" * 33 + "]" * 33,
        "[" * 100_000,
        '{"a":' + "9" * 2000 + "}",
        '{"' + "k" * 2000 + '":1}',
    ],
)
def test_what_is_no_document(document: str | bytes) -> None:
    """Anything but strict UTF-8 JSON of the format is one typed error, quickly."""
    with pytest.raises(StateImportError):
        read_export(document)


@pytest.mark.parametrize(
    "limits",
    [
        ExportLimits(max_length=100),
        ExportLimits(max_string_length=5),
        ExportLimits(max_tokens=50),
        ExportLimits(max_variables=3),
        ExportLimits(max_documents=0),
        ExportLimits(max_others=0),
    ],
)
def test_limits(full: Session, limits: ExportLimits) -> None:
    """A document beyond a limit is refused."""
    with pytest.raises(StateImportError):
        read_export(write_export(full.export_state()), limits)


def test_refused_import_changes_nothing(full: Session) -> None:
    """All faults are named, and the state is as it was."""
    state = full.export_state()
    before = export_tree(state)
    broken = state._replace(variables=[*state.variables, *state.variables], revision=-5)
    with pytest.raises(TrimtabError) as e:
        full.import_state(broken)
    assert "an id of its own" in str(e.value) and "a name of its own" in str(e.value) and "revision" in str(e.value)
    assert export_tree(full.export_state()) == before
