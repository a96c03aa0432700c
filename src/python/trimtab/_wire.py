"""The messages of the bridge's protocol, made at run time from ``bridge.desc``.

Generated ``_pb2`` modules refuse every protobuf older than their generator; a sidecar lives in its user's environment, where other
packages pin protobuf 5 or 6. A serialized FileDescriptorSet works with all of them and is as fast. It is loaded into a pool of its
own, so that it cannot clash with messages of the same name elsewhere.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "trimtab.bridge.v1"
PROTOCOL = (1, 0)
MAX_MESSAGE = 64 << 20

_pool = descriptor_pool.DescriptorPool()
_set = descriptor_pb2.FileDescriptorSet.FromString(files("trimtab").joinpath("bridge.desc").read_bytes())
for _file in _set.file:
    _pool.Add(_file)


def message(name: str) -> Any:
    """Returns the class of a message by its simple name."""
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))


def enum_values(name: str) -> dict[str, int]:
    """Returns the numbers of an enum by the names of its values."""
    return {value.name: value.number for value in _pool.FindEnumTypeByName(f"{PACKAGE}.{name}").values}


Value = message("Value")
Tensor = message("Tensor")
VariableDefinition = message("VariableDefinition")
ConfigurationValues = message("ConfigurationValues")

Failure = message("Failure")
NamedFailure = message("NamedFailure")
Lease = message("Lease")

ClientFrame = message("ClientFrame")
ServerFrame = message("ServerFrame")
Operation = message("Operation")
Result = message("Result")
Commit = message("Commit")
SetColumns = message("SetColumns")
Event = message("Event")
Part = message("Part")
VariableRecord = message("VariableRecord")
HistoryRecord = message("HistoryRecord")
DocumentRecord = message("DocumentRecord")
ProtocolVersion = message("ProtocolVersion")
Position = message("Position")
ExecuteRequest = message("ExecuteRequest")
ExecuteResponse = message("ExecuteResponse")
ExportRequest = message("ExportRequest")
ImportRequest = message("ImportRequest")
ImportResponse = message("ImportResponse")

RegisterConfigurationRequest = message("RegisterConfigurationRequest")
GetConfigurationRequest = message("GetConfigurationRequest")
ApplyConfigurationRequest = message("ApplyConfigurationRequest")
SampleConfigurationRequest = message("SampleConfigurationRequest")
ValidateConfigurationRequest = message("ValidateConfigurationRequest")
ConfigurationResponse = message("ConfigurationResponse")
SampleConfigurationResponse = message("SampleConfigurationResponse")
ValidateConfigurationResponse = message("ValidateConfigurationResponse")

HostCall = message("HostCall")
HostAnswer = message("HostAnswer")
SpaceCall = message("SpaceCall")

REASONS = enum_values("Reason")
REASON_NAMES = {number: name for name, number in REASONS.items()}


def varint(number: int) -> bytes:
    """Encodes an unsigned 64-bit integer as protobuf does; of numbers that count up, only the last seven bits are new each time."""
    return _LAST[number] if number < 0x80 else _MORE[number & 0x7F] + _rest(number >> 7)


@lru_cache(maxsize=4096)
def _rest(number: int) -> bytes:
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


_LAST = [bytes((i,)) for i in range(0x80)]
_MORE = [bytes((i | 0x80,)) for i in range(0x80)]


def field(tag: bytes, content: bytes) -> bytes:
    """Encodes one length-delimited field; ``tag`` is field number and wire type as they are written."""
    return tag + varint(len(content)) + content


# Fields of ServerFrame. A frame is the concatenation of its fields, so an event is encoded once for all who are told of it.
FRAME_PART = b"\x12"
FRAME_EVENT = b"\x1a"
FRAME_RESULT = b"\x22"
FRAME_REVISION = b"\x38"
