"""Probes and metrics over HTTP, on a listener of their own."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.tiller.metrics import Metrics


class ProbeServer:
    """Answers ``/readiness``, ``/liveness`` and ``/metrics``.

    Args:
        host: Where to listen, empty for all addresses.
        port: The port, 0 for any.
        metrics: What ``/metrics`` shows.
    """

    def __init__(self, host: str, port: int, metrics: Metrics) -> None:
        class Handler(BaseHTTPRequestHandler):
            wbufsize = -1
            timeout = 10

            def do_GET(self) -> None:
                """Answer one request."""
                path = self.path.partition("?")[0]
                if path == "/metrics":
                    self._answer(200, metrics.text().encode(), "text/plain; version=0.0.4; charset=utf-8")
                elif path in ("/readiness", "/liveness"):
                    self._answer(200, b"")
                else:
                    self._answer(404, b"404 page not found\n", "text/plain; charset=utf-8")

            def _answer(self, code: int, body: bytes, content_type: str = "") -> None:
                self.send_response(code)
                if content_type:
                    self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing: probes come every few seconds."""

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def start(self) -> None:
        """Answer from now on, in a thread."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
