"""Plugins in WebAssembly do what they do under the real Helm 4, and no more than their manifest allows."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from functional.registry_server import Program, ours

wasmtime = pytest.importorskip("wasmtime")
MODULE = Path(__file__).with_name("wasm_module.wat")
CONFIGS: dict[str, dict[str, object]] = {"cli/v1": {}, "getter/v1": {"protocols": ["my"]}, "postrenderer/v1": {}}
_TRACE = re.compile(r"wasm stack trace:\n(\t.*\n)*")


def assembled(text: str) -> bytes:
    """Return a module's bytes."""
    return bytes(wasmtime.wat2wasm(text))


@pytest.fixture(scope="module")
def module() -> bytes:
    """The module whose functions are the cases."""
    return assembled(MODULE.read_text())


@pytest.fixture
def pair(tmp_path: Path, helm4: str) -> tuple[Program, Program]:
    """Ours and the real program."""
    return ours(tmp_path / "ours"), Program((helm4,), tmp_path / "real")


def place(helm: Program, code: bytes, config: dict[str, object], kind: str = "cli/v1") -> None:
    """Put a plugin into a home."""
    folder = helm.place / ".local" / "share" / "helm" / "plugins" / "w"
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {"apiVersion": "v1", "name": "w", "type": kind, "runtime": "extism/v1", "version": "1.0.0"}
    described = {**manifest, "config": CONFIGS[kind], "runtimeConfig": config}
    (folder / "plugin.yaml").write_text(json.dumps(described))
    (folder / "plugin.wasm").write_bytes(code)


def masked(found: tuple[int, str, str]) -> tuple[int, str, str]:
    """Return what a command did without wazero's stack and Go's view of the plugin."""
    code, output, errors = found
    return code, output, re.sub(r"plugin &\{\{.*\}\)\} failed", 'plugin "w" failed', _TRACE.sub("", errors))


def same(pair: tuple[Program, Program], code: bytes, config: dict[str, object], *words: str, kind: str) -> str:
    """Run a plugin with both programs, compare, and return what was said."""
    found = []
    for helm in pair:
        place(helm, code, config, kind)
        found.append(masked(helm.run(*words, stdin="typed")))
    assert found[0] == found[1], config
    return found[0][1] + found[0][2]


ENTRIES = (
    *("fetch", "manifests", "silent", "bare", "two", "wrong_output", "fails", "fails_zero", "exit3", "exit0", "trap"),
    *("divide", "outside", "deep", "config", "variables", "http", "blocks", "none", "tell"),
)
NAMED: list[dict[str, object]] = [{"entryFuncName": name} for name in ENTRIES]
CASES: tuple[dict[str, object], ...] = (
    {},
    *NAMED,
    {"entryFuncName": "config", "config": {"key": "value"}},
    {"entryFuncName": "variables", "memory": {"maxVarBytes": 100}},
    {"entryFuncName": "variables", "memory": {"maxVarBytes": 20}},
    {"entryFuncName": "endless", "timeout": 300},
    {"entryFuncName": "blocks", "memory": {"maxPages": 4}},
    {"entryFuncName": "blocks", "memory": {"maxPages": 16}},
    {"entryFuncName": "http", "config": {"key": "["}},
    {"entryFuncName": "silent", "hostFunctions": ["f"]},
    {"entryFuncName": "file", "fileSystem": {"createTempDir": True}},
)


@pytest.mark.parametrize("config", CASES, ids=[json.dumps(case) for case in CASES])
def test_commands(config: dict[str, object], pair: tuple[Program, Program], module: bytes) -> None:
    """Arguments, streams, configuration, memory, time and every way to fail are those of the real program."""
    same(pair, module, config, "w", "a", "--b=c", "--namespace", "x", kind="cli/v1")


WRONG: tuple[bytes | str, ...] = (
    b"nonsense",
    '(module (import "env" "f" (func)) (func (export "helm_plugin_main")))',
    '(module (import "extism:host/env" "nope" (func)) (func (export "helm_plugin_main")))',
    '(module (func (export "helm_plugin_main") (param i32)))',
    '(module (memory (export "memory") 30) (func (export "helm_plugin_main")))',
    '(module (func (export "_initialize") unreachable) (func (export "helm_plugin_main")))',
)


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_wrong_modules(number: int, pair: tuple[Program, Program]) -> None:
    """A module that cannot be started says why in the real program's words."""
    code = WRONG[number]
    config: dict[str, object] = {"memory": {"maxPages": 20}}
    same(pair, code if isinstance(code, bytes) else assembled(code), config, "w", kind="cli/v1")


def test_environment(tmp_path: Path, module: bytes) -> None:
    """A command sees the caller's environment and Helm's settings; a getter Helm's alone."""
    helm = ours(tmp_path)
    place(helm, module, {"entryFuncName": "environment"})
    output = helm.must("w", "--namespace", "chosen")
    assert "HELM_NAMESPACE=chosen\0" in output
    assert f"HOME={'<place>'}\0" in output


@pytest.fixture
def chart(tmp_path: Path) -> str:
    """A chart that shows a value."""
    folder = tmp_path / "c" / "templates"
    folder.mkdir(parents=True)
    (folder.parent / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 0.1.0\n")
    (folder / "x.yaml").write_text("kind: A\na: {{ .Values.a }}\n")
    return str(folder.parent)


@pytest.mark.parametrize("entry", ["fetch", "bare", "fails", "trap", "silent", "wrong_output", "tell"])
def test_getters(entry: str, pair: tuple[Program, Program], module: bytes, chart: str) -> None:
    """A getter's bytes come in Base64."""
    words = ("template", chart, "-f", "my://x/values.yaml")
    said = same(pair, module, {"entryFuncName": entry}, *words, kind="getter/v1")
    assert ("a: from-wasm" in said) == (entry == "fetch")


@pytest.mark.parametrize("entry", ["manifests", "fails", "trap", "silent", "tell"])
def test_post_renderers(entry: str, pair: tuple[Program, Program], module: bytes, chart: str) -> None:
    """Helm's post-renderers get no manifest and give none."""
    words = ("template", chart, "--set", "a=1", "--post-renderer", "w", "--post-renderer-args", "x")
    same(pair, module, {"entryFuncName": entry}, *words, kind="postrenderer/v1")


class Answers(BaseHTTPRequestHandler):
    """Says hello, or sends elsewhere."""

    def do_GET(self) -> None:
        """Answer."""
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        content = f"hello {self.headers.get('X-A')}".encode()
        self.send_response(302 if self.path == "/away" else 200)
        if self.path == "/away":
            self.send_header("Location", "http://localhost:1/reached")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return always the same."""
        del timestamp
        return "now"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """A web server on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        running.asked = []  # type: ignore[attr-defined]
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def test_hosts(pair: tuple[Program, Program], module: bytes, server: ThreadingHTTPServer) -> None:
    """A plugin speaks to hosts that its manifest names, and hears no more than that allows."""
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    config = {"key": json.dumps({"url": address, "headers": {"X-A": "b"}})}
    for hosts, size in (([], 100), (["other"], 100), (["127.*"], 100), (["127.0.0.1"], 3), (["127.0.0.1"], 0)):
        limits = {"allowedHosts": hosts, "memory": {"maxHttpResponseBytes": size}}
        same(pair, module, {"entryFuncName": "http", "config": config, **limits}, "w", kind="cli/v1")
    nobody = {"key": json.dumps({"url": "http://127.0.0.1:1/"})}
    same(pair, module, {"entryFuncName": "http", "config": nobody, "allowedHosts": ["*"]}, "w", kind="cli/v1")


def test_redirects(tmp_path: Path, module: bytes, server: ThreadingHTTPServer) -> None:
    """A host that is allowed does not lead a plugin to one that is not."""
    helm = ours(tmp_path)
    address = f"http://127.0.0.1:{server.server_address[1]}/away"
    config = {"key": json.dumps({"url": address})}
    limits = {"allowedHosts": ["127.0.0.1"], "memory": {"maxHttpResponseBytes": 100}}
    place(helm, module, {"entryFuncName": "http", "config": config, **limits})
    code, _, errors = helm.run("w")
    assert (code, "is not allowed" in errors) == (1, True)
    assert server.asked == ["/away"]  # type: ignore[attr-defined]


def test_sandbox(tmp_path: Path, module: bytes) -> None:
    """Its own folder is all that a plugin sees of the disk, and it is gone afterwards; exit codes are handed on."""
    helm = ours(tmp_path)
    place(helm, module, {"entryFuncName": "file", "fileSystem": {"createTempDir": True}})
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    code, _, errors = helm.run("w", variables={"TMPDIR": str(temporary)})
    assert (code, errors) == (0, "")
    assert os.listdir(temporary) == []
    place(helm, module, {"entryFuncName": "file"})
    assert helm.run("w")[0] == 8  # EBADF: there is no folder to open anything in
    place(helm, module, {"entryFuncName": "code"})
    assert helm.run("w")[0] == 7
