"""The folder charts/ is brought up to date in one go, and its state is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from functional.repository_server import chart
from pilothouse.charts.load import load
from pilothouse.charts.metadata import Dependency, Lock
from pilothouse.dependencies.status import status, undeclared
from pilothouse.dependencies.vendoring import Vendored, write_lock
from pilothouse.errors import Invalid

NEEDS = (
    "dependencies: [{name: ok, version: ^1}, {name: old, version: ^2}, {name: many, version: 1}, {name: lost},"
    " {name: broken}, {name: other, version: '*'}, {name: open, version: 0.1.0}, {name: odd, version: '!!'}]"
)


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    """A chart with all kinds of things in charts/."""
    folder = tmp_path / "parent"
    charts = folder / "charts"
    (charts / "open").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: parent\nversion: 0.1.0\n{NEEDS}\n")
    (charts / "open" / "Chart.yaml").write_text("apiVersion: v2\nname: open\nversion: 0.1.0\n")
    for file, name, version in (
        ("ok-1.0.0", "ok", "1.0.0"),
        ("old-1.0.0", "old", "1.0.0"),
        ("many-1.0.0", "many", "1.0.0"),
        ("many-1.1.0", "many", "1.1.0"),
        ("other-1", "another", "1.0.0"),
        ("odd-1", "odd", "1.0.0"),
    ):
        (charts / f"{file}.tgz").write_bytes(chart(name, version))
    return folder


def test_each_dependency_has_a_state(parent: Path) -> None:
    """The words are Helm's."""
    loaded = load(str(parent), detect=False)
    (parent / "charts" / "broken-1.tgz").write_bytes(b"x")
    found = {one.name: status(str(parent), one, loaded, load=load) for one in loaded.metadata.dependencies}
    assert found == {
        "ok": "ok",
        "old": "wrong version",
        "many": "too many matches",
        "lost": "missing",
        "broken": "corrupt",
        "other": "misnamed",
        "open": "unpacked",
        "odd": "invalid version",
    }
    assert status(str(parent), Dependency(name="[", version="1"), loaded, load=load) == "bad pattern"
    assert undeclared(str(parent), "p", loaded.metadata.dependencies, load=load) == [
        'WARNING: "p/charts/broken-1.tgz" is not a chart.',
        'WARNING: "p/charts/other-1.tgz" is not in Chart.yaml.',
    ]


def test_archives_replace_older_ones(tmp_path: Path) -> None:
    """What was fetched moves in, other charts go, and what is no chart or has no repository stays."""
    charts = tmp_path / "charts"
    (charts / "folder").mkdir(parents=True)
    (charts / "old-1.tgz").write_bytes(chart("old", "1.0.0"))
    (charts / "own-1.tgz").write_bytes(chart("own", "1.0.0"))
    (charts / "notes.txt").write_text("no chart")
    told: list[str] = []
    vendored = Vendored(str(tmp_path), "p", load=load, tell=told.append)
    vendored.prepare()
    (Path(vendored.waiting) / "new-1.tgz").write_bytes(chart("new", "1.0.0"))
    (Path(vendored.waiting) / "bad.tgz").write_bytes(b"x")
    vendored.take([Dependency(name="own"), Dependency(name="new", repository="http://h")])
    vendored.discard()
    assert sorted(path.name for path in charts.iterdir()) == ["folder", "new-1.tgz", "notes.txt", "own-1.tgz"]
    assert not Path(vendored.waiting).exists()
    assert "Deleting outdated charts\n" in told
    assert any("bad.tgz for moving: " in text for text in told)
    assert any(text.startswith("Could not verify p/charts/notes.txt for deletion: ") for text in told)


def test_charts_must_be_a_folder(tmp_path: Path) -> None:
    """Anything else is left as it is."""
    (tmp_path / "charts").write_text("x")
    with pytest.raises(Invalid, match='"p/charts" is not a directory'):
        Vendored(str(tmp_path), "p", load=load, tell=print).prepare()


def test_a_lock_is_written_and_a_link_is_refused(tmp_path: Path) -> None:
    """CVE-2025-53547: a lock that is a link may lead anywhere."""
    lock = Lock(generated="2020-01-01T00:00:00Z", digest="sha256:x", dependencies=(Dependency(name="a", version="1"),))
    write_lock(str(tmp_path), lock, old=False)
    assert (tmp_path / "Chart.lock").read_text() == (
        'dependencies:\n- name: a\n  repository: ""\n  version: "1"\ndigest: sha256:x\n'
        'generated: "2020-01-01T00:00:00Z"\n'
    )
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "requirements.lock").symlink_to("victim")
    with pytest.raises(Invalid, match=r'the requirements.lock file is a symlink to "victim"'):
        write_lock(str(tmp_path), lock, old=True)
    assert (tmp_path / "victim").read_text() == "precious"
