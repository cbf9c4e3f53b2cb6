"""Small pages over HTTP, on a listener of their own: what probes, metrics and traces are read from."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    #: What makes a page when it is asked for, and its media type; empty for none.
    Page = tuple[Callable[[], str], str]

TEXT = "text/plain; charset=utf-8"
_MISSING = "404 page not found\n"


class PageServer:
    """Answers ``GET`` for the paths that there are pages for.

    Args:
        host: Where to listen, empty for all addresses.
        port: The port, 0 for any.
        pages: The pages by path.
    """

    def __init__(self, host: str, port: int, pages: Mapping[str, Page]) -> None:
        class Handler(BaseHTTPRequestHandler):
            wbufsize = -1
            timeout = 10

            def do_GET(self) -> None:
                """Answer one request."""
                page = pages.get(self.path.partition("?")[0])
                make, kind = page or (lambda: _MISSING, TEXT)
                body = make().encode()
                self.send_response(200 if page else 404)
                if kind:
                    self.send_header("Content-Type", kind)
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
