"""New charts are the ones that ``helm create`` makes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pilothouse.charts.errors import ChartInvalid
from pilothouse.charts.load import load
from pilothouse.charts.scaffold import create, create_from_starter


def _tree(folder: Path) -> dict[str, bytes | None]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.oracle
@pytest.mark.parametrize("helm", [3, 4])
def test_the_files_are_those_of_helm(tmp_path: Path, helm: int, request: pytest.FixtureRequest) -> None:
    """Each file equals, byte for byte, the one the real program writes."""
    program = request.getfixturevalue(f"helm{helm}")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "ours").mkdir()
    subprocess.run([program, "create", "My_chart.x"], cwd=tmp_path / "theirs", check=True, capture_output=True)
    create("My_chart.x", str(tmp_path / "ours"), helm=helm)
    assert _tree(tmp_path / "ours") == _tree(tmp_path / "theirs")


def test_a_new_chart_loads(tmp_path: Path) -> None:
    """The scaffold is a valid chart with all its parts."""
    chart = load(create("demo", str(tmp_path)))
    assert (chart.name, chart.metadata.app_version, len(chart.templates)) == ("demo", "1.16.0", 9)
    assert os.path.isdir(tmp_path / "demo" / "charts")


@pytest.mark.parametrize("name", ["a b", "a\nb", "ü", "a:b"])
def test_names_that_would_inject_yaml_are_refused(tmp_path: Path, name: str) -> None:
    """A name becomes part of YAML and of paths, so only plain ones are taken."""
    with pytest.raises(ChartInvalid) as caught:
        create(name, str(tmp_path))
    assert caught.value.message == 'chart name must match the regular expression "^[a-zA-Z0-9._-]+$"'


def test_what_is_overwritten_is_told(tmp_path: Path) -> None:
    """Files that exist are named before they are replaced; others stay."""
    create("demo", str(tmp_path))
    (tmp_path / "demo" / "own").write_text("mine")
    told: list[str] = []
    create("demo", str(tmp_path), on_overwrite=told.append)
    assert len(told) == 12
    assert told[0] == f"{tmp_path}/demo/Chart.yaml"
    assert (tmp_path / "demo" / "own").read_text() == "mine"


def test_things_in_the_way(tmp_path: Path) -> None:
    """A file where the folder should be, or no folder above it, is an error."""
    (tmp_path / "demo").write_text("")
    with pytest.raises(ChartInvalid, match=r"file .*/demo already exists and is not a directory"):
        create("demo", str(tmp_path))
    with pytest.raises(ChartInvalid, match=r"no such directory .*/demo"):
        create("x", str(tmp_path / "demo"))


def test_starters_are_copied_with_the_new_name(tmp_path: Path) -> None:
    """Templates and values get the name; Chart.yaml is made anew; comments stay."""
    starter = tmp_path / "starter"
    (starter / "templates").mkdir(parents=True)
    (starter / "Chart.yaml").write_text("apiVersion: v2\nname: s\nversion: 9.0.0\n")
    (starter / "values.yaml").write_text("# <CHARTNAME>\nname: <CHARTNAME>\n")
    (starter / "templates" / "a.yaml").write_text("a: <CHARTNAME>\n")
    chart = load(create_from_starter("demo", str(tmp_path), str(starter), now=0))
    assert (chart.name, chart.metadata.version, chart.values) == ("demo", "0.1.0", {"name": "demo"})
    assert chart.templates[0].data == b"a: demo\n"
    assert (tmp_path / "demo" / "values.yaml").read_text() == "# demo\nname: demo\n"


def test_a_missing_starter_is_told(tmp_path: Path) -> None:
    """The path that was looked at is part of the error."""
    with pytest.raises(ChartInvalid, match=r"could not load .*/nope: stat .*/nope: no such file or directory"):
        create_from_starter("demo", str(tmp_path), str(tmp_path / "nope"), now=0)
