"""Programs that the Java tests of the bridge run; they need no DSPy."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import trimtab
from trimtab import SessionContext


@trimtab.program("echo", description="Says what it is told.", signature="text -> said")
def echo(session: SessionContext) -> Callable[..., Mapping[str, Any]]:
    return lambda text: {"said": text}


@trimtab.program("reader", signature="name -> value, version: int")
def reader(session: SessionContext) -> Callable[..., Mapping[str, Any]]:
    warm = session["temperature"]  # read here, so that a run sends it along
    return lambda name: {"value": str(session[name]), "version": int(warm * 100)}


@trimtab.program("writer", signature="value: float -> version: int")
def writer(session: SessionContext) -> Callable[..., Mapping[str, Any]]:
    def run(value: float) -> Mapping[str, Any]:
        session["temperature"] = value
        return {"version": session.state("temperature").version}

    return run


@trimtab.program("failing", signature="text -> said")
def failing(session: SessionContext) -> Callable[..., Mapping[str, Any]]:
    def run(text: str) -> Mapping[str, Any]:
        raise ValueError(f"I do not like {text}")

    return run


@trimtab.program("endless", signature="text -> said")
def endless(session: SessionContext) -> Callable[..., Mapping[str, Any]]:
    def run(text: str) -> Mapping[str, Any]:
        while True:
            time.sleep(0.01)

    return run
