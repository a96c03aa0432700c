"""Which variables belong to registered configuration spaces: their rules are judged by a JVM, so writes to them take its way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from trimtab._records import Document

PREFIX = "space/"
FORMAT = "trimtab.space/1"


def definition_of(document: Document) -> dict[str, Any] | None:
    """Returns the definition a document holds, or None if it holds none that Python can read."""
    try:
        tree = json.loads(document.content)
    except ValueError:
        return None
    return tree if isinstance(tree, dict) and tree.get("format") == FORMAT else None


def names_of(definition: Mapping[str, Any]) -> dict[str, str]:
    """Returns the names of a definition's parameters and the variables of the session they stand for."""
    prefix = definition.get("prefix") or ""
    names = [parameter["name"] for parameter in definition.get("parameters", ())]
    return {name: f"{prefix}.{name}" if prefix else name for name in names}


def member_names(documents: Mapping[str, Document]) -> frozenset[str]:
    """Returns the names of all variables that belong to a registered space."""
    members: set[str] = set()
    for key, document in documents.items():
        if key.startswith(PREFIX):
            members.update(names_of(definition_of(document) or {}).values())
    return frozenset(members)
