"""Helm 2's wire types as classes, made from the descriptors that ``scripts/generate-hapi`` writes."""

from __future__ import annotations

import os

from pilothouse.errors import Invalid, Unsupported

try:
    from google.protobuf import descriptor_pb2, message_factory  # type: ignore[import-untyped]  # it ships no types
    from google.protobuf.descriptor_pool import DescriptorPool  # type: ignore[import-untyped]  # the same
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # the same
except ImportError as error:
    raise Unsupported(
        "Helm 2's messages need the packages for gRPC, which are not installed",
        hints=("pip install 'pilothouse[tiller]'",),
    ) from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    #: An instance of one of the classes made here; its fields are those of its descriptor.
    Message = Any
    MessageClass = type[Any]

SERVICE = "hapi.services.tiller.ReleaseService"
HEALTH = "grpc.health.v1.Health"


class MessageInvalid(Invalid):
    """Bytes are no message of the type that they should be."""

    reference = "hapi-message-invalid"


class Call:
    """One call of a service: its name, its types and what streams."""

    __slots__ = ("name", "request", "response", "streams_requests", "streams_responses")

    def __init__(self, descriptor: Message) -> None:
        self.name: str = descriptor.name
        self.request = message_factory.GetMessageClass(descriptor.input_type)
        self.response = message_factory.GetMessageClass(descriptor.output_type)
        self.streams_requests: bool = descriptor.client_streaming
        self.streams_responses: bool = descriptor.server_streaming


def _pool() -> tuple[Message, tuple[str, ...]]:
    path = os.path.join(os.path.dirname(__file__), "descriptors.binpb")
    with open(path, "rb") as file:
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    made = DescriptorPool()
    for one in files.file:
        made.Add(one)
    return made, tuple(one.name for one in files.file)


POOL, _FILES = _pool()


def message_class(name: str) -> MessageClass:
    """Return the class of a type such as ``hapi.release.Release``."""
    found: MessageClass = message_factory.GetMessageClass(POOL.FindMessageTypeByName(name))
    return found


def _every_class(descriptors: Iterable[Message]) -> Iterator[MessageClass]:
    for descriptor in descriptors:
        yield message_factory.GetMessageClass(descriptor)
        yield from _every_class(descriptor.nested_types)


#: Every class, kept for good: protobuf holds those of fields only weakly, drops them when nobody looks and makes them
#: again on use, which threads must not do at the same time.
CLASSES = tuple(
    one for name in _FILES for one in _every_class(POOL.FindFileByName(name).message_types_by_name.values())
)


def calls_of(service: str) -> Mapping[str, Call]:
    """Return the calls of a service by name."""
    return {method.name: Call(method) for method in POOL.FindServiceByName(service).methods}


def parse(kind: MessageClass, data: bytes) -> Message:
    """Return the message in ``data``.

    Raises:
        MessageInvalid: It is none of this type.
    """
    try:
        return kind.FromString(data)
    except DecodeError as error:
        raise MessageInvalid(f"proto: cannot parse {kind.DESCRIPTOR.full_name}: {error}") from error


def serialize(message: Message) -> bytes:
    """Return a message's bytes, entries of maps in the order of their keys."""
    data: bytes = message.SerializeToString(deterministic=True)
    return data


def copy_of(message: Message) -> Message:
    """Return a message of the same type with the same fields."""
    made = type(message)()
    made.CopyFrom(message)
    return made


def enum_name(kind: MessageClass, enum: str, number: int) -> str:
    """Return the name of an enum's value, its number as text when it has none (``proto.EnumName``)."""
    found = kind.DESCRIPTOR.enum_types_by_name[enum].values_by_number.get(number)
    return str(number) if found is None else str(found.name)


ChartMessage = message_class("hapi.chart.Chart")
ConfigMessage = message_class("hapi.chart.Config")
ReleaseMessage = message_class("hapi.release.Release")
StatusMessage = message_class("hapi.release.Status")
HookMessage = message_class("hapi.release.Hook")
TestRunMessage = message_class("hapi.release.TestRun")
TestSuiteMessage = message_class("hapi.release.TestSuite")
