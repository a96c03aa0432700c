"""A JVM for tests of the way calls take: it answers what a host is asked, with one rule it knows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from conftest import Sidecar

from trimtab import _wire
from trimtab._batch import PUT_DOCUMENT, SET, Batch, Write, batch_from_wire
from trimtab._exports import Tree, variable_from_tree
from trimtab._failures import to_failure
from trimtab._values import from_wire, to_wire
from trimtab.exceptions import InvalidConfigurationError, TrimtabError, Violation

HostFrame = _wire.message("HostFrame")


class FakeJvm:
    """Attached to a session of a server in this process; ``rule`` says what is wrong with a configuration, or None."""

    def __init__(self, sidecar: Sidecar, session_id: str, rule: Callable[[dict[str, Any]], str | None]) -> None:
        assert sidecar.server is not None
        self._sidecar = sidecar
        self._server = sidecar.server
        self._session = sidecar.server.sessions.open(session_id)[0]
        self._rule = rule
        self._names: dict[str, list[str]] = {}
        self.asked: list[str] = []
        sidecar.run(self._attach(session_id))

    async def _attach(self, session_id: str) -> None:
        self._frames: asyncio.Queue[Any] = asyncio.Queue()
        self._attached = asyncio.Event()
        offer = HostFrame()
        offer.offer.session_id, offer.offer.host = session_id, "fake"
        offer.offer.protocol.major = 1
        await self._frames.put(offer)
        self._task = asyncio.ensure_future(self._server.hosts.attach(self))
        await self._attached.wait()

    async def read(self) -> Any:
        """What the JVM sends."""
        return await self._frames.get()

    async def write(self, calls: Any) -> None:
        """What the JVM is asked."""
        self._attached.set()
        for call in calls.calls:
            answer = _wire.HostAnswer(number=call.number)
            try:
                self._answer(call, answer)
            except TrimtabError as e:
                answer.failure.CopyFrom(to_failure(e))
            await self._frames.put(HostFrame(answers=[answer]))

    def _answer(self, call: Any, answer: Any) -> None:
        kind = call.WhichOneof("kind")
        self.asked.append(kind if kind != "space" else call.space.WhichOneof("kind"))
        if kind == "commit":
            batch = batch_from_wire(call.commit, "python", ())
            self._judge({write.key: write.value for write in batch.writes})
            answer.commit.revision = self._session.commit(batch).revision
            return
        getattr(self, f"_{call.space.WhichOneof('kind')}")(call.space, answer.space)

    def _judge(self, changes: dict[str, Any]) -> None:
        values = {**self._session.snapshot().values, **changes}
        fault = self._rule(values)
        if fault is not None:
            raise InvalidConfigurationError([Violation("rule", fault)])

    def _register(self, call: Any, answer: Any) -> None:
        tree = json.loads(call.register)
        variables = [variable_from_tree(Tree(parameter, "$")) for parameter in tree["parameters"]]
        self._names[tree["name"]] = [variable.name for variable in variables]
        writes = (Write(PUT_DOCUMENT, f"space/{tree['name']}", call.register, 0),)
        commit = self._session.commit(Batch(variables, writes))
        answer.version, answer.revision = 1, commit.revision

    def _apply(self, call: Any, answer: Any) -> None:
        name = call.apply.name
        changes = {key: from_wire(value) for key, value in call.apply.changes.items()}
        self._judge(changes)
        document = self._session.find_document(f"space/{name}")
        assert document is not None
        writes = [Write(SET, key, value) for key, value in changes.items()]
        writes.append(Write(PUT_DOCUMENT, document.key, document.content, document.version))
        commit = self._session.commit(Batch((), writes))
        answer.version, answer.revision = document.version + 1, commit.revision
        self._fill(answer.configurations.add(), self._session.get_many(self._names[name]).values)

    def _validate(self, call: Any, answer: Any) -> None:
        values = {key: from_wire(value) for key, value in call.validate.values.items()}
        fault = self._rule(values)
        if fault is not None:
            answer.violations.add(subject="rule", expected=fault)
        else:
            self._fill(answer.configurations.add(), values)

    def _sample(self, call: Any, answer: Any) -> None:
        for i in range(call.sample.count):
            self._fill(answer.configurations.add(), {"temperature": (call.sample.seed + i) % 10 / 10})

    def _unregister(self, call: Any, answer: Any) -> None:
        from trimtab._batch import DELETE_DOCUMENT

        self._session.commit(Batch((), (Write(DELETE_DOCUMENT, f"space/{call.unregister}"),)))

    @staticmethod
    def _fill(configuration: Any, values: dict[str, Any]) -> None:
        for key, value in values.items():
            configuration.values[key].CopyFrom(to_wire(value))

    def detach(self) -> None:
        """Leaves the session."""

        async def leave() -> None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

        self._sidecar.run(leave())
