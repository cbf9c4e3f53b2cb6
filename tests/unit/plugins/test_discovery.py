"""Plugins are found in the folders of a list; broken ones are told of and left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pilothouse.plugins.discovery import any_installed, find_plugin, find_plugins
from pilothouse.plugins.errors import PluginInvalid, PluginMissing
from pilothouse.progress import SILENT, Event, Reporter


def place(folder: Path, name: str, text: str = "") -> None:
    """Write a plugin."""
    (folder / name).mkdir(parents=True)
    (folder / name / "plugin.yaml").write_text(text or f"name: {name}\n")


def test_order_and_kinds(tmp_path: Path) -> None:
    """Folders are read in the order of the list, and what is asked for is picked."""
    place(tmp_path / "one", "b")
    place(tmp_path / "one", "a", "name: a\ndownloaders: [{command: x, protocols: [p]}]\n")
    place(tmp_path / "two", "c")
    folders = os.pathsep.join([str(tmp_path / "two"), str(tmp_path / "one"), str(tmp_path / "none")])
    assert [plugin.name for plugin in find_plugins(folders, SILENT)] == ["c", "a", "b"]
    assert [plugin.name for plugin in find_plugins(folders, SILENT, kind="getter/v1")] == ["a"]
    assert find_plugin(folders, SILENT, name="b").folder == str(tmp_path / "one" / "b")
    with pytest.raises(PluginMissing, match=r"^plugin: \{Name:x Type:y\} not found$"):
        find_plugin(folders, SILENT, name="x", kind="y")


def test_broken_ones(tmp_path: Path) -> None:
    """A plugin that cannot be read is told of and does not keep the others from working."""
    place(tmp_path, "good")
    place(tmp_path, "bad", "name: a/b\n")
    place(tmp_path, "wasm", "apiVersion: v1\nname: w\ntype: cli/v1\nruntime: extism/v1\nversion: 1.0.0\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    told: list[Event] = []
    assert [plugin.name for plugin in find_plugins(str(tmp_path), Reporter(told.append))] == ["good"]
    assert [event.message for event in told] == ["failed to load plugin (ignoring)"] * 2
    assert 'invalid plugin name "a/b"' in dict(told[0].fields)["error"]
    assert "wasm binary missing for extism/v1 plugin" in dict(told[1].fields)["error"]


def test_two_of_one_name(tmp_path: Path) -> None:
    """CVE-2020-15186: a plugin cannot take another one's name."""
    place(tmp_path, "a")
    place(tmp_path, "b", "name: a\n")
    with pytest.raises(PluginInvalid, match=r'^two plugins claim the name "a" at '):
        find_plugins(str(tmp_path), SILENT)


def test_first_look(tmp_path: Path) -> None:
    """Whether there may be plugins is known without reading any."""
    assert not any_installed(str(tmp_path))
    assert not any_installed("")
    assert not any_installed(str(tmp_path / "none"))
    place(tmp_path, "a")
    assert any_installed(f"{tmp_path / 'none'}{os.pathsep}{tmp_path}")
