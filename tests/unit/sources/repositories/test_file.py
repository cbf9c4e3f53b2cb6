"""The list of repositories is read and written as Helm does it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.clock import FixedClock
from pilothouse.errors import NotFound, PilothouseError, TimedOut
from pilothouse.sources.repositories.file import Entry, Locked, RepositoryFile, lock_path, readable

TEXT = """apiVersion: ""
generated: "0001-01-01T00:00:00Z"
repositories:
- caFile: ""
  certFile: ""
  insecure_skip_tls_verify: true
  keyFile: ""
  name: one
  pass_credentials_all: false
  password: p
  url: http://h
  username: u
"""


def test_the_file_is_helm_s(tmp_path: Path) -> None:
    """All nine keys are written, sorted, for the owner alone."""
    found = RepositoryFile()
    found.put(Entry(name="one", url="http://h", username="u", password="p", insecure=True))
    path = tmp_path / "deep" / "repositories.yaml"
    found.save(str(path))
    assert path.read_text() == TEXT
    assert path.stat().st_mode & 0o777 == 0o600
    again = RepositoryFile.load(str(path))
    assert again.entries == found.entries
    assert again.encode().decode() == TEXT


def test_what_was_read_stays() -> None:
    """The version of the file and its time are kept as they were."""
    text = TEXT.replace('apiVersion: ""', "apiVersion: v1").replace("0001-01-01T00:00:00Z", "2020-01-01T00:00:00.5Z")
    assert RepositoryFile.decode(text.encode()).encode().decode() == text


def test_repositories_are_replaced_and_removed() -> None:
    """A repository keeps its place when it is replaced."""
    found = RepositoryFile(entries=(Entry(name="a"), Entry(name="b")))
    found.put(Entry(name="a", url="x"))
    found.put(Entry(name="c"))
    assert [(one.name, one.url) for one in found.entries] == [("a", "x"), ("b", ""), ("c", "")]
    assert found.remove("b")
    assert not found.remove("b")
    assert found.get("b") is None


def test_a_file_that_is_not_there_or_broken_is_told(tmp_path: Path) -> None:
    """The text is Helm's; completion sees no repositories."""
    path = str(tmp_path / "r.yaml")
    with pytest.raises(NotFound, match=r"couldn't load repositories file \(.*r.yaml\): open .*: no such file"):
        RepositoryFile.load(path)
    assert RepositoryFile.load_or_empty(path).entries == ()
    Path(path).write_text("repositories: 5\n")
    with pytest.raises(PilothouseError, match="cannot unmarshal number into Go struct field"):
        RepositoryFile.load(path)
    assert readable(path).entries == ()
    Path(path).write_text("repositories: [null, {name: x}]\n")
    assert [one.name for one in RepositoryFile.load(path).entries] == ["x"]


def test_a_lock_has_the_name_that_helm_gives_it() -> None:
    """The extension is replaced, or the name is extended."""
    assert lock_path("/a/repositories.yaml") == "/a/repositories.lock"
    assert lock_path("/a/r") == "/a/r.lock"


def test_a_lock_is_waited_for_and_not_for_ever(tmp_path: Path) -> None:
    """After half a minute it is given up."""
    path = str(tmp_path / "r.yaml")
    clock = FixedClock(0)
    with Locked(path, clock), pytest.raises(TimedOut, match="context deadline exceeded"), Locked(path, clock):
        pass
    assert 30 <= clock.monotonic() < 32
    with Locked(path, clock):
        pass


def test_passwords_are_not_shown() -> None:
    """Neither in logs nor in tracebacks."""
    assert "secret" not in repr(Entry(name="a", password="secret"))
