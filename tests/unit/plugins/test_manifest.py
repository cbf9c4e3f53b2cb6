"""plugin.yaml is read as Helm reads it, and hostile ones are refused."""

from __future__ import annotations

import pytest

from pilothouse.plugins.errors import PluginInvalid
from pilothouse.plugins.manifest import decode_manifest, describe

LEGACY = """\
name: old
version: 1.2.3
usage: "say\\tit"
description: long
command: "$HELM_PLUGIN_DIR/x a"
hooks: {install: "echo $HOME"}
"""
V1 = """\
apiVersion: v1
name: new
type: cli/v1
runtime: subprocess
version: 1.0.0
config: {usage: new X, shortHelp: s, longHelp: l, ignoreFlags: true}
runtimeConfig:
  platformCommand: [{os: linux, arch: amd64, command: c, args: [a]}]
"""


def test_legacy() -> None:
    """A plugin of Helm 3 is a command, with its hooks run by a shell."""
    found = decode_manifest(LEGACY.encode())
    assert (found.api_version, found.name, found.kind, found.version) == ("legacy", "old", "cli/v1", "1.2.3")
    assert (found.short, found.long, found.expand_hooks) == ("say it", "long", False)
    assert found.hooks["install"][0].arguments == ("-c", "echo $HOME")
    assert found.commands[0].command == "$HELM_PLUGIN_DIR/x a"


def test_legacy_downloaders() -> None:
    """A plugin of Helm 3 with downloaders fetches URLs."""
    found = decode_manifest(b"name: g\ndownloaders: [{command: x, protocols: [a, b]}, {command: y, protocols: [c]}]")
    assert (found.kind, found.protocols) == ("getter/v1", ("a", "b", "c"))
    assert [entry.commands[0].command for entry in found.protocol_commands] == ["x", "y"]


def test_first_version() -> None:
    """A plugin of Helm 4 says what it is for and how it is run."""
    found = decode_manifest(V1.encode())
    assert (found.usage, found.short, found.long, found.ignore_flags) == ("new X", "s", "l", True)
    assert (found.commands[0].system, found.commands[0].architecture, found.commands[0].arguments) == (
        "linux",
        "amd64",
        ("a",),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: a/b", 'invalid plugin name "a/b": must contain only a-z, A-Z, 0-9, _ and -'),
        ("name: a\nversion: 1.x", 'invalid plugin version "1.x": must be valid semver'),
        ("name: a\ncommand: x\nplatformCommand: [{command: y}]", "both platformCommand and command are set"),
        ("name: a\nhooks: {a: b}\nplatformHooks: {a: [{command: y}]}", "both platformHooks and hooks are set"),
        ("name: a\ndownloaders: [{protocols: [x]}]", "downloader 0 has empty command"),
        ("name: a\ndownloaders: [{command: x}]", "downloader 0 has no protocols"),
        ("name: a\ndownloaders: [{command: x, protocols: ['']}]", "downloader 0 has empty protocol at index 0"),
        ("apiVersion: v9\nname: a", 'invalid plugin apiVersion: "v9"'),
        (V1.replace("name: new", "name: a b"), "invalid plugin `name`"),
        (V1.replace("version: 1.0.0", ""), "plugin `version` is required"),
        (V1.replace("version: 1.0.0", "version: v1"), 'invalid plugin `version` "v1": must be valid semver'),
        (V1.replace("type: cli/v1", ""), "`type` missing"),
        (V1.replace("runtime: subprocess", ""), "`runtime` missing"),
        (
            V1.replace("cli/v1", "x/v1"),
            'failed to convert MetadataV1 to Metadata: unknown plugin type "x/v1"',
        ),
        (
            V1.replace("subprocess", "x"),
            'failed to convert MetadataV1 to Metadata: unsupported plugin runtime type: "x"',
        ),
        (
            V1 + "bogus: 1\n",
            "yaml: unmarshal errors:\n  line 9: field bogus not found in type plugin.MetadataV1",
        ),
        (
            "apiVersion: v1\nname: g\ntype: getter/v1\nruntime: subprocess\nversion: 1.0.0",
            "config validation failed: getter has no protocols",
        ),
    ],
)
def test_refusals(text: str, problem: str) -> None:
    """What Helm refuses is refused with its words."""
    with pytest.raises(PluginInvalid) as caught:
        decode_manifest(text.encode())
    assert caught.value.message == problem


def test_keys_that_stand_twice() -> None:
    """CVE-2020-15187: a second command under the same key cannot replace the one that was reviewed."""
    twice = "name: a\ncommand: good\ncommand: evil\n"
    with pytest.raises(PluginInvalid, match='line 3: mapping key "command" already defined at line 2'):
        decode_manifest(twice.encode())
    nested = "name: a\nplatformCommand:\n- {os: linux, command: good, command: evil}\n"
    with pytest.raises(PluginInvalid, match='mapping key "command" already defined'):
        decode_manifest(nested.encode())


def test_empty_files() -> None:
    """CVE-2024-26147: an empty plugin.yaml is an error and no crash."""
    for content in (b"", b"# only a comment\n"):
        with pytest.raises(PluginInvalid, match=r"failed to peek plugin\.yaml API version: EOF"):
            decode_manifest(content)
    for content in (b"---\n", b"null\n", b"{}"):
        with pytest.raises(PluginInvalid, match='invalid plugin name ""'):
            decode_manifest(content)


@pytest.mark.parametrize("name", ["../x", "a/b", "a b", "", "install\n", "x\u202e", "a.b"])
def test_names(name: str) -> None:
    """CVE-2020-15186: a plugin's name cannot hold what would make it another command or place."""
    with pytest.raises(PluginInvalid):
        decode_manifest(f"name: {name!r}".encode())


@pytest.mark.parametrize("version", ["/../../x", "../../x", "1.0.0/../../x", "1.0.0+../x"])
def test_versions(version: str) -> None:
    """CVE-2026-35204: a plugin's version cannot name another place to write to."""
    with pytest.raises(PluginInvalid):
        decode_manifest(f"name: a\nversion: {version!r}".encode())
    with pytest.raises(PluginInvalid):
        decode_manifest(V1.replace("version: 1.0.0", f"version: {version!r}").encode())


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"text",
        b"{",
        b"a: &x [*x]",
        b"\xff\xfe",
        b"name: a\nhooks: 5\nplatformCommand: x\ndownloaders: {a: b}\n",
        b"a: " + b"[" * 500,
        b"x: " + b"y" * (2 << 20),
    ],
)
def test_hostile_files(content: bytes) -> None:
    """Whatever stands in a plugin.yaml, the answer is a manifest or a clear error."""
    try:
        found = decode_manifest(content)
    except PluginInvalid:
        return
    assert found.name == "a"


def test_description() -> None:
    """What a provenance file says of a plugin has the fields of Helm's."""
    found = describe(decode_manifest(LEGACY.encode()))
    assert found["Config"] == {"IgnoreFlags": False, "LongHelp": "long", "ShortHelp": "say it", "Usage": ""}
    assert found["RuntimeConfig"]["PlatformCommand"] == [
        {"Architecture": "", "Args": None, "Command": "$HELM_PLUGIN_DIR/x a", "OperatingSystem": ""}
    ]
    assert found["RuntimeConfig"]["ProtocolCommands"] is None
