"""Plugins from Git, Mercurial, Subversion and Bazaar, through their real programs, as the real helm takes them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from functional.registry_server import Program, ours

IDENTITY = {
    "HGUSER": "a",
    "BZR_EMAIL": "a <a@x>",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@x",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@x",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}
#: Commands that begin a repository, and that make a version of what lies in it.
STEPS = {
    "git": ("git init -q -b main .", "git add .", "git commit -qm VERSION", "git tag vVERSION"),
    "hg": ("hg init -q .", "hg add -q", "hg ci -qm VERSION", "hg tag vVERSION"),
    "bzr": ("bzr init -q .", "bzr add -q", "bzr ci -qm VERSION", "bzr tag -q vVERSION"),
    "svn": ("true", "svn add -q --force .", "svn ci -qm VERSION"),
}


def run(folder: Path, line: str) -> None:
    """Run a program of version control."""
    variables = {"HOME": str(folder.parent), "LANG": "C.UTF-8", "PATH": os.environ["PATH"], **IDENTITY}
    subprocess.run(line.split(), cwd=folder, env=variables, check=True, capture_output=True)


def repository(kind: str, folder: Path) -> Path:
    """Make a repository with two versions of a plugin that has the name of its program."""
    if shutil.which(kind) is None:
        pytest.skip(f"{kind} is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    begin, *version_steps = STEPS[kind]
    run(folder, begin)
    for version in ("1.0.0", "1.1.0"):
        (folder / "plugin.yaml").write_text(f"name: {kind}\nversion: {version}\ncommand: echo\n")
        for step in version_steps:
            run(folder, step.replace("VERSION", version))
    return folder


@pytest.fixture(params=["4", "3"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Program, Program]:
    """Ours and the real program of a generation, each with a home of its own."""
    generation = int(request.param)
    real: str = request.getfixturevalue(f"helm{generation}")
    return ours(tmp_path / "ours", generation), Program((real,), tmp_path / "real", generation)


def same(pair: tuple[Program, Program], *words: str) -> tuple[int, str, str]:
    """Run a command with both programs and return what both said."""
    words = tuple(word for word in words if word != "--verify=false" or pair[0].generation == 4)
    found = []
    for program in pair:
        code, output, errors = program.run(*words, variables=IDENTITY)
        place = str(program.place)
        found.append((code, output.replace(place, "HOME"), errors.replace(place, "HOME")))
    assert found[0] == found[1], words
    return found[0]


@pytest.mark.parametrize("kind", ["git", "hg", pytest.param("bzr", marks=pytest.mark.slow)])
def test_versions(kind: str, pair: tuple[Program, Program], tmp_path: Path) -> None:
    """Versions, constraints, updates and refusals end as with the real program, and so do the folders."""
    url = f"file://{repository(kind, tmp_path / 'src' / kind)}"
    versions = ("v1.0.0", "^1", ">3", "nope", "") if kind == "git" else ("^1", "nope")
    for version in versions if pair[0].generation == 4 or kind == "git" else versions[:1]:
        same(pair, "plugin", "install", url, "--verify=false", f"--version={version}")
        same(pair, "plugin", "list")
        same(pair, "plugin", "update", kind)
        if version != "":
            same(pair, "plugin", "uninstall", kind)
    kept = [program.place / ".local" / "share" / "helm" / "plugins" for program in pair]
    for folder in kept:
        if (folder / kind).exists():
            (folder / kind / "plugin.yaml").write_text("name: changed\n")
    same(pair, "plugin", "update", kind, "changed")
    assert sorted(os.listdir(kept[0])) == sorted(os.listdir(kept[1]))
    caches = [sorted(os.listdir(program.place / ".cache" / "helm" / "plugins")) for program in pair]
    assert caches[0] == caches[1]


@pytest.fixture
def subversion(tmp_path: Path) -> Iterator[str]:
    """A Subversion server on loopback."""
    if shutil.which("svnserve") is None:
        pytest.skip("subversion is not installed")
    root = tmp_path / "root"
    root.mkdir()
    run(tmp_path, f"svnadmin create {root}/s.svn")
    run(tmp_path, f"svn co -q file://{root}/s.svn {tmp_path}/svn")
    repository("svn", tmp_path / "svn")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = ["svnserve", "-d", "--foreground", "-r", str(root), "--listen-host", "127.0.0.1", "--listen-port", str(port)]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(1000):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"svn://127.0.0.1:{port}"
        finally:
            process.terminate()


def test_subversion(pair: tuple[Program, Program], subversion: str) -> None:
    """Revisions are versions; there are no tags."""
    for version in ("1", "7", "^1", "--config-option=a:b:c=d", ""):
        same(pair, "plugin", "install", f"{subversion}/s.svn", "--verify=false", f"--version={version}")
        same(pair, "plugin", "list")
        same(pair, "plugin", "update", "svn")
        same(pair, "plugin", "uninstall", "svn")
    same(pair, "plugin", "install", f"{subversion}/none.svn", "--verify=false")


class Pages(BaseHTTPRequestHandler):
    """Answers with a page that names a repository, an archive's media type, or nothing."""

    def do_HEAD(self) -> None:
        """Say what is there."""
        self._answer(b"")

    def do_GET(self) -> None:
        """Say it and show it."""
        host = self.headers["Host"]
        import_path, kind, url = {
            "/git": (f"{host}/git", "git", self.server.repository),  # type: ignore[attr-defined]
            "/other": (f"{host}/elsewhere", "git", "https://x/y"),
            "/program": (f"{host}/program", "git", "ext::sh -c touch% x"),
            "/option": (f"{host}/option", "hg", "--config=alias.clone=!touch"),
            "/unknown": (f"{host}/unknown", "cvs", "https://x/y"),
        }.get(self.path.partition("?")[0], ("", "", ""))
        self._answer(
            f'<html><head><META NAME="x"><meta name="go-import" content="{import_path} {kind} {url}"></head>'.encode()
        )

    def _answer(self, content: bytes) -> None:
        self.send_response(200 if self.path != "/none" else 404)
        self.send_header("Content-Type", "application/gzip" if self.path == "/archive" else "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def pages() -> Iterator[ThreadingHTTPServer]:
    """A web server on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


UNDETECTED = (
    "nope",
    "hg::nope",
    "a b",
    "http://[",
    "ext::sh -c touch% x",
    "ssh://h/x.ftp",
    "hg://h/x",
    "file:///nowhere",
    "https://github.com/a",
)


def test_other_sources(pair: tuple[Program, Program], pages: ThreadingHTTPServer) -> None:
    """A host that is no known server of repositories is asked what it has; without an answer Helm's words say so."""
    address = f"http://127.0.0.1:{pages.server_address[1]}"
    for source in (*UNDETECTED, *(f"{address}/{name}" for name in ("none", "archive", "other", "unknown", "none.git"))):
        code, _, errors = same(pair, "plugin", "install", source, "--verify=false")
        assert (code, "Error: " in errors) == (1, True), source


def test_go_imports(pair: tuple[Program, Program], pages: ThreadingHTTPServer) -> None:
    """What a server names is a repository elsewhere, never a program, an option or a file here."""
    helm = pair[0]
    address = f"http://127.0.0.1:{pages.server_address[1]}"
    pages.repository = f"{address}/none.git"  # type: ignore[attr-defined]
    same(pair, "plugin", "install", f"{address}/git", "--verify=false")
    for name in ("program", "option"):
        words = ("plugin", "install", f"{address}/{name}", *(("--verify=false",) if helm.generation == 4 else ()))
        code, _, errors = helm.run(*words)
        assert (code, errors.strip().endswith("Cannot detect VCS")) == (1, True), errors
    assert os.listdir(helm.work) == []


def test_missing_programs(pair: tuple[Program, Program], tmp_path: Path) -> None:
    """Without the program of a repository Helm's words name it."""
    (tmp_path / "src" / ".hg").mkdir(parents=True)
    found = []
    for program in pair:
        words = (
            "plugin",
            "install",
            f"file://{tmp_path}/src",
            *(("--verify=false",) if program.generation == 4 else ()),
        )
        found.append(program.run(*words, variables={"PATH": str(tmp_path)}))
    assert found[0] == found[1]
    assert "hg is not installed" in found[0][2]
