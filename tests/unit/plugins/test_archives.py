"""Archives of plugins never write anywhere but into their own folder, and all or nothing."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest

from pilothouse.plugins import archives
from pilothouse.plugins.archives import manifest_in, pack, read_archive, root_of, write_entries
from pilothouse.plugins.errors import PluginInvalid

MANIFEST = b"name: a\nversion: 1.0.0\n"


def packed(*members: tuple[str, bytes | None, bytes, int]) -> bytes:
    """Return an archive of names, contents, kinds and modes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content, kind, mode in members:
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.linkname = kind, mode, "/etc/passwd"
            info.size = len(content or b"")
            archive.addfile(info, io.BytesIO(content or b""))
    return out.getvalue()


def file(name: str, content: bytes = MANIFEST, mode: int = 0o644) -> tuple[str, bytes, bytes, int]:
    """Return a regular file."""
    return name, content, tarfile.REGTYPE, mode


def test_round_trip(tmp_path: Path) -> None:
    """What was packed is written as it was, programs stay programs, and nothing else is left."""
    source = tmp_path / "source"
    (source / "bin").mkdir(parents=True)
    (source / "plugin.yaml").write_bytes(MANIFEST)
    (source / "bin" / "x.sh").write_text("#!/bin/sh\n")
    (source / "bin" / "x.sh").chmod(0o755)
    content = pack(str(source), "a")
    assert content == pack(str(source), "a")
    entries = read_archive(content)
    assert manifest_in(entries).name == "a"
    target = tmp_path / "plugins" / "a"
    write_entries(entries, root_of(entries), str(target))
    assert (target / "bin" / "x.sh").stat().st_mode & 0o777 == 0o755
    assert sorted(os.listdir(tmp_path / "plugins")) == ["a"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../plugin.yaml", "path contains '..', which is illegal"),
        ("a/../../x", "path contains '..', which is illegal"),
        ("a\\..\\x", "path contains '..', which is illegal"),
        ("/etc/x", "path is absolute, which is illegal"),
        ("\\x", "path is absolute, which is illegal"),
        ("c:/x", "path contains ':', which is illegal"),
    ],
)
def test_names(name: str, problem: str) -> None:
    """CVE-2020-4053: an archive that names a place outside of its folder is refused as a whole."""
    with pytest.raises(PluginInvalid) as caught:
        read_archive(packed(file("a/plugin.yaml"), file(name)))
    assert caught.value.message == problem


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links(kind: bytes) -> None:
    """Commit 8c1911e74: links and devices in an archive are refused before anything is written."""
    with pytest.raises(PluginInvalid, match="unknown type: "):
        read_archive(packed(("a/link", None, kind, 0o777), file("a/link/plugin.yaml")))


def test_two_manifests() -> None:
    """A name that stands twice is refused, so that what is checked is what is installed."""
    with pytest.raises(PluginInvalid, match=r"holds a/plugin\.yaml twice"):
        read_archive(packed(file("a/plugin.yaml"), file("a/plugin.yaml", b"name: b\n")))
    entries = read_archive(packed(file("a/deep/plugin.yaml", b"name: b\n"), file("a/plugin.yaml")))
    assert (root_of(entries), manifest_in(entries).name) == ("a", "a")


def test_modes(tmp_path: Path) -> None:
    """No file becomes setuid, whatever an archive wants."""
    entries = read_archive(packed(file("plugin.yaml", mode=0o6777)))
    write_entries(entries, root_of(entries), str(tmp_path / "a"))
    assert (tmp_path / "a" / "plugin.yaml").stat().st_mode & 0o7000 == 0


def test_bombs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that unpacks to more than allowed is given up early."""
    monkeypatch.setattr(archives, "_LIMIT", 1000)
    with pytest.raises(PluginInvalid, match="larger than the maximum size"):
        read_archive(packed(file("a/plugin.yaml"), file("a/zeros", bytes(2000))))
    monkeypatch.setattr(archives, "_COUNT", 1)
    with pytest.raises(PluginInvalid, match="larger than the maximum size"):
        read_archive(packed(file("a/plugin.yaml"), file("a/b", b""), file("a/c", b"")))


@pytest.mark.parametrize(
    "content",
    [b"", b"text", b"\x1f\x8b", gzip.compress(b""), gzip.compress(b"x" * 600), packed(file("x"))[:60]],
    ids=["empty", "text", "head", "nothing packed", "no tar", "cut off"],  # bytes as names would hold the time
)
def test_no_archives(content: bytes) -> None:
    """What is no archive, or has no plugin in it, is a clear error."""
    with pytest.raises(PluginInvalid):
        root_of(read_archive(content))


def test_links_are_not_packed(tmp_path: Path) -> None:
    """A link is refused when an archive is made, since no Helm would install it."""
    (tmp_path / "plugin.yaml").write_bytes(MANIFEST)
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(PluginInvalid, match="is a link"):
        pack(str(tmp_path), "a")


def test_all_or_nothing(tmp_path: Path) -> None:
    """Where something is in the way nothing is written."""
    target = tmp_path / "a"
    target.mkdir()
    (target / "own").write_text("kept")
    entries = read_archive(packed(file("plugin.yaml")))
    with pytest.raises(PluginInvalid, match="failed to install"):
        write_entries(entries, "", str(target))
    assert os.listdir(tmp_path) == ["a"]
    assert os.listdir(target) == ["own"]
