"""A chart repository on loopback, for tests."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Seen:
    """A request that arrived."""

    path: str
    headers: dict[str, str]
    status: int


@dataclass
class Repository:
    """What a server holds and what it was asked.

    Attributes:
        files: Content by path.
        redirects: Where paths are sent on to.
        login: User name and password that are asked for, nothing for none.
        types: Content types by path.
        etags: Whether answers carry an ETag and conditions are heeded.
        cut: Paths whose answers end half way.
        drops: How often a path's connection is dropped before it is answered.
        seen: The requests, in order.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    login: tuple[str, str] | None = None
    etags: bool = False
    cut: set[str] = field(default_factory=set)
    drops: dict[str, int] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    url: str = ""

    def asked(self, path: str) -> list[Seen]:
        """Return the requests for a path."""
        return [one for one in self.seen if one.path == path]


class _Handler(BaseHTTPRequestHandler):
    repository: Repository
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self) -> None:
        """Answer."""
        repository = self.repository
        path = self.path.partition("?")[0]
        if repository.drops.get(path, 0) > 0:
            repository.drops[path] -= 1
            self.close_connection = True
            self.connection.close()
            return
        status, headers, body = self._answer(path)
        repository.seen.append(Seen(path, {name.lower(): value for name, value in self.headers.items()}, status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if path in repository.cut:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif status != 304:
            self.wfile.write(body)

    def _answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        repository = self.repository
        if repository.login is not None:
            wanted = "Basic " + base64.b64encode(":".join(repository.login).encode()).decode()
            if self.headers.get("Authorization") != wanted:
                return 401, {"WWW-Authenticate": 'Basic realm="charts"'}, b""
        if path in repository.redirects:
            return 302, {"Location": repository.redirects[path]}, b""
        if path not in repository.files:
            return 404, {}, b"not here"
        body = repository.files[path]
        if not repository.etags:
            return 200, {"Content-Type": repository.types[path]} if path in repository.types else {}, body
        etag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
        if self.headers.get("If-None-Match") == etag:
            return 304, {"ETag": etag}, b""
        return 200, {"ETag": etag}, body

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def serving(repository: Repository) -> Iterator[Repository]:
    """Serve a repository on loopback."""
    handler = type("Handler", (_Handler,), {"repository": repository})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=lambda: server.serve_forever(0.02))
        thread.start()
        repository.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield repository
        finally:
            server.shutdown()
            thread.join()


def chart(name: str, version: str, *, chart_file: str = "", files: dict[str, str] | None = None) -> bytes:
    """Return the archive of a small chart, the same each time."""
    content = {
        "Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\ndescription: The chart {name}\n{chart_file}",
        "values.yaml": "size: 1\n",
        "templates/object.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Chart.Name }}}\n"
        "data: {version: {{ .Chart.Version | quote }}, size: {{ .Values.size | quote }}}\n",
        **(files or {}),
    }
    content = {
        path: text.replace("{name: {{", "{name: '{{").replace("Name }}}", "Name }}'}") for path, text in content.items()
    }
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for path, text in content.items():
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(plain.getvalue(), mtime=0)


def index(entries: list[tuple[str, str, str, bytes]], *, extra: str = "") -> bytes:
    """Return an index of charts: name, version, URL and archive of each."""
    lines = ["apiVersion: v1", "entries:"]
    for name in sorted({entry[0] for entry in entries}):
        lines.append(f"  {name}:")
        for _, version, url, archive in (entry for entry in entries if entry[0] == name):
            lines += [
                "  - apiVersion: v2",
                f"    appVersion: {version}-app",
                '    created: "2024-01-02T03:04:05.678901234Z"',
                f"    description: The chart {name}, for testing",
                f"    digest: {hashlib.sha256(archive).hexdigest()}",
                "    keywords:",
                "    - testing",
                f"    - kind-{name}",
                f"    name: {name}",
                "    urls:",
                f"    - {url}",
                f"    version: {version}",
            ]
    lines.append('generated: "2024-01-02T03:04:05.678901234Z"')
    return ("\n".join(lines) + "\n" + extra).encode()


def filled(*charts: tuple[str, str]) -> dict[str, bytes]:
    """Return the files of a repository with charts of given names and versions, their URLs relative."""
    archives = [(name, version, chart(name, version)) for name, version in charts]
    files = {f"/{name}-{version}.tgz": data for name, version, data in archives}
    files["/index.yaml"] = index([(name, version, f"{name}-{version}.tgz", data) for name, version, data in archives])
    return files
