"""The quick form of an index holds what searches and resolutions need."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.cachefolder import read_private
from pilothouse.errors import Invalid, NotFound
from pilothouse.progress import SILENT, Event, Reporter
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import InvalidConstraint
from pilothouse.sources.repositories.index import read_index
from pilothouse.sources.repositories.search import search
from pilothouse.sources.repositories.selection import choose, is_range
from pilothouse.sources.repositories.stored import StoredIndex, decode_index, encode_index

TEXT = b"""apiVersion: v1
entries:
  web:
  - {name: web, version: 2.0.0-rc.1, appVersion: "9", description: A Server, keywords: [http, fast]}
  - {name: web, version: 1.1.0, appVersion: "8", description: A Server, keywords: [http], urls: [a.tgz, b.tgz]}
  - {name: web, version: 1.0.0, description: Old, digest: abc}
  db:
  - {name: db, version: 0.1.0, description: Data for the web}
  none: []
"""


@pytest.fixture
def stored() -> StoredIndex:
    """The index in its quick form."""
    found = decode_index(encode_index(read_index(TEXT), {"state": (1, 2, 3)}))
    assert found is not None
    return found


def test_columns_are_what_the_index_says(stored: StoredIndex) -> None:
    """Versions, URLs and digests stand side by side, newest first."""
    web = stored.versions("web")
    assert web is not None
    assert web.versions == ("2.0.0-rc.1", "1.1.0", "1.0.0")
    assert web.app_versions == ("9", "8", "")
    assert web.urls == ((), ("a.tgz", "b.tgz"), ())
    assert web.digests == ("", "", "abc")
    none = stored.versions("none")
    assert none is not None
    assert none.versions == ()
    assert stored.versions("nothing") is None
    assert sorted(stored.names) == ["db", "none", "web"]
    assert stored.all_urls().split("\n") == ["a.tgz", "b.tgz"]


def test_facts_can_be_changed(stored: StoredIndex) -> None:
    """The rest stays."""
    again = decode_index(stored.noted(state=(4, 5, 6)))
    assert again is not None
    assert again.facts["state"] == (4, 5, 6)
    assert again.versions("web") == stored.versions("web")


def test_other_content_is_not_taken() -> None:
    """Neither text nor a file that was damaged."""
    whole = encode_index(read_index(TEXT), {})
    for content in (b"", b"apiVersion: v1", whole[:30], whole[:40] + b"x" + whole[41:]):
        assert decode_index(content) is None


def test_only_the_user_s_own_files_are_read(tmp_path: Path) -> None:
    """Links and files that others may write are left alone."""
    path = tmp_path / "file"
    path.write_bytes(b"x")
    path.chmod(0o600)
    assert read_private(str(path)) == b"x"
    (tmp_path / "link").symlink_to(path)
    assert read_private(str(tmp_path / "link")) == b""
    path.chmod(0o620)
    assert read_private(str(path)) == b""
    assert read_private(str(tmp_path / "nothing")) == b""


def names(stored: StoredIndex, words: str | None, constraint: str = ">0.0.0", **options: bool) -> list[str]:
    """Return what a search finds."""
    found = search([("r", stored)], words, constraint=Constraints.parse(constraint), **options)
    return [f"{one.name} {one.version}" for one in found]


def test_a_search_orders_by_the_field_that_matches(stored: StoredIndex) -> None:
    """Names come before descriptions; only the newest version that may be shown is."""
    assert names(stored, "WEB") == ["r/web 1.1.0", "r/db 0.1.0"]
    assert names(stored, "web", ">0.0.0-0") == ["r/web 2.0.0-rc.1", "r/db 0.1.0"]
    assert names(stored, None) == ["r/db 0.1.0", "r/web 1.1.0"]
    assert names(stored, "web", every_version=True) == ["r/web 1.1.0", "r/web 1.0.0", "r/db 0.1.0"]
    assert names(stored, "fast") == []
    assert names(stored, "fast", "*-0") == ["r/web 2.0.0-rc.1"]
    assert names(stored, "old") == ["r/web 1.0.0"]
    assert names(stored, "^web", regexp=True) == ["r/web 1.1.0"]
    assert names(stored, "server$|^db", regexp=True) == ["r/db 0.1.0"]
    with pytest.raises(Invalid, match="error parsing regexp"):
        names(stored, "(", regexp=True)


@pytest.mark.parametrize(
    ("wanted", "place"), [("", 1), ("1.0.0", 3), ("^1", 1), (">0-0", 0), ("2.0.0-rc.1", 0), ("1.1", 2), ("1", 1)]
)
def test_a_request_means_a_version(wanted: str, place: int) -> None:
    """The exact text wins, then the newest that satisfies; nothing means the newest release."""
    assert choose(("2.0.0-rc.1", "1.2.0", "1.1.0", "1.0.0"), wanted, "c", reporter=SILENT) == place


def test_a_request_that_nothing_fits_is_told() -> None:
    """Helm's words for each case."""
    with pytest.raises(NotFound, match="no chart version found for c-9"):
        choose(("1.0.0", "bad"), "9", "c", reporter=SILENT)
    with pytest.raises(NotFound, match=r"^no chart version found$"):
        choose((), "", "c", reporter=SILENT)
    with pytest.raises(InvalidConstraint, match="improper constraint"):
        choose(("1.0.0",), "x y z!", "c", reporter=SILENT)


def test_taking_another_version_is_told() -> None:
    """Helm 4 warns when a version was asked for and another one fits."""
    told: list[Event] = []
    choose(("1.0.0",), "1.0", "c", reporter=Reporter(told.append))
    choose(("1.0.0",), "1.0", "c", reporter=Reporter(told.append), helm=3)
    choose(("1.0.0",), "^1.0", "c", reporter=Reporter(told.append))
    assert [event.kind for event in told] == ["warning", "debug"]
    assert is_range("1.x")
    assert not is_range("1.0.0-x")
