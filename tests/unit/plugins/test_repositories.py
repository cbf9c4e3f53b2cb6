"""Plugins in version control are cloned, set to a version and updated, and nothing the user gave becomes an option."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.plugins.errors import PluginInvalid
from pilothouse.plugins.repositories import Clone, cache_key

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
VARIABLES = {
    "PATH": os.environ.get("PATH", os.defpath),
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@x",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@x",
}


def git(folder: Path, *words: str) -> None:
    """Run git."""
    subprocess.run(["git", *words], cwd=folder, env=VARIABLES, check=True, capture_output=True)


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """A repository with two versions."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    git(folder, "init", "-b", "main")
    for version in ("1.0.0", "1.1.0"):
        (folder / "plugin.yaml").write_text(f"name: a\nversion: {version}\n")
        git(folder, "add", ".")
        git(folder, "commit", "-m", version)
        git(folder, "tag", f"v{version}")
    return folder


def test_versions(upstream: Path, tmp_path: Path) -> None:
    """A version, a constraint or nothing chooses what is there afterwards."""
    clone = Clone(str(upstream), str(tmp_path / "copy"), VARIABLES)
    clone.sync()
    manifest = tmp_path / "copy" / "plugin.yaml"
    assert "1.1.0" in manifest.read_text()
    for wanted, found in (("v1.0.0", "1.0.0"), ("^1", "1.1.0"), ("<1.1", "1.0.0")):
        clone.choose(wanted)
        assert found in manifest.read_text()
    with pytest.raises(PluginInvalid, match='requested version ">3" does not exist for plugin'):
        clone.choose(">3")
    with pytest.raises(PluginInvalid, match="improper constraint"):
        clone.choose("--help")


def test_updates(upstream: Path, tmp_path: Path) -> None:
    """What is new upstream comes with an update; files changed here stop it."""
    copy = tmp_path / "copy"
    Clone(str(upstream), str(copy), VARIABLES).sync()
    (upstream / "new").write_text("x")
    git(upstream, "add", ".")
    git(upstream, "commit", "-m", "new")
    clone = Clone.of(str(copy), VARIABLES)
    assert clone is not None
    assert clone.source == str(upstream)
    clone.update()
    assert (copy / "new").exists()
    (copy / "new").write_text("changed")
    with pytest.raises(PluginInvalid, match=r"^plugin repo was modified$"):
        clone.update()
    assert Clone.of(str(tmp_path), VARIABLES) is None


@pytest.mark.parametrize(
    "source",
    ["--upload-pack=touch x", "ext::sh -c touch% x", "-x", "nope", "hg://h/x", "file::x", "ftp://h/x"],
)
def test_hostile_sources(source: str, tmp_path: Path) -> None:
    """TOB-007: a source that git would take for an option, a program or another protocol is never handed to it."""
    with pytest.raises(PilothouseError):
        Clone(source, str(tmp_path / "copy"), VARIABLES).sync()
    assert os.listdir(tmp_path) == []


def test_cache_keys() -> None:
    """A source's copy has a folder name that is safe and says where it comes from."""
    assert cache_key("https://github.com/a/b.git") == "https-github.com-a-b.git"
    assert cache_key("git@github.com:a/b") == "git-github.com-a-b"
    assert cache_key("https://h:8080/a") == "https-h-8080-a"
    assert "/" not in cache_key("https://h/../../../etc")
