"""Container logs."""

from __future__ import annotations

import codecs

from pilothouse.kube.requests import Request, with_query
from pilothouse.kube.resources import PODS, path_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.kube.connections import Stream


def texts(stream: Stream) -> Iterator[str]:
    """Yield a stream as text; a letter is never cut in two, and bytes that are no UTF-8 become U+FFFD."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for piece in stream.pieces():
        text = decoder.decode(piece)
        if text:
            yield text
    rest = decoder.decode(b"", final=True)
    if rest:
        yield rest


def log_request(namespace: str, pod: str, container: str) -> Request:
    """Return the request for a container's log; an empty name stands for the only one."""
    return Request(
        method="GET",
        target=with_query(path_of(PODS, namespace, pod, "log"), [("container", container)]),
        accept="*/*",
        resource="pods",
        name=pod,
        stream=True,
    )
