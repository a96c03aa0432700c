"""ConfigurationService: spaces for clients that are neither the JVM nor inside the sidecar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc

from trimtab import _wire
from trimtab._failures import from_failure
from trimtab._members import PREFIX, definition_of, names_of
from trimtab._store import Session
from trimtab._values import to_wire
from trimtab._wire import PACKAGE
from trimtab.exceptions import ConfigurationNotFoundError, UnsupportedError

if TYPE_CHECKING:
    from trimtab._server import Server

HOST_TIMEOUT = 30.0


class ConfigurationService:
    """Answers ConfigurationService; what needs rules is handed to a JVM."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def handler(self) -> Any:
        """Returns the methods for the gRPC server."""
        from trimtab._rpc import unary

        return grpc.method_handlers_generic_handler(
            f"{PACKAGE}.ConfigurationService",
            {
                "Register": unary(self.register, _wire.RegisterConfigurationRequest),
                "Get": unary(self.get, _wire.GetConfigurationRequest),
                "Apply": unary(self.apply, _wire.ApplyConfigurationRequest),
                "CurrentValues": unary(self.get, _wire.GetConfigurationRequest),
                "Sample": unary(self.sample, _wire.SampleConfigurationRequest),
                "Validate": unary(self.validate, _wire.ValidateConfigurationRequest),
                "Unregister": unary(self.unregister, _wire.GetConfigurationRequest),
            },
        )

    def _session(self, request: Any) -> Session:
        from trimtab._server import check_protocol

        check_protocol(request.protocol)
        return self._server.sessions.get(request.session_id)

    async def _ask(self, session: Session, call: Any) -> Any:
        host_call = _wire.HostCall(space=call)
        answer = await self._server.hosts.call(session.session_id, host_call, timeout=HOST_TIMEOUT)
        if answer.HasField("failure"):
            raise from_failure(answer.failure)
        return answer.space

    async def register(self, request: Any) -> Any:
        """Registers a space."""
        session = self._session(request)
        answer = await self._ask(session, _wire.SpaceCall(register=request.definition))
        return _wire.ConfigurationResponse(
            definition=request.definition, version=answer.version, revision=answer.revision
        )

    async def get(self, request: Any) -> Any:
        """Returns a space's definition, version and current values, all of one revision."""
        session = self._session(request)
        snapshot = session.snapshot()
        document = snapshot.documents.get(PREFIX + request.name)
        if document is None:
            raise ConfigurationNotFoundError(request.name)
        definition = definition_of(document)
        if definition is None:
            raise UnsupportedError(f"{request.name}: its rules are functions of the JVM that registered it")
        response = _wire.ConfigurationResponse(
            name=request.name, definition=document.content, version=document.version, revision=snapshot.revision
        )
        for name, member in names_of(definition).items():
            if member in snapshot:
                response.values[name].CopyFrom(to_wire(snapshot[member]))
        return response

    async def apply(self, request: Any) -> Any:
        """Changes values of a space in one step."""
        session = self._session(request)
        call = _wire.SpaceCall()
        call.apply.name = request.name
        for name, value in request.changes.items():
            call.apply.changes[name].CopyFrom(value)
        if request.HasField("expected_version"):
            call.apply.expected_version = request.expected_version
        call.apply.context.CopyFrom(request.context)
        answer = await self._ask(session, call)
        response = _wire.ConfigurationResponse(name=request.name, version=answer.version, revision=answer.revision)
        for name, value in answer.configurations[0].values.items():
            response.values[name].CopyFrom(value)
        return response

    async def sample(self, request: Any) -> Any:
        """Draws valid configurations."""
        session = self._session(request)
        call = _wire.SpaceCall()
        call.sample.name, call.sample.seed, call.sample.count = request.name, request.seed, request.count
        answer = await self._ask(session, call)
        return _wire.SampleConfigurationResponse(configurations=answer.configurations)

    async def validate(self, request: Any) -> Any:
        """Holds a complete configuration against the rules."""
        session = self._session(request)
        call = _wire.SpaceCall()
        call.validate.name = request.name
        for name, value in request.values.items():
            call.validate.values[name].CopyFrom(value)
        answer = await self._ask(session, call)
        response = _wire.ValidateConfigurationResponse(violations=answer.violations)
        for configuration in answer.configurations[:1]:
            for name, value in configuration.values.items():
                response.values[name].CopyFrom(value)
        return response

    async def unregister(self, request: Any) -> Any:
        """Forgets a space; its variables stay."""
        session = self._session(request)
        answer = await self._ask(session, _wire.SpaceCall(unregister=request.name))
        return _wire.ConfigurationResponse(name=request.name, revision=answer.revision)
