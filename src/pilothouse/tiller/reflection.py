"""gRPC server reflection: what tools ask to learn of services and messages."""

from __future__ import annotations

from contextlib import suppress

from pilothouse.hapi.messages import HEALTH, POOL, SERVICE, calls_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.hapi.messages import Message

SERVICES = tuple(f"grpc.reflection.{version}.ServerReflection" for version in ("v1alpha", "v1"))
CALL = "ServerReflectionInfo"
_NOT_FOUND = 5


def answers(service: str, requests: Iterator[Message]) -> Iterator[Message]:
    """Yield an answer for each request of one stream.

    Args:
        service: The version of reflection that was asked.
        requests: The requests.
    """
    kind = calls_of(service)[CALL].response
    for request in requests:
        answer = kind(valid_host=request.host)
        answer.original_request.CopyFrom(request)
        _fill(answer, request)
        yield answer


def _fill(answer: Message, request: Message) -> None:
    what = request.WhichOneof("message_request")
    if what == "list_services":
        for name in (SERVICE, HEALTH, *SERVICES):
            answer.list_services_response.service.add(name=name)
        return
    file = None
    with suppress(KeyError):
        if what == "file_by_filename":
            file = POOL.FindFileByName(request.file_by_filename)
        elif what == "file_containing_symbol":
            file = POOL.FindFileContainingSymbol(request.file_containing_symbol)
    if file is None:
        answer.error_response.error_code = _NOT_FOUND
        answer.error_response.error_message = f"{what} not found"
        return
    answer.file_descriptor_response.file_descriptor_proto.extend(_with_dependencies(file))


def _with_dependencies(file: Message) -> list[bytes]:
    """Return the serialized descriptors of a file and of all files that it needs."""
    found: dict[str, bytes] = {}

    def visit(one: Message) -> None:
        if one.name not in found:
            found[one.name] = one.serialized_pb
            for dependency in one.dependencies:
                visit(dependency)

    visit(file)
    return list(found.values())
