"""Probes and metrics over HTTP, on a listener of their own."""

from __future__ import annotations

from pilothouse.tiller.pages import PageServer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.tiller.metrics import Metrics
    from pilothouse.tiller.pages import Page


class ProbeServer(PageServer):
    """Answers ``/readiness``, ``/liveness`` and ``/metrics``.

    Args:
        host: Where to listen, empty for all addresses.
        port: The port, 0 for any.
        metrics: What ``/metrics`` shows.
    """

    def __init__(self, host: str, port: int, metrics: Metrics) -> None:
        pages: dict[str, Page] = {
            "/metrics": (metrics.text, "text/plain; version=0.0.4; charset=utf-8"),
            **dict.fromkeys(("/readiness", "/liveness"), (str, "")),
        }
        super().__init__(host, port, pages)
