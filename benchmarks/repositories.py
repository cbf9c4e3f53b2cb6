"""Repositories: searching and resolving in an index of 50,000 versions, indexing 1,000 archives, packaging."""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from turns import OURS, REAL, Turns, heading, row

CHARTS, VERSIONS, ARCHIVES = 500, 100, 1000
ENTRY = """  - annotations:
      category: Application
      licenses: Apache-2.0
    apiVersion: v2
    appVersion: {version}
    created: "2024-05-06T07:08:09.123456789Z"
    description: {name} serves whoever asks for it, as large as it is wanted
    digest: {digest}
    home: https://charts.example.com/{name}
    keywords:
    - {name}
    - server
    maintainers:
    - email: somebody@example.com
      name: Somebody
    name: {name}
    sources:
    - https://git.example.com/{name}
    urls:
    - {name}-{version}.tgz
    version: {version}
"""


def measure(turns: Turns) -> None:
    """Print the rows."""
    heading()
    turns.once(REAL, ["create", "shop"])
    row("`helm package`", turns.pair(["package", "shop"]))
    archives = turns.folder / "archives"
    archives.mkdir()
    for number in range(ARCHIVES):
        (archives / f"many{number}-1.0.0.tgz").write_bytes(_archive(f"many{number}", "1.0.0"))
    index = archives / "index.yaml"
    row(
        f"`helm repo index` of {ARCHIVES} archives",
        turns.pair(["repo", "index", "archives"], before=lambda: index.unlink(missing_ok=True)),
    )
    _with_large_index(turns)


def _with_large_index(turns: Turns) -> None:
    served = turns.folder / "served"
    served.mkdir()
    wanted = [("chart10", "1.50.0"), ("chart200", "1.99.0"), ("chart499", "1.0.0")]
    digests = {}
    for name, version in wanted:
        archive = _archive(name, version)
        (served / f"{name}-{version}.tgz").write_bytes(archive)
        digests[name, version] = hashlib.sha256(archive).hexdigest()
    with (served / "index.yaml").open("w") as file:
        file.write("apiVersion: v1\nentries:\n")
        for chart in range(CHARTS):
            name = f"chart{chart}"
            file.write(f"  {name}:\n")
            for number in reversed(range(VERSIONS)):
                version = f"1.{number}.0"
                digest = digests.get((name, version), hashlib.sha256(f"{name}{version}".encode()).hexdigest())
                file.write(ENTRY.format(name=name, version=version, digest=digest))
        file.write('generated: "2024-05-06T07:08:09.123456789Z"\n')
    with _serving(served) as url:
        for program in (OURS, REAL):
            turns.once(program, ["repo", "add", "large", url])
        row("`helm repo update`, a changed index", turns.pair(["repo", "update"], before=lambda: _change(served)))
        row("`helm repo update`, the same index", turns.pair(["repo", "update"]))
        turns.once(OURS, ["search", "repo", "chart10"])
        row(f"`helm search repo`, {CHARTS * VERSIONS} versions", turns.pair(["search", "repo", "chart10"]))
        row("`helm search repo -l` of a word in all", turns.pair(["search", "repo", "-l", "server"]))
        _needy(turns.folder / "needy", url, wanted)
        update = ["dependency", "update", "needy"]
        row("`helm dependency update`, a changed index", turns.pair(update, before=lambda: _change(served)))
        row("`helm dependency update`, the same index", turns.pair(update))
        skip = ["dependency", "update", "needy", "--skip-refresh"]
        row("`helm dependency update --skip-refresh`", turns.pair(skip))


def _change(served: Path) -> None:
    """Give the index another content."""
    with (served / "index.yaml").open("a") as file:
        file.write("# changed\n")


def _needy(folder: Path, url: str, wanted: list[tuple[str, str]]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    text = "apiVersion: v2\nname: needy\nversion: 0.1.0\ndependencies:\n"
    text += "".join(f"- name: {name}\n  version: {version}\n  repository: {url}\n" for name, version in wanted)
    (folder / "Chart.yaml").write_text(text)


def _archive(name: str, version: str) -> bytes:
    plain = io.BytesIO()
    files = {
        "Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\ndescription: The chart {name}\n",
        "values.yaml": "size: 1\nimage: {repository: nginx, tag: '1'}\n",
        "templates/object.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Chart.Name }}'}\n",
        "README.md": f"# {name}\n" + "It serves whoever asks for it.\n" * 100,
    }
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(plain.getvalue(), mtime=0)


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - as the class calls it
        """Say nothing."""


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *arguments: _Handler(*arguments, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
