"""A plugin's program gets Helm's environment and arguments, and its end is Helm's."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pilothouse.plugins.completion import dynamic_offers, paired_flags, static_offers
from pilothouse.plugins.discovery import Plugin, load_plugin
from pilothouse.plugins.errors import PluginFailed, RuntimeMissing
from pilothouse.plugins.post_renderers import program_post_renderer
from pilothouse.plugins.run import run_command, run_getter, run_hook, run_post_renderer
from pilothouse.transport.access import Access

VARIABLES = {"PATH": os.defpath, "OUT": "out"}


def made(folder: Path, text: str, script: str, name: str = "run.sh") -> Plugin:
    """Return a plugin with one program."""
    (folder / "plugin.yaml").write_text(text)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return load_plugin(str(folder))


def test_command(tmp_path: Path) -> None:
    """Arguments and variables arrive; the exit code of a failure is Helm's."""
    text = 'name: a\ncommand: "$HELM_PLUGIN_DIR/run.sh own $OUT"\n'
    plugin = made(tmp_path, text, 'echo "$HELM_PLUGIN_NAME:$*" > "$HELM_PLUGIN_DIR/log"; exit $4')
    with pytest.raises(PluginFailed, match=r'^plugin "a" exited with error$') as caught:
        run_command(plugin, ["--x", "7"], VARIABLES)
    assert caught.value.exit_code == 7
    assert (tmp_path / "log").read_text() == "a:own out --x 7\n"


def test_ignored_flags(tmp_path: Path) -> None:
    """A plugin that ignores flags gets none of the user's words."""
    text = "name: a\nignoreFlags: true\ncommand: $HELM_PLUGIN_DIR/run.sh\n"
    plugin = made(tmp_path, text, 'echo "$*" > "$HELM_PLUGIN_DIR/log"')
    run_command(plugin, ["--x"], VARIABLES)
    assert (tmp_path / "log").read_text() == "\n"


def test_programs_that_are_not_there(tmp_path: Path) -> None:
    """A program that does not exist, or is none, is a clear error."""
    for command, problem in (
        ("no-such-program", 'exec: "no-such-program": executable file not found in \\$PATH'),
        ("/none/x", "fork/exec /none/x: no such file or directory"),
        (str(tmp_path / "plugin.yaml"), "permission denied"),
    ):
        plugin = made(tmp_path, f"name: a\ncommand: {command}\n", "")
        with pytest.raises(PluginFailed, match=problem):
            run_command(plugin, [], VARIABLES)


def test_hooks(tmp_path: Path) -> None:
    """Hooks of Helm 3 are shell lines; a failure names hook and plugin."""
    text = 'name: a\ncommand: x\nhooks: {install: "echo $HELM_PLUGIN_NAME > $HELM_PLUGIN_DIR/log", delete: "exit 3"}\n'
    plugin = made(tmp_path, text, "")
    run_hook(plugin, "install", VARIABLES)
    assert (tmp_path / "log").read_text() == "a\n"
    run_hook(plugin, "update", VARIABLES)
    with pytest.raises(PluginFailed, match=r'^plugin delete hook for "a" exited with error$'):
        run_hook(plugin, "delete", VARIABLES)


def test_getter(tmp_path: Path) -> None:
    """A URL is fetched by the program for its scheme; credentials go by environment, never by argument."""
    text = "name: a\ndownloaders: [{command: run.sh x, protocols: [my]}]\n"
    script = (
        'printf "%s|" "$@"; printf "%s" "$HELM_PLUGIN_USERNAME:$HELM_PLUGIN_PASSWORD:$HELM_PLUGIN_PASS_CREDENTIALS_ALL"'
    )
    plugin = made(tmp_path, text, script)
    access = Access(username="u", password="secret", cert_file="c", pass_credentials=True)
    assert run_getter(plugin, "my://h/x", access, VARIABLES) == b"x|c|||my://h/x|u:secret:true"
    assert "secret" not in repr(access)
    with pytest.raises(PluginFailed, match='no downloader found for protocol "other"'):
        run_getter(plugin, "other://h/x", Access(), VARIABLES)


POST_RENDERER = """\
apiVersion: v1
name: p
type: postrenderer/v1
runtime: subprocess
version: 1.0.0
runtimeConfig: {platformCommand: [{command: "${HELM_PLUGIN_DIR}/run.sh"}]}
"""


def test_post_renderer(tmp_path: Path) -> None:
    """Manifests go in and come out; an error or nothing at all stops everything."""
    script = 'case "$1" in fail) exit 3;; empty) cat > /dev/null;; *) sed s/a/b/;; esac'
    plugin = made(tmp_path, POST_RENDERER, script)
    large = "x\n" * 200_000
    assert run_post_renderer(plugin, "a\n" + large, [], VARIABLES) == "b\n" + large
    with pytest.raises(PluginFailed, match='failed to invoke post-renderer plugin "p": plugin "p" exited with error'):
        run_post_renderer(plugin, "a", ["fail"], VARIABLES)
    with pytest.raises(PluginFailed, match='post-renderer "p" produced empty output'):
        run_post_renderer(plugin, "a", ["empty"], VARIABLES)


def test_program_as_post_renderer(tmp_path: Path) -> None:
    """Helm 3 takes any program, by path or by name."""
    made(tmp_path, POST_RENDERER, "echo oops >&2; exit 3")
    assert program_post_renderer("cat", [], VARIABLES, str(tmp_path)).run("a") == "a"
    with pytest.raises(PluginFailed, match="error output:\noops\n: exit status 3"):
        program_post_renderer("./run.sh", [], VARIABLES, str(tmp_path)).run("a")


def test_web_assembly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin in WebAssembly is refused by name without the package that runs it, with what does work."""
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    (tmp_path / "plugin.wasm").write_bytes(b"")
    plugin = made(tmp_path, POST_RENDERER.replace("subprocess", "extism/v1"), "")
    with pytest.raises(RuntimeMissing, match="is WebAssembly"):
        run_command(plugin, [], VARIABLES)


def test_completion(tmp_path: Path) -> None:
    """Commands and flags come from completion.yaml, the rest from the plugin's own program."""
    plugin = made(tmp_path, "name: a\ncommand: x\n", 'echo "one $*"; echo; echo :4', "plugin.complete")
    assert static_offers(plugin).commands is None
    (tmp_path / "completion.yaml").write_text("commands: [{name: c, validArgs: [x], flags: [l, long]}]\nflags: [a]\n")
    found = static_offers(plugin)
    assert found.commands is not None
    assert (found.commands[0].name, found.commands[0].arguments, found.flags) == ("c", ("x",), ("a",))
    assert dynamic_offers(plugin, ["c"], ["--f"], "ty", VARIABLES) == (["one c --f ty"], 4)
    (tmp_path / "plugin.complete").unlink()
    assert dynamic_offers(plugin, [], [], "", VARIABLES) == ([], 0)
    (tmp_path / "completion.yaml").write_text("{")
    assert static_offers(plugin).commands is None
    assert paired_flags(["a", "long", "b"]) == [("long", "a"), ("b", "b")]
    assert paired_flags(["one", "two", "b"]) == [("one", "b"), ("two", "")]
