"""Programs of one session, for tests to run without a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trimtab import Variable
from trimtab._data import to_map
from trimtab._domains import FloatDomain, IntegerDomain, StringDomain
from trimtab._hosts import Hosts
from trimtab._programs import Programs, program
from trimtab._store import Session
from trimtab._wire import message

RunRequest = message("RunRequest")


_DOMAINS: dict[type, Any] = {str: StringDomain(), int: IntegerDomain(), float: FloatDomain()}


def session_of(**values: Any) -> Session:
    """A session with these variables."""
    session = Session("s")
    for name, value in values.items():
        session.register(Variable(name, _DOMAINS[type(value)], value))
    return session


def programs_of(
    session: Session | None = None, hosts: Hosts | None = None, **factories: Callable[[Any], Any]
) -> Programs:
    """Programs of one session."""
    definitions = {}
    for name, factory in factories.items():
        program(name)(factory)
        definitions[name] = factory.__trimtab_program__[-1]  # type: ignore[attr-defined]
    held = session or session_of()
    return Programs(definitions, hosts or Hosts(), lambda session_id: held)


def request(name: str, **inputs: Any) -> Any:
    return RunRequest(session_id="s", program=name, inputs=to_map(inputs))
