"""A folder of archives as a repository on the network (Helm 2's ``pkg/repo/local.go``).

The index is made anew when the folder has changed since, so that what is copied into it is there at once.
"""

from __future__ import annotations

import html
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from pilothouse.errors import Invalid, PilothouseError, reason_of
from pilothouse.progress import SILENT
from pilothouse.sources.repositories.index import read_index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pilothouse.progress import Reporter

_PAGES = ("/", "/charts/", "/charts/index.html", "/charts/index")
_INDEX = "index.yaml"
_TYPES = {".tgz": "application/x-compressed-tar", ".yaml": "application/x-yaml", ".json": "application/json"}
_PIECE = 1 << 16
_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"


class LocalRepository:
    """A folder and its index.

    Args:
        folder: Where the archives are.
        rebuild: Writes the index.
        reporter: Hears why an index cannot be written.
    """

    def __init__(self, folder: str, rebuild: Callable[[], None], reporter: Reporter = SILENT) -> None:
        self.folder = folder
        self._rebuild = rebuild
        self._reporter = reporter
        self._lock = threading.Lock()
        self._indexed: tuple[tuple[str, int, int], ...] | None = None

    def refresh(self) -> None:
        """Write the index if archives were added, changed or removed since.

        Raises:
            PilothouseError: It cannot be written.
        """
        with self._lock:
            state = tuple(self._archives())
            if state != self._indexed or not os.path.exists(os.path.join(self.folder, _INDEX)):
                self._rebuild()
                self._indexed = state

    def try_refresh(self) -> None:
        """Write the index if that is needed; when it cannot be, the one of before is served."""
        try:
            self.refresh()
        except PilothouseError as error:
            self._reporter.report("warning", f"the index cannot be written: {error.message}")

    def _archives(self) -> Iterator[tuple[str, int, int]]:
        folders = [self.folder, *(each.path for each in _entries(self.folder) if each.is_dir())]
        for each in (each for folder in folders for each in _entries(folder)):
            if each.name.endswith(".tgz"):
                try:
                    found = each.stat()
                except OSError:
                    continue
                yield each.path, found.st_size, found.st_mtime_ns

    def page(self) -> bytes:
        """Return the page that lists the charts.

        Raises:
            PilothouseError: The index cannot be read.
        """
        with open(os.path.join(self.folder, _INDEX), "rb") as file:
            index = read_index(file.read(), helm=3)
        parts = []
        for name, versions in sorted(index.entries.items()):
            shown = "\n  ".join(
                f'\n    <li><a href="{_link(version)}">'
                f"{_escaped(version.get('name'))}-{_escaped(version.get('version'))}</a></li>"
                for version in versions
            ).replace("\n  \n", "\n  \n")
            parts.append(f"\n  <li>{_escaped(name)}<ul>{shown}\n  </ul>\n  </li>\n")
        return (
            "\n<html>\n<head>\n\t<title>Helm Repository</title>\n</head>\n<h1>Helm Charts Repository</h1>\n<ul>\n"
            f"{''.join(parts)}\n</ul>\n<body>\n<p>Last Generated: {_escaped(_shown_time(str(index.generated)))}</p>\n"
            "</body>\n</html>\n"
        ).encode()

    def file(self, path: str) -> str:
        """Return the file that a path of a URL means, empty when there is none that may be shown."""
        inside = path.removeprefix("/charts/").lstrip("/")
        if "\0" in inside or ".." in inside.split("/"):
            return ""
        found = os.path.realpath(os.path.join(self.folder, inside))
        base = os.path.realpath(self.folder)
        return found if found.startswith(base + os.sep) and os.path.isfile(found) else ""


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda each: each.name)
    except OSError:
        return []


def _link(version: dict[str, object]) -> str:
    """Return where a version is found; an address that is no address of a web page is not linked."""
    urls = version.get("urls")
    url = str(urls[0]) if isinstance(urls, list) and urls else ""
    scheme = urlsplit(url).scheme.lower()
    return _escaped(url) if scheme in ("", "http", "https") else "#ZgotmplZ"


def _escaped(value: object) -> str:
    """Return a text as Go's ``html/template`` shows it."""
    text = html.escape(str(value), quote=False)
    return text.replace("+", "&#43;").replace('"', "&#34;").replace("'", "&#39;")


def _shown_time(text: str) -> str:
    """Return a timestamp as Go prints a time."""
    day, _, rest = text.partition("T")
    if rest.endswith("Z"):
        return f"{day} {rest[:-1]} +0000 UTC"
    zone = rest[-6:].replace(":", "")
    return f"{day} {rest[:-6]} {zone} {zone}" if rest else text


def server(repository: LocalRepository, address: str) -> ThreadingHTTPServer:
    """Return a server that listens; it answers when it is told to.

    Args:
        repository: What it serves.
        address: Host and port, such as ``127.0.0.1:8879``.

    Raises:
        Invalid: It cannot listen there; the text is Go's.
    """
    host, colon, port = address.rpartition(":")
    if not colon:
        raise Invalid(f"listen tcp: address {address}: missing port in address")
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise Invalid(f"listen tcp: lookup tcp/{port}: unknown port")

    class Handler(_Handler):
        served = repository

    try:
        return _Server((host.strip("[]"), int(port)), Handler)
    except OSError as error:
        raise Invalid(f"listen tcp {address}: bind: {reason_of(error)}") from error


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    served: LocalRepository
    protocol_version = "HTTP/1.1"
    server_version = "Helm"
    wbufsize = -1
    timeout = 30

    def do_GET(self) -> None:
        """Answer a request."""
        try:
            self._respond()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_HEAD(self) -> None:
        """Answer a request for the head alone."""
        self.do_GET()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _respond(self) -> None:
        path = unquote(self.path.partition("?")[0])
        is_page = path in _PAGES
        if is_page or path.rpartition("/")[2] == _INDEX:
            self.served.try_refresh()
        if is_page:
            try:
                self._send(200, self.served.page(), _HTML)
            except (OSError, PilothouseError) as error:
                self._send(500, f"{error}\n".encode(), _TEXT)
            return
        found = self.served.file(path)
        try:
            file = open(found, "rb") if found else None  # noqa: SIM115 - closed below
        except OSError:
            file = None
        if file is None:
            self._send(404, b"404 page not found\n", _TEXT)
            return
        with file:
            status = os.fstat(file.fileno())
            changed = self.date_time_string(int(status.st_mtime))
            if self.headers.get("If-Modified-Since") == changed:
                self._head(304, {"Last-Modified": changed})
                return
            kind = _TYPES.get(os.path.splitext(found)[1], _TEXT if found.endswith(".prov") else "")
            headers = {"Content-Length": str(status.st_size), "Content-Type": kind or "application/octet-stream"}
            self._head(200, {**headers, "Last-Modified": changed})
            left = status.st_size if self.command == "GET" else 0
            while left and (piece := file.read(min(left, _PIECE))):
                self.wfile.write(piece)
                left -= len(piece)

    def _send(self, code: int, body: bytes, kind: str) -> None:
        more = {"X-Content-Type-Options": "nosniff"} if code >= 400 else {}
        self._head(code, {"Content-Type": kind, **more, "Content-Length": str(len(body))})
        if self.command == "GET":
            self.wfile.write(body)

    def _head(self, code: int, headers: dict[str, str]) -> None:
        self.send_response_only(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Date", self.date_time_string())
        self.end_headers()
