"""Container logs."""

from __future__ import annotations

from pilothouse.kube.requests import Request, with_query
from pilothouse.kube.resources import PODS


def log_request(  # noqa: PLR0913 - the parameters of the API
    namespace: str,
    pod: str,
    *,
    container: str = "",
    follow: bool = False,
    previous: bool = False,
    tail: int | None = None,
    timestamps: bool = False,
) -> Request:
    """Return the request for a container's log (``PodLogOptions``)."""
    parameters = [
        ("container", container),
        ("follow", "true" if follow else ""),
        ("previous", "true" if previous else ""),
        ("tailLines", "" if tail is None else str(tail)),
        ("timestamps", "true" if timestamps else ""),
    ]
    return Request(
        method="GET",
        target=with_query(PODS.path(namespace, pod, "log"), parameters),
        accept="*/*",
        resource="pods",
        name=pod,
        stream=True,
    )
