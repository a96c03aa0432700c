"""Configuration spaces in Python: which variables vary together, and under which rules.

A space is defined here or in the JVM, in the same JSON form ``trimtab.space/1``, and registered in a session. Its rules are expressions,
and there is one implementation of them: they are judged by a JVM attached to the session, so registering, applying, sampling and
validating raise NoHostError while there is none. Reading a definition and current values needs nobody.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from trimtab._domains import Variable, domain_of
from trimtab._exports import ExportLimits, Tree, parse_json, variable_from_tree
from trimtab._members import FORMAT, PREFIX, definition_of, names_of
from trimtab._values import CanonicalValue, broken_text_rule, from_wire, java_text, to_wire
from trimtab._wire import SpaceCall
from trimtab.exceptions import (
    ConfigurationNotFoundError,
    IllegalCallError,
    InvalidConfigurationError,
    InvalidDefinitionError,
    StateImportError,
    UnsupportedError,
    Violation,
)

if TYPE_CHECKING:
    from trimtab._context import SessionContext

T = TypeVar("T")

_LIMITS = ExportLimits(max_length=4 << 20, max_string_length=1 << 20, max_tokens=1 << 20)
_DEPTH = 64


class Configuration(NamedTuple):
    """The values of a registered space at one of its versions."""

    version: int
    revision: int
    values: Mapping[str, CanonicalValue]


class ConfigurationSpace:
    """A named set of variables and the rules between them.

    ::

        space = (
            ConfigurationSpace("react_agent_config", session)
            .add_variable("temperature", "float", 0.7, {"min": 0.0, "max": 1.5})
            .add_variable("max_iters", "integer", 5, {"min": 3, "max": 10})
            .add_constraint("max_iters <= 6 || temperature < 1.0", "a hot agent gets few iterations")
        )
        space.register()
        space.apply({"temperature": 0.3})
    """

    def __init__(
        self,
        name: str,
        session: SessionContext | None = None,
        *,
        description: str = "",
        prefix: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._session = session
        self._description = description
        self._prefix = prefix
        self._metadata = dict(sorted((metadata or {}).items()))
        self._parameters: dict[str, dict[str, Any]] = {}
        self._rules: list[dict[str, Any]] = []

    # Defining

    def add_variable(
        self,
        name: str,
        type: str,
        default: object,
        constraints: Mapping[str, Any] | None = None,
        description: str = "",
        *,
        active_when: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> ConfigurationSpace:
        """Adds a parameter by its type, such as "float", and constraint keys; ``active_when`` is a condition over others."""
        variable = Variable(name, domain_of(type, constraints), default, description=description, metadata=metadata)
        return self.add(variable, active_when=active_when)

    def add(self, variable: Variable, *, active_when: str | None = None) -> ConfigurationSpace:
        """Adds a parameter."""
        return self._add(variable, {"active_when": [active_when]} if active_when else {})

    def add_constant(self, name: str, value: object) -> ConfigurationSpace:
        """Adds a parameter that always has one value: a number, truth value or text."""
        type = "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else ""
        type = type or ("integer" if isinstance(value, int) else "float")
        return self._add(Variable(name, domain_of(type), value), {"constant": True})

    def _add(self, variable: Variable, more: dict[str, Any]) -> ConfigurationSpace:
        if variable.name in self._parameters:
            raise InvalidDefinitionError([Violation(variable.name, "a name of its own", "a second one")])
        self._parameters[variable.name] = {**variable.to_tree(), **more}
        return self

    def add_constraint(self, expression: str, error_message: str) -> ConfigurationSpace:
        """Adds a rule that every configuration must fulfil, such as ``max_tokens <= 4096 || model != 'small'``.

        Rules are judged in the JVM, so a Python function cannot be one.
        """
        if not isinstance(expression, str):
            raise UnsupportedError(
                f'space "{self.name}": a constraint is an expression such as "max_iters <= 6", since the JVM judges it,'
                f" got a {type(expression).__name__}"
            )
        self._rules.append({"require": expression, "message": error_message})
        return self

    def forbid(self, what: str | Mapping[str, object], error_message: str) -> ConfigurationSpace:
        """Forbids what an expression describes, or a combination of values by name."""
        if isinstance(what, str):
            self._rules.append({"forbid": what, "message": error_message})
            return self
        unknown = [name for name in what if name not in self._parameters]
        if unknown:
            raise InvalidDefinitionError([Violation(name, "a parameter added before", None) for name in unknown])
        tree = {}
        for name, value in what.items():
            domain = variable_from_tree(self._definition(name)).domain
            tree[name] = domain.encode(domain.normalize(name, value))
        self._rules.append({"forbid": tree, "message": error_message})
        return self

    def _definition(self, name: str) -> Tree:
        tree = {key: value for key, value in self._parameters[name].items() if key not in ("constant", "active_when")}
        return Tree(tree, f'space "{self.name}".{name}')

    # Looking at it

    @property
    def description(self) -> str:
        """What the space is for."""
        return self._description

    @property
    def parameters(self) -> list[Variable]:
        """The definitions of the parameters, in order."""
        return [variable_from_tree(self._definition(name)) for name in self._parameters]

    @property
    def members(self) -> dict[str, str]:
        """The names of the parameters and of the session's variables that hold their values."""
        return names_of(self.to_tree())

    def to_tree(self) -> dict[str, Any]:
        """Returns the definition as plain JSON values."""
        tree: dict[str, Any] = {"format": FORMAT, "name": self.name}
        for key, value in (
            ("description", self._description),
            ("prefix", self._prefix),
            ("metadata", self._metadata),
        ):
            if value:
                tree[key] = value
        tree["parameters"] = list(self._parameters.values())
        if self._rules:
            tree["rules"] = self._rules
        return tree

    def to_json(self) -> str:
        """Returns the definition as a trimtab.space/1 document, which the JVM reads too."""
        text = json.dumps(self.to_tree(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        if broken_text_rule(text) is not None:
            raise InvalidDefinitionError([Violation(f"space {self.name}", "storable text", None)])
        return text

    @staticmethod
    def from_json(document: str, session: SessionContext | None = None) -> ConfigurationSpace:
        """Reads a trimtab.space/1 document; its expressions are checked when it is registered."""
        try:
            top = Tree(parse_json(document.encode(), _LIMITS, _DEPTH), "space")
            if top.map.get("format") != FORMAT:
                raise StateImportError(f'space.format: expected "{FORMAT}", got {java_text(top.map.get("format"))}')
            top.allow_only("format", "name", "description", "prefix", "metadata", "parameters", "rules")
            space = ConfigurationSpace(
                top.text("name"),
                session,
                description=top.map.get("description") or "",
                prefix=top.map.get("prefix") or "",
                metadata=top.texts("metadata"),
            )
            for tree in top.items("parameters", 10_000):
                more = {key: tree.map[key] for key in ("constant", "active_when") if tree.map.get(key)}
                plain = {key: value for key, value in tree.map.items() if key not in ("constant", "active_when")}
                space._add(variable_from_tree(Tree(plain, tree.path)), more)
            for rule in top.items("rules", 10_000):
                rule.allow_only("require", "forbid", "message")
                space._rules.append(rule.map)
            return space
        except StateImportError as e:
            raise InvalidDefinitionError([Violation("space", "a trimtab.space/1 document", None)], str(e)) from e

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ConfigurationSpace) and self.to_tree() == other.to_tree()

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"ConfigurationSpace({self.name!r}, {list(self._parameters)})"

    # In a session

    def register(self) -> ConfigurationSpace:
        """Registers the space and its variables, all or none; registering an equal one again does nothing."""
        self._result(SpaceCall(register=self.to_json()))
        return self

    async def aregister(self) -> ConfigurationSpace:
        """As :meth:`register`, to be awaited."""
        await self._awaited(SpaceCall(register=self.to_json()))
        return self

    def apply(
        self, values: Mapping[str, object], *, expected_version: int | None = None, owner: str | None = None
    ) -> Configuration:
        """Changes some values in one step, if all of them together obey the rules; returns the new configuration."""
        return self._configuration(self._result(self._apply_call(values, expected_version, owner)))

    async def aapply(
        self, values: Mapping[str, object], *, expected_version: int | None = None, owner: str | None = None
    ) -> Configuration:
        """As :meth:`apply`, to be awaited."""
        return self._configuration(await self._awaited(self._apply_call(values, expected_version, owner)))

    def validate(self, values: Mapping[str, object]) -> dict[str, CanonicalValue]:
        """Returns a complete configuration with its values cast, or raises InvalidConfigurationError with all violations."""
        return self._validated(self._result(self._validate_call(values)))

    async def avalidate(self, values: Mapping[str, object]) -> dict[str, CanonicalValue]:
        """As :meth:`validate`, to be awaited."""
        return self._validated(await self._awaited(self._validate_call(values)))

    def sample(self, *, seed: int | None = None) -> dict[str, CanonicalValue]:
        """Draws a valid configuration; the same seed draws the same."""
        return self.sample_many(1, seed=seed)[0]

    def sample_many(self, count: int, *, seed: int | None = None) -> list[dict[str, CanonicalValue]]:
        """Draws several valid configurations."""
        return self._samples(self._result(self._sample_call(count, seed)))

    async def asample(self, *, seed: int | None = None) -> dict[str, CanonicalValue]:
        """As :meth:`sample`, to be awaited."""
        return self._samples(await self._awaited(self._sample_call(1, seed)))[0]

    def get_current_values(self) -> dict[str, CanonicalValue]:
        """Returns the values of all parameters as of one revision, those that are not active now included."""
        session = self._bound()
        snapshot = session.select()
        if PREFIX + self.name not in snapshot.documents:
            raise ConfigurationNotFoundError(self.name)
        return {name: snapshot[member] for name, member in self.members.items()}

    @property
    def version(self) -> int:
        """The version of the configuration in the session; it rises with every change of its values."""
        document = self._bound().select().documents.get(PREFIX + self.name)
        if document is None:
            raise ConfigurationNotFoundError(self.name)
        return document.version

    def _bound(self) -> SessionContext:
        if self._session is None:
            raise IllegalCallError(f'space "{self.name}": expected a session, but it was made without one')
        return self._session

    def _future(self, call: Any) -> Future[Any]:
        return self._bound().space_call(call)

    def _result(self, call: Any) -> Any:
        return self._future(call).result()

    async def _awaited(self, call: Any) -> Any:
        return await asyncio.wrap_future(self._future(call))

    def _apply_call(self, values: Mapping[str, object], expected_version: int | None, owner: str | None) -> Any:
        call = SpaceCall()
        call.apply.name = self.name
        _fill(call.apply.changes, values)
        if expected_version is not None:
            call.apply.expected_version = expected_version
        call.apply.context.source = "python"
        if owner is not None:
            call.apply.context.owner = owner
        return call

    def _validate_call(self, values: Mapping[str, object]) -> Any:
        call = SpaceCall()
        call.validate.name = self.name
        _fill(call.validate.values, values)
        return call

    def _sample_call(self, count: int, seed: int | None) -> Any:
        call = SpaceCall()
        call.sample.name = self.name
        call.sample.count = count
        call.sample.seed = secrets.randbits(64) if seed is None else seed & ((1 << 64) - 1)
        return call

    @staticmethod
    def _configuration(answer: Any) -> Configuration:
        return Configuration(answer.version, answer.revision, _values(answer.configurations[0]))

    @staticmethod
    def _samples(answer: Any) -> list[dict[str, CanonicalValue]]:
        return [_values(configuration) for configuration in answer.configurations]

    def _validated(self, answer: Any) -> dict[str, CanonicalValue]:
        if answer.violations:
            raise InvalidConfigurationError(
                (
                    Violation(v.subject, v.expected, v.actual if v.HasField("actual") else None)
                    for v in answer.violations
                ),
                space=self.name,
            )
        return _values(answer.configurations[0])


def _fill(target: Any, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        target[name].CopyFrom(to_wire(value))


def _values(configuration: Any) -> dict[str, CanonicalValue]:
    values = {name: from_wire(value) for name, value in configuration.values.items()}
    return {name: value for name, value in values.items() if value is not None}


class Spaces(Mapping[str, ConfigurationSpace]):
    """The configuration spaces registered in a session, by name, whoever defined them."""

    def __init__(self, session: SessionContext) -> None:
        self._session = session

    def define(self, name: str, *, description: str = "", prefix: str = "") -> ConfigurationSpace:
        """Begins the definition of a space of this session."""
        return ConfigurationSpace(name, self._session, description=description, prefix=prefix)

    def __getitem__(self, name: str) -> ConfigurationSpace:
        documents = self._session.select("*").documents
        document = documents.get(PREFIX + name)
        if document is None:
            raise ConfigurationNotFoundError(
                name, f"{name}: expected a registered configuration space, found only {sorted(self)}"
            )
        if definition_of(document) is None:
            raise UnsupportedError(f"{name}: its rules are functions of the JVM that registered it")
        return ConfigurationSpace.from_json(document.content, self._session)

    def __iter__(self) -> Iterator[str]:
        documents = self._session.select("*").documents
        return iter(sorted(key.removeprefix(PREFIX) for key in documents if key.startswith(PREFIX)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def unregister(self, name: str) -> None:
        """Forgets a space; its variables stay."""
        _ = self[name]
        self._session.space_call(SpaceCall(unregister=name)).result()
