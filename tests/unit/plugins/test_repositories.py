"""Plugins in version control are copied, set to a version and updated, and nothing the user gave becomes an option."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pilothouse.plugins.detection import detect
from pilothouse.plugins.errors import PluginInvalid
from pilothouse.plugins.repositories import Clone, cache_key

VARIABLES = {
    "PATH": os.environ.get("PATH", os.defpath),
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@x",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@x",
}
with_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *words: str) -> None:
    """Run git."""
    subprocess.run(["git", *words], cwd=folder, env=VARIABLES, check=True, capture_output=True)


def silent(url: str) -> bytes | None:
    """Answer nothing."""
    del url
    return None


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """A repository with two versions and a branch."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    git(folder, "init", "-b", "main")
    for version in ("1.0.0", "1.1.0"):
        (folder / "plugin.yaml").write_text(f"name: a\nversion: {version}\n")
        git(folder, "add", ".")
        git(folder, "commit", "-m", version)
        git(folder, "tag", f"v{version}")
    git(folder, "checkout", "-b", "side")
    (folder / "plugin.yaml").write_text("name: a\nversion: side\n")
    git(folder, "commit", "-am", "side")
    git(folder, "checkout", "main")
    return folder


@with_git
def test_versions(upstream: Path, tmp_path: Path) -> None:
    """A version, a branch, a constraint or nothing chooses what is there afterwards."""
    clone = Clone.at(f"file://{upstream}", str(tmp_path / "copy"), VARIABLES, silent)
    clone.sync()
    manifest = tmp_path / "copy" / "plugin.yaml"
    assert "1.1.0" in manifest.read_text()
    for wanted, found in (("v1.0.0", "1.0.0"), ("^1", "1.1.0"), ("<1.1", "1.0.0"), ("side", "side")):
        clone.choose(wanted)
        assert found in manifest.read_text()
    with pytest.raises(PluginInvalid, match='requested version ">3" does not exist for plugin'):
        clone.choose(">3")
    with pytest.raises(PluginInvalid, match="improper constraint"):
        clone.choose("--help")


@with_git
def test_updates(upstream: Path, tmp_path: Path) -> None:
    """What is new upstream comes with an update; files changed here stop it."""
    copy = tmp_path / "copy"
    Clone.at(f"file://{upstream}", str(copy), VARIABLES, silent).sync()
    (upstream / "new").write_text("x")
    git(upstream, "add", ".")
    git(upstream, "commit", "-m", "new")
    clone = Clone.of(str(copy), VARIABLES)
    assert clone.source == f"file://{upstream}"
    clone.update()
    assert (copy / "new").exists()
    (copy / "new").write_text("changed")
    with pytest.raises(PluginInvalid, match=r"^plugin repo was modified$"):
        clone.update()
    with pytest.raises(PluginInvalid, match=r"^Cannot detect VCS$"):
        Clone.of(str(tmp_path), VARIABLES)


@with_git
def test_other_copies(upstream: Path, tmp_path: Path) -> None:
    """A copy of another repository is not taken for this one's."""
    copy = str(tmp_path / "copy")
    Clone.at(f"file://{upstream}", copy, VARIABLES, silent).sync()
    with pytest.raises(PluginInvalid, match=r"^The Remote does not match the VCS endpoint$"):
        Clone.at("https://h/other.git", copy, VARIABLES, silent)


@pytest.mark.parametrize(
    "source",
    [
        "--upload-pack=touch x",
        "ext::sh -c touch% x",
        "-x",
        "nope",
        "hg://h/x",
        "file::x",
        "ftp://h/x",
        "ftp://h/x.git",
        "ssh://-oProxyCommand=touch/x.git",
        "ssh://-oProxyCommand=touch@h/x.hg",
        "svn+touch://h/x.svn",
        "git@-oProxyCommand:x.git",
        "git+ssh://h/a::b.git",
    ],
)
def test_hostile_sources(source: str, tmp_path: Path) -> None:
    """TOB-007: a source that a program would take for an option, a program or another protocol is not handed to it."""
    with pytest.raises(PluginInvalid):
        Clone.at(source, str(tmp_path / "copy"), VARIABLES, silent)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "named",
    [
        "git file:///etc",
        "git /etc",
        "git ext::sh",
        "hg --config=x",
        "svn svn+x://h/y",
        "git git@-x:y",
        "bzr -x",
        "cvs https://h/x",
    ],
)
def test_hostile_pages(named: str, tmp_path: Path) -> None:
    """A server names repositories elsewhere; files here, options and programs are not taken from it."""
    page = f'<head><meta name="go-import" content="h/x {named}"/></head>'.encode()
    with pytest.raises(PluginInvalid, match=r"^Cannot detect VCS$"):
        detect("https://h/x", str(tmp_path / "copy"), lambda _url: page)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("https://github.com/a/b", "git"),
        ("https://github.com/a", ""),
        ("https://bitbucket.org/a/b", "git"),
        ("https://launchpad.net/a", "bzr"),
        ("https://launchpad.net/~a/+junk/b", "bzr"),
        ("https://git.launchpad.net/~a/+git/b", "git"),
        ("https://svn.code.sf.net/p/a/b", "svn"),
        ("https://hg.code.sf.net/p/a/b", "hg"),
        ("https://h/a.hg", "hg"),
        ("https://h/a.svn", "svn"),
        ("https://h/a.bzr", "bzr"),
        ("git@h:a", "git"),
        ("hg@h:a", ""),
        ("ssh://hg@h/a", "hg"),
        ("ssh://me@h/a", ""),
        ("svn+ssh://h/a", "svn"),
        ("bzr+ssh://h/a", "bzr"),
    ],
)
def test_detection(source: str, kind: str, tmp_path: Path) -> None:
    """Scheme, host, ending and user tell what keeps a repository."""
    if not kind:
        with pytest.raises(PluginInvalid, match=r"^Cannot detect VCS$"):
            detect(source, str(tmp_path), silent)
        return
    assert detect(source, str(tmp_path), silent).kind == kind


def test_pages(tmp_path: Path) -> None:
    """The page of an import path names the repository; what stands in the body, or is for another path, does not."""
    asked = []

    def page(url: str) -> bytes:
        asked.append(url)
        return (
            b'<HTML><meta name=go-import content="h/other git https://h/2"><meta name="go-import"'
            b' content="h/x hg https://h/3">'
        )

    origin = detect("https://h/x/y?a=b", str(tmp_path), page)
    assert (origin.kind, origin.url) == ("hg", "https://h/3")
    assert asked == ["https://h/x/y?a=b+go-get=1"]
    body = b'<head></head><body><meta name="go-import" content="h/x hg https://h/3">'
    with pytest.raises(PluginInvalid):
        detect("https://h/x", str(tmp_path), lambda _url: body)


def test_cache_keys() -> None:
    """A source's copy has a folder name that is safe and says where it comes from."""
    assert cache_key("https://github.com/a/b.git") == "https-github.com-a-b.git"
    assert cache_key("git@github.com:a/b") == "git-github.com-a-b"
    assert cache_key("https://h:8080/a") == "https-h-8080-a"
    assert cache_key("file:///a/b") == "file--a-b"
    assert "/" not in cache_key("https://h/../../../etc")
    assert "/" not in cache_key("https://..%2F..%2Fx@h/a")
