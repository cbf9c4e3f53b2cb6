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


def log_request(namespace: str, pod: str, container: str, *, tail: int = 0, previous: bool = False) -> Request:
    """Return the request for a container's log.

    Args:
        namespace: Namespace of the pod.
        pod: Its name.
        container: Its container; an empty name stands for the only one.
        tail: The number of last lines that are wanted, 0 for all.
        previous: Whether the log of the container's last run is meant.
    """
    query = [("container", container), ("previous", "true" if previous else ""), ("tailLines", str(tail or ""))]
    return Request(
        method="GET",
        target=with_query(path_of(PODS, namespace, pod, "log"), query),
        accept="*/*",
        resource="pods",
        name=pod,
        stream=True,
    )
